"""«Медкарта»: overview, lists by kind, one entry on the page and on paper, a test over time, transfers."""

from __future__ import annotations

import hashlib
from typing import Any, cast, get_args

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from portal.clinic.values import Card, Entry, RecordKind
from portal.doors import doors
from portal.patients.acting import subject
from portal.patients.clinic_pages import demand_clinic
from portal.record.chart import chart
from portal.record.kinds import KINDS
from portal.record.paper import file_name, on_paper
from portal.record.parts import Part, answer
from portal.record.view import FILTERS, by_year, freshness
from portal.sign_in.sessions import does_not_prolong, login_required
from portal.web.requests import wants_fragment

blueprint = Blueprint("record", __name__)
blueprint.before_request(demand_clinic)
for _name, _filter in FILTERS.items():
    blueprint.add_app_template_filter(_filter, f"record_{_name}")

NEWEST = 3
"""So many results stand on the home page."""
PAGE = 20
"""Entries in one piece of a list."""
SHOWN = 6
"""Figures of a series that stand below its chart at once; the earlier ones are folded."""


def _kind(name: str) -> RecordKind:
    """The kind of that name; a page that is not there for any other."""
    if name not in get_args(RecordKind):
        abort(404)
    return cast(RecordKind, name)


# Overview


def _overview_part() -> Part:
    return Part(
        name="overview",
        title="Разделы медкарты",
        icon="rec",
        address=url_for("record.overview_part"),
        body="portal/record/overview.html",
        bare=True,
    )


@blueprint.get("/record")
@login_required
def overview() -> str:
    """The ways into the record at once, their counts when the clinic has answered (R-035)."""
    return render_template("portal/record/index.html", part=_overview_part(), kinds=KINDS)


@blueprint.get("/record/parts/overview")
@login_required
def overview_part() -> Response:
    """By kind: how many entries; and from whom all this is, and since when (R-042)."""

    def make(card: Card) -> dict[str, Any]:
        record = doors().clinic.record
        return {
            "card": card,
            "name": subject().name,
            "kinds": KINDS,
            "counts": record.counts(card.id),
            "fresh": freshness(record.sources(card.id), doors().clock.now()),
        }

    return answer(_overview_part(), make)


# Lists


def _list_part(kind: RecordKind) -> Part:
    return Part(
        name=kind,
        title=KINDS[kind].title,
        icon=KINDS[kind].icon,
        address=url_for("record.entries_part", kind=kind),
        body="portal/record/entries.html",
        screen="record-list",
        bare=True,
    )


def piece(after: str | None) -> str:
    """A name for the piece of a list that follows `after`, fit for an id in the page."""
    return hashlib.sha256((after or "").encode()).hexdigest()[:10]


@blueprint.get("/record/<kind>")
@login_required
def entries(kind: str) -> str:
    """The list of one kind."""
    known = _kind(kind)
    return render_template("portal/record/kind.html", part=_list_part(known), kind=KINDS[known])


@blueprint.get("/record/parts/<kind>")
@login_required
def entries_part(kind: str) -> Response:
    """A piece of the list, newest first, paged by key: 10,000 entries are read as quickly as 100."""
    known, after = _kind(kind), request.args.get("after")

    def make(card: Card) -> dict[str, Any]:
        listing = doors().clinic.record.entries(card.id, known, after=after, limit=PAGE)
        year = request.args.get("year", type=int)
        return {
            "kind": KINDS[known],
            "years": by_year(listing.items, year if wants_fragment() else None),
            "is_first": after is None,
            "list_name": known,
            "next_piece": piece(listing.next),
            "more": _more(known, listing.next, listing.items),
            "fresh": freshness(listing.sources, doors().clock.now()),
        }

    part = _list_part(known)
    return answer(_following(part, after) if after else part, make)


def _following(part: Part, after: str) -> Part:
    """What htmx puts in place of «Показать ещё»: another part, with the same content."""
    name = f"{part.name}-{piece(after)}" if wants_fragment() else part.name
    values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict()}
    address = url_for(request.endpoint or "", **values)
    return Part(**{**vars(part), "name": name, "address": address})


def _more(kind: RecordKind, next_: str | None, shown: tuple[Entry, ...]) -> str | None:
    if next_ is None:
        return None
    year = by_year(shown[-1:])[0].year if shown else None
    return url_for("record.entries_part", kind=kind, after=next_, year=year)


