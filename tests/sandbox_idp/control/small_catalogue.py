"""A catalogue of five scenarios, one of each way to be armed, for the tests of the control API and of the console."""

from __future__ import annotations

from pathlib import Path

from sandbox_idp.scenarios.catalogue import Catalogue, load

COMMON = """
side       = "gosuslugi"
stage      = "{stage}"
sources    = ["A:105", "S"]
rules      = ["R-030", "U-1"]
profiles   = ["esia-v1"]
javascript = ["on", "off"]
story      = "{title}: история."
learner    = "Войдите как обычно."
explain    = "Потому что так бывает."
id         = "{id}"
group      = "{group}"
cause      = {cause}
title      = "{title}"
trigger    = "{trigger}"
"""
REST = """
[sees]
at      = "portal"
screen  = "gosuslugi-failed"
status  = 502
heading = "Произошла ошибка.."
texts   = ["Попробуйте перезапустить страницу"]
actions = [{ name = "Перезапустить", to = "/login" }]
session = "none"

[recovers]
by      = "heal"
note    = "Сбой снят."
ends_at = "/home"

[journey]
person = "anna"
steps  = "sign_in"
"""
TOKEN_FAILS = """
[[effects]]
kind    = "status"
where   = "gate"
program = "sandbox_idp"
channel = "back"
match   = { method = "POST", path = ["/aas/oauth2/te"] }
status  = { parameter = "status" }

[parameters.status]
title   = "Код ответа"
type    = "integer"
enum    = [500, 502]
default = 500
"""
WORKS = """
[[effects]]
kind    = "works"
where   = "world"
minutes = { parameter = "minutes" }

[parameters.minutes]
title   = "Сколько минут"
type    = "number"
minimum = 1
maximum = 600
default = 30
"""
ENDLESS = """
[[effects]]
kind  = "works"
where = "world"
title = "Неплановые работы"
"""
ALL_SCOPES = """
[arming]
scopes  = ["next-sign-in", "person", "everyone"]
default = "next-sign-in"
ttl     = "PT30M"
"""
EVERYONE = """
[arming]
scopes  = ["everyone"]
default = "everyone"
ttl     = "PT8H"
"""
WATCH = """
[watch]
act = "password-wrong"
"""


ENTRIES = (
    ("token-fails", "D", 3, "Маркер не выдан", "effect", "token", TOKEN_FAILS + ALL_SCOPES),
    ("works-planned", "D", 3, "Плановые работы", "effect", "authorize", WORKS + EVERYONE),
    ("works-endless", "D", 3, "Работы без срока", "effect", "authorize", ENDLESS + EVERYONE),
    ("wrong-password", "B", 2, "Неверный пароль", "person", "password", WATCH + ALL_SCOPES),
    ("never-again", "B", 2, "Капча второй раз", "never", "password", ""),
)


def small_catalogue(folder: Path) -> Catalogue:
    """Write the files and read them as the program does."""
    for entry, group, cause, title, trigger, stage, more in ENTRIES:
        head = COMMON.format(id=entry, group=group, cause=cause, title=title, trigger=trigger, stage=stage)
        (folder / f"{entry}.toml").write_text(head + REST + more, encoding="utf-8")
    return load(folder)
