"""«Версия для слабовидящих»: size, spacing, colours, pictures and motion, kept in a cookie, applied without script.

The choice is a preference of the browser and nothing else: the cookie holds five words from the lists below, so the
page needs no session and no database, and it survives signing in and out. Every page of the program carries the
choice as `data-…` attributes of `<html>`; `static/css/tokens.css` gives them their meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from foundation.web.cookies import cookie_rules

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Question:
    """One thing that can be chosen; the first answer is the usual one and leaves no mark on the page."""

    name: str
    title: str
    answers: dict[str, str]

    @property
    def usual(self) -> str:
        """The answer that is in force when nothing was chosen."""
        return next(iter(self.answers))


QUESTIONS = (
    Question("size", "Размер букв", {"1": "Обычный", "2": "Крупный", "3": "Очень крупный"}),
    Question("spacing", "Промежутки", {"usual": "Обычные", "wide": "Увеличенные"}),
    Question(
        "contrast",
        "Цвета",
        {
            "usual": "Обычные",
            "black": "Чёрным по белому",
            "white": "Белым по чёрному",
            "blue": "Тёмно-синим по голубому",
            "beige": "Коричневым по бежевому",
        },
    ),
    Question("images", "Картинки", {"on": "Показывать", "off": "Скрыть"}),
    Question("motion", "Движение на странице", {"on": "Обычное", "still": "Остановить"}),
)

_LOCAL = re.compile(r"/(?:[\w.~-][\w.~/-]*)?(?:\?[\w.~=&%+/-]*)?", re.ASCII)


def local_path(value: str | None) -> str:
    """`value` if it is an address within this program, else `/` (S-14)."""
    return value if value and _LOCAL.fullmatch(value) else "/"


def read_choice(public_url: str) -> dict[str, str]:
    """What this browser has chosen; the usual answer wherever the cookie has none that we know."""
    raw = request.cookies.get(cookie_rules("view", request.root_path, public_url).name, "")
    given = dict(part.split("_", 1) for part in raw.split(".") if "_" in part)
    return {
        question.name: given[question.name] if given.get(question.name) in question.answers else question.usual
        for question in QUESTIONS
    }


def html_attributes(choice: dict[str, str]) -> Markup:
    """The chosen answers as attributes of `<html>`; the usual ones leave nothing."""
    marks = [
        Markup(' data-{}="{}"').format(question.name, choice[question.name])
        for question in QUESTIONS
        if choice[question.name] != question.usual
    ]
    return Markup("").join(marks)


def install_accessibility(app: Flask, public_url: str, *, keep: tuple[str, ...]) -> None:
    """Give `app` the page `/accessibility` (template `common/accessibility.html` in the program's own layout) and its
    templates the functions `view_attributes()` for `<html>` and `accessibility_address()` for the link to the page.

    `keep`: the fields of a page's query that are needed to come back to it; no other is put into the link.
    """

    @app.get("/accessibility", endpoint="accessibility")
    def accessibility() -> BaseResponse | str:
        back = local_path(request.args.get("back"))
        if "apply" not in request.args and "usual" not in request.args:
            choice = read_choice(public_url)
            return render_template("common/accessibility.html", questions=QUESTIONS, choice=choice, back=back)
        answers = {} if "usual" in request.args else request.args
        chosen = ".".join(
            f"{one.name}_{answers[one.name]}" for one in QUESTIONS if answers.get(one.name) in one.answers
        )
        query = urlencode({"saved": 1, "back": back})
        response = redirect(f"{request.root_path}/accessibility?{query}", code=303)
        rules = cookie_rules("view", request.root_path, public_url)
        response.set_cookie(
            rules.name, chosen, max_age=YEAR, path=rules.path, secure=rules.secure, httponly=True, samesite="Lax"
        )
        return response

    def view_attributes() -> Markup:
        return html_attributes(read_choice(public_url))

    def accessibility_address() -> str:
        query = urlencode({name: request.args[name] for name in keep if name in request.args})
        here = f"{request.path}?{query}" if query else request.path
        back = "/" if request.path == "/accessibility" else local_path(here)
        return f"{request.root_path}/accessibility?{urlencode({'back': back})}"

    app.jinja_env.globals["view_attributes"] = view_attributes
    app.jinja_env.globals["accessibility_address"] = accessibility_address
    app.jinja_env.globals["layout"] = f"{app.name}/layout.html"
