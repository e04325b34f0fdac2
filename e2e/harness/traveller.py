"""A person with a browser that shows nothing, for tests of what happens on the way and not of how it looks."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

import httpx2

from sandbox_idp.testing.stand import StandUnderTest

SIGNED_IN = "signed-in"
"""What a sign-in comes to if nothing went wrong; anything else is the screen that the portal shows instead."""
_SCREEN = re.compile(r'data-screen="([a-z-]+)"')


class Traveller:
    """One browser at the portal of a stand. Its person's part at Gosuslugi is done by the control API.

    It has connections of its own, so each thread may have one.
    """

    def __init__(self, stand: StandUnderTest, person: str = "anna") -> None:
        self._stand = stand
        self._control = stand.control.again()
        self._person = person
        self._client = httpx2.Client(trust_env=False, follow_redirects=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        self._control.close()

    def sign_in(self) -> str:
        """The whole way from «Войти»; SIGNED_IN, or the screen on which it ended without a session.

        httpx2.HTTPError or ControlError if a program does not answer as programs do.
        """
        began = self._client.get(f"{self._stand.portal_url}/login")
        if began.status_code != 303:
            return self._ended_on(began)
        return self.come_back(self._control.sign_in(began.headers["Location"], self._person))

    def come_back(self, location: str) -> str:
        """The return from Gosuslugi to `location`."""
        back = self._client.get(location)
        if back.status_code != 303:
            return self._ended_on(back)
        assert self._has_session(), f"the portal went on to {back.headers['Location']} without a session"
        return SIGNED_IN

    def open(self, path: str) -> str:
        """The screen at an address of the portal."""
        found = _SCREEN.search(self._client.get(self._stand.portal_url + path).text)
        assert found is not None, path
        return found.group(1)

    def _ended_on(self, page: httpx2.Response) -> str:
        assert not self._has_session(), "an error page and a session as well"
        found = _SCREEN.search(page.text)
        assert found is not None, f"{page.status_code}: {page.text[:200]}"
        return found.group(1)

    def _has_session(self) -> bool:
        return self._client.get(f"{self._stand.portal_url}/session").status_code == 200
