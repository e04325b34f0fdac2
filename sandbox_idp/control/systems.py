"""Information systems of a stand over the control API: the cards of the technological portal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import Wish, words
from sandbox_idp.control.calls import Answer, Calls, SystemKey
from sandbox_idp.control.changes import note_change
from sandbox_idp.control.problems import ProblemError, Wrong, invalid, pointer
from sandbox_idp.oauth import scopes as catalogue
from sandbox_idp.oauth import systems
from sandbox_idp.oauth.models import InformationSystem
from sandbox_idp.scenarios.models import StandState

calls = Calls("systems")


Words = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(words)]
Address = Annotated[str, Field(min_length=1, max_length=2000, examples=["https://clinic.example"])]
Scope = Annotated[str, Field(json_schema_extra={"enum": list(catalogue.TITLES)})]
Scopes = Annotated[list[Scope], Field(max_length=len(catalogue.TITLES))]


def _always_strict(wanted: bool) -> bool:
    """True; ValueError otherwise, for there is no lenient ESIA to switch to."""
    if not wanted:
        raise ValueError("Поставьте true или уберите поле: учебные Госуслуги всегда проверяют запросы строго.")
    return wanted


class SystemBody(Wish):
    """A card. What is left out is as the technological portal would have it (POST), or stays (PATCH)."""

    name: Words = Field("", description="full name, shown on the consent page")
    short_name: Words = Field("", description="shown on the login form after «для»")
    purpose: str = Field("", max_length=1000, description="why it asks, shown on the consent page")
    certificates: list[Annotated[str, Field(max_length=20_000)]] = Field(
        [], max_length=10, description="PEM, RSA; exactly these are trusted"
    )
    redirect_hosts: list[Address] = Field([], max_length=20, description="scheme://host[:port] or full addresses")
    strict_redirect: bool = Field(False, description="the address must be one of `redirect_hosts` to the letter (S-18)")
    algorithm: Literal["RS256"] = Field("RS256", description="of tokens; v1 knows no other")
    strict: Annotated[bool, AfterValidator(_always_strict)] = Field(
        True,
        description="refuse what clients do wrong and the real ESIA refuses; nothing but true is accepted",
        json_schema_extra={"const": True},
    )
    integer_sub: bool = Field(True, description="`sub` as a JSON number, as ESIA has it")
    require_pkce: bool = Field(False, description="on ESIA's paths: refuse a request without code_challenge (S-02)")
    client_secret: Annotated[str, Field(min_length=32, max_length=256, pattern=r"^[\x21-\x7e]+$")] | None = Field(
        None, description="makes it an OpenID client (`/oauth2/…`); long and random; kept as a hash, never told"
    )
    pkce_required: bool = Field(True, description="the same on the OpenID paths")
    backchannel_logout_uri: Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\s#]+$")] | None = Field(
        None, description="where an OpenID client is told by a logout token that a session at Gosuslugi has ended"
    )
    scopes: Scopes = Field(["openid", "fullname"], description="what it may ask for (S-22)")
    required_scopes: Scopes = Field(["openid"], description="rights that can only be refused as a whole")

    def given(self) -> dict[str, Any]:
        """What was sent, but for mnemonic and certificates."""
        others = ("mnemonic", "certificates")
        return {name: getattr(self, name) for name in self.model_fields_set if name not in others}


class ChangeSystemBody(SystemBody):
    """Changes to a card. What is left out stays; lists are replaced whole."""

    EXAMPLES = ({"strict_redirect": True}, {"certificates": []})


class NewSystemBody(SystemBody):
    """A new card. `name` and `short_name` stand in for each other, else the mnemonic does for both."""

    EXAMPLES = (
        {
            "mnemonic": "CLINIC_36",
            "short_name": "Клиника",
            "redirect_hosts": ["https://clinic.example"],
            "scopes": ["openid", "fullname"],
        },
    )

    mnemonic: str = Field(min_length=1, max_length=50, pattern=r"^[A-Z0-9_-]+$")


class SystemCertificateAnswer(Answer):
    """A certificate that a system signs with."""

    fingerprint: str
    """SHA-256 of the DER, hex."""
    not_before: datetime
    not_after: datetime
    pem: str


class SystemAnswer(Answer):
    """A card."""

    mnemonic: str
    name: str
    short_name: str
    purpose: str
    redirect_hosts: list[str]
    strict_redirect: bool
    algorithm: str
    strict: bool
    integer_sub: bool
    require_pkce: bool
    pkce_required: bool
    backchannel_logout_uri: str | None
    has_client_secret: bool
    scopes: list[str]
    required_scopes: list[str]
    certificates: list[SystemCertificateAnswer]


class SystemsAnswer(Answer):
    """Every information system of the stand."""

    systems: list[SystemAnswer]


@calls.get("/systems")
def list_systems(stand: Stand) -> SystemsAnswer:
    """Every information system that the stand knows, our own portal among them."""
    with stand.database.reading() as session:
        found = session.exec(select(InformationSystem).order_by(col(InformationSystem.mnemonic)))
        return SystemsAnswer(systems=[_answer(session, system) for system in found])


@calls.post("/systems", status=201, refuses=((409, "mnemonic-taken"),))
def register_system(stand: Stand, body: NewSystemBody) -> SystemAnswer:
    """Register an information system; a mnemonic that there is already is refused."""
    given = body.given()
    name = given.get("name") or given.get("short_name") or body.mnemonic
    card = {"short_name": name, "redirect_hosts": [], "scopes": body.scopes, **given, "name": name}
    _check_required(body, body.scopes)
    with stand.database.writing() as session:
        session.get_one(StandState, 1, with_for_update=True)
        try:
            made = systems.register(session, systems.Card(mnemonic=body.mnemonic, **card), body.certificates)
        except systems.CardError as error:
            raise _problem(error) from None
        note_change(stand, session, "system-made", mnemonic=made.mnemonic)
        return _answer(session, made)


@calls.patch("/systems/{mnemonic}", refuses=((404, "unknown-system"),))
def change_system(stand: Stand, mnemonic: SystemKey, body: ChangeSystemBody) -> SystemAnswer:
    """Change what the body says of a card; repeating it changes nothing more."""
    with stand.database.writing() as session:
        session.get_one(StandState, 1, with_for_update=True)
        system = _known(session, mnemonic)
        _check_required(body, body.scopes if body.has("scopes") else system.scopes)
        certificates = body.certificates if body.has("certificates") else None
        try:
            systems.change(session, system, body.given(), certificates)
        except systems.CardError as error:
            raise _problem(error) from None
        note_change(stand, session, "system-changed", mnemonic=mnemonic, fields=sorted(body.model_fields_set))
        return _answer(session, system)


@calls.delete("/systems/{mnemonic}", status=204, refuses=((404, "unknown-system"),))
def remove_system(stand: Stand, mnemonic: SystemKey) -> None:
    """Take a system away: ESIA no longer knows it, its tokens and consents end."""
    with stand.database.writing() as session:
        session.get_one(StandState, 1, with_for_update=True)
        systems.remove(session, _known(session, mnemonic), stand.clock.now())
        note_change(stand, session, "system-removed", mnemonic=mnemonic)


def _known(session: Session, mnemonic: str) -> InformationSystem:
    found = session.get(InformationSystem, mnemonic)
    if found is None:
        raise ProblemError(404, "unknown-system", f"В стенде нет системы «{mnemonic}».")
    return found


def _check_required(body: SystemBody, scopes: list[str]) -> None:
    missing = [scope for scope in body.required_scopes if scope not in scopes]
    if body.has("required_scopes") and missing:
        raise invalid([Wrong("/required_scopes", f"Этого нет среди scopes: {' '.join(missing)}.")])


def _problem(error: systems.CardError) -> ProblemError:
    where = [Wrong(pointer(error.field), error.reason)]
    if isinstance(error, systems.MnemonicTakenError):
        return ProblemError(409, "mnemonic-taken", error.reason, where)
    return invalid(where)


def _answer(session: Session, system: InformationSystem) -> SystemAnswer:
    certificates = systems.certificates_of(session, system.mnemonic)
    told = system.model_dump(exclude={"openid_secret_hash"})
    return SystemAnswer.model_validate(
        {
            **told,
            "has_client_secret": system.openid_secret_hash is not None,
            "certificates": [row.model_dump(exclude={"mnemonic"}) for row in certificates],
        }
    )
