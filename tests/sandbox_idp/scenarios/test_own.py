"""Scenarios of a stand's own: read like the catalogue, kept in the stand, first-class everywhere in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import select, update

from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.scenarios import arming, authoring, own
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.files import LARGEST, LONGEST_LINE, FileError, decode, read_own
from sandbox_idp.scenarios.live import live
from sandbox_idp.scenarios.models import Armed, OwnScenario, StandState
from sandbox_idp.scenarios.states import state_of, states
from sandbox_idp.stands.house import House
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries, gate_effect

LEAST = """id = "mine"
title = "Свой сбой"
story = "Маркер не выдан."
[sees]
at = "portal"
session = "none"
[recovers]
by = "heal"
note = "Сбой снят."
ends_at = "/home"
[arming]
scopes = ["everyone", "next-sign-in"]
default = "everyone"
ttl = "PT30M"
[[effects]]
kind = "status"
where = "gate"
program = "sandbox_idp"
channel = "back"
match = { path = "/aas/oauth2/te" }
status = 503
"""
TOKEN = "/aas/oauth2/te"


def problems(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(FileError) as error:
        read_own(text)
    return [(problem.line, problem.column, problem.message) for problem in error.value.problems]


def armed_version(stand: Stand) -> int:
    with stand.database.reading() as session:
        return session.exec(select(StandState.armed_version)).one()


class TestFormat:
    def test_what_every_catalogue_entry_says_of_its_origin_may_be_left_out(self) -> None:
        (entry,) = read_own(LEAST).entries
        assert (entry.id, entry.trigger, entry.rules, entry.sources) == ("mine", "effect", (), ())

    def test_every_file_of_the_catalogue_can_be_read_as_ones_own(self) -> None:
        for file in set(shared().files.values()):
            assert [entry.id for entry in read_own(file.text).entries] == [entry.id for entry in file.entries]

    @pytest.mark.parametrize(
        ("at", "instead", "place", "message"),
        [
            ("status = 503", "status = 700", (21, 1), "не больше 599"),
            ("status = 503", "status = inf", (21, 1), "конечное"),
            ("status = 503", "status = 1979-05-27", (21, 1), "дату"),
            ('kind = "status"', 'kind = "stats"', (16, 1), "нет вида сбоя"),
            ('title = "Свой сбой"', 'title = "\\u0000"', (2, 1), "невидимые"),
            ('title = "Свой сбой"', 'title = "Свой', (2, 14), "недопустимый знак"),
            ('title = "Свой сбой"', "", (1, 1), "title: обязательное поле"),
            ('ttl = "PT30M"', 'ttl = "P99999D"', (14, 1), "30 дней"),
            ('ttl = "PT30M"', f'ttl = "{"9" * 400}"', (14, 1), "длительность"),
            ('path = "/aas/oauth2/te"', 'path = "/**a**a**a"', (20, 11), "путь"),
            ('story = "Маркер не выдан."', f'story = "{"ы" * LONGEST_LINE}"', (3, LONGEST_LINE + 1), "разбейте"),
            ("[sees]", f"x = {'[' * 700}{']' * 700}\n[sees]", (1, 1), "глубоко"),
            ("[sees]", f"x{'.a' * 20} = 1\n[sees]", (4, 1), "глубоко"),
        ],
    )
    def test_a_mistake_is_told_in_russian_with_line_and_column(
        self, at: str, instead: str, place: tuple[int, int], message: str
    ) -> None:
        assert at in LEAST
        found = problems(LEAST.replace(at, instead))
        assert found[0][:2] == place
        assert message in found[0][2]

    def test_too_large_and_not_utf8_are_refused(self) -> None:
        assert "КиБ" in problems(LEAST + "# и так далее\n" * LARGEST)[0][2]
        with pytest.raises(FileError) as error:
            decode(b'id = "x"\ntitle = "\xd1\xe2\xee\xe9"')
        assert [(each.line, each.column) for each in error.value.problems] == [(2, 10)]
        assert decode(b'\xef\xbb\xbfid = "x"\r\n') == 'id = "x"\n'

    def test_ids_within_a_file_differ(self) -> None:
        assert "второй сценарий" in problems(LEAST + '[[variants]]\nid = "mine"\n')[0][2]

    @given(st.text(max_size=200), st.integers(0, len(LEAST)), st.integers(0, 40))
    @example("\r", 0, 0)
    @example('"""', 20, 3)
    def test_any_text_is_refused_with_a_place_in_it_or_reads_to_the_end(self, middle: str, at: int, cut: int) -> None:
        """Property: mutated files and bare texts."""
        for text in (middle, LEAST[:at] + middle + LEAST[at + cut :]):
            try:
                data = text.encode()
                file = read_own(decode(data))
            except UnicodeEncodeError:
                continue
            except FileError as error:
                lines = decode(data).split("\n")
                for problem in error.problems:
                    assert 1 <= problem.line <= len(lines)
                    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
                    assert problem.message
                continue
            assert file.text == decode(data)
            assert [entry.build({}) for entry in file.entries]


