"""Every page of the portal is valid HTML, says the validator of the W3C. An independent check: needs Java and npm."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.pages import PageClient
from tests.portal.addresses import NAMES, OBJECTS, Owner, documented, path_of
from tests.portal.test_addresses import owner as owner  # noqa: PLC0414 - a fixture that is used by its name
from tools import independent, interop_node
from tools.interop_environment import EnvironmentFailedError

ERRORS = ("/no-such-page", "/loading/nothing")


@pytest.fixture
def validator() -> list[str]:
    """The command that reads files and writes what is wrong as JSON."""
    java = independent.need_command("java")
    independent.need_command("npm")
    try:
        archive = interop_node.validator()
    except EnvironmentFailedError as error:
        independent.could_not_run(f"the validator could not be installed: {error.reason}")
    return [java, "-jar", str(archive), "--format", "json", "--exit-zero-always", "--html"]


def write_down(browser: PageClient, path: str, folder: Path) -> None:
    """Keep the page at `path` as a file, if it is one."""
    response = browser.client.get(path, base_url=browser.base_url)
    if response.mimetype == "text/html" and "<html" in response.get_data(as_text=True):
        name = path.strip("/").replace("/", "_").replace("?", "_") or "start"
        (folder / f"{name}.html").write_bytes(response.get_data())


def test_every_page_is_valid(owner: Owner, validator: list[str], tmp_path: Path) -> None:
    """U-29: attributes of htmx are written so that they are valid; nothing else is wrong either."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for each in documented():
        if each.method == "GET":
            arguments = NAMES.get(each.rule) or (OBJECTS[each.rule](owner) if each.rule in OBJECTS else {})
            write_down(owner.browser, path_of(each.rule, arguments), folder)
    for path in ERRORS:
        write_down(owner.browser, path, folder)
    assert len(list(folder.iterdir())) > 40
    done = subprocess.run([*validator, str(folder)], check=True, capture_output=True, text=True, timeout=100)
    told = json.loads(done.stderr)["messages"]
    wrong = sorted({f"{Path(each['url']).name}: {each['message']}" for each in told if each["type"] == "error"})
    assert not wrong, "\n".join(wrong)
