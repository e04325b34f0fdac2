"""What is said before a sign-in that the browser would spoil: it keeps no cookies, or it is old (R-056).

Both are said before the way to Gosuslugi, because there it would be a dead end or nobody would know why. An old browser
is warned and never kept out: «Всё равно продолжить» goes on and is remembered for a month.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from foundation.web.cookies import Cookie
from portal.doors import doors
from portal.sign_in.sessions import keeper, sign_in_address
from portal.web.browsers import browser_of
from portal.web.errors import Action, failure_page, how_to_allow_cookies, without_cookies

WARNED_FOR = timedelta(days=30)
ANYWAY = "anyway"
_MARKED = ("/", "/signed-out")
"""Pages that give the browser its mark: whoever comes from there without it keeps no cookies."""


def before_the_sign_in(next_page: str, *, ask_consent: bool) -> BaseResponse | None:
    """The page that says what is wrong with the browser; None if nothing is known to be. Its links lead on."""
    if keeper().browser() is None and _came_from() in _MARKED:
        again = Action("Попробовать снова", sign_in_address(next_page, ask_consent=ask_consent))
        return failure_page(
            without_cookies(_LOST, actions=[again, how_to_allow_cookies()], reason="sign-in-without-cookies")
        )
    if request.args.get("browser") == ANYWAY or _choice().read() is not None:
        return None
    browser = browser_of(request.user_agent.string)
    if browser is None or not browser.is_old:
        return None
    on = sign_in_address(next_page, ask_consent=ask_consent, browser=ANYWAY)
    return Response(render_template("portal/sign_in/old_browser.html", browser=browser, on=on))


_LOST = "Предыдущая страница дала браузеру файл cookie, но он его не вернул."


def remember_choice(response: Response) -> None:
    """«Всё равно продолжить» was pressed: do not ask again for a month."""
    if request.args.get("browser") == ANYWAY:
        _choice().write(response, "1", keep_for=WARNED_FOR)


def _choice() -> Cookie:
    return Cookie("known-browser", doors().settings.public_url)


def _came_from() -> str | None:
    """The path of the page of ours on which «Войти» was pressed; None where the browser does not tell."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith(request.root_path + "/"):
        return None
    return parts.path.removeprefix(request.root_path)
