"""S-70: the control API is absent unless switched on, and answers this machine only, never a browser."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.sandbox_idp.control.conftest import ControlClient


def test_switched_off_it_is_not_there(sandbox_settings: SandboxSettings, house: House, stand: Stand) -> None:
    """S-70: off is the default, and then the right token finds the same 404 as any unknown address."""
    assert SandboxSettings().control == "off"
    settings = sandbox_settings.model_copy(update={"control": "off"})
    client = ControlClient(build(settings, house), settings.public_url, settings.control_token, stand.prefix)
    off = client.refused("GET", "/scenarios", status=404)
    unknown = client.refused("GET", "/no-such-call", status=404)
    assert set(off) == set(unknown)
    assert off["title"] == unknown["title"] == "Not Found"
    assert client.refused("PATCH", "/scenarios", status=404)["title"] == "Not Found"


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.7", None, "unix"])
def test_another_machine_is_refused(control: ControlClient, address: str | None) -> None:
    """S-70: loopback only, by the connection's own address; unknown means no."""
    assert control.refused("GET", "/people", status=403, address=address)["code"] == "not-loopback"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_answered(control: ControlClient, address: str) -> None:
    """S-70: every loopback address is this machine."""
    control.call("GET", "/people", address=address)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"])
def test_a_proxy_on_this_machine_does_not_open_it(control: ControlClient, header: str) -> None:
    """S-70: behind a local proxy every stranger comes from loopback."""
    assert control.refused("GET", "/people", status=403, headers={header: "203.0.113.9"})["code"] == "not-loopback"


@pytest.mark.parametrize(
    ("header", "value"),
    [("Origin", "http://127.0.0.1:9000"), ("Origin", "null"), ("Sec-Fetch-Site", "none"), ("Sec-Fetch-Dest", "empty")],
)
def test_a_browser_is_refused(control: ControlClient, header: str, value: str) -> None:
    """S-70: also one that has the token, also from the sandbox's own pages."""
    assert control.refused("GET", "/people", status=403, headers={header: value})["code"] == "browser"


def test_a_program_on_node_is_no_browser(control: ControlClient) -> None:
    """Its own `fetch` sends one of the headers that browsers send, alone."""
    control.call("GET", "/people", headers={"Sec-Fetch-Mode": "cors"})


def test_no_method_answers_before_the_token(control: ControlClient) -> None:
    """S-70: not OPTIONS either, by which a browser would ask whether it may call."""
    control.refused("OPTIONS", "/people", status=405)
    assert control.refused("OPTIONS", "/people", status=403, headers={"Origin": "null"})["code"] == "browser"


def test_no_answer_lets_another_origin_read(control: ControlClient) -> None:
    """S-70: no CORS header on any answer."""
    control.call("GET", "/people")
    assert not [name for name, _ in control.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("headers", [{"Authorization": ""}, {"Authorization": "Basic dXNlcjpwYXNz"}])
def test_without_a_token_nothing_opens(control: ControlClient, headers: dict[str, str]) -> None:
    """S-70: 401 that names the scheme."""
    assert control.refused("GET", "/people", status=401, headers=headers)["code"] == "no-token"
    assert control.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_token_opens_nothing(control: ControlClient) -> None:
    """S-70: neither a guess nor the console's one-time key."""
    for token in ("guess", "console-key-of-unit-tests", "токен"):
        assert control.refused("GET", "/people", status=403, token=token)["code"] == "wrong-token"


def test_an_empty_setting_is_not_a_token(sandbox_settings: SandboxSettings, house: House, stand: Stand) -> None:
    """S-70: switched on without a token, the API opens with stands' own tokens only."""
    settings = sandbox_settings.model_copy(update={"control_token": ""})
    client = ControlClient(build(settings, house), settings.public_url, "", stand.prefix)
    client.refused("GET", "/people", status=401)
    client.refused("GET", "/people", status=401, headers={"Authorization": "Bearer "})


def test_the_token_of_a_stand_opens_only_that_stand(outside: ControlClient) -> None:
    """S-70: not another stand, not the default one, not the list."""
    first = outside.call("POST", "/stands", {"name": "первый"}, status=201)
    second = outside.call("POST", "/stands", {"name": "второй"}, status=201)
    token = first["token"]
    outside.call("GET", "/people", token=token, prefix=f"/s/{first['id']}")
    outside.call("GET", f"/stands/{first['id']}", token=token)
    for prefix in (f"/s/{second['id']}", ""):
        assert outside.refused("GET", "/people", status=403, token=token, prefix=prefix)["code"] == "wrong-token"
        outside.refused("POST", "/reset", status=403, token=token, prefix=prefix)
        outside.refused("POST", "/clock", {"freeze": True}, status=403, token=token, prefix=prefix)
    outside.refused("GET", f"/stands/{second['id']}", status=403, token=token)
    outside.refused("DELETE", f"/stands/{second['id']}", status=403, token=token)
    outside.refused("GET", "/stands", status=403, token=token)
    outside.refused("POST", "/stands", {}, status=403, token=token)
    for made in (first, second):
        outside.call("DELETE", f"/stands/{made['id']}", status=204)


def test_a_form_cannot_call_it(control: ControlClient) -> None:
    """S-70: a body that is not JSON is refused, so no plain form of a foreign page reaches a call."""
    answer = control.refused("POST", "/clock", status=415, data={"advance": "PT6M"})
    assert answer["code"] == "not-json"


def test_a_look_alike_does_not_start_in_production_nor_open_to_a_network_unguarded() -> None:
    """S-70."""
    with pytest.raises(ValidationError, match="ENV=production"):
        SandboxSettings(env="production")
    with pytest.raises(ValidationError, match="IDP_CONSOLE_PASSWORD"):
        SandboxSettings(host="0.0.0.0")
    assert SandboxSettings(host="0.0.0.0", console_password="a").control == "off"
