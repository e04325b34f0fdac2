"""Refusals of the control API as `application/problem+json` (RFC 9457).

`code` is the stable name of the reason, `errors` holds one JSON pointer (RFC 6901) for each thing that is wrong.
"""

from __future__ import annotations

import http
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from pydantic import ValidationError

PROBLEM = "application/problem+json"
"""The media type of a refusal (RFC 9457)."""


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong in a request."""

    pointer: str
    detail: str
    line: int | None = None
    """Where it is in a text that was sent, from 1."""
    column: int | None = None

    def told(self) -> dict[str, Any]:
        """As it is sent."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass
class ProblemError(Exception):
    """A request that is refused."""

    status: int
    code: str
    detail: str
    errors: list[Wrong] = field(default_factory=list)

    def response(self) -> Response:
        """The answer to send."""
        response = answer(
            {
                "type": "about:blank",
                "title": http.HTTPStatus(self.status).phrase,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
                **({"errors": [error.told() for error in self.errors]} if self.errors else {}),
            },
            self.status,
        )
        response.mimetype = PROBLEM
        if self.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="control"'
        return response


def answer(body: dict[str, Any], status: int = 200) -> Response:
    """JSON with Russian letters as they are: people read these answers in the output of a failed test."""
    return Response(json.dumps(body, ensure_ascii=False) + "\n", status=status, mimetype="application/json")


def invalid(errors: Iterable[Wrong]) -> ProblemError:
    """422 for a body or a query that is not as agreed."""
    listed = list(errors)
    names = ", ".join(error.pointer or "/" for error in listed)
    return ProblemError(422, "invalid", f"Запрос не по договору: {names}.", listed)


def from_validation(error: ValidationError) -> ProblemError:
    """The same from what pydantic found."""
    return invalid(
        Wrong(pointer(*item["loc"]), _words(item["type"], item["msg"]))
        for item in error.errors(include_url=False, include_input=False)
    )


def pointer(*path: str | int) -> str:
    """A JSON pointer, such as `/parameters/status`; empty for the whole body."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _words(kind: str, message: str) -> str:
    return {
        "extra_forbidden": "Такого поля нет.",
        "missing": "Поле обязательно.",
        "json_invalid": "Это не JSON.",
        "model_type": "Нужен объект JSON.",
        "string_type": "Нужна строка.",
        "bool_type": "Нужно true или false.",
        "int_type": "Нужно целое число.",
        "dict_type": "Нужен объект JSON.",
        "time_delta_parsing": "Нужна длительность ISO 8601, например PT6M.",
        "time_delta_type": "Нужна длительность ISO 8601, например PT6M.",
        "datetime_parsing": "Нужны дата и время ISO 8601 с зоной, например 2026-11-22T06:00:00+03:00.",
        "datetime_from_date_parsing": "Нужны дата и время ISO 8601 с зоной, например 2026-11-22T06:00:00+03:00.",
        "timezone_aware": "Укажите зону, например +03:00.",
    }.get(kind, message.removeprefix("Value error, "))
