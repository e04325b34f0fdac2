"""Where templates and static files are: inside the installed package, else in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGED = Path(__file__).resolve().parent / "assets_of_the_wheel"
"""The build puts both folders here (`setup.py`); a checkout has them at its top."""
_CHECKOUT = Path(__file__).resolve().parent.parent


def assets(name: Literal["templates", "static"]) -> Path:
    """The folder of that name."""
    packaged = _PACKAGED / name
    return packaged if packaged.is_dir() else _CHECKOUT / name
