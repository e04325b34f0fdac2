"""One of each thing that a stand owns, made by a person of its own in every stand, in all stands at the same moment.

Few of them need a person at a page: the rest are the forms of the pages, filled in and sent by the browser's own
`fetch`, with its cookies and beside whatever the other stands are being sent.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page

from e2e.harness.own_scenario import own_scenario
from e2e.journeys.acts import ACTS
from e2e.journeys.people import PASSWORD
from e2e.journeys.visitor import Visitor
from portal.doors import FolderFiles
from portal.files import shelf
from portal.sign_in.models import LogoutToken
from sandbox_idp.context import Stand
from sandbox_idp.testing import uploads
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.stand import StandUnderTest

REGISTRIES_NEED = timedelta(seconds=10)
LOOSE = "left-by-a-killed-process"
NEW_PASSWORD = "Yakor-Chernilnica-48"
EYES = "clinic=369001&speciality=ophthalmologist"
SLOW = "slow-token"
SLOW_SECONDS = 1.2
SLOW_EFFECT = f"""
kind    = "delay"
program = "sandbox_idp"
channel = "back"
match   = {{ method = "POST", path = ["/aas/oauth2/te", "/oauth2/token"] }}
seconds = {SLOW_SECONDS}
"""

BEGIN = """
([address, control, typed, file, to, then]) => {
  const send = async (asked, control, typed, file, to, then) => {
    const page = new DOMParser().parseFromString(await asked.text(), 'text/html');
    const found = page.querySelector(`main ${control}`) ?? page.querySelector(control), form = found?.form;
    if (!form) return [0, `${address}: no ${control}: ${page.querySelector('main')?.innerText}`];
    const values = new FormData(form);
    if (found.localName === 'button' && found.name) values.set(found.name, found.value);
    for (const [name, value] of Object.entries(typed)) values.set(name, value);
    if (file) {
      const bytes = Uint8Array.from(atob(file.content), sign => sign.charCodeAt(0));
      values.set('file', new File([bytes], file.name));
    }
    const several = form.enctype === 'multipart/form-data', body = several ? values : new URLSearchParams(values);
    const answer = await fetch(to ?? form.getAttribute('action'), { method: 'POST', body, referrer: asked.url });
    if (then && answer.ok) return send(answer, then, {}, null, null, null);
    return [answer.status, `${address}: ${await answer.text()}`];
  };
  window.errand = fetch(address).then(asked => send(asked, control, typed, file, to, then));
}
"""
END = "() => window.errand"


@dataclass
class Place:
    """One of the stands, with the person signed in there."""

    number: int
    """1, 2, 3: numbers that may not be those of another stand end in it."""
    word: str
    """In everything that is typed in this stand, and in nothing that is typed in another one."""
    stand: StandUnderTest
    someone: Visitor
    gosuslugi: Page
    """A second page of the same browser context, at the stand's Gosuslugi."""
    inside: Stand
    """The stand as a third process sees it."""

    @property
    def region(self) -> str:
        """Where those live who are made in this stand."""
        return ("36", "54", "78")[self.number - 1]

    @property
    def newcomers_phone(self) -> str:
        """Of the person who registers in this stand."""
        return f"+7000300000{self.number}"


@dataclass(frozen=True)
class Errand:
    """A form to be sent: the page it stands on, a control that is in it, and what is typed."""

    page: str
    control: str
    typed: Callable[[Place], dict[str, str]] = lambda _place: {}
    file: Callable[[Place], tuple[str, bytes]] | None = None
    to: str | None = None
    """Where it is sent, if not to where the form itself says."""
    then: str | None = None
    """A control of the form that the answer holds, which is then sent as it is."""


def press(name: str) -> str:
    """The button of that value."""
    return f"button[value={name}]"


def send_everywhere(places: list[Place], where: Callable[[Place], tuple[Page, str]], errand: Errand) -> None:
    """Send it in every stand: all are on their way before the first answer is looked at."""
    for place in places:
        page, base = where(place)
        name, content = errand.file(place) if errand.file else ("", b"")
        file = {"name": name, "content": b64encode(content).decode()} if errand.file else None
        to = None if errand.to is None else base + errand.to
        page.evaluate(BEGIN, [base + errand.page, errand.control, errand.typed(place), file, to, errand.then])
    for place in places:
        status, told = where(place)[0].evaluate(END)
        assert status in (200, 204), f"{errand.page} in the stand of {place.word}: {status} {told[:3000]}"


def at_portal(place: Place) -> tuple[Page, str]:
    """The page at the portal, and the address of that program."""
    return place.someone.page, place.stand.portal_url


def at_gosuslugi(place: Place) -> tuple[Page, str]:
    """The same of Gosuslugi."""
    return place.gosuslugi, place.stand.idp_url


