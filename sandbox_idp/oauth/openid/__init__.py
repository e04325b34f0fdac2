"""The OpenID paths beside ESIA's: `/oauth2/…`, for ordinary clients that know nothing of ESIA.

Sign-in, consent, people and keys are the same; the wire is OpenID Connect Core with PKCE (S-02), exact redirect
addresses (S-18) and the issuer in every answer (RFC 9207). A stand's name as a provider is its own address.
"""
