"""Static files: what somebody else made is listed, unchanged and licensed (S-73); what is named exists."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
HTMX = "Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"


def manifest() -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = tomllib.loads((VENDOR / "manifest.toml").read_text("utf-8"))["file"]
    return files


@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: str(entry["path"]))
def test_a_listed_file_is_the_one_that_was_published(entry: dict[str, Any]) -> None:
    """S-73: the bytes are those of the source package, and the licence text lies beside them."""
    digest = hashlib.sha384((VENDOR / entry["path"]).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == entry["sha384"]
    assert (VENDOR / entry["licence_file"]).read_text("utf-8").strip()
    assert all(entry[name] for name in ("name", "version", "licence", "source"))


def test_no_file_is_missing_from_the_list() -> None:
    """S-73: what lies in the vendor folder is listed, and a licence belongs to something listed."""
    listed = {entry["path"] for entry in manifest()} | {entry["licence_file"] for entry in manifest()}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present - {"manifest.toml"} == listed


def test_htmx_is_the_version_that_was_measured() -> None:
    """The event names and swap rules that portal.js relies on are those of 4.0.1."""
    entry = next(entry for entry in manifest() if entry["name"] == "htmx")
    assert (entry["version"], entry["sha384"]) == ("4.0.1", HTMX)


def test_third_parties_are_told_of_in_the_documentation() -> None:
    """Every listed thing stands in docs/third-party.md with version and licence."""
    text = (ROOT / "docs" / "third-party.md").read_text("utf-8")
    for entry in manifest():
        assert f"{entry['name']} | {entry['version']} | {entry['licence']}" in text


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_asks_for_nothing_outside(path: Path) -> None:
    """Fonts are served from here: every url() is a file beside the style sheet."""
    text = path.read_text("utf-8")
    assert "http" not in text
    assert "@import" not in text
    for address in re.findall(r"url\(([^)]+)\)", text):
        assert (path.parent / address).resolve().is_file(), address


def test_script_asks_for_nothing_outside_and_evaluates_nothing() -> None:
    """S-52: no eval and no foreign address in our own script."""
    text = (STATIC / "js" / "portal.js").read_text("utf-8")
    assert not re.search(r"https?://|\beval\b|new Function|document\.write|localStorage", text)


def test_every_icon_that_a_template_names_is_drawn() -> None:
    """A name that is not in the sprite would show nothing."""
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    for path in TEMPLATES:
        for name in re.findall(r'icon\("([a-z0-9-]+)"\)', path.read_text("utf-8")):
            assert name in drawn, f"{path.name}: {name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_has_nothing_inline(path: Path) -> None:
    """U-26, U-29, S-52: no inline script, style or handler; htmx is told by data-hx- attributes only."""
    text = re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", text), "style attribute"
    assert not re.search(r"\son[a-z]+\s*=", text), "handler attribute"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert not re.search(r"\shx-", text), "hx- without data-"
    assert "data-hx-on" not in text
    for style in re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL):
        assert re.fullmatch(r"{{ ?style\|safe ?}}", style), "a style that no hash allows"
