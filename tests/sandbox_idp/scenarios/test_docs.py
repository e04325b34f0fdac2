"""`docs/scenarios.md` names everything that a file may hold and everything that can happen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

import sandbox_idp
from sandbox_idp.scenarios import catalogue, entries
from sandbox_idp.scenarios.arming import State
from sandbox_idp.scenarios.effects import KINDS
from sandbox_idp.scenarios.effects.base import Effect, RequestEffect

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "model", [entries.Entry, entries.Sees, entries.Recovers, entries.Parameter, entries.ArmingRules, entries.Watch]
)
def test_every_field_is_described(model: type) -> None:
    for field in model.model_fields:
        assert re.search(rf"[`\[ (.]{field}[`\]. ,(]", TEXT), f"{model.__name__}.{field}"


def test_every_kind_is_described_with_its_own_fields() -> None:
    for kind, model in KINDS.items():
        (row,) = re.findall(rf"^\| `{kind}` \|.*$", TEXT, re.MULTILINE)
        shared = set(RequestEffect.model_fields if issubclass(model, RequestEffect) else Effect.model_fields) | {
            "where"
        }
        for field in set(model.model_fields) - shared:
            assert f"`{field}`" in row, f"{kind}: {field}"


def test_every_state_and_every_act_of_the_rooms_is_named() -> None:
    for state in get_args(State):
        assert f"`{state}`" in TEXT
    sources = [path.read_text(encoding="utf-8") for path in Path(sandbox_idp.__file__ or "").parent.rglob("*.py")]
    acts = {name for source in sources for name in re.findall(r'engine\.act\(\s*"([a-z-]+)"', source)}
    assert len(acts) > 5
    for act in acts:
        assert f"`{act}`" in TEXT, act


def test_every_file_of_the_room_has_its_place_in_the_table() -> None:
    for path in Path(entries.__file__ or "").parent.glob("*.py"):
        if path.stem not in ("__init__", "models", "exchange", "faults", "sign_ins"):
            assert f"`{path.name}`" in TEXT, path.name


def test_the_file_that_the_readme_would_copy_is_a_new_entry_once_it_has_its_id(tmp_path: Path) -> None:
    """As README says it: a copy under another id beside all others, and nothing else."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"Copy the one that is most like it, for instance `([\w-]+\.toml)`", readme)
    for path in catalogue.FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    changed = re.sub(r'^id( *)= ".*"$', r'id\1= "one-more"', text, count=1, flags=re.MULTILINE)
    (tmp_path / "one-more.toml").write_text(changed, encoding="utf-8")
    assert set(catalogue.load(tmp_path).entries) == {*catalogue.load().entries, "one-more"}
