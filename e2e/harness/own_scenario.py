"""The text of a scenario of a test's own, where only what goes wrong matters and not what is said of it."""

from __future__ import annotations

TEXT = """
id    = "{id}"
title = "{title}"
story = "{title}."

[sees]
at      = "portal"
screen  = "error"
heading = "Произошла ошибка.."
texts   = []
session = "unchanged"

[recovers]
by      = "heal"
note    = "Сбой снят."
ends_at = "/home"

[[effects]]
where   = "gate"
{effect}

[arming]
scopes  = ["everyone"]
default = "everyone"
ttl     = "PT30M"
"""


def own_scenario(entry_id: str, title: str, effect: str) -> str:
    """A file as in `docs/scenarios.md`, for everyone until it is healed; `effect`: the lines of its one effect."""
    return TEXT.format(id=entry_id, title=title, effect=effect)
