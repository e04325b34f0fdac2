"""What came of a request, in one word, for whoever stands around the portal: its own log, or a layer in front of it.

A status alone does not tell: a form is sent back with 422 for many reasons.
"""

from __future__ import annotations

from flask import request

OUTCOME = "portal.outcome"
"""Key of the WSGI environment: a word such as `upload-type`. Left out where nothing out of the ordinary happened."""


def note_outcome(word: str) -> None:
    """Say what came of the request at hand."""
    request.environ[OUTCOME] = word
