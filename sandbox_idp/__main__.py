"""`python -m sandbox_idp`."""

import sys

from sandbox_idp.cli import main

sys.exit(main())
