"""One file for each kind of effect. A new file here is found by itself; nothing else has to name it."""

from __future__ import annotations

import importlib
import pkgutil

from sandbox_idp.scenarios.effects.base import KINDS

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["KINDS"]
