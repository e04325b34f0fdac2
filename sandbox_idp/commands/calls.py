"""Calls of the control API for the commands that work on a running training Gosuslugi."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx2

from foundation.settings import with_files_read
from sandbox_idp.settings import SandboxSettings

LONGEST_WAIT = 30
DEFAULT = "default"
TOML = "application/toml"


class CallError(Exception):
    """A call did not succeed; `reason` says why and what to do (Russian)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def add_address(command: argparse.ArgumentParser, *, stand: bool = True) -> None:
    """The options by which a command finds the training Gosuslugi, and the stand in it."""
    command.add_argument("--url", help="адрес учебных Госуслуг (иначе IDP_PUBLIC_URL, иначе порт IDP_PORT этой машины)")
    command.add_argument("--token", help="токен Control API (иначе IDP_CONTROL_TOKEN, иначе файл в DEMO_DIR/secrets)")
    if stand:
        command.add_argument("--stand", default=DEFAULT, help="стенд (иначе основной)")


class Calls:
    """The control API at one address; a context manager."""

    def __init__(self, address: str, token: str) -> None:
        self._client = httpx2.Client(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=LONGEST_WAIT + 10, trust_env=False
        )

    @classmethod
    def of(cls, options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Self:
        """As the options and the environment say. CallError if no token can be found, SettingsError for a bad file."""
        environ = with_files_read(environ, SandboxSettings)
        port = environ.get("IDP_PORT", "9000")
        address = (options.url or environ.get("IDP_PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/")
        stand = getattr(options, "stand", DEFAULT)
        prefix = "" if stand == DEFAULT else f"/s/{quote(stand, safe='')}"
        return cls(f"{address}{prefix}/control/v1", options.token or _token(environ))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The parsed answer, None where there is none; CallError otherwise."""
        return _read(self._answer(method, path, query, _sent(body)))

    def file(self, method: str, path: str, **query: Any) -> bytes:
        """The file that a call answers with; CallError otherwise."""
        return self._answer(method, path, query, {}).content

    def send_file(self, path: str, file: bytes, **query: Any) -> Any:
        """The parsed answer to a file (`application/zip`); CallError otherwise."""
        sent = {"content": file, "headers": {"Content-Type": "application/zip"}}
        return self._answer("POST", path, query, sent).json()

    def _answer(self, method: str, path: str, query: Mapping[str, Any], sent: Mapping[str, Any]) -> httpx2.Response:
        asked = {name: value for name, value in query.items() if value is not None}
        try:
            response = self._client.request(method, path, params=asked, **sent)
        except httpx2.TransportError as error:
            where = f"{self._client.base_url}"
            raise CallError(f"Учебные Госуслуги не отвечают по адресу {where}: запустите их (make demo).") from error
        if response.is_success:
            return response
        raise CallError(_refusal(response))


def _sent(body: Any) -> dict[str, Any]:
    """Bytes are a file of scenarios; anything else is JSON."""
    if isinstance(body, bytes):
        return {"content": body, "headers": {"Content-Type": TOML}}
    return {} if body is None else {"json": body}


def _read(response: httpx2.Response) -> Any:
    if response.headers.get("Content-Type", "").startswith(TOML):
        return response.text
    return response.json() if response.content else None


def _refusal(response: httpx2.Response) -> str:
    try:
        problem = response.json()
    except json.JSONDecodeError:
        return f"Ответ {response.status_code}: Control API здесь нет (IDP_CONTROL=on включает его)."
    lines = [problem.get("detail") or problem.get("title") or str(response.status_code)]
    lines += [f"  {_place(each)}: {each['detail']}" for each in problem.get("errors", [])]
    return "\n".join(lines)


def _place(error: dict[str, Any]) -> str:
    """Line and column of a text that was sent, else the field."""
    return f"{error['line']}:{error['column']}" if "line" in error else str(error["pointer"])


def _token(environ: Mapping[str, str]) -> str:
    file = Path(environ.get("DEMO_DIR", ".demo")) / "secrets" / "control-token"
    token = environ.get("IDP_CONTROL_TOKEN") or (file.read_text(encoding="ascii").strip() if file.is_file() else "")
    if not token:
        raise CallError(f"Нет токена: укажите --token или IDP_CONTROL_TOKEN (make demo кладёт его в {file}).")
    return token
