"""Files of electronic signatures over the control API: what the phone page hands out, for tests of what takes them."""

from __future__ import annotations

import base64

from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import Body, examples
from sandbox_idp.control.calls import Answer, Calls, PersonKey
from sandbox_idp.control.changes import note_change
from sandbox_idp.control.people import known
from sandbox_idp.control.problems import ProblemError
from sandbox_idp.signature import issuing
from sandbox_idp.signature.issuing import SignatureKind

calls = Calls("people")


class SignatureBody(Body):
    """Which file."""

    model_config = examples({"kind": "expired"})

    kind: SignatureKind = "valid"


class SignatureAnswer(Answer):
    """A file of the stand's certificate authority."""

    name: str
    """What the phone page calls it."""
    file: str
    """PKCS#12 (of the kind `not-p12` a certificate), in base64."""
    pin: str


@calls.post("/people/{person}/signatures", status=201, refuses=((404, "unknown-person"), (409, "no-snils")))
def issue_signature(stand: Stand, person: PersonKey, body: SignatureBody) -> SignatureAnswer:
    """Issue an electronic signature to a person, or the specimen of one that fails.

    Not idempotent: each call makes another key and another certificate.
    """
    with stand.database.writing() as session:
        found = known(session, person)
        if found.snils is None:
            raise ProblemError(409, "no-snils", "У этого человека нет СНИЛС, а владельца подписи находят по нему.")
        kind = issuing.KINDS[body.kind]
        made = issuing.make_file(session, found, kind, now=stand.clock.now(), ids=stand.ids, idp_url=stand.idp_url)
        note_change(stand, session, "signature-issued", person_oid=found.oid, kind=kind.id)
    return SignatureAnswer(name=made.name, file=base64.b64encode(made.data).decode("ascii"), pin=made.pin)
