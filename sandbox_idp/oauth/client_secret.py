"""`client_secret` of ESIA v1: a CMS SignedData over scope, timestamp, client_id and state, and why one is refused.

Detached or attached, with signed attributes or without, RSA with SHA-256 (`docs/esia-protocol.md`, "client_secret").
What users of ESIA miss most is an explanation of a refusal, so every error carries a diagnosis: the string that was
expected, and the one that was signed instead if it is one of the known wrong ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox_idp.oauth import errors, values
from sandbox_idp.oauth.models import SystemCertificate

_RSA = frozenset({"rsassa_pkcs1v15", "sha256_rsa", "rsa"})
_SET_OF = b"\x31"


@dataclass(frozen=True)
class Signed:
    """The four parts of the string that a v1 client signs, as this very request carried them."""

    scope: str
    timestamp: str
    client_id: str
    state: str
    redirect_uri: str = ""
    """Not signed in v1, nor is `code`; both only for recognising a client that speaks v2."""
    code: str = ""

    @property
    def text(self) -> str:
        """The string ESIA expects."""
        return self.scope + self.timestamp + self.client_id + self.state

    def known_mistakes(self) -> Iterator[tuple[str, str]]:
        """Wrong strings that clients are known to sign, each with what to do about it (Russian, for the journal)."""
        scope, timestamp, client, state = self.scope, self.timestamp, self.client_id, self.state
        yield self.text + "\n", "В конце подписанной строки лишний перевод строки: подписывайте её без него."
        yield self.text + "\r\n", "В конце подписанной строки лишний перевод строки: подписывайте её без него."
        yield (
            scope + timestamp.replace("+", " ") + client + state,
            "В подписанной строке знак «+» часового пояса превратился в пробел: подписывайте до кодирования адреса.",
        )
        yield (
            scope + timestamp.replace("+", "%2B").replace(" ", "%20") + client + state,
            "Подписана уже закодированная метка времени: подписывайте её до кодирования адреса.",
        )
        yield (
            client + scope + timestamp + state + self.redirect_uri + self.code,
            "Подписана строка второй версии, а адрес — первой: здесь scope + timestamp + client_id + state.",
        )
        yield client + scope + timestamp + state, "Порядок другой: нужно scope + timestamp + client_id + state."
        yield timestamp + client + state, "В подписанной строке нет scope."
        yield scope + timestamp + client, "В подписанной строке нет state."
        yield (
            " ".join(sorted(scope.split())) + timestamp + client + state,
            "Области в подписанной строке стоят в другом порядке, чем в запросе.",
        )
        yield (
            scope.replace(" ", "+") + timestamp + client + state,
            "В подписанной строке между областями стоит «+» вместо пробела.",
        )
        yield self.text + self.redirect_uri, "redirect_uri в первой версии не подписывают."


def verify(
    secret: str, signed: Signed, *, certificates: Sequence[SystemCertificate], now: datetime
) -> SystemCertificate:
    """Check `secret` and tell which of the system's `certificates` it was signed with.

    Raises a SecretError: ESIA-007002 for a certificate that is not one of them, ESIA-007053 for all else.
    """
    try:
        return _verify(_read(secret), signed, certificates, now)
    except (ValueError, TypeError, KeyError) as error:
        # The parser reads each part only when it is asked for, so a broken one may come to light anywhere.
        raise errors.SecretUnreadableError(
            "client_secret не читается как PKCS#7 (CMS) в DER.", problem=str(error).partition("\n")[0][:200]
        ) from None


def _verify(
    content: Any, signed: Signed, certificates: Sequence[SystemCertificate], now: datetime
) -> SystemCertificate:
    signer = content["signer_infos"][0]
    certificate = _registered(content, signer, certificates)
    if not certificate.not_before <= now <= certificate.not_after:
        raise errors.CertificateNotActiveError(
            "Сертификат зарегистрирован, но не действует: срок истёк или ещё не начался.",
            not_before=certificate.not_before.isoformat(),
            not_after=certificate.not_after.isoformat(),
            now=now.isoformat(),
        )
    _check_algorithm(signer)
    _check_signature(_CheckedMessage(content, signer, _public_key(certificate), signed))
    return certificate


def _read(secret: str) -> Any:
    """The SignedData in `secret`."""
    try:
        der = values.decode_base64(secret)
    except ValueError as error:
        raise errors.SecretUnreadableError("client_secret — не base64url.", problem=str(error)) from None
    outer = cms.ContentInfo.load(der, strict=True)
    if outer["content_type"].native != "signed_data":
        raise errors.SecretUnreadableError(
            "В client_secret лежит не подпись (SignedData).", content_type=outer["content_type"].native
        )
    content = outer["content"]
    signers = len(content["signer_infos"])
    if signers != 1:
        raise errors.SecretUnreadableError("В client_secret должна быть ровно одна подпись.", signers=signers)
    return content


def _registered(content: Any, signer: Any, certificates: Sequence[SystemCertificate]) -> SystemCertificate:
    """The registered certificate that the signer names; embedded in the message or, if it is not, only named."""
    embedded = [item.chosen.dump() for item in content["certificates"] if item.name == "certificate"]
    presented = next((der for der in embedded if _names(der, signer["sid"])), None)
    for certificate in certificates:
        if presented is not None:
            if hashlib.sha256(presented).hexdigest() == certificate.fingerprint:
                return certificate
        elif not embedded and _names(_der(certificate), signer["sid"]):
            return certificate
    raise errors.CertificateForeignError(
        "Сертификат не зарегистрирован за этой системой: загрузите его в карточку системы.",
        presented=None if presented is None else _describe(presented),
        registered=[certificate.fingerprint for certificate in certificates],
    )


def _names(der: bytes, sid: Any) -> bool:
    """Whether the signer identifier `sid` means the certificate in `der`."""
    certificate = asn1_x509.Certificate.load(der)
    if sid.name == "issuer_and_serial_number":
        named = sid.chosen
        return bool(
            named["serial_number"].native == certificate.serial_number
            and named["issuer"].dump() == certificate.issuer.dump()
        )
    return bool(certificate.key_identifier is not None and certificate.key_identifier == sid.chosen.native)


def _der(certificate: SystemCertificate) -> bytes:
    return x509.load_pem_x509_certificate(certificate.pem.encode("ascii")).public_bytes(Encoding.DER)


def _describe(der: bytes) -> dict[str, Any]:
    certificate = asn1_x509.Certificate.load(der)
    return {
        "fingerprint": hashlib.sha256(der).hexdigest(),
        "subject": certificate.subject.human_friendly,
        "serial": f"{certificate.serial_number:x}",
    }


def _public_key(certificate: SystemCertificate) -> rsa.RSAPublicKey:
    key = x509.load_pem_x509_certificate(certificate.pem.encode("ascii")).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise errors.AlgorithmUnsupportedError("Ключ сертификата — не RSA.", key=type(key).__name__)
    return key


def _check_algorithm(signer: Any) -> None:
    digest = signer["digest_algorithm"]["algorithm"].native
    signature = signer["signature_algorithm"]["algorithm"].native
    if digest != "sha256" or signature not in _RSA:
        raise errors.AlgorithmUnsupportedError(
            "Подпись должна быть RSA с SHA-256.", digest_algorithm=digest, signature_algorithm=signature
        )


@dataclass(frozen=True)
class _CheckedMessage:
    content: Any
    signer: Any
    key: rsa.RSAPublicKey
    signed: Signed


def _check_signature(message: _CheckedMessage) -> None:
    """Whichever of the two forms it has, the expected string must be what was signed, by the certificate's key."""
    inner = message.content["encap_content_info"]
    attached = inner["content"].native
    if attached is not None and attached != message.signed.text.encode():
        raise _other_string(message.signed, lambda text: attached == text.encode(), attached=attached)
    if message.signer["signed_attrs"].native is None:
        _check_plain(message, attached is not None)
    else:
        _check_attributes(message, inner["content_type"].native)