def _newcomer(place: Place) -> dict[str, str]:
    mail = f"novichok{place.number}@pochta.example"
    return {"surname": place.word, "name": "Зоя", "phone": place.newcomers_phone, "email": mail, "consent": "yes"}


def _another(place: Place) -> dict[str, str]:
    mail = f"vtoroy{place.number}@pochta.example"
    return {**_newcomer(place), "phone": f"+7000300001{place.number}", "email": mail}


def _newest_code(to: Callable[[Place], str]) -> Callable[[Place], dict[str, str]]:
    return lambda place: {"code": place.stand.next_message(to=to(place), kind="sms").code}


def _profile(place: Place) -> dict[str, str]:
    return {
        "patronymic": "Ильинична",
        "sex": "F",
        "birth_date": "05.03.1990",
        "snils": "000-300-300 12",
        "passport": "0000 300 303",
        "issued_on": "15.04.2010",
        "issuer_code": "000-001",
        "issued_by": f"Отделение {place.word}",
        "region": "36",
        "city": "Учебный город",
        "street": place.word,
        "house": "1",
        "flat": "",
        "policy": "",
    }


def _organisation(place: Place) -> dict[str, str]:
    return {
        "name": f"ООО «{place.word}»",
        "inn": "0036000011",
        "ogrn": "1003600000018",
        "role": "chief",
        "pin": place.stand.control.signature(place.someone.persona.name).pin,
    }


def _signature(place: Place) -> tuple[str, bytes]:
    made = place.stand.control.signature(place.someone.persona.name)
    return made.name, made.data


BEFORE = (
    Errand("/login", "[name=login]", lambda place: {"action": "wait", "login": place.someone.persona.phone}),
    Errand("/recovery", "[name=contact]", lambda place: {"contact": place.someone.persona.phone}),
    Errand("/register", "[name=surname]", _newcomer),
    Errand("/register/code", "[name=code]", _newest_code(lambda place: place.newcomers_phone)),
    Errand("/register/password", "[name=new_password]", lambda _place: {"new_password": NEW_PASSWORD}),
    Errand("/register/profile", "[name=passport]", _profile),
    Errand("/register/review", "form[action$=review] button"),
)
"""At Gosuslugi, by people who are not signed in there; the last of them lets one in."""
BY_THE_NEWCOMER = (
    Errand("/cabinet/services/medical-policy/card", "[name=card]", lambda _place: {"card": "success"}),
    Errand("/cabinet", "form[action$=sign-out] button"),
    Errand("/login", "form[action*=other-user] button"),
)
"""At Gosuslugi, when the registries have answered; then the place is free for the stand's person."""
IN_THE_CABINET = (
    Errand("/cabinet/security/two-step", press("backup-new")),
    Errand("/cabinet/security/two-step", press("totp-on")),
    Errand("/cabinet/confirm/push", press("again")),
    Errand("/cabinet/security/stolen", press("begin")),
    Errand("/register/organisation", "[name=ogrn]", _organisation, _signature),
    Errand("/register", "[name=surname]", _another),
    Errand(
        "/cabinet/security/password",
        "[name=new_password]",
        lambda _place: {"password": PASSWORD, "new_password": NEW_PASSWORD},
    ),
)
"""At Gosuslugi, by the stand's person."""
UPLOAD = Errand(
    "/uploads",
    "[name=title]",
    lambda place: {"title": f"Выписка {place.word}", "to_clinic": "yes"},
    lambda place: (f"{place.word}.pdf", uploads.pdf()),
)
AT_THE_PORTAL = (
    Errand(
        "/support/new",
        "[name=description]",
        lambda place: {"description": f"Не открывается страница. {place.word}"},
        lambda place: (f"{place.word}.png", uploads.png()),
    ),
    UPLOAD,
    Errand(
        "/support/new",
        "[name=description]",
        lambda place: {"description": f"Ещё не отправлено. {place.word}"},
        to="/session/draft",
    ),
    Errand("/notifications/settings", "[name=results-sms]", lambda _place: {"results-sms": "yes"}),
    Errand("/documents/requests/new?kind=vaccinations", "[name=key]"),
    Errand(
        "/applications/new?kind=record-copy",
        "[name=key]",
        lambda place: {"note": f"Нужна копия. {place.word}"},
    ),
    Errand(
        "/home-visit",
        "[name=complaint]",
        lambda place: {"complaint": f"Температура. {place.word}"},
        then="form[action$=home-visit] button",
    ),
)
"""By the stand's person."""
TO_WAIT = Errand(f"/appointments/new?{EYES}", "form[action$=waiting-list] button")
"""By the stand's person, while no time is free."""


