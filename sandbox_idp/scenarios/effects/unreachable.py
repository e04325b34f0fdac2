"""Gosuslugi that cannot be reached: nobody listens, or TLS fails."""

from __future__ import annotations

from typing import ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Effect, effect
from sandbox_idp.scenarios.spares import Spare, closed_port, deaf_tls_port


class WireEffect(Effect):
    """An effect on the address at which the portal (or the browser it sends on) looks for Gosuslugi.

    No gate can do this: it stands behind a connection that was made. The stand's Esia door asks where to go.
    """

    where: Literal["wire"]
    channel: Literal["back", "front", "both"] = "back"

    spare: ClassVar[Spare]

    def concerns(self, channel: str) -> bool:
        """Whether it acts on calls between servers (`back`) or on where the browser is sent (`front`)."""
        return self.channel in ("both", channel)


@effect("refused")
class Refused(WireEffect):
    """Nobody listens at the address."""

    words: ClassVar[str] = "К Госуслугам нельзя подключиться"

    spare: ClassVar[Spare] = closed_port


@effect("tls")
class Tls(WireEffect):
    """Somebody listens, and the TLS handshake fails."""

    words: ClassVar[str] = "Госуслуги не проходят проверку TLS"

    spare: ClassVar[Spare] = deaf_tls_port
