"""How a call of the control API is declared: once. Route and OpenAPI document come of the same declaration.

    calls = Calls("people")

    @calls.delete("/people/{person}", status=204, refuses=((404, "unknown-person"),))
    def delete_person(stand: Stand, person: PersonKey) -> None:
        '''Close an account.'''

What the decorator is not told the function's signature says: `stand` is the stand of the address, whose token has been
checked; `body` a `Body`, `query` a `NoQuery`, both read strictly; every other parameter is a part of the path; what it
returns is an `Answer`, or None for 204. A call without `body` or `query` refuses both. `refuses` names the status and
code of each ProblemError of its own; what every call refuses is known (`openapi.COMMON`). With `reads_file` it takes
`file: bytes` in place of a body, and what answers with a file returns a `FileAnswer`.

A new call needs nothing but its declaration and its module's `calls` in the list of `routes`.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from flask import Response, abort
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox_idp.context import current_stand
from sandbox_idp.control.bodies import TOML, ZIP, Body, FileKind, NoQuery, Nothing, read_body, read_file, read_query
from sandbox_idp.control.guard import allow_all, allow_any, allow_stand
from sandbox_idp.control.problems import Wrong, invalid, pointer

Opens = Literal["stand", "named-stand", "pair", "any"]
"""Whose token a call needs: the stand's of the address, that of the stand named in the path, only that of the whole
pair, or any valid one. `named-stand` and `pair` are calls about stands as such: they exist only without a prefix."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Refusal = tuple[int, str]
Handler = TypeVar("Handler", bound=Callable[..., Any])


class Answer(BaseModel):
    """Base of what calls answer with."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def response(self, status: int) -> Response:
        """JSON with Russian letters as they are: people read these answers in the output of a failed test."""
        return Response(self.model_dump_json() + "\n", status=status, mimetype="application/json")


@dataclass(frozen=True)
class FileAnswer:
    """Base of files in place of JSON."""

    media_type: ClassVar[str]
    data: bytes
    name: str

    def response(self, status: int) -> Response:
        """The file under its name."""
        response = Response(self.data, status=status, content_type=self.media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{self.name}"'
        return response


class ZipAnswer(FileAnswer):
    """An archive."""

    media_type = ZIP


class TomlAnswer(FileAnswer):
    """A file of scenarios."""

    media_type = TOML


def key(description: str, *examples: str) -> Any:
    """A part of a path: which characters it may have, and what it is."""
    characters = r"^[^\x00-\x1f\x7f/]+$"
    return Field(min_length=1, max_length=80, pattern=characters, description=description, examples=list(examples))


StandKey = Annotated[str, key("id of a stand", "default")]
EntryKey = Annotated[str, key("id of an entry of the catalogue or of the stand's own")]
PersonKey = Annotated[str, key("a persona or an oid", "anna")]
SnapshotKey = Annotated[str, key("id of a snapshot")]
SystemKey = Annotated[str, key("mnemonic of an information system", "PORTAL_DEMO")]


@dataclass(frozen=True)
class Call:
    """One call as it was declared."""

    method: Method
    path: str
    """Below `/control/v1`, with the names of its parts in braces."""
    tag: str
    opens: Opens
    status: int
    refuses: tuple[Refusal, ...]
    function: Callable[..., Answer | FileAnswer | None]
    hints: dict[str, Any]
    """The annotations of `function`."""
    reads_file: FileKind | None = None
    """The kind of file that it takes in place of a body; None: it takes none."""

    @property
    def name(self) -> str:
        """`operationId`, and the endpoint."""
        return self.function.__name__

    @property
    def text(self) -> str:
        """What the call does, in the words of its docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def body(self) -> type[Body]:
        """What it reads from the body."""
        found: type[Body] = self.hints.get("body", Nothing)
        return found

    @property
    def query(self) -> type[NoQuery]:
        """What it reads from the query."""
        found: type[NoQuery] = self.hints.get("query", NoQuery)
        return found

    @property
    def answer(self) -> type[Answer] | None:
        """The JSON it answers with; None: nothing but 204, or a file."""
        found = self.hints["return"]
        return None if found is type(None) or self.sends_file is not None else found

    @property
    def sends_file(self) -> type[FileAnswer] | None:
        """The kind of file it answers with."""
        found = self.hints["return"]
        return found if issubclass(found, FileAnswer) else None

    @cached_property
    def parts(self) -> dict[str, TypeAdapter[str]]:
        """The parts of its path, and what each may be."""
        others = ("stand", "body", "query", "file", "return")
        return {name: TypeAdapter(hint) for name, hint in self.hints.items() if name not in others}

    @property
    def reads_body(self) -> bool:
        """Whether a JSON body may be sent at all."""
        return self.method != "GET" and self.reads_file is None

    @property
    def is_outside(self) -> bool:
        """Whether it exists only without a stand's prefix."""
        return self.opens in ("named-stand", "pair")

    def __call__(self, **parts: str) -> Response:
        """Check, read, call, answer. Raises ProblemError."""
        given: dict[str, Any] = self._checked(parts)
        self._admit(parts)
        if "stand" in self.hints:
            given["stand"] = current_stand()
        query = read_query(self.query)
        if "query" in self.hints:
            given["query"] = query
        if self.reads_body:
            body = read_body(self.body)
            if "body" in self.hints:
                given["body"] = body
        if self.reads_file is not None:
            given["file"] = read_file(self.reads_file)
        result = self.function(**given)
        return Response(status=204) if result is None else result.response(self.status)

    def _checked(self, parts: dict[str, str]) -> dict[str, str]:
        """The path's parts; a value that no id can have goes no further."""
        wrong = []
        for name, kind in self.parts.items():
            try:
                kind.validate_python(parts[name])
            except ValidationError:
                wrong.append(Wrong(pointer(name), "Такого имени или номера не бывает."))
        if wrong:
            raise invalid(wrong)
        return parts

    def _admit(self, parts: dict[str, str]) -> None:
        if self.is_outside and current_stand().prefix:
            abort(404)
        if self.opens == "any":
            allow_any()
        elif self.opens == "pair":
            allow_all()
        else:
            allow_stand(parts["stand_id"] if self.opens == "named-stand" else current_stand().id)


@dataclass
class Calls:
    """The calls of one room of the API; iterating gives them in the order of declaration."""

    tag: str
    declared: list[Call] = field(default_factory=list)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.declared)

    def get(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a GET; `more` as for `declare`."""
        return self.declare("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a POST."""
        return self.declare("POST", path, **more)

    def put(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a PUT."""
        return self.declare("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a PATCH."""
        return self.declare("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a DELETE."""
        return self.declare("DELETE", path, **more)

    def declare(
        self,
        method: Method,
        path: str,
        *,
        opens: Opens = "stand",
        status: int = 200,
        refuses: tuple[Refusal, ...] = (),
        reads_file: FileKind | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function as a call; it can still be called as it is."""

        def declared(function: Handler) -> Handler:
            hints = typing.get_type_hints(function, include_extras=True)
            self.declared.append(
                Call(
                    method=method,
                    path=path,
                    tag=self.tag,
                    opens=opens,
                    status=status,
                    refuses=refuses,
                    function=function,
                    hints=hints,
                    reads_file=reads_file,
                )
            )
            return function

        return declared
