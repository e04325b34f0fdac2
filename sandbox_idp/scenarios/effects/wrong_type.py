"""A web page where something else is due."""

from __future__ import annotations

from typing import ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, chunks, effect

PAGE = """<html>
<head><title>Welcome</title></head>
<body>
<center><h1>It works!</h1></center>
</body>
</html>
"""
"""What a web server shows that was set up anew and does not know yet what stands behind it."""


@effect("wrong-type")
class WrongType(GateEffect):
    """The program is not asked; a web server in front of it answers 200 with a page of its own."""

    words: ClassVar[str] = "Вместо ответа чужая страница"

    order: ClassVar[int] = 55

    def around(self, call: Call) -> Answer:
        headers = [("Content-Type", "text/html"), ("Cache-Control", "no-store"), ("Content-Length", str(len(PAGE)))]
        sent = "" if call.environ["REQUEST_METHOD"] == "HEAD" else PAGE
        return Answer("200 OK", headers, chunks(sent.encode()))
