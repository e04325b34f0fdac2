"""A logout token, genuine or forged."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import LogoutDraft, Point

HOUR = 3600


@effect("logout-token")
class LogoutToken(PointEffect[LogoutDraft]):
    """What an OpenID client is sent when a session at Gosuslugi ends; forged, it must end nothing."""

    words: ClassVar[str] = "Госуслуги завершают сеанс в кабинете"

    where: Literal["protocol"]
    forgery: Literal[
        "none",
        "bad-signature",
        "wrong-iss",
        "wrong-aud",
        "no-events",
        "with-nonce",
        "no-sub-no-sid",
        "replayed-jti",
        "expired",
    ] = titled(
        "Подделка",
        words={
            "none": "настоящее сообщение",
            "bad-signature": "подпись испорчена",
            "wrong-iss": "другой издатель",
            "wrong-aud": "другая система",
            "no-events": "нет события",
            "with-nonce": "есть nonce",
            "no-sub-no-sid": "не сказано, чей сеанс",
            "replayed-jti": "повтор подслушанного",
            "expired": "истёк срок",
        },
        default="none",
    )

    def points(self) -> tuple[Point, ...]:
        return (Point.LOGOUT_TOKEN,)

    def details(self) -> dict[str, Any]:
        return {"forgery": self.forgery}

    def change(self, passage: Passage[LogoutDraft]) -> None:
        draft, claims = passage.value, passage.value.claims
        match self.forgery:
            case "bad-signature":
                draft.signing = "broken"
            case "wrong-iss":
                claims["iss"] = "https://evil.test"
            case "wrong-aud":
                claims["aud"] = "ANOTHER_SYSTEM"
            case "no-events":
                del claims["events"]
            case "with-nonce":
                claims["nonce"] = passage.moment.ids.token(16)
            case "no-sub-no-sid":
                del claims["sub"], claims["sid"]
            case "replayed-jti":
                draft.used_before = True
            case "expired":
                claims["iat"], claims["exp"] = claims["iat"] - HOUR, claims["exp"] - HOUR
