"""A heavy piece of a page: its place is sent at once, its content when the clinic has answered (U-21…U-24, U-29).

Asked for by htmx it is a fragment that takes the place; without script its place has a link to the same as a page. It
fails alone: a silent clinic is the part's error with «Перезапустить», and the page around it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template

from portal.clinic.errors import CardDuplicateError, CardNotFoundError
from portal.clinic.values import Card
from portal.patients.acting import subject
from portal.patients.clinic_pages import DUPLICATE
from portal.web.errors import new_reference
from portal.web.requests import wants_fragment


@dataclass(frozen=True, kw_only=True)
class Part:
    """One piece."""

    name: str
    """`data-part`."""
    title: str
    icon: str
    address: str
    """Where it is asked for, with the root of the program."""
    body: str
    """Template of its content."""
    back: str = "/record"
    """Where its page leads back to, without the root."""
    back_words: str = "К медкарте"
    screen: str = "record"
    """`data-screen` of its page."""
    bare: bool = False
    """Whether the page says the title already, so that it is only for those who hear the page."""


def answer(part: Part, make: Callable[[Card], dict[str, Any]]) -> Response:
    """The part, fragment or page, filled with what `make` finds in the card of whom the page is about.

    `make` may put another `part` in, where only the clinic knows its title. What it raises goes on to the pages of
    `portal.patients.clinic_pages`; only a fragment that finds no card, or two of them, says so itself, because it is
    no failure.
    """
    try:
        words = {"part": part, "mark": "ready", **make(subject().card)}
        # What follows «Показать ещё» comes without the frame that stands on the page already.
        words["as_page"] = not wants_fragment()
        words["piece_only"] = wants_fragment() and not words.get("is_first", True)
    except CardNotFoundError:
        if not wants_fragment():
            raise
        return _without_card(part, "card-not-found", 200)
    except CardDuplicateError as error:
        if not wants_fragment():
            raise
        reference = new_reference("card-duplicate")
        return _without_card(part, "card-duplicate", DUPLICATE, number=error.number, reference=reference)
    if wants_fragment():
        return make_response(render_template("portal/record/part.html", **words))
    return make_response(render_template("portal/record/part_page.html", **words))


def _without_card(part: Part, screen: str, status: int, **words: str) -> Response:
    text = render_template(
        "portal/record/part.html", part=part, mark="missing", piece_only=False, screen=screen, **words
    )
    return make_response(text, status)
