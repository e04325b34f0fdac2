"""ESIA's JSON for people and what belongs to them (`docs/esia-protocol.md`, "REST JSON samples").

Plain functions from rows to members in the order of the real service. What may be shown is not decided here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection as Members
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from foundation import russian
from sandbox_idp.accounts.models import Address, Child, Contact, Document, Organisation, Person

Body = dict[str, Any]
_ALWAYS = frozenset({"stateFacts", "trusted", "updatedOn", "status", "verifying", "containsUpCfmCode"})


def etag(body: Any) -> str:
    """40 upper-case hex digits that change with the content."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40].upper()


def person(row: Person, *, identity_document: int | None, open_fields: Members[str], embedded: Body) -> Body:
    """The person object with only the open members; `embedded` collections stand where the real service puts them."""
    before = {
        "stateFacts": ["EntityRoot"],
        "firstName": row.name,
        "lastName": row.surname,
        "middleName": row.patronymic,
        "birthDate": day(row.birth_date),
        "birthPlace": row.birth_place,
        "gender": row.sex,
        "trusted": row.level.startswith("confirmed"),
        "citizenship": row.citizenship,
        "snils": russian.snils(row.snils) if row.snils else None,
        "inn": row.inn,
        "updatedOn": int(row.updated_at.timestamp()),
    }
    after = {
        "status": "REGISTERED",
        "verifying": False,
        "rIdDoc": identity_document,
        "containsUpCfmCode": False,
    }
    shown = _ALWAYS | set(open_fields)
    return _sealed({**_present(before, shown), **embedded, **_present(after, shown)})


def contact(row: Contact) -> Body:
    """A phone or e-mail address."""
    return _sealed(
        {
            "stateFacts": ["Identifiable"],
            "id": row.id,
            "type": row.type,
            "vrfStu": _verified(row.verified),
            "value": row.value if row.type == "EML" else phone(row.value),
        }
    )


def address(row: Address) -> Body:
    """An address of registration (PRG) or residence (PLV)."""
    return _sealed(
        {
            "stateFacts": ["Identifiable"],
            "id": row.id,
            "type": row.type,
            "addressStr": f"{row.region}, {row.city}, {row.street}",
            **_present({"flat": row.flat}, {"flat"}),
            "countryId": "RUS",
            "house": row.house,
            "zipCode": row.zip_code,
            "city": row.city,
            "street": row.street,
            "region": row.region,
        }
    )


def document(row: Document) -> Body:
    """A document; every one carries `vrfStu`, which some clients read without asking."""
    optional = {
        "series": row.series,
        "number": row.number,
        "issueDate": day(row.issued_on),
        "issueId": "".join(filter(str.isdigit, row.issuer_code)) if row.issuer_code else None,
        "issuedBy": row.issued_by,
        "expiryDate": day(row.expires_on),
        "actNo": row.act_number,
        "actDate": day(row.act_date),
    }
    return _sealed(
        {
            "stateFacts": ["EntityRoot"],
            "id": row.id,
            "type": row.type,
            "vrfStu": _verified(row.verified),
            **_present(optional, optional),
        }
    )


def child(row: Child, *, open_fields: Members[str]) -> Body:
    """A child in a person's profile, with only the open members."""
    members = {
        "firstName": row.name,
        "lastName": row.surname,
        "middleName": row.patronymic,
        "birthDate": day(row.birth_date),
        "gender": row.sex,
        "snils": russian.snils(row.snils) if row.snils else None,
    }
    return _sealed({"stateFacts": ["EntityRoot"], "id": row.id, **_present(members, open_fields), "trusted": True})


def organisation(row: Organisation) -> Body:
    """An organisation as an object of its own."""
    members = {
        "oid": row.oid,
        "fullName": row.full_name,
        "shortName": row.short_name,
        "ogrn": row.ogrn,
        "inn": row.inn,
        "type": row.type,
    }
    return _sealed({"stateFacts": ["EntityRoot"], **_present(members, members)})


def role(row: Organisation) -> Body:
    """A person's place in an organisation; `/roles` shows these inline even without `embed`."""
    members = {
        "oid": row.oid,
        "prnOid": row.person_oid,
        "fullName": row.full_name,
        "shortName": row.short_name,
        "ogrn": row.ogrn,
        "type": row.type,
        "chief": row.chief,
        "admin": False,
        "phone": phone(row.phone) if row.phone else None,
        "email": row.email,
        "active": True,
        "hasRightOfSubstitution": row.chief,
        "hasApprovalTabAccess": False,
        "isLiquidated": False,
    }
    return _present(members, members)


def collection(elements: Sequence[Any]) -> Body:
    """A collection of objects or of addresses."""
    return {
        "stateFacts": ["hasSize"],
        "size": len(elements),
        "eTag": etag(list(elements)),
        "elements": list(elements),
    }


def day(value: date | None) -> str | None:
    """`26.05.2000`."""
    return None if value is None else f"{value:%d.%m.%Y}"


def phone(value: str) -> str:
    """`+70001000001` as `+7(000)1000001`."""
    digits = value.removeprefix("+")
    return f"+{digits[0]}({digits[1:4]}){digits[4:]}" if len(digits) == 11 else value


def _verified(verified: bool) -> str:
    return "VERIFIED" if verified else "NOT_VERIFIED"


def _present(members: Body, shown: Iterable[str]) -> Body:
    """The shown members that have a value: what is not there is absent, never null."""
    names = set(shown)
    return {name: value for name, value in members.items() if name in names and value is not None}


def _sealed(body: Body) -> Body:
    return {**body, "eTag": etag(body)}
