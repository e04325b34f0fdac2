"""The client of an OpenID provider: code flow with PKCE, nonce and state; the person from userinfo."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote_plus, urlencode, urlsplit

from portal.esia.base import Logout, ProfileClient
from portal.esia.checks import Expected
from portal.esia.errors import AccessRefused, Misconfigured, MissingIssuer
from portal.esia.openid import claims
from portal.esia.openid.config import OpenIdConfig
from portal.esia.openid.logout import OLDEST, read_logout
from portal.esia.openid.metadata import CALL, Metadata, MetadataStore, read_metadata
from portal.esia.openid.tokens import check_tokens
from portal.esia.person import Address, ChildData, Contact, Document, PersonData
from portal.esia.tokens import Tokens, read_token_answer
from portal.settings import metadata_address


class OpenIdClient(ProfileClient[OpenIdConfig]):
    """One client of one provider, in the profile `openid`.

    What it needs of the provider is asked under the issuer when it is first needed; each function that may ask raises
    MetadataUnavailable, WrongIssuer or Malformed too.
    """

    offers: ClassVar[frozenset[str]] = frozenset({"contacts"})

    def _prepare(self) -> None:
        self._metadata = MetadataStore(self._clock, self._fetch_metadata, kept_for=self.config.metadata_cache)

    def _fetch_metadata(self) -> Metadata:
        answer = self._wire.get(CALL, metadata_address(self.config.issuer))
        return read_metadata(answer.json(), self.config.issuer)

    def _fetch_keys(self) -> Any:
        return self._wire.get("keys", self._metadata.current().jwks_uri).json()

    # The sign-in itself

    def authorization_url(
        self,
        *,
        state: str,
        redirect_uri: str,
        nonce: str | None = None,
        code_challenge: str | None = None,
        ask_consent: bool = False,
    ) -> str:
        """Where the browser is sent; nonce and challenge are always there in this profile (S-02, S-04)."""
        assert nonce, "the profile openid sends a nonce"
        assert code_challenge, "the profile openid sends a challenge"
        parameters = {
            "client_id": self.config.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": self.config.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
        }
        if ask_consent:
            parameters["prompt"] = "consent"
        return _with_query(self._metadata.current().authorization_endpoint, parameters)

    def check_response_issuer(self, issuer: str | None) -> None:
        """S-05: also missed where the provider promises it (RFC 9207, section 2.4)."""
        super().check_response_issuer(issuer)
        if issuer is None and self._metadata.current().names_issuer:
            raise MissingIssuer(call="authorize")

    def redeem(
        self,
        *,
        code: str,
        redirect_uri: str,
        started_at: datetime,
        nonce: str | None = None,
        code_verifier: str | None = None,
    ) -> Tokens:
        """Exchange the code for tokens and check them (S-04…S-10). The code goes out once, whatever comes back.

        Raises CodeRefused, Misconfigured, EsiaWorks, EsiaFailed, EsiaSilent or a kind of Untrusted.
        """
        assert nonce, "the profile openid sends a nonce"
        assert code_verifier, "the profile openid sends a challenge"
        metadata = self._metadata.current()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
        }
        authorization = None
        if metadata.secret_in_form:
            form.update(client_id=self.config.client_id, client_secret=self.config.secret)
        else:
            authorization = self._basic()
        answer = self._wire.post("token", metadata.token_endpoint, form, authorization=authorization)
        try:
            item = read_token_answer(answer, None)
        except Misconfigured as error:
            self._note(error)
            raise
        self._misconfigured = None
        expected = Expected(
            issuer=self.config.issuer,
            client_id=self.config.client_id,
            now=self._clock.now(),
            started_at=started_at,
            nonce=nonce,
            second_factor=self.config.second_factor,
        )
        return check_tokens(item, expected, self._keys, self.config.scopes)

    def logout_url(self, *, redirect_uri: str) -> str | None:
        """Where the browser ends the provider's session too; None if the provider has no such place."""
        address = self._metadata.current().end_session_endpoint
        if address is None:
            return None
        return _with_query(address, {"client_id": self.config.client_id, "post_logout_redirect_uri": redirect_uri})

    def read_logout(self, token: str) -> Logout:
        """What a logout token ends; a kind of Untrusted if it must not be believed."""
        now = self._clock.now()
        expected = Expected(
            issuer=self.config.issuer,
            client_id=self.config.client_id,
            now=now,
            started_at=now - OLDEST,
            nonce=None,
            second_factor="if-present",
        )
        return read_logout(token, self._keys, expected)

    def sign_out_origin(self) -> str:
        """Where `logout_url` leads, as far as it is known without asking; else the issuer's own host."""
        known = self._metadata.known()
        parts = urlsplit((known.end_session_endpoint if known is not None else None) or self.config.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    def _basic(self) -> str:
        """`client_secret_basic`: both halves form-encoded (RFC 6749, section 2.3.1)."""
        pair = f"{quote_plus(self.config.client_id)}:{quote_plus(self.config.secret)}"
        return "Basic " + base64.b64encode(pair.encode()).decode("ascii")

    # Data, with the access token

    def person(self, access: str, subject: str) -> PersonData:
        """The person; the only data that a session cannot do without."""
        return claims.person_of(self._claims(access, subject))

    def contacts(self, access: str, subject: str) -> list[Contact]:
        """Phone and e-mail address."""
        return claims.contacts_of(self._claims(access, subject))

    def addresses(self, access: str, subject: str) -> list[Address]:
        """The address."""
        return claims.addresses_of(self._claims(access, subject))

    def documents(self, access: str, subject: str) -> list[Document]:
        """None: the standard knows no documents (`offers`)."""
        del access, subject
        return []

    def children(self, access: str, subject: str) -> list[ChildData]:
        """None: the standard knows no children."""
        del access, subject
        return []

    def child_documents(self, access: str, subject: str, child_id: str) -> list[Document]:
        """None either."""
        del access, subject, child_id
        return []

    def _claims(self, access: str, subject: str) -> dict[str, Any]:
        answer = self._wire.get(claims.CALL, self._metadata.current().userinfo_endpoint, access=access)
        if answer.status in (401, 403):
            raise AccessRefused(call=claims.CALL, detail="status", status=answer.status)
        return claims.own_claims(answer.json(), subject)


def _with_query(address: str, parameters: dict[str, str]) -> str:
    """The address with parameters added; one that has a query of its own keeps it (RFC 6749, section 3.1)."""
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(parameters)}"
