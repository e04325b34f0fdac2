"""Help, terms and the state of the services. Public, without session and database: they work when all else is down."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from foundation.web.cookies import Cookie
from portal.doors import doors
from portal.help import browser_check
from portal.help.announced import known_notice
from portal.help.articles import ARTICLES, find
from portal.help.status import look

LONGEST_QUERY = 100

blueprint = Blueprint("help", __name__)
blueprint.add_app_template_global(known_notice)


@blueprint.get("/help")
def index() -> str:
    """Every article, or those that speak of what is looked for (U-3)."""
    query = " ".join(request.args.get("query", "").split())[:LONGEST_QUERY]
    found = find(query)
    return render_template("portal/help/index.html", articles=found or ARTICLES, query=query, nothing=not found)


@blueprint.get("/help/login-problems")
def login_problems() -> str:
    """«Почему я не могу войти в личный кабинет» (R-001): the four causes and what to do about each."""
    return render_template("portal/help/login_problems.html")


@blueprint.get("/help/how-to-sign-in")
def how_to_sign_in() -> str:
    """«Как войти в личный кабинет» (R-034)."""
    return render_template("portal/help/how_to_sign_in.html", child_access_until=doors().settings.child_access_until)


@blueprint.get("/help/browser-check")
def check_browser() -> BaseResponse:
    """«Проверка браузера» (R-056…R-060).

    A browser that sent no cookie is given one and asked to come back at once: then it is known whether it keeps them.
    """
    cookie = Cookie("check", doors().settings.public_url)
    if not request.cookies and "again" not in request.args:
        response = make_response(redirect(f"{request.root_path}/help/browser-check?again=1", code=303))
        cookie.write(response, "1")
        return response
    response = make_response(
        render_template("portal/help/browser_check.html", checks=browser_check.look(), now=doors().clock.now())
    )
    cookie.delete(response)
    return response


@blueprint.get("/help/browser-check/blob")
def check_speed() -> Response:
    """A quarter of a megabyte, to see how long it takes (R-059)."""
    return Response(browser_check.BLOB, mimetype="application/octet-stream")


@blueprint.get("/terms")
def terms() -> str:
    """What the portal is and what it promises."""
    return render_template("portal/help/terms.html")


@blueprint.get("/privacy")
def privacy() -> str:
    """Which data the portal has, from where, and for how long."""
    settings = doors().settings
    return render_template("portal/help/privacy.html", idle=settings.session_idle, absolute=settings.session_absolute)


@blueprint.get("/status")
def status() -> str:
    """What works right now, in plain HTML (U-33)."""
    return render_template("portal/help/status.html", status=look(doors()))


@blueprint.get("/status.json")
def status_json() -> BaseResponse:
    """The same for programs."""
    status = look(doors())
    return jsonify(
        checked_at=status.checked_at.isoformat(),
        components=[
            {"id": one.id, "name": one.name, "state": one.state, "until": one.until.isoformat() if one.until else None}
            for one in status.components
        ],
        works=[
            {"start": one.start.isoformat(), "end": one.end.isoformat() if one.end else None, "title": one.title}
            for one in status.ahead
        ],
    )
