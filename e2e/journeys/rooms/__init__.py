"""What a person does in each room of the training Gosuslugi beyond the plain sign-in, one module a room.

A module may have `HABITS` (what one does on a screen), `ACTS` (what one does wrong there), `STEPS` (ways to a failure)
and `RECOVERIES` (ways out of it). A new module here is found by itself; a name that is taken is a mistake.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from e2e.journeys import acts, scenes, visitor

REGISTRIES: dict[str, dict[str, Any]] = {
    "HABITS": visitor.HABITS,
    "ACTS": acts.ACTS,
    "STEPS": scenes.STEPS,
    "RECOVERIES": scenes.RECOVERIES,
}


def _merge(kind: str, more: dict[str, Any], room: str) -> None:
    taken = REGISTRIES[kind].keys() & more.keys()
    if taken:
        raise ValueError(f"{room}: {kind} has {', '.join(sorted(taken))} already")
    REGISTRIES[kind].update(more)


for _module in pkgutil.iter_modules(__path__):
    _room = importlib.import_module(f"{__name__}.{_module.name}")
    for _kind in REGISTRIES:
        _merge(_kind, getattr(_room, _kind, {}), _module.name)
