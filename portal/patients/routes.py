"""Start page, «Загружаем ваши данные», home page and its parts."""

from __future__ import annotations

from typing import Literal, get_args

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from foundation import russian
from portal.doors import doors
from portal.help.announced import notice
from portal.patients.at_hand import patient_at_hand
from portal.patients.items import KINDS, Kind, is_due
from portal.patients.navigation import sections
from portal.patients.view import FILTERS, LEVELS, aged, full_name, greeting, since_words
from portal.sign_in.next_page import HOME, asked_page, safe_next
from portal.sign_in.sessions import does_not_prolong, keeper, login_required
from portal.web.limits import seconds_left
from portal.web.requests import wants_fragment

blueprint = Blueprint("patients", __name__)
for _name, _filter in FILTERS.items():
    blueprint.add_app_template_filter(_filter, _name)
blueprint.add_app_template_global(patient_at_hand)
blueprint.add_app_template_global(sections)

Part = Literal["policy", "contacts", "children"]
PARTS: tuple[Part, ...] = get_args(Part)
ITEMS_OF: dict[Part, tuple[Kind, ...]] = {
    "policy": ("policy",),
    "children": ("children", "child-documents"),
    "contacts": ("contacts",),
}
FAILED = 502
"""Status of a part whose data Gosuslugi did not give."""


@blueprint.get("/")
def start() -> BaseResponse:
    """The way in; who is signed in already goes on to the home page."""
    if current_user.is_authenticated:
        return redirect(f"{request.root_path}{HOME}", code=303)
    response = make_response(render_template("portal/patients/start.html"))
    keeper().mark_browser(response)
    return response


@blueprint.get("/loading")
@login_required
def loading() -> str:
    """Every item with its state; what is missing is fetched side by side, and nobody has to wait (R-003)."""
    here = patient_at_hand()
    patient, items, children = here.read()
    views = here.views(items)
    return render_template(
        "portal/patients/loading.html",
        person=patient,
        can_ask=here.access.token is not None,
        full_name=full_name(patient),
        views=views,
        waiting=any(view.mark == "loading" for view in views.values()),
        family=here.family(children),
        scopes=here.access.scopes,
        person_since=since_words(patient.person_as_of, here.now),
        next=safe_next(request.args.get("next")),
    )


@blueprint.get("/loading/all")
@login_required
def loading_all() -> BaseResponse:
    """Fetch what is missing, one after the other, as long as there is time; then go on. For browsers without script."""
    here = patient_at_hand()
    items = here.read()[1]
    loader = here.loader()
    for kind in KINDS:
        if (is_due(items[kind], here.access) or items[kind].state == "failed") and seconds_left() > 1:
            loader.load(kind)
    return redirect(request.root_path + safe_next(request.args.get("next")), code=303)


@blueprint.get("/loading/<kind>")
@login_required
@does_not_prolong
def loading_item(kind: str) -> Response:
    """One item, fetched now: a fragment for htmx, else a page."""
    if kind not in KINDS:
        abort(404)
    here = patient_at_hand()
    here.loader().load(kind)
    patient, items, children = here.read()
    view = here.views(items)[kind]
    text = render_template(
        "portal/patients/item.html" if wants_fragment() else "portal/patients/item_page.html",
        person=patient,
        can_ask=here.access.token is not None,
        view=view,
        family=here.family(children),
        scopes=here.access.scopes,
        next=safe_next(request.args.get("next")),
    )
    return make_response(text, FAILED if view.mark == "error" else 200)


@blueprint.get("/home")
@login_required
def home() -> str:
    """The home page: who is here, and a part for everything that is known."""
    here = patient_at_hand()
    patient, items, children = here.read()
    return render_template(
        "portal/patients/home.html",
        person=patient,
        can_ask=here.access.token is not None,
        greeting=greeting(patient),
        today=russian.date_weekday(here.now),
        level=LEVELS[patient.level],
        views=here.views(items),
        family=here.family(children),
        scopes=here.access.scopes,
        person_since=since_words(patient.person_as_of, here.now),
        person_aged=aged(patient.person_as_of, here.now),
        stale=current_user.session.stale,
        parts=PARTS,
    )


@blueprint.get("/menu")
@login_required
def menu() -> str:
    """Every section and the way out, for a phone (screen `menu`)."""
    return render_template("portal/patients/menu.html")


@blueprint.get("/parts/<name>")
@login_required
@does_not_prolong
def part(name: str) -> Response:
    """A part of the home page: what is known, and what is missing or has failed is asked for again."""
    if name not in PARTS:
        abort(404)
    here = patient_at_hand()
    patient, items, children = here.read()
    due = [kind for kind in ITEMS_OF[name] if is_due(items[kind], here.access) or items[kind].state == "failed"]
    if due:
        loader = here.loader()
        for kind in due:
            loader.load(kind)
        patient, items, children = here.read()
    views = here.views(items)
    failed = views[ITEMS_OF[name][0]].mark == "error"
    text = render_template(
        "portal/patients/part.html" if wants_fragment() else "portal/patients/part_page.html",
        person=patient,
        can_ask=here.access.token is not None,
        part=name,
        views=views,
        family=here.family(children),
        scopes=here.access.scopes,
        next=asked_page() if wants_fragment() else HOME,
    )
    return make_response(text, FAILED if failed else 200)


@blueprint.get("/parts/works")
def works() -> str:
    """The notice of works that Gosuslugi announces for the next day (U-33, R-118): one at most."""
    found = notice(doors().esia.schedule(), doors().clock.now())
    template = "portal/patients/works.html" if wants_fragment() else "portal/patients/works_page.html"
    return render_template(template, window=found.window, running=found.running)
