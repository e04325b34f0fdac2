"""Whether a page can be read and used as it stands before a test: narrow with large letters, by keyboard, in forced
colours and in those of the version for weak sight, without motion (`docs/ux-rules.md`, U-20, U-27, U-35).

A page is looked at in place and put back as it was: window, media, letters and scrolling. No page of ours loads
anything because its window changes: nothing is triggered by being revealed, pictures have one source.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import CDPSession, Page

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
NARROW = {"width": 320, "height": 640}
"""The smallest phone that is promised anything (U-35); the letters are made twice as large on it."""
MEDIA = """() => {
  const is = query => matchMedia(query).matches;
  return {
    reduced_motion: is('(prefers-reduced-motion: reduce)') ? 'reduce' : 'no-preference',
    forced_colors: is('(forced-colors: active)') ? 'active' : 'none',
    color_scheme: is('(prefers-color-scheme: dark)') ? 'dark' : 'light',
  };
}"""


def findings(page: Page) -> list[str]:
    """What somebody would stumble over, one sentence each; only in Chromium."""
    return [*_ask(page, "focus"), *_ask(page, "pairs"), *_in_forced_colours(page), *_narrow(page)]


def _ask(page: Page, ask: str, **details: object) -> list[str]:
    return cast("list[str]", page.evaluate(SCRIPT, {"ask": ask, **details}))


def _narrow(page: Page) -> list[str]:
    """At 320 px and 200 %: nothing scrolls sideways, no words are cut off, no control is covered or without size."""
    before = page.viewport_size
    page.set_viewport_size(cast("Any", NARROW))
    try:
        return [f"at 320 px with large letters {each}" for each in _ask(page, "narrow")]
    finally:
        if before is not None:
            page.set_viewport_size(before)


def _in_forced_colours(page: Page) -> list[str]:
    """What could be seen in the page's colours is seen in the person's own; nothing moves who asked for stillness.

    On black, where a colour that the page insists on is most likely lost.
    """
    before = page.evaluate(MEDIA)
    seen = page.evaluate_handle(SCRIPT, {"ask": "sights"})
    page.emulate_media(forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    try:
        return _ask(page, "colours", before=seen)
    finally:
        page.emulate_media(**before)
        seen.dispose()


def without_ring(page: Page) -> list[str]:
    """Controls that look the same when focused by keyboard: of each kind on the page one is tried.

    Nothing is focused, for focus is an event that pages listen to: the browser's developer tools are asked. They fetch
    the page once more for it, so this is not for a page whose next request is to fail.
    """
    with _tools(page) as tools:
        kinds = _object(tools, "kinds")
        before = _call(tools, kinds, "drawn")
        properties = tools.send("Runtime.getProperties", {"objectId": kinds, "ownProperties": True})["result"]
        for each in properties:
            if each["name"].isdecimal():
                node = tools.send("DOM.requestNode", {"objectId": each["value"]["objectId"]})["nodeId"]
                states = {"nodeId": node, "forcedPseudoClasses": ["focus", "focus-visible"]}
                tools.send("CSS.forcePseudoState", states)
        after = _call(tools, kinds, "drawn")
        names = _call(tools, kinds, "named")
    same = [name for name, one, other in zip(names, before, after, strict=True) if one == other]
    return [f"focus is not shown on {name}" for name in same]


@contextmanager
def _tools(page: Page) -> Iterator[CDPSession]:
    """The developer tools; when they are closed, no element is taken for focused any more."""
    tools = page.context.new_cdp_session(page)
    try:
        for domain in ("DOM", "CSS"):
            tools.send(f"{domain}.enable")
        tools.send("DOM.getDocument", {"depth": 0})
        yield tools
    finally:
        tools.detach()


def _object(tools: CDPSession, ask: str) -> str:
    found = tools.send("Runtime.evaluate", {"expression": f"({SCRIPT})({{ask: '{ask}'}})"})
    return str(found["result"]["objectId"])


def _call(tools: CDPSession, elements: str, ask: str) -> list[str]:
    function = f"function() {{ return ({SCRIPT})({{ask: '{ask}', all: this}}); }}"
    details = {"objectId": elements, "functionDeclaration": function, "returnByValue": True}
    return cast("list[str]", tools.send("Runtime.callFunctionOn", details)["result"]["value"])