# One entry


@blueprint.get("/record/<kind>/<entry_id>")
@login_required
def entry(kind: str, entry_id: str) -> str:
    """One entry whole; another card's is not there (S-54)."""
    known, who = _kind(kind), subject()
    shown = doors().clinic.record.entry(who.card.id, known, entry_id)
    chosen = _chosen(shown, request.args.get("chart"))
    return render_template(
        "portal/record/entry.html",
        entry=shown,
        kind=KINDS[known],
        who=who,
        chosen=chosen,
        part=_series_part(chosen.code, f"Как менялся показатель: {chosen.name}") if chosen else None,
        printed_at=doors().clock.now(),
    )


def _chosen(shown: Entry, code: str | None) -> Any:
    """The figure whose chart is shown: the one asked for, else the first outside its range, else the first."""
    figures = shown.measurements
    asked = next((one for one in figures if one.code == code), None)
    return asked or next((one for one in figures if one.place != "within"), figures[0] if figures else None)


@blueprint.get("/record/<kind>/<entry_id>.pdf")
@login_required
def entry_pdf(kind: str, entry_id: str) -> Response:
    """The same on paper."""
    known, who = _kind(kind), subject()
    shown = doors().clinic.record.entry(who.card.id, known, entry_id)
    response = make_response(on_paper(shown, KINDS[known], who))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(shown)}"'
    return response


# A test over time


def _series_part(code: str, title: str = "Как менялся показатель") -> Part:
    return Part(
        name="series",
        title=title,
        icon="flask",
        address=url_for("record.series_part", code=code),
        body="portal/record/series.html",
        back="/record/results",
        back_words="Ко всем анализам",
    )


@blueprint.get("/record/parts/series/<code>")
@login_required
def series_part(code: str) -> Response:
    """One test over time: a chart and the same figures in a table."""

    def make(card: Card) -> dict[str, Any]:
        points = doors().clinic.record.series(card.id, code)
        part = _series_part(code)
        if not points and not wants_fragment():
            abort(404)
        if points:
            part = _series_part(code, f"{part.title}: {points[-1].measurement.name}")
        return {
            "part": part,
            "points": points,
            "chart": chart(points),
            "shown": SHOWN,
        }

    return answer(_series_part(code), make)


# Who received documents


def _transfers_part() -> Part:
    return Part(
        name="transfers",
        title="Кому передавались документы",
        icon="doc",
        address=url_for("record.transfers_part"),
        body="portal/record/transfers.html",
        screen="record-transfers",
        bare=True,
    )


@blueprint.get("/record/transfers")
@login_required
def transfers() -> str:
    """The journal of transfers (R-036)."""
    return render_template("portal/record/transfers_page.html", part=_transfers_part())


@blueprint.get("/record/parts/transfers")
@login_required
def transfers_part() -> Response:
    """A piece of the journal, newest first."""
    after = request.args.get("after")

    def make(card: Card) -> dict[str, Any]:
        listing = doors().clinic.record.transfers(card.id, after=after, limit=PAGE)
        return {
            "transfers": listing.items,
            "is_first": after is None,
            "list_name": "transfers",
            "next_piece": piece(listing.next),
            "more": url_for("record.transfers_part", after=listing.next) if listing.next else None,
            "fresh": freshness(listing.sources, doors().clock.now()),
        }

    part = _transfers_part()
    return answer(_following(part, after) if after else part, make)


# The home page


def newest_part() -> Part:
    """The newest results, a part of the home page."""
    return Part(
        name="results",
        title="Последние анализы",
        icon="flask",
        address=url_for("record.newest"),
        body="portal/record/newest.html",
        back="/home",
        back_words="На главную",
    )


blueprint.add_app_template_global(newest_part, "newest_results_part")


@blueprint.get("/parts/results")
@login_required
@does_not_prolong
def newest() -> Response:
    """It fails alone, as every part of the home page does."""

    def make(card: Card) -> dict[str, Any]:
        listing = doors().clinic.record.entries(card.id, "results", limit=NEWEST)
        return {
            "entries": listing.items,
            "kind": KINDS["results"],
            "fresh": freshness(listing.sources, doors().clock.now()),
        }

    return answer(newest_part(), make)
