"""Rules for the repository itself: locks, licence, settings page, links, and what no tracked file may hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from foundation.settings import Duration
from portal.settings import PortalSettings
from sandbox_idp.accounts.personas import PASSWORD, PERSONAS
from sandbox_idp.servers import ServerSettings
from sandbox_idp.settings import SandboxSettings

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime", "development")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
TOOL_SETTINGS = {"CHROMIUM", "FIREFOX", "E2E_WORKERS", "REQUIRE_INDEPENDENT", "PYTHON"}
"""Settings of the tests, which no class reads."""
TYPESCRIPT = ROOT / "e2e" / "examples" / "typescript"
STATEMENT = re.compile(r"S-\d\d")


def tracked() -> list[Path]:
    """Every file that is in the repository or would be added to it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        # An unpacked archive has no index; then everything but what tools leave behind counts.
        skipped = ("__pycache__", "test-results", "screens", "build", "dist", "node_modules")
        return [
            path
            for path in ROOT.rglob("*")
            if path.is_file()
            and not any(part.startswith(".") or part in skipped for part in path.relative_to(ROOT).parts)
        ]
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def texts(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """Path and text of every tracked file with one of the suffixes (every text file without any)."""
    for path in tracked():
        if suffixes and path.suffix not in suffixes:
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.stem)
def test_every_pin_has_hashes_and_no_index_is_named(path: Path) -> None:
    """S-73: what is installed is what was tested, wherever it comes from."""
    text = path.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert blocks
    for block in blocks:
        assert PIN.match(block), f"not pinned: {block.splitlines()[0]}"
        assert "--hash=sha256:" in block, f"no hash: {block.splitlines()[0]}"
    for forbidden in ("--index-url", "--extra-index-url", "--find-links", "--trusted-host", "://"):
        assert forbidden not in text, f"{path.name} names {forbidden}"


def test_the_development_lock_holds_the_runtime_lock() -> None:
    """S-73: `make demo` and `make test` run the same versions."""
    runtime, development = dict(PIN.findall(lock("runtime"))), dict(PIN.findall(lock("development")))
    assert runtime
    assert {name: development.get(name) for name in runtime} == runtime


def test_every_dependency_of_the_project_is_locked() -> None:
    """S-73: pyproject.toml and locks name the same packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {"runtime": list(project["dependencies"]), "development": []}
    named["runtime"] += project["optional-dependencies"]["postgres"]
    named["development"] = named["runtime"] + [
        each for extra in ("test", "lint") for each in project["optional-dependencies"][extra]
    ]
    for name, requirements in named.items():
        pinned = {each for each, _ in PIN.findall(lock(name))}
        wanted = {re.split(r"[\[<>=~! ]", each)[0].lower() for each in requirements}
        assert wanted <= pinned, f"{name}: {wanted - pinned}"


@pytest.mark.parametrize(
    "folder",
    sorted(path.parent for path in tracked() if path.name == "package.json"),
    ids=lambda folder: folder.relative_to(ROOT).as_posix(),
)
def test_the_node_locks_pin_every_package_by_hash_and_name_no_address(folder: Path) -> None:
    """S-73: the programs of others that only tests run are pinned as strictly."""
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages.pop("")["dependencies"] == wanted
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert "://" not in text
    page = (ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` (npm) | {version} |" in page for name, version in wanted.items())


def test_both_languages_drive_the_browsers_with_one_playwright() -> None:
    """Each version brings browsers of its own; what one of them has installed the other must find."""
    wanted = json.loads((TYPESCRIPT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert dict(PIN.findall(lock("development")))["playwright"] == wanted["@playwright/test"]


def test_the_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"


def test_no_file_names_a_place_on_one_machine_or_an_index() -> None:
    """What works here must work anywhere."""
    place = re.compile(
        r"(?<![\w.}])/(?:work|root)/\w|/home/[a-z]+/\w|/opt/pypi|index-url\s*[= ]\s*http|pypi\.org/simple|file:///"
    )
    own = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts()
        if path != own and path.parts[len(ROOT.parts)] != "LICENSE" and (match := place.search(text))
    ]
    assert not found


def test_every_link_between_the_documents_resolves() -> None:
    link = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
    broken = [
        f"{path.relative_to(ROOT)} → {target}"
        for path, text in texts(".md")
        for target in link.findall(text)
        if "://" not in target and not target.startswith("#") and not (path.parent / target.split("#")[0]).exists()
    ]
    assert not broken


def test_every_document_that_is_named_exists() -> None:
    """Code and documents name pages as `docs/….md`; each of them is there."""
    name = re.compile(r"(?<![\w/.-])docs/[\w./-]+?\.md")
    broken = {
        f"{path.relative_to(ROOT)} → {target}"
        for path, text in texts(".py", ".md", ".toml", ".html", ".css", ".js")
        for target in name.findall(text)
        if not (ROOT / target).exists()
    }
    assert not broken


def settings_page() -> dict[str, str]:
    """Variable → default, as docs/settings.md has them."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (`[^`]*`|—) \|", page, flags=re.MULTILINE))


def test_the_settings_page_lists_exactly_what_is_read() -> None:
    read = {
        field.alias
        for settings in (PortalSettings, SandboxSettings, ServerSettings)
        for field in settings.model_fields.values()
    }
    assert set(settings_page()) == read | TOOL_SETTINGS


