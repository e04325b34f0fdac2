"""The description of ESIA's paths: what of OpenID Connect really exists there.

`issuer` is the name that stands in the tokens (ESIA's own, not this address), so that a client which reads the document
and then checks a token finds both to agree. A client that compares the issuer with the address it asked will refuse;
for it there are the OpenID paths with a document of their own (`sandbox_idp.oauth.openid.discovery`).
"""

from __future__ import annotations

from typing import Any

from sandbox_idp.oauth import tokens
from sandbox_idp.oauth.scopes import TITLES

CLAIMS = ("sub", "iss", "aud", "exp", "nbf", "iat", "auth_time", "amr", "acr", "nonce", "urn:esia:sid", "urn:esia:sbj")


def document(address: str) -> dict[str, Any]:
    """For the sandbox at `address` (with the stand's prefix)."""
    return {
        "issuer": tokens.ISSUER,
        "authorization_endpoint": f"{address}/aas/oauth2/ac",
        "token_endpoint": f"{address}/aas/oauth2/te",
        "jwks_uri": f"{address}/oauth2/jwks",
        "scopes_supported": list(TITLES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        # ESIA's own way: `client_secret` is a CMS signature over this very request, which no registered name means.
        "token_endpoint_auth_methods_supported": ["urn:esia:client_secret:cms"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": list(CLAIMS),
        "ui_locales_supported": ["ru"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }
