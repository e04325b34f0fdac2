"""Entries that change somebody's account while they are on (trigger `state`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox_idp.accounts import factory, people
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.arming import arm, disarm, disarm_all, sweep
from tests.sandbox_idp.scenarios.conftest import Place, entry_text

SCOPES = 'scopes  = ["next-sign-in", "person", "everyone"]\ndefault = "next-sign-in"'
ONE_PERSON = 'scopes  = ["person"]\ndefault = "person"'


@pytest.fixture
def use_entry(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Replaces the catalogue by one entry `probe` with these effects and that trigger."""
    with ExitStack() as stack:

        def use(effects: str, *, trigger: str = "state", scopes: str = ONE_PERSON) -> None:
            text = entry_text("probe", effects).replace(SCOPES, scopes)
            (tmp_path / "probe.toml").write_text(text.replace('"effect"', f'"{trigger}"', 1), encoding="utf-8")
            stack.enter_context(catalogue.using(catalogue.load(tmp_path)))

        yield use


def state_effect(**values: str) -> str:
    given = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f'[[effects]]\nkind = "account"\nwhere = "world"\nset = {{ {given} }}\n'


def account(stand: Stand, *names: str, person: str = "anna") -> dict[str, object]:
    with stand.database.reading() as session:
        found = people.find_person(session, person)
        assert found is not None
        return factory.as_it_is(session, found, names)


def change(stand: Stand, **values: object) -> None:
    with stand.database.writing() as session:
        found = people.find_person(session, "anna")
        assert found is not None
        factory.change(session, found, values, now=stand.clock.now(), ids=stand.ids)


NAMES = ("state", "policy", "mails", "sms")


@pytest.fixture
def armed(place: Place, use_entry: Callable[..., None]) -> Place:
    effect = state_effect(state='"blocked"', policy='""', mails="[]", sms="false")
    use_entry(effect)
    arm(place.stand, "probe", person="anna")
    return place


def test_arming_changes_the_account_of_one_person(armed: Place) -> None:
    assert account(armed.stand, *NAMES) == {"state": "blocked", "policy": None, "mails": [], "sms": False}
    assert account(armed.stand, "state", person="igor") == {"state": "active"}
    (line,) = [line for line in armed.lines() if line.kind == "effect"]
    assert (line.entry, line.name) == ("probe", "account")


HONEST = {"state": "active", "policy": "0000100000000370", "mails": ["anna@pochta.example"], "sms": True}


def test_disarming_puts_everything_back(armed: Place) -> None:
    disarm(armed.stand, "probe")
    assert account(armed.stand, *NAMES) == HONEST


def test_whatever_ends_the_arming_puts_everything_back(armed: Place) -> None:
    """Its time to live, everything switched off at once, or another arming of the same entry for somebody else."""
    armed.stand.clock.advance(timedelta(minutes=31))  # type: ignore[attr-defined]
    assert sweep(armed.stand) == 1
    assert account(armed.stand, *NAMES) == HONEST
    arm(armed.stand, "probe", person="anna")
    arm(armed.stand, "probe", person="igor")
    assert account(armed.stand, *NAMES) == HONEST
    assert account(armed.stand, "state", person="igor") == {"state": "blocked"}
    disarm_all(armed.stand)
    assert account(armed.stand, "state", person="igor") == {"state": "active"}


def test_what_was_mended_meanwhile_stays_mended(armed: Place) -> None:
    """A person who typed another policy number keeps that one; the rest is put back."""
    change(armed.stand, policy="0000100000099992", mails=["new@pochta.example"])
    disarm(armed.stand, "probe")
    assert account(armed.stand, *NAMES) == HONEST | {"policy": "0000100000099992", "mails": ["new@pochta.example"]}


@pytest.mark.parametrize(
    ("effect", "settings", "words"),
    [
        (state_effect(password='"x"'), {}, "password: такого поля нет"),
        (state_effect(state='"blocked"'), {"trigger": "effect"}, "только с trigger 'state'"),
        (state_effect(state='"blocked"'), {"scopes": SCOPES}, "одному человеку"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    use_entry: Callable[..., None], effect: str, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(catalogue.CatalogueError, match=words):
        use_entry(effect, **settings)
