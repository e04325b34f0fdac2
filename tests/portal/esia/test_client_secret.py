"""`client_secret` of ESIA's first generation: a detached CMS over the request's own parameters (S-01, S-02)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from portal.esia.client import EsiaClient
from tests.portal.conftest import NOON
from tests.portal.fake_esia import CLIENT_ID, FRONT, FakeEsia, rsa_key

SCOPE = (
    "openid fullname email birth_cert_doc kid_medical_doc drivers_licence_doc kid_fullname snils contacts addresses "
    "inn medical_doc birthdate usr_org kid_birth_cert_doc kid_birthdate"
)


def verify(secret: str, text: str) -> None:
    """Check the CMS as a server would, with another library than the one that made it."""
    info = cms.ContentInfo.load(base64.urlsafe_b64decode(secret))
    assert info["content_type"].native == "signed_data"
    data = info["content"]
    assert data["encap_content_info"]["content"].native is None, "the signature must be detached"
    signer = data["signer_infos"][0]
    attributes = {item["type"].native: item["values"][0].native for item in signer["signed_attrs"]}
    assert attributes["message_digest"] == hashlib.sha256(text.encode()).digest()
    rsa_key("portal").public_key().verify(
        signer["signature"].native, signer["signed_attrs"].untag().dump(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_the_browser_is_sent_with_a_code_request_and_a_good_signature(make_client: Callable[..., EsiaClient]) -> None:
    """S-01: only `response_type=code`. R-020: sixteen scopes."""
    address = make_client().authorization_url(state="some-state", redirect_uri="http://localhost:8000/login/callback")
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{FRONT}/aas/oauth2/ac"
    sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert sent["response_type"] == "code"
    assert sent["scope"] == SCOPE
    assert sent["client_id"] == CLIENT_ID
    assert sent["redirect_uri"] == "http://localhost:8000/login/callback"
    assert sent["timestamp"] == "2026.11.22 09:00:00 +0000"
    assert "+" not in parts.query.split("timestamp=")[1].split("&")[0].replace("+", " ", 2), "+0000 must be encoded"
    verify(sent["client_secret"], SCOPE + sent["timestamp"] + CLIENT_ID + "some-state")


def test_the_token_request_carries_a_signature_and_a_state_of_its_own(
    make_client: Callable[..., EsiaClient], esia: FakeEsia
) -> None:
    """The state of the token request is a new one, and its signature is over that one."""
    make_client().redeem(code=esia.code(), redirect_uri="http://localhost:8000/login/callback", started_at=NOON)
    sent = {name: values[0] for name, values in parse_qs(esia.requests[0].content.decode()).items()}
    assert sent["grant_type"] == "authorization_code"
    assert sent["token_type"] == "Bearer"
    assert len(sent["state"]) == 36
    verify(sent["client_secret"], SCOPE + sent["timestamp"] + CLIENT_ID + sent["state"])


def test_no_password_grant_and_no_implicit_one_exist() -> None:
    """S-01: the client's source knows no other way to a token."""
    import inspect

    from portal.esia import client

    text = inspect.getsource(client)
    assert "grant_type" in text
    for other in ("response_type=token", "id_token token", '"password"', "client_credentials"):
        assert other not in text
