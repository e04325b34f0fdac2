"""An error status instead of the answer."""

from __future__ import annotations

import json
from http.client import responses
from typing import Any, ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, Length, chunks, effect, titled

PAGE = """<html>
<head><title>{status} {phrase}</title></head>
<body>
<center><h1>{status} {phrase}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""
"""What an ordinary web server shows when what stands behind it fails. It is not ours and must look so."""


@effect("status")
class Status(GateEffect):
    """The program is not asked; a web server in front of it answers with `status`."""

    words: ClassVar[str] = "Вместо ответа код ошибки"

    order: ClassVar[int] = 50

    status: int = titled("Код ответа", example=503, ge=400, le=599)
    retry_after: Length | None = None
    body: Literal["html", "json", "empty"] = titled(
        "Что в ответе", words={"html": "страница", "json": "JSON", "empty": "ничего"}, default="html"
    )

    def details(self) -> dict[str, Any]:
        return {"status": self.status}

    def around(self, call: Call) -> Answer:
        phrase = responses.get(self.status, "Error")
        content = ""
        headers = [("Cache-Control", "no-store")]
        if self.body == "html":
            content = PAGE.format(status=self.status, phrase=phrase)
            headers.append(("Content-Type", "text/html"))
        elif self.body == "json":
            content = json.dumps({"status": self.status, "error": phrase})
            headers.append(("Content-Type", "application/json"))
        if self.retry_after is not None:
            headers.append(("Retry-After", str(round(self.retry_after.total_seconds()))))
        headers.append(("Content-Length", str(len(content))))
        sent = "" if call.environ["REQUEST_METHOD"] == "HEAD" else content
        return Answer(f"{self.status} {phrase}", headers, chunks(sent.encode()))
