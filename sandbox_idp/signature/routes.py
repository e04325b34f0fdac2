"""Routes of the room `signature`: what an authority publishes, for whoever wants to check its certificates."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response

from sandbox_idp.context import current_stand
from sandbox_idp.signature import authority

blueprint = Blueprint("signature", __name__)


@blueprint.get("/signature/authority.cer")
def authority_certificate() -> Response:
    """The authority's own certificate (DER)."""
    with current_stand().database.reading() as session:
        found = authority.certificate(session)
    return Response(found.public_bytes(Encoding.DER), mimetype="application/pkix-cert")


@blueprint.get(authority.LIST_PATH)
def revoked() -> Response:
    """The list of what it has taken back (DER)."""
    stand = current_stand()
    with stand.database.reading() as session:
        body = authority.revocation_list(session, stand.clock.now())
    return Response(body, mimetype="application/pkix-crl")