@pytest.mark.parametrize("settings", [PortalSettings, SandboxSettings, ServerSettings])
def test_the_settings_page_tells_the_defaults(settings: type[Any]) -> None:
    page = settings_page()
    for field in settings.model_fields.values():
        told = page[field.alias]
        if field.default in ("", None):
            assert told == "—", field.alias
        elif isinstance(field.default, timedelta):
            assert TypeAdapter(Duration).validate_python(told.strip("`")) == field.default, field.alias
        else:
            assert told == f"`{field.default}`", field.alias


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "exec make test"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    for readme in ("README.md", "README.ru.md"):
        assert "make demo" in (ROOT / readme).read_text(encoding="utf-8")
    assert "make test " in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_make_target_is_one_line_that_says_what_it_runs() -> None:
    """`make help` lists every target."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE).group(1).split())
    targets = dict(re.findall(r"^([a-z-]+): ## (.+)\n\t@.+\n(?!\t)", text, flags=re.MULTILINE))
    assert set(targets) == phony
    said = subprocess.run(["make", "-s", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert all(target in said and text in said for target, text in targets.items())


def test_every_python_file_says_what_it_is_for() -> None:
    """A module begins with a docstring (an empty `__init__.py` of a test folder excepted)."""
    silent = [
        str(path.relative_to(ROOT))
        for path, text in texts(".py")
        if text.strip() and "versions" not in path.parts and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


def test_files_and_functions_stay_short() -> None:
    """Files of the packages stay under 450 lines, functions everywhere under 55."""
    too_long = []
    for path, text in texts(".py"):
        room = path.relative_to(ROOT).parts[0]
        if "versions" in path.parts:
            continue
        if room not in ("tests", "e2e") and len(text.splitlines()) >= 450:
            too_long.append(str(path.relative_to(ROOT)))
        too_long += [
            f"{path.relative_to(ROOT)}:{node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 55
        ]
    assert not too_long


def test_time_and_randomness_come_through_doors() -> None:
    """S-74: only foundation asks the machine for them."""
    direct = re.compile(
        r"datetime\.(?:now|utcnow|today)\(|date\.today\(|\btime\.(?:time|sleep|monotonic|perf_counter)\(|"
        r"^import random|^import secrets|^from (?:random|secrets) import|\bos\.urandom\(|\buuid\.uuid[14]\(",
        flags=re.MULTILINE,
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts(".py")
        if path.relative_to(ROOT).parts[0] in ("portal", "sandbox_idp") and (match := direct.search(text))
    ]
    assert not found


def test_no_test_sleeps_or_is_skipped() -> None:
    """S-74: nothing waits for real time, and nothing is left out silently."""
    forbidden = re.compile(r"\btime\.sleep\(|wait_for_timeout\(|pytest\.mark\.(?:skip|skipif|xfail|flaky)\b|\breruns\b")
    own = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts(".py")
        if path.relative_to(ROOT).parts[0] in ("tests", "e2e") and path != own and (match := forbidden.search(text))
    ]
    assert not found


def spoken(path: Path, text: str) -> str:
    """What of a file takes part in the program: of Python everything but docstrings and comments, else all of it."""
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for each in body:
                if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                    each.value.value = ""
    return ast.unparse(tree)


def test_the_training_people_exist_only_in_the_sandbox() -> None:
    """S-71: no password, phone or number of theirs is known to the portal or to what both programs stand on."""
    known = {PASSWORD}
    for persona in PERSONAS:
        known |= {each for each in (persona.phone, persona.mail, persona.snils, persona.policy) if each}
    rooms = ("portal", "foundation", "templates/portal", "templates/common", "static")
    said = {
        str(path.relative_to(ROOT)): spoken(path, text)
        for path, text in texts(".py", ".html", ".js")
        if path.relative_to(ROOT).as_posix().startswith(rooms)
    }
    assert not [f"{path}: {each}" for path, text in said.items() for each in known if each in text]


def test_the_portal_does_not_load_the_sandbox() -> None:
    """S-70: importing the portal's production program brings in nothing of the sandbox."""
    code = "import sys, portal.wsgi; sys.exit(any(name.partition('.')[0] == 'sandbox_idp' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


BOTH_PROGRAMS = {
    "stands": "puts them together",
    "clinic": "speaks the portal's interface of a medical system, which a contract of its own limits it to",
}
"""Rooms of the sandbox that may know the portal, with the reason."""


def test_every_room_of_the_sandbox_is_kept_from_the_portal() -> None:
    """Architecture rule 1: a new room or module is in the contract from its first day."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    kept = next(each["source_modules"] for each in contracts if each["id"] == "stands")
    rooms = {
        path.stem
        for path in (ROOT / "sandbox_idp").iterdir()
        if (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem != "__init__")
    }
    assert {f"sandbox_idp.{name}" for name in rooms - set(BOTH_PROGRAMS)} == set(kept)


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Those of a module and of everything in it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            yield ast.get_docstring(node) or ""


def statements_in_tests() -> set[str]:
    """The statements that a test says it holds: what else is written in a file proves nothing."""
    return {
        found
        for path, text in texts(".py")
        if path.relative_to(ROOT).parts[0] in ("tests", "e2e")
        for words in docstrings(ast.parse(text))
        for found in STATEMENT.findall(words)
    }


def test_the_security_page_says_what_is_not_held_yet() -> None:
    """Every statement is either named by a test or listed as not held yet, and tests name no other."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    made = set(re.findall(r"^- \*\*(S-\d\d)\*\*", page, flags=re.MULTILINE))
    open_still = set(STATEMENT.findall(page.partition("## Not held yet")[2]))
    named = statements_in_tests()
    assert named <= made, f"not on the page: {named - made}"
    assert open_still == made - named
