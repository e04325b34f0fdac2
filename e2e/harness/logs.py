"""What must never stand in a log (S-62), looked for in everything that both programs printed during a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox_idp.accounts.personas import PASSWORD, PERSONAS

JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+")
CODE_IN_QUERY = re.compile(r"[?&](?:code|state|client_secret|access_token)=[\w.%-]{6,}")
ONE_TIME_CODE = re.compile(r"#\d{6}(?!\d)")
MOST = 20


def _known() -> dict[str, str]:
    """What the twelve people type and own, with a name for it."""
    known = {PASSWORD: "a password"}
    for persona in PERSONAS:
        for name, value in (("phone", persona.phone), ("SNILS", persona.snils), ("policy", persona.policy)):
            if value:
                known[value.removeprefix("+")] = f"the {name} of {persona.id}"
        if persona.snils:
            number = persona.snils
            known[f"{number[:3]}-{number[3:6]}-{number[6:9]} {number[9:]}"] = f"the SNILS of {persona.id}"
    return known


def secrets_in(line: str) -> Iterator[str]:
    """What a line of a log gives away."""
    for value, name in _KNOWN.items():
        if value in line:
            yield name
    for pattern, name in ((JWT, "a token"), (CODE_IN_QUERY, "a code or secret of a query"), (ONE_TIME_CODE, "a code")):
        if pattern.search(line):
            yield name


_KNOWN = _known()


def given_away(logs: Mapping[str, Path]) -> list[str]:
    """One sentence for each line that says too much, at most twenty."""
    found = []
    for program, path in logs.items():
        if not path.exists():
            continue
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                found += [f"{program}:{number}: {name}: {line.strip()[:200]}" for name in secrets_in(line)]
    return found[:MOST]
