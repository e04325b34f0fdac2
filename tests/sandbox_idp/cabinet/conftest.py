"""Fixtures of the tests of this room."""

from tests.sandbox_idp.factors.conftest import app
from tests.sandbox_idp.sign_in.conftest import acts

__all__ = ["acts", "app"]