def _check_plain(message: _CheckedMessage, attached: bool) -> None:
    """Without signed attributes the signature is over the content itself."""
    signature = message.signer["signature"].native
    if _verifies(message.key, signature, message.signed.text.encode()):
        return
    if not attached:
        for text, advice in message.signed.known_mistakes():
            if _verifies(message.key, signature, text.encode()):
                raise errors.OtherStringSignedError(advice, expected=message.signed.text, signed=text)
    raise errors.SignatureWrongError(
        "Подпись не сходится: подписана другая строка или подписано другим ключом.", expected=message.signed.text
    )


def _check_attributes(message: _CheckedMessage, content_type: str) -> None:
    """With signed attributes the content's digest is one of them, and the signature is over their SET OF."""
    attributes: dict[str, list[Any]] = {}
    for attribute in message.signer["signed_attrs"]:
        attributes.setdefault(attribute["type"].native, []).extend(attribute["values"].native)
    if len(attributes.get("message_digest", [])) != 1 or attributes.get("content_type") != [content_type]:
        raise errors.SignatureWrongError(
            "В подписанных атрибутах должны быть по одному messageDigest и contentType.",
            expected=message.signed.text,
            attributes=sorted(str(name) for name in attributes),
        )
    digest = attributes["message_digest"][0]
    if digest != hashlib.sha256(message.signed.text.encode()).digest():
        raise _other_string(message.signed, lambda text: digest == hashlib.sha256(text.encode()).digest())
    # RFC 5652 5.4: the signature covers the attributes as an explicit SET OF, not with the implicit tag they travel in.
    covered = _SET_OF + message.signer["signed_attrs"].dump()[1:]
    if not _verifies(message.key, message.signer["signature"].native, covered):
        raise errors.SignatureWrongError(
            "Строка верная, но подписано не ключом этого сертификата.", expected=message.signed.text
        )


def _other_string(signed: Signed, matches: Any, *, attached: bytes | None = None) -> errors.OtherStringSignedError:
    facts: dict[str, Any] = {"expected": signed.text}
    if attached is not None:
        facts["signed"] = attached.decode("utf-8", "replace")[:2000]
    for text, advice in signed.known_mistakes():
        if matches(text):
            return errors.OtherStringSignedError(advice, **{**facts, "signed": text})
    return errors.OtherStringSignedError(
        "Подписана другая строка: сравните её с ожидаемой посимвольно, от пробелов до порядка областей.", **facts
    )


def _verifies(key: rsa.RSAPublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
