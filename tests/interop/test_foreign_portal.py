"""The guide of `docs/testing.md`, "Your own portal, step by step", walked with a portal that nobody adapted to us.

An independent check: a small web program on npm's `openid-client`, the running pair, and nothing but the control API.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from sandbox_idp.testing.control import ControlError, StandControl
from sandbox_idp.testing.pair import running_pair
from tests.interop import node_programs

SECRET = "a-secret-of-one-interoperability-test"


@pytest.fixture(scope="module")
def stand(own_databases: dict[str, str]) -> Iterator[StandControl]:
    """A stand of a running pair."""
    with running_pair(keys=1, settings={"WORKERS": "1", **own_databases}) as (_, info):
        whole = StandControl(f"{info.idp_url}/control/v1", info.control_token)
        made = whole.call("POST", "/stands", {"name": "foreign portal"})
        control = StandControl(made["control_url"], made["token"])
        yield control
        control.close()
        whole.close()


@pytest.fixture(scope="module")
def portal(stand: StandControl) -> Iterator[str]:
    """Steps 1 and 2: the portal is told of the stand, and the stand of the portal."""
    settings = {
        "issuer": stand.address.removesuffix("/control/v1"),
        "client_id": "CLINIC_36",
        "client_secret": SECRET,
        "scope": "openid profile",
    }
    with node_programs.running("foreign_portal.mjs", settings) as process:
        address = node_programs.line_of(process)
        card = {
            "mnemonic": "CLINIC_36",
            "name": "Клиника",
            "client_secret": SECRET,
            "redirect_hosts": [f"{address}/callback"],
            "scopes": ["openid", "fullname"],
        }
        assert stand.call("POST", "/systems", card)["mnemonic"] == "CLINIC_36"
        yield address


@pytest.fixture(autouse=True)
def _nothing_armed(stand: StandControl) -> Iterator[None]:
    yield
    stand.disarm()


class Visit:
    """A browser at the portal; the pages of Gosuslugi are left to `POST …/sign-ins`."""

    def __init__(self, portal: str, stand: StandControl) -> None:
        self._stand = stand
        self._client = httpx2.Client(base_url=portal, trust_env=False, timeout=20)

    def __enter__(self) -> Visit:
        assert "/login" in self._client.get("/").text
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def sign_in(self, person: str = "anna") -> tuple[int, str]:
        """Press the link and come back: status and text of the portal's page."""
        away = self._client.get("/login")
        assert away.status_code == 302, away.text
        page = self._client.get(self._stand.sign_in(away.headers["Location"], person))
        return page.status_code, page.text


@pytest.fixture
def visit(portal: str, stand: StandControl) -> Iterator[Visit]:
    with Visit(portal, stand) as made:
        yield made


def token_calls(stand: StandControl) -> list[dict[str, Any]]:
    return [line for line in stand.journal() if line["kind"] == "effect" and line["entry"] == "token-500"]


def test_a_person_signs_in(visit: Visit) -> None:
    status, page = visit.sign_in()
    assert (status, "Анна Лесная" in page) == (200, True), page


@pytest.mark.parametrize("scope", ["everyone", "next-sign-in", {"person": "anna"}])
def test_a_failure_of_the_token_call_strikes_in_every_scope_and_ends(
    visit: Visit, stand: StandControl, scope: Any
) -> None:
    """R-030. The call carries the code, and the code belongs to the sign-in."""
    before = len(token_calls(stand))
    stand.arm("token-500", scope=scope)
    status, page = visit.sign_in()
    assert (status, "Sign-in failed" in page) == (502, True), page
    assert len(token_calls(stand)) == before + 1
    stand.disarm("token-500")
    assert visit.sign_in()[0] == 200


def test_the_next_sign_in_is_struck_and_no_other(visit: Visit, stand: StandControl) -> None:
    stand.arm("token-500", scope="next-sign-in")
    assert visit.sign_in()[0] == 502
    assert visit.sign_in()[0] == 200


def test_a_persons_failure_leaves_others_alone(visit: Visit, stand: StandControl) -> None:
    stand.arm("token-500", scope={"person": "maria"})
    assert visit.sign_in("anna")[0] == 200
    assert visit.sign_in("maria")[0] == 502


def test_a_person_without_a_consent_who_refuses_comes_back_with_an_error(
    visit: Visit, stand: StandControl, portal: str
) -> None:
    with httpx2.Client(base_url=portal, trust_env=False) as client:
        away = client.get("/login").headers["Location"]
        back = stand.call("POST", "/sign-ins", {"authorize_url": away, "person": "igor", "consent": "refuse"})
        page = client.get(back["location"])
    assert (page.status_code, "Sign-in failed" in page.text) == (502, True)


def test_an_address_that_is_not_on_the_card_is_refused(visit: Visit, stand: StandControl, portal: str) -> None:
    """S-18: the first thing that goes wrong in practice is told as such."""
    with httpx2.Client(base_url=portal, trust_env=False) as client:
        away = client.get("/login").headers["Location"].replace("%2Fcallback", "%2Fother")
    with pytest.raises(ControlError) as refused:
        stand.sign_in(away, "anna")
    assert refused.value.status == 422
    assert "/authorize_url" in str(refused.value.problem)
