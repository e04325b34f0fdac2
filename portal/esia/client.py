"""The client of ESIA: everything the portal ever asks Gosuslugi, over HTTP sockets, in the profile `esia-v1`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from foundation.ids import Ids
from portal.esia.base import ProfileClient
from portal.esia.checks import Expected, peek_claims
from portal.esia.cms import client_secret, timestamp
from portal.esia.config import EsiaConfig
from portal.esia.errors import AccessRefused, Misconfigured, WrongAudience
from portal.esia.keys import certificate_fetch
from portal.esia.person import (
    Address,
    ChildData,
    Contact,
    Document,
    PersonData,
    parse_addresses,
    parse_children,
    parse_contacts,
    parse_documents,
    parse_person,
)
from portal.esia.tokens import Tokens, check_tokens, read_token_answer


class EsiaClient(ProfileClient[EsiaConfig]):
    """One client of one ESIA, in the profile `esia-v1`."""

    def _fetch_keys(self) -> Any:
        """From the address in `ESIA_TRUST`, or from the certificate file there."""
        if urlsplit(self.config.trust).scheme in ("http", "https"):
            return self._wire.get("keys", self.config.trust).json()
        return certificate_fetch(Path(self.config.trust))()

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
        """Where the browser is sent. This profile has neither nonce nor challenge, so neither goes out (S-02, S-04).

        `ask_consent`: have the person asked for the rights even if some were given before (R-017).
        """
        del nonce, code_challenge
        moment = timestamp(self._clock.now())
        parameters = {
            "client_id": self.config.client_id,
            "client_secret": self._secret(moment, state),
            "redirect_uri": redirect_uri,
            "scope": self.config.scope,
            "response_type": "code",
            "state": state,
            "timestamp": moment,
            "access_type": "online",
        }
        if ask_consent:
            parameters["prompt"] = "consent"
        return f"{self.config.front_url}/aas/oauth2/ac?{urlencode(parameters)}"

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
        # This profile sends neither, so none may come back (S-04).
        del nonce, code_verifier
        if peek_claims(code).get("client_id", self.config.client_id) != self.config.client_id:
            # ESIA's codes are tokens that say whose they are. One of another system has been slipped in: it is not
            # shown to the token endpoint together with our signature.
            raise WrongAudience(call="authorize", detail="code")
        moment, state = timestamp(self._clock.now()), request_id(self._ids)
        answer = self._wire.post(
            "token",
            f"{self.config.back_url}/aas/oauth2/te",
            {
                "client_id": self.config.client_id,
                "client_secret": self._secret(moment, state),
                "code": code,
                "grant_type": "authorization_code",
                "redirect_uri": redirect_uri,
                "scope": self.config.scope,
                "state": state,
                "timestamp": moment,
                "token_type": "Bearer",
            },
        )
        try:
            item = read_token_answer(answer, state)
        except Misconfigured as error:
            self._note(error)
            raise
        self._misconfigured = None
        expected = Expected(
            issuer=self.config.issuer,
            client_id=self.config.client_id,
            now=self._clock.now(),
            started_at=started_at,
            nonce=None,
            second_factor=self.config.second_factor,
        )
        return check_tokens(item, expected, self._keys)

    def logout_url(self, *, redirect_uri: str) -> str | None:
        """Where the browser is sent to end the session at Gosuslugi; the parameter is `redirect_url` there."""
        parameters = {"client_id": self.config.client_id, "redirect_url": redirect_uri}
        return f"{self.config.front_url}/idp/ext/Logout?{urlencode(parameters)}"

    def sign_out_origin(self) -> str:
        """Where `logout_url` leads, for the page's `form-action`."""
        parts = urlsplit(self.config.front_url)
        return f"{parts.scheme}://{parts.netloc}"

    def _secret(self, moment: str, state: str) -> str:
        return client_secret(
            key=self.config.key,
            certificate=self.config.certificate,
            scope=self.config.scope,
            timestamp=moment,
            client_id=self.config.client_id,
            state=state,
        )

    # Data, with the access token

    def person(self, access: str, subject: str) -> PersonData:
        """The person; the only data that a session cannot do without."""
        return parse_person(self._data("person", access, subject, ""))

    def contacts(self, access: str, subject: str) -> list[Contact]:
        """Phones and e-mail addresses."""
        return parse_contacts(self._data("contacts", access, subject, "/ctts?embed=(elements)"))

    def addresses(self, access: str, subject: str) -> list[Address]:
        """Addresses."""
        return parse_addresses(self._data("addresses", access, subject, "/addrs?embed=(elements)"))

    def documents(self, access: str, subject: str) -> list[Document]:
        """Documents whose rights were granted; the OMS policy is among them (`person.policy_of`)."""
        return parse_documents(self._data("documents", access, subject, "/docs?embed=(elements)"))

    def children(self, access: str, subject: str) -> list[ChildData]:
        """Children."""
        return parse_children(self._data("children", access, subject, "/kids?embed=(elements)"))

    def child_documents(self, access: str, subject: str, child_id: str) -> list[Document]:
        """Documents of one child."""
        call = "child_documents"
        path = f"/kids/{quote(child_id, safe='')}/docs?embed=(elements)"
        return parse_documents(self._data(call, access, subject, path), call)

    def _data(self, call: str, access: str, subject: str, path: str) -> Any:
        url = f"{self.config.back_url}/rs/prns/{quote(subject, safe='')}{path}"
        answer = self._wire.get(call, url, access=access)
        if answer.status in (401, 403):
            raise AccessRefused(call=call, detail="status", status=answer.status)
        return answer.json()


def request_id(ids: Ids) -> str:
    """A `state`: 128 random bits (S-03) in the form of a UUID, which ESIA asks for."""
    number = f"{ids.number(0, 2**128 - 1):032x}"
    return f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}"
