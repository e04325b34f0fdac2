"""The profile `openid`: any OpenID Connect provider, known by its issuer, a client id and a secret."""
