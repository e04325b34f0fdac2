"""The catalogue's files: what is read from them, and what is refused with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import portal
import sandbox_idp
from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.catalogue import CatalogueError, load
from sandbox_idp.scenarios.effects import KINDS
from sandbox_idp.scenarios.effects.base import GateEffect
from tests.sandbox_idp.scenarios.conftest import entry_text, gate_effect

REQUIRED = {
    "consent-denied", "consent-partial", "idp-503", "idp-hang", "jwt-bad-signature", "maintenance-planned", "page-slow",
    "page-very-slow", "part-500", "part-reset", "password-wrong", "sms-lost", "sms-wrong", "state-wrong", "token-500",
}  # fmt: skip
DOCS = Path(__file__).resolve().parents[3] / "docs"
STATUS = gate_effect("status", status="500")


def refused(tmp_path: Path, text: str, name: str = "probe") -> list[tuple[int, int, str]]:
    """Line, column and message of everything that is wrong with a file."""
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load(tmp_path)
    assert all(problem.file == f"{name}.toml" for problem in error.value.problems)
    return [(problem.line, problem.column, problem.message) for problem in error.value.problems]


def only(tmp_path: Path, text: str, at: str, message: str) -> None:
    """The file has one mistake: where `at` begins in the text, with a message that contains `message`."""
    offset = text.index(at)
    line, column = text[:offset].count("\n") + 1, offset - (text[:offset].rfind("\n") + 1) + 1
    problems = refused(tmp_path, text)
    assert [problem[:2] for problem in problems] == [(line, column)], problems
    assert message in problems[0][2]


def test_the_catalogue_holds_the_scenarios_of_the_first_release_with_everything_they_need() -> None:
    entries = load().entries
    assert set(entries) >= REQUIRED
    for entry in entries.values():
        assert entry.sees.screen, entry.id
        assert entry.sees.texts, entry.id
        assert entry.arming is not None
        if entry.trigger == "person":
            assert entry.watch is not None
            assert entry.journey.act == entry.watch.act, entry.id
        for text in (entry.title, entry.story, entry.learner, entry.explain, entry.recovers.note, *entry.sees.texts):
            assert re.search("[а-яё]", text), f"{entry.id}: not Russian: {text}"
            assert '"' not in text, f"{entry.id}: straight quotes: {text}"
        for effect in entry.build({}):
            if isinstance(effect, GateEffect) and effect.match is not None:
                assert all(path.startswith("/") for path in effect.match.path)


def test_the_folder_is_the_page() -> None:
    """`docs/failure-catalogue.md`: each row is an entry of its group, or "Not built yet"; no entry is more."""
    page = (DOCS / "failure-catalogue.md").read_text(encoding="utf-8")
    rows, _, missing = page.partition("## Not built yet")
    told = {
        entry_id: chunk[0]
        for chunk in re.split(r"^## ", rows, flags=re.MULTILINE)
        if re.match(r"[A-G]\. ", chunk)
        for ids in re.findall(r"^\| ([a-z0-9][a-z0-9 ·-]*) \|", chunk, flags=re.MULTILINE)
        for entry_id in ids.split(" · ")
        if entry_id != "id"
    }
    not_built = set(re.findall(r"`([a-z0-9-]+)`", missing))
    found = load()
    assert {entry.id: entry.group for entry in found.entries.values()} == {
        entry_id: group for entry_id, group in told.items() if entry_id not in not_built
    }
    assert not_built <= set(told)
    assert found.get("no-such-entry") is None


def test_every_act_is_told_of() -> None:
    """`docs/scenarios.md` names whatever a journey or somebody's own scenario may wait for."""
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    acts = {entry.watch.act for entry in load().entries.values() if entry.watch is not None}
    assert len(acts) > 50
    assert {act for act in acts if f"`{act}`" not in page} == set()


def test_a_variant_is_an_entry_of_its_own_with_what_differs() -> None:
    entries = load().entries
    usual, later = entries["token-500"], entries["token-503"]
    assert later.title != usual.title
    assert later.story == usual.story
    assert later.parameters == {}
    assert later.build({})[0].model_dump()["status"] == 503


def test_adding_a_scenario_of_an_existing_kind_is_adding_one_file(tmp_path: Path) -> None:
    """Rule 3 of the architecture: no Python is touched."""
    (tmp_path / "probe.toml").write_text(entry_text("probe", STATUS), encoding="utf-8")
    found = load(tmp_path)
    assert list(found.entries) == ["probe"]
    with catalogue.using(found):
        assert catalogue.shared().get("probe") is not None
    assert catalogue.shared().get("probe") is None


@pytest.mark.parametrize(
    ("at", "instead", "message"),
    [
        ('title      = "Проба"', 'titel      = "Проба"', "titel"),
        ('rules      = ["R-030"]', 'rules      = ["R-030", "R-999"]', "нет правила R-999"),
        ('sources    = ["A:105", "S"]', 'sources    = ["A:105", "T"]', "образцу"),
        ('screen  = "gosuslugi-failed"\n', "", "тексты без экрана"),
        ('at      = "portal"', 'at      = "moon"', "at"),
        ('default = "next-sign-in"', 'default = "nobody"', "default"),
        ('ttl     = "PT30M"', 'ttl     = "half an hour"', "ttl"),
        ("cause      = 3", "cause      = 5", "cause"),
    ],
)
def test_a_wrong_field_is_refused_at_its_place(tmp_path: Path, at: str, instead: str, message: str) -> None:
    """Unknown field, unknown rule, text without a screen, and values that are not offered."""
    text = entry_text("probe", STATUS)
    assert at in text
    problems = refused(tmp_path, text.replace(at, instead))
    assert any(message in problem[2] for problem in problems), problems
    assert all(line > 1 or "обязательное поле" in words for line, _, words in problems)


