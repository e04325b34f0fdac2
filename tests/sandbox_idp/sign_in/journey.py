"""What a person does at the training Gosuslugi, in a few words, for the tests of this room."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest.mock import ANY

from flask import Flask
from sqlmodel import select

from sandbox_idp.accounts import passwords, people
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.oauth.models import AuthorizationRequest
from sandbox_idp.policy import load
from sandbox_idp.sign_in import captcha
from sandbox_idp.world import messages
from sandbox_idp.world.models import Message
from tests.pages import Page, PageClient

ANNA, IGOR, NINA, KIRILL = "+70001000001", "+70001000004", "+70001000009", "+70001000010"


WRONG = "Lampa-Krasnaya-28"


def is_as_dear_as_any(stored: bytes) -> bool:
    """Whether a hash costs what every hash of the program costs at present: Argon2id with its parameters.

    Also the one that belongs to nobody (S-30, S-32).
    """
    return stored.startswith(f"$argon2id$v=19$m={passwords.MEMORY_KIB},t={passwords.PASSES},p=1$".encode())


def ask(stand: Stand, request_id: str = "request-1") -> str:
    """A system's pending request, as the authorize endpoint leaves it; returns its id."""
    now = stand.clock.now()
    with stand.database.writing() as session:
        session.add(
            AuthorizationRequest(
                id=request_id,
                mnemonic="PORTAL_DEMO",
                redirect_uri=f"{stand.portal_url}/login/callback",
                scopes=["openid", "fullname", "snils"],
                state=f"state of {request_id}",
                created_at=now,
                expires_at=now + timedelta(minutes=60),
            )
        )
    return request_id


def at(path: str, request_id: str | None) -> str:
    """The address of a page of this sign-in."""
    return path if request_id is None else f"{path}?request={request_id}"


def give_password(
    sandbox: PageClient, request_id: str | None, login: str = ANNA, password: str = PASSWORD, status: int = 303
) -> Page:
    """Open the first page and send login and password, with the figures of the captcha if that is asked for."""
    sandbox.get(at("/login", request_id))
    form = {"login": login, "password": password}
    page = sandbox.post(at("/login", request_id), form, ANY)
    if page.soup.find(id="captcha-error") is not None:
        page = sandbox.post(at("/login", request_id), {**form, **solved(page)}, ANY)
    assert page.status == status, f"{page.status} instead of {status}: {page.words[:600]}"
    return page


def app_of_the_tests() -> Flask:
    """A program with the secret of the one under test, for what follows from that secret."""
    app = Flask("tests")
    app.secret_key = "unit tests"
    return app


def solved(page: Page) -> dict[str, str]:
    """What a person who sees (or hears) the captcha on the page types."""
    key = page.form("/login")["captcha_key"]
    with app_of_the_tests().app_context():
        return {"captcha_key": key, "captcha": captcha.figures(key, load().captcha)}


def give_code(
    sandbox: PageClient, request_id: str | None, code: str, status: int = 303, path: str = "/login/sms"
) -> Page:
    """Send a code on the page that is open."""
    return sandbox.post(at(path, request_id), {"code": code}, status)


def sign_in(sandbox: PageClient, stand: Stand, request_id: str | None = None, login: str = ANNA) -> Page:
    """The whole way with a code by SMS; returns the redirect at its end."""
    sandbox.follow(give_password(sandbox, request_id, login))
    return give_code(sandbox, request_id, last_code(stand))


def arrived(stand: Stand, to: str = ANNA) -> list[Message]:
    """What has come to a phone or mailbox."""
    stand.clock.refresh()
    with stand.database.reading() as session:
        return messages.inbox(session, to)


def last_code(stand: Stand, to: str = ANNA) -> str:
    """The code in the newest message."""
    code = arrived(stand, to)[-1].code
    assert code is not None
    return code


def totp_of(stand: Stand, persona: str) -> str:
    """What the person's authenticator app shows."""
    shown = people.totp_now(person_of(stand, persona), stand.clock.refresh())
    assert shown is not None
    return shown.code


def other_than(code: str) -> str:
    """A wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def person_of(stand: Stand, persona: str) -> Person:
    """One of the twelve."""
    with stand.database.reading() as session:
        found = people.find_person(session, persona)
    assert found is not None
    return found


def sessions_of(stand: Stand) -> list[GosuslugiSession]:
    """Every session at Gosuslugi, ended ones too."""
    with stand.database.reading() as session:
        return list(session.exec(select(GosuslugiSession)))


def attached(stand: Stand, request_id: str) -> str | None:
    """The session that was chosen for a pending request."""
    with stand.database.reading() as session:
        return session.get_one(AuthorizationRequest, request_id).session_sid


def seen(page: Page, typed: str) -> tuple[int, dict[str, str], str]:
    """What an outsider can compare (S-32): status, headers with their values, text; without what was typed and what
    differs between any two answers (random values, references, lengths)."""
    headers = {
        name: re.sub(r"[\w.-]{30,}|Expires=[^;]+", "", value)
        for name, value in page.response.headers.items()
        if name not in ("Date", "Content-Length")
    }
    text = re.sub(r"[\w.=-]{40,}", "", str(page.soup)).replace(typed, "")
    for part in page.soup.find_all(attrs={"data-ref": True}):
        text = text.replace(str(part["data-ref"]), "")
    return page.status, headers, text


def cookies(sandbox: PageClient) -> dict[str, str]:
    """The browser's cookies by the first word of their names."""
    jar = sandbox.client._cookies or {}
    return {cookie.key.split("-")[0]: cookie.value for cookie in jar.values()}
