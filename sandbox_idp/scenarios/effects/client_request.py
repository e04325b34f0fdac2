"""A system's own request that Gosuslugi refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import ClientRequestDraft, Point

A_CENTURY = timedelta(days=36525)
LATE = timedelta(minutes=10)


@effect("client-request")
class ClientRequest(PointEffect[ClientRequestDraft]):
    """The system's certificate has expired, its signature is spoilt on the way, or its request arrives too late.

    The checks of Gosuslugi are the ordinary ones: they find it and answer with ESIA's own code.
    """

    words: ClassVar[str] = "Госуслуги отвергают запрос портала"

    where: Literal["protocol"]
    fault: Literal["certificate-expired", "signature-wrong", "timestamp-stale"] = titled(
        "Что не так с запросом",
        words={
            "certificate-expired": "сертификат портала истёк",
            "signature-wrong": "подпись испорчена",
            "timestamp-stale": "запрос опоздал",
        },
    )

    def points(self) -> tuple[Point, ...]:
        return (Point.CLIENT_REQUEST,)

    def details(self) -> dict[str, Any]:
        return {"fault": self.fault}

    def concerns(self, passage: Passage[ClientRequestDraft]) -> bool:
        return bool(passage.value.secret)

    def change(self, passage: Passage[ClientRequestDraft]) -> None:
        draft = passage.value
        if self.fault == "certificate-expired":
            draft.certificate_at += A_CENTURY
        elif self.fault == "timestamp-stale":
            draft.received_at += LATE
        else:
            draft.secret = _with_another_end(draft.secret)


def _with_another_end(secret: str) -> str:
    """Base64 whose last full group is another one: the signature's bytes stand at the end of a CMS message."""
    body = secret.rstrip("=")
    at = len(body) - 6
    other = "A" if body[at : at + 1] != "A" else "B"
    return body[:at] + other + body[at + 1 :] + secret[len(body) :]