def test_the_place_of_a_mistake_is_told_with_line_and_column(tmp_path: Path) -> None:
    only(tmp_path, entry_text("probe", STATUS + "\nsttus = 3"), "sttus", "такого поля нет")
    only(tmp_path, entry_text("probe", STATUS).replace('"R-030"', '"R-146"'), '"R-146"', "R-146")
    only(tmp_path, entry_text("probe", gate_effect("statu", status="500")), 'kind = "statu"', "нет вида сбоя")
    only(tmp_path, entry_text("probe", gate_effect("status", status="700")), "status = 700", "599")
    only(
        tmp_path,
        entry_text("probe", gate_effect("status", status='{ parameter = "code" }')),
        'status = { parameter = "code" }',
        "не объявлен",
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("id = ", 1, 6), ('id = "x"\nid = "y"\n', 2, 9), ("a = 1\n[b\n", 2, 3), ('a = """', 1, 8)],
)
def test_a_mistake_of_syntax_is_told_with_line_and_column(tmp_path: Path, text: str, line: int, column: int) -> None:
    assert [problem[:2] for problem in refused(tmp_path, text)] == [(line, column)]


def test_id_and_file_name_agree_and_ids_are_unique(tmp_path: Path) -> None:
    problems = refused(tmp_path, entry_text("other", STATUS))
    assert any("id должен совпадать с именем файла" in problem[2] for problem in problems)
    (tmp_path / "probe.toml").write_text(
        entry_text("probe", STATUS + '\n[[variants]]\nid = "twice"\n'), encoding="utf-8"
    )
    (tmp_path / "twice.toml").write_text(entry_text("twice", STATUS), encoding="utf-8")
    with pytest.raises(CatalogueError, match="второй сценарий с id «twice»"):
        load(tmp_path)


def test_a_variant_needs_an_id_and_its_mistakes_are_placed_in_it(tmp_path: Path) -> None:
    problems = refused(tmp_path, entry_text("probe", STATUS + '\n[[variants]]\ntitle = "Без имени"\n'))
    assert [problem[2] for problem in problems] == ["у варианта нет id"]
    text = entry_text("probe", STATUS + '\n[[variants]]\nid = "other"\ncause = 9\n')
    only(tmp_path, text, "cause = 9", "cause")


def test_a_parameter_must_fit_its_effect_at_both_ends_and_be_used(tmp_path: Path) -> None:
    declared = '\n[parameters.code]\ntitle = "Код"\ntype = "integer"\n'
    effect = gate_effect("status", status='{ parameter = "code" }')
    fits = effect + declared + "enum = [500, 503]\ndefault = 500\n"
    (tmp_path / "probe.toml").write_text(entry_text("probe", fits), encoding="utf-8")
    assert load(tmp_path).entries["probe"].build({"code": 503})[0].model_dump()["status"] == 503
    too_far = entry_text("probe", effect + declared + "minimum = 500\nmaximum = 700\ndefault = 500\n")
    only(tmp_path, too_far, "status = { parameter", "599")
    not_among = entry_text("probe", effect + declared + "enum = [500]\ndefault = 501\n")
    only(tmp_path, not_among, "parameters.code]", "501")
    unused = entry_text("probe", STATUS + declared + "default = 500\n")
    only(tmp_path, unused, "parameters.code]", "ни один сбой не берёт этот параметр")


def test_a_trigger_has_what_it_needs(tmp_path: Path) -> None:
    without = entry_text("probe", "")
    assert "нужно [[effects]]" in refused(tmp_path, without)[0][2]
    person = entry_text("probe", STATUS).replace('trigger    = "effect"', 'trigger    = "person"')
    assert "нужно [watch]" in refused(tmp_path, person)[0][2]


def test_no_entry_of_the_catalogue_is_named_in_python() -> None:
    """Rule 3 of the architecture: failures are data."""
    folders = [Path(module.__file__ or "").parent for module in (portal, sandbox_idp)]
    sources = {path: path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")}
    assert len(sources) > 50
    acts = {entry.watch.act for entry in load().entries.values() if entry.watch is not None}
    screens = {entry.sees.screen for entry in load().entries.values()}
    for entry in load().entries:
        # Some entries are called like the act they watch for or the screen they show, which rooms do name.
        if entry in acts | screens:
            continue
        named = [str(path) for path, text in sources.items() if re.search(rf"[\"'`]{entry}[\"'`]", text)]
        assert not named, f"{entry} is named in {named}"


def test_every_kind_has_a_class_whose_docstring_says_what_it_does() -> None:
    assert set(KINDS) >= {"delay", "silence", "status", "reset", "jwt", "redirect", "message-lost", "works"}
    orders = [kind.order for kind in KINDS.values() if issubclass(kind, GateEffect)]
    assert len(set(orders)) == len(orders), "two kinds at the gate with one place in the order"
    assert all(kind.__doc__ for kind in KINDS.values())
