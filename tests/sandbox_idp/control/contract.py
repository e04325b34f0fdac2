"""The API's OpenAPI document as a rule for every answer that a test gets."""

from __future__ import annotations

import functools
import re
from typing import Any

import jsonschema_rs
from werkzeug.test import TestResponse

from sandbox_idp.control.bodies import TOML, ZIP
from sandbox_idp.control.openapi import document
from sandbox_idp.control.problems import PROBLEM
from sandbox_idp.control.routes import every_call


@functools.cache
def described() -> dict[str, Any]:
    """The document of the whole API."""
    return document(every_call(), server="http://127.0.0.1:9000/control/v1", prefixed=False).model_dump(mode="json")


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation that a call of `path` (below the API's root, with or without a query) is."""
    place = path.partition("?")[0]
    for template, operations in described()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), place) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def check_answer(method: str, path: str, response: TestResponse) -> None:
    """AssertionError unless the document describes this answer: status, media type, headers and body.

    Where there is no such call the answer is 404, or 405 for another method, and a problem all the same.
    """
    where = f"{method} {path}: {response.status_code}"
    operation = operation_of(method, path)
    if operation is None:
        assert response.status_code in (403, 404, 405), where
        assert response.mimetype == PROBLEM, where
        return
    assert str(response.status_code) in operation["responses"], f"{where} is not in the document"
    told = operation["responses"][str(response.status_code)]
    for name, header in told.get("headers", {}).items():
        assert name in response.headers or not header["required"], f"{where} without {name}"
    if "content" not in told:
        assert not response.get_data(), where
        return
    assert response.mimetype in told["content"], f"{where} as {response.mimetype}"
    if response.mimetype in (ZIP, TOML):
        assert response.get_data(), where
        return
    error = next(_validator(operation["operationId"], response.status_code).iter_errors(response.get_json()), None)
    assert error is None, f"{where}: {error.message} at {error.instance_path}"


@functools.cache
def _validator(operation_id: str, status: int) -> Any:
    operations = (each for path in described()["paths"].values() for each in path.values())
    operation = next(each for each in operations if each["operationId"] == operation_id)
    (content,) = operation["responses"][str(status)]["content"].values()
    whole = {**content["schema"], "components": described()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