def make_one_of_each(places: list[Place]) -> None:
    """Fill every table of the list in every stand, step by step in all of them."""
    for step in (_arrange, _register, _sign_in, _wait_for_a_time, _book, _use_the_portal, _use_the_cabinet, _finish):
        step(places)


def _register(places: list[Place]) -> None:
    """Somebody registers, and begins to confirm who that is; nobody is signed in when it is over."""
    for place in places:
        place.gosuslugi.goto(place.stand.idp_url + "/login")
    for errand in BEFORE:
        send_everywhere(places, at_gosuslugi, errand)
    for place in places:
        place.stand.control.advance(REGISTRIES_NEED)
        place.gosuslugi.goto(place.stand.idp_url + "/cabinet/documents")
    for errand in BY_THE_NEWCOMER:
        send_everywhere(places, at_gosuslugi, errand)


def _sign_in(places: list[Place]) -> None:
    """With one wrong password each, so that there is something to count."""
    for place in places:
        screen, act = ACTS["password-wrong"]
        place.someone.acts[screen] = act
        place.someone.open("/")
    walk_in_turn(places, "home")


def _wait_for_a_time(places: list[Place]) -> None:
    """On the list of those who wait, while no time is free."""
    for place in places:
        place.stand.control.arm("no-slots", scope="everyone")
    send_everywhere(places, at_portal, TO_WAIT)
    for place in places:
        place.stand.control.disarm("no-slots")


def _book(places: list[Place]) -> None:
    for place in places:
        place.someone.open(f"/appointments/new?{EYES}")
    walk_in_turn(places, "appointment")


def _use_the_portal(places: list[Place]) -> None:
    for errand in AT_THE_PORTAL:
        send_everywhere(places, at_portal, errand)
    for place in places:
        place.someone.open("/support")
        place.someone.page.locator("main").get_by_role("link", name="ЕГ-").first.click()
        place.someone.press("Запросить дистанционный сеанс")


def _use_the_cabinet(places: list[Place]) -> None:
    for place in places:
        place.gosuslugi.goto(place.stand.idp_url + "/cabinet")
    for errand in IN_THE_CABINET:
        send_everywhere(places, at_gosuslugi, errand)


def walk_in_turn(places: list[Place], goal: str) -> None:
    """Everybody goes one step, then everybody the next."""
    on_the_way = places
    while on_the_way:
        on_the_way = [place for place in on_the_way if not place.someone.step({goal})]


def _arrange(places: list[Place]) -> None:
    """What the control API is there for."""
    for place in places:
        control, name = place.stand.control, place.someone.persona.name
        for number in range(place.number):
            # So many that whoever is made later has another number in each stand.
            control.make_person(
                surname=place.word,
                level="simplified",
                region=place.region,
                phone=f"+70003001{place.number}{number:02d}",
                mails=[f"zhitel{place.number}{number}@pochta.example"],
            )
        child = {"surname": place.word, "name": "Егор", "gender": "M", "birth_date": "2017-03-04"}
        control.call("PATCH", f"/people/{name}", {"factors": ["sms", "totp", "push"], "children": [child]})
        control.register_system(f"CLINIC_{place.number}", short_name=place.word)
        control.add_scenario(own_scenario(SLOW, f"Маркер выдают не спеша: {place.word}", SLOW_EFFECT))
        control.call("POST", "/snapshots", {"name": place.word})
        control.advance(timedelta(minutes=place.number))


def _finish(places: list[Place]) -> None:
    """What comes last: it is in the way of the rest."""
    for place in places:
        control, someone = place.stand.control, place.someone
        someone.open(f"/appointments/new?{EYES}")
        # Late in the day too few times of today are left.
        someone.press("Следующая неделя")
        time = someone.page.locator("a.time").nth(place.number)
        control.set_slot((time.get_attribute("href") or "").rpartition("slot=")[2], taken=True)
        control.arm("part-500", scope="everyone", count=50)
        someone.open("/home")
        someone.page.locator("[data-part][data-state=error]").first.wait_for()
        now = place.inside.clock.refresh()
        with place.inside.portal_database.writing() as session:
            # What only a provider of another profile sends, and what only a killed process leaves behind.
            session.add(LogoutToken(jti_hash=place.word, expires_at=now + timedelta(hours=1)))
            shelf.let_go(session, [LOOSE], now)
        with FolderFiles(place.inside.files).write(LOOSE) as left:
            left.write(place.word.encode())
        # Another browser of the same person has got as far as the second factor.
        begun = Browser()
        login = begun.get(place.stand.idp_url + "/login")
        begun.submit(login, "password", login=someone.persona.phone, password=NEW_PASSWORD)
        begun.close()
