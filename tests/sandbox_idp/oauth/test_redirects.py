"""Where a browser may be sent back to (S-18), and what CSP must allow for it (S-52)."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_idp.oauth import redirects
from sandbox_idp.oauth.models import InformationSystem

WORD = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
PATH = st.lists(st.text(string.ascii_letters + string.digits + "-._~%", max_size=8), max_size=4).map("/".join)


def system(*addresses: str, strict: bool = False) -> InformationSystem:
    return InformationSystem(
        mnemonic="CLINIC_36",
        name="",
        short_name="",
        redirect_hosts=list(addresses),
        strict_redirect=strict,
        scopes=[],
        required_scopes=[],
    )


CLINIC = system("https://clinic.example")


@pytest.mark.parametrize(
    "address",
    [
        "https://clinic.example/back",
        "https://clinic.example",
        "https://clinic.example:443/back",
        "https://clinic.example./back",
        "https://CLINIC.example/back?from=esia",
        "https://lk.clinic.example/a/b",
        "https://a.b.clinic.example/",
    ],
)
def test_the_registered_host_and_its_subdomains_pass(address: str) -> None:
    assert redirects.is_registered(address, CLINIC)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/back",
        "//clinic.example/back",
        "http://clinic.example/back",
        "https://clinic.example:8443/back",
        "https://clinic.example.evil.example/",
        "https://evil-clinic.example/",
        "https://evilclinic.example/",
        "https://clinic.example@evil.example/",
        "https://user:word@clinic.example/",
        "https://evil.example\\@clinic.example/",
        "https://evil.example\\.clinic.example/",
        "https://evil.example/clinic.example",
        "https://evil.example?.clinic.example",
        "https://evil.example#.clinic.example",
        "https://evil.example%2f.clinic.example/",
        "https://evil.example／.clinic.example/",
        "https://clinic.example/back#part",
        "https:clinic.example/back",
        "https:///clinic.example/back",
        "https://.clinic.example/",
        "https://clinic.example\n.evil.example/",
        " https://clinic.example/",
        "https://clinic.example:port/",
        "javascript://clinic.example/%0aalert(1)",
        "https://[clinic.example/",
    ],
)
def test_everything_else_is_foreign(address: str) -> None:
    """S-18: the corpus of addresses that have fooled other servers."""
    assert not redirects.is_registered(address, CLINIC)


@given(WORD, PATH)
def test_any_path_under_any_subdomain_passes(word: str, path: str) -> None:
    assert redirects.is_registered(f"https://{word}.clinic.example/{path}", CLINIC)


@given(WORD, PATH)
def test_no_other_domain_passes(word: str, path: str) -> None:
    assert not redirects.is_registered(f"https://clinic.example.{word}/{path}", CLINIC)
    assert not redirects.is_registered(f"https://{word}clinic.example/{path}", CLINIC)


@given(st.text(max_size=80))
def test_no_text_makes_the_rule_fail(text: str) -> None:
    redirects.is_registered(text, CLINIC)
    redirects.is_registered("https://clinic.example" + text, CLINIC)
    redirects.is_registered("https://" + text, CLINIC)


@given(PATH)
def test_a_strict_card_wants_its_address_to_the_letter(path: str) -> None:
    """S-18 as our own portal's card has it."""
    exact = "http://localhost:8000/login/callback"
    card = system(exact, strict=True)
    assert redirects.is_registered(exact, card)
    for other in (f"{exact}/{path}x", exact + "?x=1", exact.upper(), exact.replace("localhost", "a.localhost")):
        assert not redirects.is_registered(other, card)


def test_a_developers_own_machine_may_be_registered_on_any_port() -> None:
    card = system("http://localhost")
    assert redirects.is_registered("http://localhost:5173/back", card)
    assert redirects.is_registered("http://localhost/back", card)
    assert not redirects.is_registered("https://localhost/back", card)
    assert not redirects.is_registered("http://localhost.evil.example/", card)


def test_a_number_has_no_subdomains() -> None:
    card = system("http://127.0.0.1:8000", "https://[::1]:8443")
    assert redirects.is_registered("http://127.0.0.1:8000/back", card)
    assert redirects.is_registered("https://[::1]:8443/back", card)
    assert not redirects.is_registered("http://evil.127.0.0.1:8000/", card)
    assert not redirects.is_registered("http://127.0.0.1:8001/back", card)


def test_sources_for_form_action() -> None:
    """S-52: hosts of the system, sub-domains where the card allows them, nothing else."""
    assert redirects.sources(CLINIC) == ["https://clinic.example", "https://*.clinic.example"]
    assert redirects.sources(system("http://localhost:8000/login/callback", strict=True)) == ["http://localhost:8000"]
    assert redirects.sources(system("http://localhost")) == ["http://localhost", "http://localhost:*"]
    assert redirects.sources(system("http://10.0.0.1")) == ["http://10.0.0.1"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://clinic.example/back", "https://clinic.example/back?code=a.b&state=%2B"),
        ("https://clinic.example/back?x=1", "https://clinic.example/back?x=1&code=a.b&state=%2B"),
        ("https://clinic.example/back?", "https://clinic.example/back?code=a.b&state=%2B"),
    ],
)
def test_an_address_keeps_its_own_query(address: str, expected: str) -> None:
    """Quirk 19."""
    assert redirects.with_query(address, {"code": "a.b", "state": "+"}) == expected
