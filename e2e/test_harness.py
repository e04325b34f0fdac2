"""The tests' own tools: what they are trusted to notice, they notice."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_socket import SocketConnectBlockedError

from e2e.conftest import keep_output
from e2e.harness import legible
from e2e.harness.axe import violations
from e2e.harness.logs import given_away
from sandbox_idp.testing.clock import Clock
from sandbox_idp.testing.stand import StandUnderTest


@pytest.mark.parametrize(
    "line",
    [
        '{"password": "Lampa-Zelenaya-27"}',
        '{"phone": "+70001000001"}',
        '{"snils": "000-100-101 10"}',
        '{"token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOjEwMDB9.c2lnbmF0dXJl"}',
        '{"path": "/login/callback?code=abcdefgh&state=12345678"}',
        '{"text": "Код: 123456 @127.0.0.1 #123456"}',
    ],
)
def test_a_log_that_says_too_much_is_noticed(tmp_path: Path, line: str) -> None:
    """S-62: passwords, codes, tokens, SNILS and phones never stand in a log."""
    log = tmp_path / "log"
    log.write_text('{"event": "request", "path": "/login/callback", "ms": 700010}\n' + line + "\n", encoding="utf-8")
    found = given_away({"portal": log})
    assert len(found) == 1
    assert found[0].startswith("portal:2:")


def test_a_quiet_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"event": "request", "path": "/login/callback", "status": 303, "ms": 12}\n', encoding="utf-8")
    assert given_away({"portal": log, "gone": tmp_path / "gone"}) == []


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (True, "on"),
        pytest.param(False, None, marks=pytest.mark.browser_context_args(java_script_enabled=False)),
    ],
)
def test_scripts_run_where_they_are_wanted_only(
    page: Page, stand: StandUnderTest, script: bool, says: str | None
) -> None:
    """What is shown without script would otherwise be shown with it, where they cannot be switched off."""
    page.goto(stand.portal_url + "/help")
    assert page.locator("html").get_attribute("data-script") == says, f"script wanted: {script}"


def test_another_machine_is_refused() -> None:
    """What the browsers ask for is looked at by `context`; this is the process that drives them."""
    # RFC 5737 gives the address to nobody. Where a warning is an error it would be what is raised.
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 9), timeout=1)


def test_what_the_programs_printed_while_a_test_failed_is_kept(tmp_path: Path) -> None:
    """Beside its trace, from the moment on at which the test began; a log that is gone is no reason to stop."""
    log = tmp_path / "log"
    log.write_text("before\nmeanwhile\n", encoding="utf-8")
    logs, folder = {"portal": log, "sandbox_idp": tmp_path / "gone"}, tmp_path / "test"
    assert keep_output(logs, {"portal": 7, "sandbox_idp": 0}, folder) == {"portal": "meanwhile\n"}
    assert [(file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir()] == [
        ("portal.log", "meanwhile\n")
    ]


def test_a_browser_that_is_paused_stands_where_it_was(page: Page, clock: Clock) -> None:
    """Not years on, where every time limit of the page has passed."""
    began = page.evaluate("Date.now()")
    clock.pause_browser()
    assert 0 <= page.evaluate("Date.now()") - began < 60_000
    page.evaluate("setTimeout(() => { document.title = 'Пора' }, 100)")
    clock.run_browser(timedelta(milliseconds=99))
    assert page.title() == ""
    clock.run_browser(timedelta(milliseconds=1))
    assert page.title() == "Пора"


STYLE = """
body { margin: 0; font: 1rem/1.5 sans-serif; color: #111; background: #fff }
:focus-visible { outline: 3px solid #b0461a; outline-offset: 3px }
* { box-sizing: border-box }
button, input { border: 2px solid #0b5750; background: #fff; padding: 0.5rem; max-width: 100%; font: inherit }
svg { fill: none; stroke: currentColor; stroke-width: 2 }
[aria-current] { background: #dff0eb }
@media (forced-colors: active) { [aria-current] { outline: 3px solid Highlight } }
"""
LINES = '<path d="M0 0h20v20"></path>'


def page_of(main: str, style: str = "") -> str:
    """A small page that is as it should be, around `main`."""
    head = f'<meta charset="utf-8"><title>Проба</title><style>{STYLE}{style}</style>'
    return f'<!doctype html><html lang="ru"><head>{head}</head><body><main><h1>Проба</h1>{main}</main></body></html>'


GOOD = page_of(
    """<p>Текст и <a href="#a">ссылка в нём</a>.</p>
    <ul><li><a href="#a" aria-current="page">Один</a></li><li><a href="#b">Два</a></li></ul>
    <div class="two"><div><button>А</button><br><button>Б</button></div><div><button>В</button><br><input></div></div>
    <label><input type="radio" name="r"> да</label> <label><input type="radio" name="r"> нет</label>
    <input aria-label="Ещё одно">
    <button aria-label="Вниз"><svg width="20" height="20" aria-hidden="true"><path d="M0 0v20"></path></svg></button>
    <p style="position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%)">Для слуха</p>
    <p style="overflow-x: auto"><code style="white-space: nowrap">Что шире окна, то прокручивается само</code></p>
    <div style="height: 900px"></div>
    <p style="position: sticky; bottom: 0; margin: 0"><a href="#c">Внизу окна</a></p>""",
    """.two { display: flex; gap: 1rem } .two > * { flex: 1; min-width: 0 } input:not([type]) { width: 100% }
    ul { display: flex; list-style: none; padding: 0 }""",
)
BAD = {
    "scrolls 180 px sideways": page_of('<p style="width: 500px">Шире окна</p>'),
    "text is cut off": page_of('<p style="height: 1.5em; overflow: hidden">Две строки, когда буквы больше</p>'),
    "a control has no size": page_of('<button style="width: 0; padding: 0; border: 0; overflow: hidden"></button>'),
    "a control lies under something else": page_of(
        '<button>Снизу</button><p style="position: absolute; top: 0; left: 0; right: 0; height: 50rem">Сверху</p>'
    ),
    "a positive tabindex": page_of('<button tabindex="3">Вперёд всех</button>'),
    "a control that the keyboard does not reach": page_of('<span role="button">Только мышью</span>'),
    "the focus goes against the order of reading": page_of(
        '<div style="display: flex; flex-direction: column-reverse"><button>Снизу</button><button>Сверху</button></div>'
    ),
    "focus is not shown on": page_of("<button>Кнопка</button>", "button:focus-visible { outline: 0 }"),
    "in forced colours has no edge": page_of(
        '<a class="bare" href="#a">Кнопка</a>', ".bare { background: #0b5750; color: #fff; text-decoration: none }"
    ),
    "in forced colours has no ink": page_of("<p>Текст</p>", "p { forced-color-adjust: none; color: #111 }"),
    "in forced colours is not drawn": page_of(f'<svg width="20" height="20" style="color: #0b5750">{LINES}</svg>'),
    "in forced colours looks no longer chosen": page_of(
        "<ul><li><button aria-pressed=true>Один</button></li><li><button>Два</button></li></ul>",
        "[aria-pressed] { background: #dff0eb }",
    ),
    "in the colours «white» there is no ink": page_of(
        "<p>Текст</p>", "[data-contrast=white] body { background: #000 }"
    ),
    "something moves": page_of(
        "<p>Мигает</p>", "p { animation: blink 1s infinite } @keyframes blink { to { opacity: 0.9 } }"
    ),
}
"""Small pages by what is wrong with them, and with nothing else."""
STATE = """() => [
  document.documentElement.outerHTML, innerWidth, innerHeight, scrollY, document.activeElement.outerHTML,
  ...['forced-colors: active', 'prefers-color-scheme: dark', 'prefers-reduced-motion: reduce']
    .map(each => matchMedia(`(${each})`).matches),
]"""


@pytest.mark.chromium_only("the checks ask Chromium, as axe does")
def test_a_target_under_a_bar_is_no_finding_and_a_small_one_is(page: Page) -> None:
    """What scrolling uncovers is large enough; what is small, or lies too close to another, is told as before."""
    page.set_viewport_size({"width": 320, "height": 400})
    link = '<p><a href="#a" style="display: block; padding: 10px; margin-top: 280px">Выбрать</a></p>'
    link += '<p style="height: 900px"></p>'
    place = "position: {}; bottom: 0; left: 0; width: 100%; background: #fff"
    bar = f'<nav style="{place}"><a href="#b" style="display: block; padding: 10px">Главная</a></nav>'
    for position in ("fixed", "sticky"):
        page.set_content(page_of(link + bar.format(position)))
        assert not [found for found in violations(page) if found.startswith("target-size")]
    small = '<a href="#{}" style="display: inline-block; font-size: 8px; width: 8px; overflow: hidden">а</a>'
    page.set_content(page_of(small.format("a") + small.format("b") + bar.format("fixed")))
    assert [found for found in violations(page) if found.startswith("target-size")]


@pytest.mark.chromium_only("the checks ask Chromium, as axe does")
@pytest.mark.parametrize("finding", BAD)
def test_what_somebody_would_stumble_over_is_found(page: Page, finding: str) -> None:
    """U-20, U-27, U-35: each check of `legible` can fail, and says only what is so."""
    page.set_content(BAD[finding])
    found = [*legible.findings(page), *legible.without_ring(page)]
    assert len(found) == 1, found
    assert finding in found[0]


@pytest.mark.chromium_only("the checks ask Chromium, as axe does")
def test_a_page_is_left_as_it_was(page: Page) -> None:
    """A good page has no findings, and the test that is in it goes on with the same window, focus and place."""
    page.set_content(GOOD)
    page.locator('[aria-label="Ещё одно"]').focus()
    page.evaluate("scrollTo(0, 120)")
    before = page.evaluate(STATE)
    assert [*legible.findings(page), *legible.without_ring(page)] == []
    assert page.evaluate(STATE) == before
