"""The OpenAPI document is made of what the routes are made of: neither can know a call that the other does not."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask

from sandbox_idp.assembly import create_app
from sandbox_idp.control.calls import Answer
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.control.contract import check_answer, described

ROOT = Path(__file__).resolve().parents[3]


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/control/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/control/v1/")
        for method in rule.methods or ()
        if method != "HEAD"
    }


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_routes_and_document_know_the_same_calls(sandbox_settings: SandboxSettings, house: House) -> None:
    """Both ways, OPTIONS included: nothing is answered that is not in the document."""
    assert routes(create_app(sandbox_settings, house)) == set(operations(described()))


def test_it_is_openapi_3_1() -> None:
    """Held against the schema that the specification itself gives."""
    schemathesis.openapi.from_dict(described()).validate()


def test_every_operation_says_what_it_does_and_what_it_refuses() -> None:
    for (method, path), operation in operations(described()).items():
        assert operation["summary"], path
        assert {"401", "403", "404", "422", "500"} <= set(operation["responses"]), path
        assert ("requestBody" in operation) == (method != "GET"), path
        named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path)), path


def test_the_document_names_every_code_of_a_refusal() -> None:
    """A call tells each of its own refusals, with the code that a test compares."""
    sources = [*(ROOT / "sandbox_idp" / "control").glob("*.py")]
    raised = {
        (status, code)
        for source in sources
        for status, code in re.findall(r'ProblemError\(\s*(\d{3}),\s*"([a-z-]+)"', source.read_text(encoding="utf-8"))
    }
    told = {
        (status, code)
        for operation in operations(described()).values()
        for status, response in operation["responses"].items()
        for schema in response.get("content", {}).get("application/problem+json", {}).get("schema", {}).get("allOf", ())
        for code in schema.get("properties", {}).get("code", {}).get("enum", ())
    }
    assert raised <= told


def test_examples_of_bodies_are_bodies() -> None:
    for name, schema in described()["components"]["schemas"].items():
        whole = {**schema, "components": described()["components"]}
        for example in schema.get("examples", ()):
            assert jsonschema_rs.is_valid(whole, example), name


def test_any_valid_token_reads_it(outside: ControlClient, control: ControlClient) -> None:
    made = outside.call("POST", "/stands", status=201)
    for client, prefix in ((outside, ""), (control, control.prefix), (outside, f"/s/{made['id']}")):
        document = client.call("GET", "/openapi.json", token=made["token"], prefix=prefix)
        assert document["openapi"] == "3.1.0"
        assert document["servers"] == [{"url": f"{outside.base_url}{prefix}/control/v1"}]
    outside.call("DELETE", f"/stands/{made['id']}", status=204)
    assert outside.refused("GET", "/openapi.json", status=403, token=made["token"])["code"] == "wrong-token"
    assert outside.refused("GET", "/openapi.json", status=401, headers={"Authorization": ""})["code"] == "no-token"


def test_a_stands_own_document_leaves_out_what_exists_only_without_a_prefix(
    outside: ControlClient, control: ControlClient
) -> None:
    missing = set(outside.call("GET", "/openapi.json")["paths"]) - set(control.call("GET", "/openapi.json")["paths"])
    assert missing == {"/imports", "/stands", "/stands/{stand_id}"}


@pytest.mark.parametrize(
    ("status", "mimetype", "body"),
    [
        (418, "application/json", {"people": []}),
        (200, "text/html", {"people": []}),
        (200, "application/json", {"people": [], "secret": 1}),
        (403, "application/problem+json", {"type": "about:blank", "title": "", "status": 403, "code": "new"}),
    ],
)
def test_an_answer_that_the_document_does_not_describe_fails_its_test(
    status: int, mimetype: str, body: dict[str, Any]
) -> None:
    """The rule that `ControlClient` holds every answer against would not let these pass."""
    response: Any = SimpleNamespace(status_code=status, mimetype=mimetype, headers={}, get_json=lambda: body)
    with pytest.raises(AssertionError):
        check_answer("GET", "/people", response)


def test_an_answer_holds_nothing_undeclared() -> None:
    assert Answer.model_config["extra"] == "forbid"
