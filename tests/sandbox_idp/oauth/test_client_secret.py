"""`client_secret`: every form that must be accepted, every reason to refuse one, and the diagnosis of each."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox_idp.oauth import client_secret, errors
from sandbox_idp.oauth.client_secret import Signed
from sandbox_idp.oauth.models import SystemCertificate
from tests.esia_client import (
    FORMS,
    Identity,
    Sign,
    a_year_around,
    attached,
    attached_plain,
    attributes_for,
    base64url,
    by_hand,
    detached,
    detached_plain,
    without_certificate,
)

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
SIGNED = Signed(
    scope="openid fullname",
    timestamp="2026.11.22 12:00:00 +0300",
    client_id="CLINIC_36",
    state="7497a6ec-6085-4722-9b35-367ab2139b6a",
    redirect_uri="https://clinic.example/back",
)
EXPECTED = "openid fullname2026.11.22 12:00:00 +0300CLINIC_367497a6ec-6085-4722-9b35-367ab2139b6a"


def row(identity: Identity) -> SystemCertificate:
    certificate = identity.certificate
    return SystemCertificate(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        mnemonic="CLINIC_36",
        pem=identity.pem,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


@pytest.fixture
def new_identity(keys: Iterator[RSAPrivateKey]) -> Callable[[], Identity]:
    """Makes identities around `NOW`: these tests need no stand."""
    since, until = a_year_around(NOW)
    return lambda: Identity.make(next(keys), since=since, until=until)


@pytest.fixture
def mine(new_identity: Callable[[], Identity]) -> Identity:
    return new_identity()


@pytest.fixture
def verify(mine: Identity) -> Callable[..., SystemCertificate]:
    def check(message: bytes | str, registered: list[Identity] | None = None, later: timedelta = timedelta(0)):
        return client_secret.verify(
            message if isinstance(message, str) else base64url(message),
            SIGNED,
            certificates=[row(identity) for identity in (registered or [mine])],
            now=NOW + later,
        )

    return check


def test_the_string_is_scope_timestamp_client_and_state() -> None:
    assert SIGNED.text == EXPECTED


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_is_accepted(verify, mine: Identity, new_identity, form: Sign) -> None:
    """Attached and detached, with and without signed attributes, certificate inside or only named (quirk 1)."""
    found = verify(form(mine, EXPECTED), [new_identity(), mine, new_identity()])
    assert found.fingerprint == row(mine).fingerprint


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_another_key_of_ones_own_is_007002_or_not_found(verify, mine: Identity, new_identity, form: Sign) -> None:
    """A certificate nobody registered, embedded or named."""
    with pytest.raises(errors.CertificateForeignError) as caught:
        verify(form(new_identity(), EXPECTED))
    assert caught.value.code == "ESIA-007002"
    assert caught.value.diagnosis["registered"] == [row(mine).fingerprint]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_right_certificate_with_another_key_is_007053(verify, mine: Identity, new_identity, form: Sign) -> None:
    thief = Identity(new_identity().key, mine.certificate)
    with pytest.raises(errors.SignatureWrongError) as caught:
        verify(form(thief, EXPECTED))
    assert caught.value.code == "ESIA-007053"
    assert caught.value.diagnosis["expected"] == EXPECTED


def test_a_certificate_that_ran_out_is_007053(verify, mine: Identity) -> None:
    for later in (timedelta(days=366), timedelta(days=-2)):
        with pytest.raises(errors.CertificateNotActiveError) as caught:
            verify(detached(mine, EXPECTED), later=later)
        assert caught.value.code == "ESIA-007053"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("part", ["scope", "timestamp", "client_id", "state"])
def test_one_byte_changed_in_any_part_is_007053(verify, mine: Identity, form: Sign, part: str) -> None:
    value = getattr(SIGNED, part)
    other = Signed(**{**SIGNED.__dict__, part: value[:-1] + chr(ord(value[-1]) ^ 1)})
    with pytest.raises(errors.SecretError) as caught:
        verify(form(mine, other.text))
    assert caught.value.code == "ESIA-007053"
    assert caught.value.diagnosis["expected"] == EXPECTED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(text=st.text(max_size=120).filter(lambda text: text != EXPECTED), form=st.sampled_from(FORMS))
def test_no_other_string_ever_passes(verify, mine: Identity, text: str, form: Sign) -> None:
    with pytest.raises(errors.SecretError):
        verify(form(mine, text))


@pytest.mark.parametrize("form", [attached, attached_plain], ids=lambda form: form.__name__)
def test_attached_content_that_differs_is_shown_beside_the_expected(verify, mine: Identity, form: Sign) -> None:
    with pytest.raises(errors.OtherStringSignedError) as caught:
        verify(form(mine, "something else"))
    assert caught.value.diagnosis["signed"] == "something else"
    assert caught.value.diagnosis["expected"] == EXPECTED


def test_attached_content_may_not_hide_a_signature_over_another_string(verify, mine: Identity) -> None:
    """The content says the right thing, the digest attribute another."""
    message = by_hand(mine, EXPECTED, content=EXPECTED, attributes=attributes_for(EXPECTED, digest_of="another string"))
    with pytest.raises(errors.OtherStringSignedError):
        verify(message)


def test_signed_attributes_must_name_digest_and_content_type(verify, mine: Identity) -> None:
    good = attributes_for(EXPECTED)
    verify(by_hand(mine, EXPECTED, attributes=good))
    for attributes in ([good[0]], [good[1]], [*good, good[1]], [("content_type", "signed_data"), good[1]]):
        with pytest.raises(errors.SignatureWrongError):
            verify(by_hand(mine, EXPECTED, attributes=attributes))


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA512()], ids=lambda digest: digest.name)
def test_only_sha_256(verify, mine: Identity, digest: hashes.HashAlgorithm) -> None:
    with pytest.raises(errors.AlgorithmUnsupportedError) as caught:
        verify(by_hand(mine, EXPECTED, algorithm=digest))
    assert caught.value.diagnosis["digest_algorithm"] == digest.name


@pytest.mark.parametrize(
    "secret",
    ["", "А", "????", "AAAA", "MIIB", base64url(cms.ContentInfo({"content_type": "data", "content": b"x"}).dump())],
)
def test_what_is_not_a_signature_at_all(verify, secret: str) -> None:
    with pytest.raises(errors.SecretUnreadableError) as caught:
        verify(secret)
    assert caught.value.code == "ESIA-007053"


def test_a_message_of_two_signers_is_refused(verify, mine: Identity) -> None:
    message = cms.ContentInfo.load(detached_plain(mine, EXPECTED))
    signers = message["content"]["signer_infos"]
    signers.append(signers[0].copy())
    with pytest.raises(errors.SecretUnreadableError):
        verify(message.dump(force=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(position=st.integers(0, 2000), bit=st.integers(0, 7), form=st.sampled_from([detached, attached_plain]))
def test_a_flipped_bit_never_ends_in_another_exception(
    verify, mine: Identity, position: int, bit: int, form: Sign
) -> None:
    """A broken message is refused by name, never with a stack (S-61). Bits outside what is signed may flip freely."""
    message = bytearray(form(mine, EXPECTED))
    message[position % len(message)] ^= 1 << bit
    with contextlib.suppress(errors.SecretError):
        verify(bytes(message))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(length=st.integers(0, 1500))
def test_a_message_cut_short_is_refused(verify, mine: Identity, length: int) -> None:
    message = detached(mine, EXPECTED)
    with pytest.raises(errors.SecretError):
        verify(message[: min(length, len(message) - 1)])


@pytest.mark.parametrize("form", [detached, attached, detached_plain], ids=lambda form: form.__name__)
@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        (EXPECTED + "\n", "перевод строки"),
        (EXPECTED.replace("+", " "), "«+»"),
        (EXPECTED.replace(" +", "%20%2B").replace(" 12", "%2012"), "закодированная"),
        ("CLINIC_36" + SIGNED.scope + SIGNED.timestamp + SIGNED.state + SIGNED.redirect_uri, "второй версии"),
        (SIGNED.timestamp + SIGNED.client_id + SIGNED.state, "нет scope"),
        (EXPECTED.replace("openid fullname", "fullname openid"), "другом порядке"),
    ],
)
def test_a_known_mistake_is_recognised(verify, mine: Identity, form: Sign, wrong: str, advice: str) -> None:
    """What users of ESIA ask for most: which string was signed instead, and how to mend it."""
    with pytest.raises(errors.OtherStringSignedError) as caught:
        verify(form(mine, wrong))
    assert caught.value.diagnosis["signed"] == wrong
    assert advice in caught.value.diagnosis["advice"]


def test_a_diagnosis_is_plain_data_without_key_or_signature(verify, mine: Identity) -> None:
    secret = base64url(detached(mine, "something else"))
    with pytest.raises(errors.SecretError) as caught:
        verify(secret)
    told = json.dumps(caught.value.diagnosis, ensure_ascii=False)
    assert secret[200:260] not in told
    assert "PRIVATE" not in told
    assert caught.value.description == "ESIA-007053: OAuthErrorEnum.clientSecretWrong"


def test_a_named_certificate_of_another_system_is_not_found(verify, new_identity) -> None:
    with pytest.raises(errors.CertificateForeignError) as caught:
        verify(without_certificate(new_identity(), EXPECTED))
    assert caught.value.diagnosis["presented"] is None


def test_an_embedded_certificate_must_be_the_signers(verify, mine: Identity, new_identity) -> None:
    """Another's registered certificate in the bag does not help a signer who is somebody else."""
    stranger = new_identity()
    message = cms.ContentInfo.load(without_certificate(stranger, EXPECTED))
    message["content"]["certificates"] = cms.ContentInfo.load(detached(mine, EXPECTED))["content"]["certificates"]
    with pytest.raises(errors.CertificateForeignError):
        verify(message.dump(force=True))


def test_a_key_that_is_not_rsa_is_told_apart(verify) -> None:
    since, until = a_year_around(NOW)
    curve: Any = ec.generate_private_key(ec.SECP256R1())
    identity = Identity.make(curve, since=since, until=until)
    with pytest.raises(errors.AlgorithmUnsupportedError):
        verify(detached(identity, EXPECTED), [identity])
