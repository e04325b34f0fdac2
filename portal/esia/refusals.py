"""OAuth errors of ESIA, in the redirect and from the token endpoint, turned into types.

Both `error` and `error_description` come through the browser and are a stranger's text (S-16): the code is picked out
by its form, the name is compared with those that exist, and nothing else of them is kept, logged or shown.
"""

from __future__ import annotations

import re

from portal.esia.errors import (
    AccountUnconfirmed,
    CodeRefused,
    ConsentDenied,
    EsiaError,
    EsiaFailed,
    EsiaWorks,
    Misconfigured,
    RefusedByEsia,
    SecondFactorMissing,
    UnknownRefusal,
)

_CODE = re.compile(r"\bESIA-\d{6}\b", re.ASCII)

DENIED = "ESIA-007004"
SERVER_ERROR = "ESIA-007007"
UNAVAILABLE = "ESIA-007008"
BAD_GRANT = "ESIA-007011"
NO_SECOND_FACTOR = "ESIA-007046"
UNCONFIRMED = "ESIA-007055"

_BY_NAME = {
    "access_denied": DENIED,
    "server_error": SERVER_ERROR,
    "temporarily_unavailable": UNAVAILABLE,
    "invalid_grant": BAD_GRANT,
}
_REFUSED: dict[str, type[RefusedByEsia]] = {
    DENIED: ConsentDenied,
    BAD_GRANT: CodeRefused,
    UNCONFIRMED: AccountUnconfirmed,
}
"""What is the person's to mend; every other code or name means that our own request is wrong."""
_OUR_FAULT = (
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_response_type",
    "unsupported_grant_type",
)


def refusal(*, call: str, error: str, description: str, status: int | None = None) -> EsiaError:
    """The error for what ESIA answered. The code counts more than the name, which ESIA uses loosely."""
    found = _CODE.search(description[:2000])
    name = error if error in _BY_NAME or error in _OUR_FAULT else ""
    code = found.group() if found else ""
    meant = code or _BY_NAME.get(name, "")
    if meant == SERVER_ERROR:
        return EsiaFailed(call=call, detail=f"{code} {name}".strip(), status=status)
    if meant == UNAVAILABLE:
        return EsiaWorks(call=call, works=None)
    if meant == NO_SECOND_FACTOR:
        return SecondFactorMissing(call=call, detail=code, status=status)
    if code or name:
        return _REFUSED.get(meant, Misconfigured)(call=call, error=name, code=code, status=status)
    return UnknownRefusal(call=call, status=status)
