"""OAuth errors in the redirect back: a stranger's text, read by its form only (S-16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.esia import errors
from portal.esia.refusals import refusal


@pytest.mark.parametrize(
    ("error", "description", "kind"),
    [
        ("access_denied", "ESIA-007004: The resource owner denied the request.", errors.ConsentDenied),
        ("access_denied", "", errors.ConsentDenied),
        ("access_denied", "ESIA-007053: OAuthErrorEnum.clientSecretWrong", errors.Misconfigured),
        ("access_denied", "ESIA-007019: OAuthErrorEnum.noGrants", errors.Misconfigured),
        ("invalid_request", "ESIA-007014: no parameter [timestamp]", errors.Misconfigured),
        ("invalid_scope", "ESIA-007006: scope", errors.Misconfigured),
        ("invalid_scope", "", errors.Misconfigured),
        ("unauthorized_client", "ESIA-007005: The client is not authorized", errors.Misconfigured),
        ("server_error", "ESIA-007007: unexpected", errors.EsiaFailed),
        ("server_error", "", errors.EsiaFailed),
        ("temporarily_unavailable", "ESIA-007008: busy", errors.EsiaWorks),
        ("temporarily_unavailable", "", errors.EsiaWorks),
        ("whatever", "ESIA-099999: new", errors.Misconfigured),
        ("whatever", "nothing known", errors.UnknownRefusal),
        ("ACCESS_DENIED", "", errors.UnknownRefusal),
        ("x", "XESIA-007004", errors.UnknownRefusal),
        ("x", "ESIA-0070045", errors.UnknownRefusal),
    ],
)
def test_the_code_counts_more_than_the_name(error: str, description: str, kind: type[errors.EsiaError]) -> None:
    """`docs/esia-protocol.md`: ESIA uses the names loosely."""
    assert type(refusal(call="authorize", error=error, description=description)) is kind


@given(error=st.text(max_size=60), description=st.text(max_size=200))
def test_nothing_of_a_stranger_s_text_is_kept(error: str, description: str) -> None:
    """S-16, S-62, S-63: the reason is made of known words only, whatever was sent."""
    reason = refusal(call="authorize", error=f"<b>{error}", description=f"<i>{description}").reason
    assert reason == "unknown_refusal" or "ESIA-" in reason
    assert "<" not in reason
    assert "\n" not in reason