class TestInAStand:
    def test_it_is_an_entry_like_any_other(self, place: Place) -> None:
        authoring.add(place.stand, LEAST)
        assert states(place.stand)[-1].entry.id == "mine"
        arming.arm(place.stand, "mine")
        assert place.at_sandbox().post(TOKEN).status_code == 503
        found = state_of(place.stand, "mine")
        assert found is not None
        assert found.state == "happening"
        arming.disarm(place.stand, "mine")
        assert place.at_sandbox().post(TOKEN).status_code == 200

    def test_no_other_stand_knows_it(self, place: Place, house: House, new_place: Callable[[Stand], Place]) -> None:
        """Rule 4 of the catalogue: isolation."""
        authoring.add(place.stand, LEAST)
        arming.arm(place.stand, "mine")
        other = new_place(house.create("другой").stand)
        with use_stand(other.stand):
            assert state_of(other.stand, "mine") is None
            with pytest.raises(arming.UnknownEntry):
                arming.arm(other.stand, "mine")
            authoring.add(other.stand, LEAST.replace("503", "500"))
            arming.arm(other.stand, "mine")
        assert other.at_sandbox().post(TOKEN).status_code == 500
        assert place.at_sandbox().post(TOKEN).status_code == 503
        house.delete(other.stand.id)

    def test_an_id_is_taken_once(self, stand: Stand) -> None:
        authoring.add(stand, LEAST + '[[variants]]\nid = "mine-too"\n')
        taken = next(iter(shared().entries))
        for text, place in (
            (LEAST, (1, 1)),
            (LEAST.replace('"mine"', '"mine-too"'), (1, 1)),
            (LEAST.replace('"mine"', f'"{taken}"'), (1, 1)),
            (LEAST.replace('"mine"', '"new"') + f'[[variants]]\nid = "{taken}"\n', (23, 1)),
        ):
            with pytest.raises(FileError, match="уже есть") as error:
                authoring.add(stand, text)
            assert [(each.line, each.column) for each in error.value.problems] == [place]

    def test_a_stand_takes_so_many(self, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(authoring, "MOST", 1)
        authoring.add(stand, LEAST)
        with pytest.raises(authoring.TooManyFiles):
            authoring.add(stand, LEAST.replace('"mine"', '"second"'))

    def test_what_stays_as_it_was_offered_stays_armed_when_the_text_is_replaced(self, place: Place) -> None:
        authoring.add(place.stand, LEAST)
        arming.arm(place.stand, "mine")
        assert authoring.replace(place.stand, "mine", LEAST.replace("503", "504")).disarmed == ()
        assert place.at_sandbox().post(TOKEN).status_code == 504
        narrower = LEAST.replace('scopes = ["everyone", "next-sign-in"]', 'scopes = ["next-sign-in"]')
        narrower = narrower.replace('default = "everyone"', 'default = "next-sign-in"')
        assert authoring.replace(place.stand, "mine", narrower).disarmed == ("mine",)
        assert place.at_sandbox().post(TOKEN).status_code == 200

    def test_what_is_taken_away_is_switched_off_with_its_variants(self, place: Place) -> None:
        authoring.add(place.stand, LEAST + '[[variants]]\nid = "mine-too"\n')
        arming.arm(place.stand, "mine-too")
        assert authoring.remove(place.stand, "mine") == ("mine-too",)
        assert place.at_sandbox().post(TOKEN).status_code == 200
        assert place.armed("mine-too") is None
        assert state_of(place.stand, "mine") is None
        assert [line.name for line in place.lines()][-2:] != []
        with pytest.raises(arming.UnknownEntry):
            authoring.remove(place.stand, "mine")

    def test_the_catalogue_is_not_touched(self, stand: Stand) -> None:
        taken = next(iter(shared().entries))
        for change in (lambda: authoring.remove(stand, taken), lambda: authoring.put(stand, taken, LEAST)):
            with pytest.raises((authoring.CatalogueEntry, authoring.OtherId)):
                change()
        with pytest.raises(authoring.OtherId):
            authoring.put(stand, "other", LEAST)

    def test_works_of_ones_own_are_announced_to_the_next_sign_in(self, place: Place) -> None:
        """An effect that acts ahead of its schedule is found among the stand's own entries too."""
        works = LEAST[: LEAST.index("[[effects]]")] + '[[effects]]\nkind = "works"\nwhere = "world"\nminutes = 5\n'
        authoring.add(place.stand, works)
        with use_stand(place.stand):
            from datetime import timedelta

            arming.arm(place.stand, "mine", "next-sign-in", starts_at=place.stand.clock.now() + timedelta(minutes=10))
        number = place.at_portal().press_sign_in()
        row = place.armed("mine")
        assert row is not None
        assert row.sign_in == number


class TestUnfit:
    """A file that a later version of the programs cannot use."""

    def _spoil(self, stand: Stand) -> None:
        authoring.add(stand, LEAST)
        arming.arm(stand, "mine")
        with stand.database.writing() as session:
            session.exec(update(OwnScenario).values(text=LEAST.replace('kind = "status"', 'kind = "gone"')))
            session.exec(update(StandState).values(armed_version=armed_version(stand) + 1))

    def test_it_strikes_nobody_and_says_so(self, place: Place) -> None:
        self._spoil(place.stand)
        assert place.at_sandbox().post(TOKEN).status_code == 200
        (unfit,) = own.entries_of(place.stand).unfit
        assert (unfit.id, unfit.problems[0].line) == ("mine", 16)
        with pytest.raises(arming.UnfitEntry, match="mine"):
            arming.arm(place.stand, "mine")

    def test_it_can_be_switched_off_mended_and_taken_away(self, place: Place) -> None:
        self._spoil(place.stand)
        assert arming.disarm(place.stand, "mine") is not None
        assert arming.disarm(place.stand, "mine") is None
        authoring.replace(place.stand, "mine", LEAST)
        arming.arm(place.stand, "mine")
        assert place.at_sandbox().post(TOKEN).status_code == 503
        authoring.remove(place.stand, "mine")
        assert own.entries_of(place.stand).unfit == []

    def test_an_id_that_the_catalogue_takes_later_belongs_to_the_catalogue(
        self, place: Place, use_entries: UseEntries
    ) -> None:
        authoring.add(place.stand, LEAST)
        use_entries(mine=gate_effect("status", status="500"))
        entries = own.entries_of(place.stand)
        assert entries.is_of_catalogue("mine")
        assert "в каталоге" in entries.unfit[0].problems[0].message
        authoring.remove(place.stand, "mine")
        assert own.entries_of(place.stand).unfit == []


def test_with_nothing_armed_the_gate_does_not_read_own_scenarios(place: Place) -> None:
    """The idle gate stays as cheap as without them: what is armed is kept until the version rises."""
    authoring.add(place.stand, LEAST)
    assert live(place.stand) == ()
    from sqlalchemy import event

    seen: list[str] = []
    with ExitStack() as stack:
        engine = place.stand.database.engine

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        stack.callback(event.remove, engine, "before_cursor_execute", note)
        place.at_sandbox().get("/anything")
    assert not [statement for statement in seen if "own_scenario" in statement]


class TestThroughTime:
    def test_a_snapshot_brings_back_what_was_there(self, stand: Stand, house: House) -> None:
        authoring.add(stand, LEAST)
        arming.arm(stand, "mine")
        snapshot = house.take_snapshot(stand.id)
        authoring.remove(stand, "mine")
        again = house.restore(stand.id, snapshot.id)
        assert [each.row is not None for each in states(again) if each.entry.id == "mine"] == [True]
        copy = house.create("копия", snapshot=snapshot.id).stand
        authoring.replace(copy, "mine", LEAST.replace("503", "500"))
        text = own.entries_of(again).text_of("mine")
        assert text == ("mine", LEAST)
        house.delete(copy.id)

    def test_a_reset_keeps_them_switched_off(self, stand: Stand, house: House) -> None:
        authoring.add(stand, LEAST)
        arming.arm(stand, "mine")
        again = house.reset(stand.id)
        found = state_of(again, "mine")
        assert found is not None
        assert found.row is None
        with again.database.reading() as session:
            assert session.exec(select(Armed)).all() == []


class TestAccounts:
    """Effects that change somebody's account."""

    TEXT = (
        LEAST[: LEAST.index("[[effects]]")]
        .replace('scopes = ["everyone", "next-sign-in"]', 'scopes = ["person"]')
        .replace('default = "everyone"', 'default = "person"')
        .replace('id = "mine"', 'id = "mine"\ntrigger = "state"')
        + '[[effects]]\nkind = "account"\nwhere = "world"\nset = { state = "blocked" }\n'
    )

    def state(self, stand: Stand) -> str:
        with stand.database.reading() as session:
            return session.exec(select(Person.state).where(Person.persona == "anna")).one()

    @pytest.mark.parametrize("removed", [False, True])
    def test_an_account_is_put_back_by_the_text_that_changed_it(self, stand: Stand, removed: bool) -> None:
        authoring.add(stand, self.TEXT)
        arming.arm(stand, "mine", "person", person="anna")
        assert self.state(stand) == "blocked"
        if removed:
            assert authoring.remove(stand, "mine") == ("mine",)
        else:
            other = self.TEXT.replace('state = "blocked"', 'patronymic = "Ивановна"')
            assert authoring.replace(stand, "mine", other).disarmed == ("mine",)
        assert self.state(stand) == "active"

    @pytest.mark.parametrize(
        "wrong",
        ['snils = "112-233-445 95"', 'phone = "+79161234567"', "sms = 1", 'level = "god"', 'colour = "red"', ""],
    )
    def test_no_real_number_comes_in_this_way(self, wrong: str) -> None:
        """S-71."""
        ((line, _, _),) = problems(self.TEXT.replace('state = "blocked"', wrong))
        assert line == 19

    def test_what_somebody_else_has_is_refused_when_it_is_armed(self, stand: Stand) -> None:
        authoring.add(stand, self.TEXT.replace('state = "blocked"', 'phone = "+70001000003"'))
        with pytest.raises(arming.BadParameter, match="другого"):
            arming.arm(stand, "mine", "person", person="anna")

    def test_a_parameter_that_only_its_effect_can_judge_is_refused_when_it_is_armed(self, stand: Stand) -> None:
        text = self.TEXT.replace('state = "blocked"', 'state = { parameter = "state" }')
        text += '[parameters.state]\ntitle = "Состояние"\ntype = "string"\ndefault = "blocked"\n'
        authoring.add(stand, text)
        with pytest.raises(arming.BadParameter, match="возможно"):
            arming.arm(stand, "mine", "person", person="anna", parameters={"state": "gone"})
        assert self.state(stand) == "active"
