"""The API's OpenAPI 3.1 document, made of what the routes are made of (`sandbox_idp.control.calls`)."""

from __future__ import annotations

import http
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import models_json_schema

from sandbox_idp.control.bodies import TEXT, TOML, NoQuery
from sandbox_idp.control.calls import Answer, Call, Refusal
from sandbox_idp.control.problems import PROBLEM
from sandbox_idp.scenarios.catalogue import shared

VERSION = "1"
COMMON: tuple[Refusal, ...] = (
    (401, "no-token"),
    (403, "not-loopback"),
    (403, "browser"),
    (403, "wrong-token"),
    (404, "unknown-stand"),
    (422, "invalid"),
)
"""What every call refuses, besides its own."""
WITH_BODY: tuple[Refusal, ...] = ((415, "not-json"),)
WITHOUT_CODE = (413, 500)
"""Answered before or after the API's own code, with `reference` instead of `code`."""
TAGS = {
    "stands": "Isolated pairs of databases. Made, listed and thrown away only without a prefix.",
    "snapshots": "Moments of a stand, and a stand as one file.",
    "scenarios": "Failures that can be made to happen.",
    "people": "Personas and an account factory.",
    "systems": "Information systems (clients), as in the technological portal.",
    "decisions": "The work of Gosuslugi's operators.",
    "world": "Messages, time, sign-ins without pages, and what happened.",
    "document": "This document.",
}
ABOUT = """\
For test runners in any language; `docs/control-api.md` is the contract. Absent unless `IDP_CONTROL=on`, answers only
this machine and never a browser. Strict: an unknown field, query name or value is 422 and changes nothing."""


class Wrong(BaseModel):
    """One thing that is wrong in a request."""

    model_config = ConfigDict(extra="forbid")

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body, or the name of a query parameter")
    detail: str
    line: int = Field(0, ge=1, description="of a text that was sent, from 1")
    column: int = Field(0, ge=1)


class Problem(BaseModel):
    """A refusal (RFC 9457). `code` is stable, `detail` is for people; a fault of the program has `reference`."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["about:blank"]
    title: str
    status: int = Field(ge=400, le=599)
    code: str = Field("", examples=["invalid"])
    detail: str = ""
    errors: list[Wrong] = []
    reference: str = Field("", description="the `ref` of the line in the log")


class DocumentAnswer(Answer):
    """An OpenAPI document."""

    openapi: Literal["3.1.0"]
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    security: list[dict[str, list[str]]]
    tags: list[dict[str, str]]
    paths: dict[str, dict[str, Any]]
    components: dict[str, Any]


def document(calls: Iterable[Call], *, server: str, prefixed: bool) -> DocumentAnswer:
    """The document of the API at `server`, without the calls that do not exist under a stand's prefix if `prefixed`."""
    described = [call for call in calls if not (prefixed and call.is_outside)]
    refs, schemas = _schemas(described)
    paths: dict[str, dict[str, Any]] = {}
    for call in described:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, refs)
    used = {call.tag for call in described}
    return DocumentAnswer(
        openapi="3.1.0",
        info={"title": "Training Gosuslugi: control API", "version": VERSION, "description": ABOUT},
        servers=[{"url": server}],
        security=[{"token": []}],
        tags=[{"name": name, "description": words} for name, words in TAGS.items() if name in used],
        paths=paths,
        components={
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`IDP_CONTROL_TOKEN` opens everything, the token of a new stand only that stand.",
                }
            },
        },
    )


def _schemas(calls: Sequence[Call]) -> tuple[dict[tuple[Any, str], dict[str, Any]], dict[str, Any]]:
    """A reference for each model and direction, and the schemas that they lead to."""
    wanted: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {(Problem, "validation"): None}
    for call in calls:
        if call.reads_body:
            wanted[call.body, "validation"] = None
        if call.answer is not None:
            wanted[call.answer, "serialization"] = None
    refs, whole = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    return {(model, mode): ref for (model, mode), ref in refs.items()}, whole["$defs"]


