"""The command line: what it prints for people and for programs, and how it refuses."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from sandbox_idp import cli
from sandbox_idp.commands.completion import candidates
from sandbox_idp.commands.terminal import Terminal, table
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.pair import PairInfo, running_pair
from tests.sandbox_idp.scenarios.test_own import LEAST

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def pair() -> Iterator[PairInfo]:
    """A running pair of programs; the commands know only its control API, whatever the database behind it."""
    with running_pair(keys=1, settings={"WORKERS": "1"}) as (_, info):
        yield info


@pytest.fixture
def run(pair: PairInfo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the pair: exit code, output, complaints."""
    monkeypatch.setenv("IDP_PUBLIC_URL", pair.idp_url)
    monkeypatch.setenv("IDP_CONTROL_TOKEN", pair.control_token)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def read(answer: tuple[int, str, str]) -> Any:
    code, out, err = answer
    assert code == 0, err
    return json.loads(out)


def test_a_stand_is_made_looked_at_reset_and_deleted(run: Run) -> None:
    made = read(run("--json", "stand", "create", "--name", "Класс 12", "--ttl", "PT1H"))
    assert made["name"] == "Класс 12"
    assert made["id"] in run("stand", "list")[1]
    assert "Класс 12" in run("stand", "show", made["id"])[1]
    assert read(run("--json", "stand", "reset", made["id"]))["id"] == made["id"]
    assert run("stand", "delete", made["id"]) == (0, f"Стенд {made['id']} удалён.\n", "")
    code, out, err = run("stand", "show", made["id"])
    assert (code, out) == (1, "")
    assert "стенд" in err.lower()


def test_a_failed_sign_in_is_judged_written_into_files_and_repeated(run: Run, tmp_path: Path) -> None:
    """Portal down at «Войти»: the shortest sign-in that fails."""
    made = read(run("--json", "stand", "create"))
    at = ("--stand", made["id"])
    run("scenario", "arm", "idp-503", "--scope", "next-sign-in", *at)
    browser = Browser()
    assert browser.get(f"{made['portal_url']}/login").status >= 500
    browser.close()
    (verdict,) = read(run("--json", "verdicts", *at))
    assert (verdict["ended"], verdict["armed"]) == ("failed", ["idp-503"])
    assert "отказ 50" in run("verdicts", "--sign-in", "1", *at)[1]
    har, file = tmp_path / "journal.har", tmp_path / "sign-in.zip"
    assert read(run("--json", "journal", "--har", str(har), *at))["entries"] >= 2
    assert json.loads(har.read_text(encoding="utf-8"))["log"]["version"] == "1.2"
    assert "записан" in run("bundle", "1", str(file), *at)[1]
    again = read(run("--json", "replay", str(file)))
    assert (again["same"], again["got"]["armed"]) == (True, ["idp-503"])
    code, _, err = run("replay", str(har))
    assert (code, "journey.json" in err) == (1, True)
    for stand in (made["id"], again["stand"]):
        run("stand", "delete", stand)


