"""`/.well-known/openid-configuration`: a provider whose name is the address that the document is asked under."""

from __future__ import annotations

from typing import Any

from sandbox_idp.oauth.openid import clients, scopes, tokens, userinfo

TOKEN_CLAIMS = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "acr", "amr", "sid")


def document(address: str) -> dict[str, Any]:
    """For the sandbox at `address` (with the stand's prefix, no slash at the end); names only what answers."""
    return {
        "issuer": address,
        "authorization_endpoint": f"{address}/oauth2/authorize",
        "token_endpoint": f"{address}/oauth2/token",
        "userinfo_endpoint": f"{address}/oauth2/userinfo",
        "end_session_endpoint": f"{address}/oauth2/logout",
        "jwks_uri": f"{address}/oauth2/jwks",
        "scopes_supported": scopes.supported(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "acr_values_supported": [tokens.ONE_FACTOR, tokens.TWO_FACTORS],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": list(clients.METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": [*userinfo.CLAIMS, *TOKEN_CLAIMS],
        "ui_locales_supported": ["ru"],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