def _operation(call: Call, refs: dict[tuple[Any, str], dict[str, Any]]) -> dict[str, Any]:
    first, _, rest = call.text.partition("\n")
    operation: dict[str, Any] = {"operationId": call.name, "tags": [call.tag], "summary": first.rstrip(".")}
    if rest.strip():
        operation["description"] = rest.strip()
    parameters = [*_path_parameters(call), *_query_parameters(call.query)]
    if parameters:
        operation["parameters"] = parameters
    if call.reads_body:
        operation["requestBody"] = {
            "required": any(field.is_required() for field in call.body.model_fields.values()),
            "content": {"application/json": {"schema": refs[call.body, "validation"]}},
        }
    if call.reads_file is not None:
        operation["requestBody"] = {"required": True, "content": _file(*call.reads_file.media_types)}
    operation["responses"] = _responses(call, refs)
    return operation


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    found = [_parameter("path", name, kind.json_schema(), required=True) for name, kind in call.parts.items()]
    for parameter in found:
        if parameter["name"] == "entry":
            # Code names no entry, so whatever the catalogue has first is the example.
            parameter["example"] = next(each.id for each in shared().entries.values() if each.arming is not None)
    return found


def _query_parameters(query: type[NoQuery]) -> list[dict[str, Any]]:
    found = []
    for name, field in query.model_fields.items():
        schema = TypeAdapter(query).json_schema()["properties"][name]
        # A query knows no null: what is not there is not there.
        chosen: dict[str, Any] = next((each for each in schema.pop("anyOf", ()) if each != {"type": "null"}), {})
        schema = {**chosen, **schema}
        schema.pop("title", None)
        if schema.get("default", "") is None:
            del schema["default"]
        found.append(_parameter("query", name, schema, required=field.is_required()))
    return found


def _parameter(place: str, name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": place, "required": required}
    for member in ("description", "examples"):
        value = schema.pop(member, None)
        if member == "examples" and value:
            parameter["example"] = value[0]
        elif value:
            parameter[member] = value
    return {**parameter, "schema": schema}


def _responses(call: Call, refs: dict[tuple[Any, str], dict[str, Any]]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": http.HTTPStatus(call.status).phrase}
    if call.answer is not None:
        done["content"] = {"application/json": {"schema": refs[call.answer, "serialization"]}}
    elif call.sends_file is not None:
        done["content"] = _file(call.sends_file.media_type)
    codes: dict[int, list[str]] = {}
    sent: tuple[Refusal, ...] = WITH_BODY if call.reads_body else ()
    if call.reads_file is not None:
        sent = ((413, "too-large"), (415, call.reads_file.refusal))
    for status, code in (*COMMON, *sent, *call.refuses):
        codes.setdefault(status, []).append(code)
    responses = {str(call.status): done}
    for status in sorted({*codes, *WITHOUT_CODE}):
        responses[str(status)] = _refusal(status, sorted(set(codes.get(status, []))), refs[Problem, "validation"])
    return responses


def _file(*media_types: str) -> dict[str, Any]:
    return {
        media_type: {"schema": {"type": "string"} if _is_text(media_type) else {"type": "string", "format": "binary"}}
        for media_type in media_types
    }


def _is_text(media_type: str) -> bool:
    return media_type in (TEXT, TOML)


def _refusal(status: int, codes: list[str], problem: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"allOf": [problem, {"properties": {"status": {"const": status}}}]}
    description = http.HTTPStatus(status).phrase
    content: dict[str, Any] = {"schema": schema}
    if codes:
        schema["allOf"][1]["properties"]["code"] = {"enum": codes}
        description += ": " + ", ".join(f"`{code}`" for code in codes)
        content["example"] = {
            "type": "about:blank",
            "title": http.HTTPStatus(status).phrase,
            "status": status,
            "code": codes[-1],
            "detail": "…",
        }
    refusal: dict[str, Any] = {"description": description, "content": {PROBLEM: content}}
    if status == http.HTTPStatus.UNAUTHORIZED:
        refusal["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return refusal