def test_a_scenario_is_armed_with_its_parameters_and_disarmed(run: Run) -> None:
    stand = read(run("--json", "stand", "create"))["id"]
    at = ("--stand", stand)
    armed = read(
        run("--json", "scenario", "arm", "token-500", "--person", "anna", "--count", "2", "-p", "status=502", *at)
    )
    assert (armed["count_left"], armed["parameters"]) == (2, {"status": 502})
    assert "включён" in run("scenario", "list", "--armed", *at)[1]
    assert "token-500" not in run("scenario", "list", "--group", "B", *at)[1]
    assert "-p status=500" in run("scenario", "show", "token-500", *at)[1]
    assert "заменено" in run("scenario", "arm", "token-500", "--scope", "everyone", *at)[1]
    assert run("scenario", "disarm", *at)[1] == "Снято: token-500.\n"
    assert run("scenario", "disarm", *at)[1] == "Ничего не было включено.\n"
    assert "armed" in run("journal", *at)[1]
    assert [line["name"] for line in map(json.loads, run("--json", "journal", *at)[1].splitlines())][:1] == ["armed"]
    run("stand", "delete", stand)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scenario", "arm", "token-500", "-p", "status=418"), "/parameters/status"),
        (("scenario", "arm", "token-500", "-p", "status"), "имя=значение"),
        (("scenario", "arm", "no-such-thing"), "no-such-thing"),
        (("scenario", "list", "--stand", "nowhere"), "стенда нет"),
        (("stand", "list", "--token", "wrong"), "токен"),
    ],
)
def test_a_refusal_says_what_is_wrong(run: Run, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert words.lower() in err.lower()


def test_nobody_at_the_address_and_no_token_are_told(
    run: Run, pair: PairInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run("stand", "list", "--url", "http://127.0.0.1:9")
    assert (code, "make demo" in err) == (1, True)
    monkeypatch.delenv("IDP_CONTROL_TOKEN")
    monkeypatch.setenv("DEMO_DIR", str(tmp_path))
    code, _, err = run("stand", "list")
    assert (code, "--token" in err) == (1, True)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "control-token").write_text("from a file\n", encoding="ascii")
    assert "Нет токена" not in run("stand", "list")[2]
    (tmp_path / "theirs").write_text(f"{pair.control_token}\n", encoding="ascii")
    monkeypatch.setenv("IDP_CONTROL_TOKEN_FILE", str(tmp_path / "theirs"))
    assert run("stand", "list")[0] == 0


def test_an_answer_that_is_not_ours_is_told(run: Run) -> None:
    def hello(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("404 Not Found", [("Content-Type", "text/html")])
        return [b"<h1>hello</h1>"]

    with make_server("127.0.0.1", 0, hello) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        code, _, err = run("stand", "list", "--url", f"http://127.0.0.1:{server.server_port}")
        thread.join()
    assert (code, "IDP_CONTROL=on" in err) == (1, True)


def test_a_scenario_of_ones_own_is_added_exported_and_removed(run: Run, tmp_path: Path) -> None:
    stand = read(run("--json", "stand", "create"))["id"]
    at = ("--stand", stand)
    file = tmp_path / "any name.toml"
    file.write_text(LEAST, encoding="utf-8")
    assert run("scenario", "add", str(file), *at)[1] == "Добавлено: mine.\n"
    assert "уже есть" in run("scenario", "add", str(file), *at)[2]
    assert run("scenario", "add", "--replace", str(file), *at)[0] == 0
    assert run("scenario", "export", "mine", *at)[1] == LEAST
    assert "mine" in run("scenario", "list", *at)[1]
    assert run("scenario", "remove", "mine", *at)[1] == "Сценарий mine удалён.\n"
    file.write_text(LEAST.replace("503", "700"), encoding="utf-8")
    code, _, err = run("scenario", "add", str(file), *at)
    assert (code, "21:1: status: не больше 599" in err) == (1, True)
    assert "не читается" in run("scenario", "add", str(tmp_path / "nothing"), *at)[2]
    run("stand", "delete", stand)


def test_completion_knows_commands_options_choices_and_scenarios(run: Run) -> None:
    parser = cli.parser()
    assert {"demo", "serve", "stand", "scenario", "journal", "doctor"} <= set(candidates(parser, []))
    assert "candidates" not in set(candidates(parser, []))
    assert {"list", "create", "delete"} <= set(candidates(parser, ["stand"]))
    assert {*shared().entries, "--count"} <= set(candidates(parser, ["scenario", "arm"]))
    assert set(candidates(parser, ["scenario", "arm", "token-500", "--scope"])) == {"everyone", "next-sign-in"}
    assert run("candidates", "--", "scenario", "arm", "token-5")[1] == "token-500\ntoken-503\n"
    for shell in ("bash", "zsh", "fish"):
        assert "sandbox-idp candidates" in run("completion", shell)[1]


def test_colours_are_for_people_at_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal.here(json_wanted=False, environ={})
    assert terminal.paint("слово", "red") == "слово"
    assert Terminal(sys.stdout, sys.stderr, colours=True).paint("слово", "red") == "\x1b[31mслово\x1b[0m"
    Terminal(sys.stdout, sys.stderr, json=True).note("готовлю")
    assert capsys.readouterr().err == ""
    assert table([["a", "bb", "c"], ["aaa", "b", ""]]) == ["a    bb  c", "aaa  b   "]
