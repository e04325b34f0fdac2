"""Which scope opens what of a person's data: the one table, and nothing is shown that it does not open (S-66).

`contacts` opens phones and addresses («данные о контактах и адресах») but not the e-mail address, which has a right of
its own on the consent page: refusing right 1 must have a consequence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PERSON_FIELDS: dict[str, tuple[str, ...]] = {
    "fullname": ("firstName", "lastName", "middleName"),
    "birthdate": ("birthDate",),
    "birthplace": ("birthPlace",),
    "gender": ("gender",),
    "citizenship": ("citizenship",),
    "snils": ("snils",),
    "inn": ("inn",),
    "id_doc": ("rIdDoc",),
}
"""Members of the person object."""

CHILD_FIELDS: dict[str, tuple[str, ...]] = {
    "kid_fullname": ("firstName", "lastName", "middleName"),
    "kid_birthdate": ("birthDate",),
    "kid_gender": ("gender",),
    "kid_snils": ("snils",),
}
"""Members of a child object."""

CONTACT_TYPES: dict[str, tuple[str, ...]] = {
    "email": ("EML",),
    "mobile": ("MBT",),
    "contacts": ("MBT", "PHN"),
}
"""Types in `/ctts`."""

BIRTH_CERTIFICATES = ("RF_BRTH_CERT", "FID_BRTH_CERT", "OLD_BRTH_CERT", "BRTH_CERT")

DOCUMENT_TYPES: dict[str, tuple[str, ...]] = {
    "id_doc": ("RF_PASSPORT", "FID_DOC"),
    "medical_doc": ("MDCL_PLCY",),
    "military_doc": ("MLTR_ID",),
    "foreign_passport_doc": ("FRGN_PASS",),
    "drivers_licence_doc": ("RF_DRIVING_LICENSE",),
    "birth_cert_doc": BIRTH_CERTIFICATES,
    "residence_doc": (),
    "temporary_residence_doc": (),
}
"""Types in `/docs`."""

CHILD_DOCUMENT_TYPES: dict[str, tuple[str, ...]] = {
    "kid_medical_doc": ("MDCL_PLCY",),
    "kid_birth_cert_doc": BIRTH_CERTIFICATES,
}
"""Types in `/kids/{id}/docs`."""

CHILD_RIGHTS_WITHOUT_DATA = ("kid_inn", "kid_mobile", "kid_email", "kid_school_data")
"""Rights to what no child of a stand has: the list of children may be asked for with them."""

COLLECTION_SCOPES: dict[str, frozenset[str]] = {
    "ctts": frozenset(CONTACT_TYPES),
    "addrs": frozenset({"addresses", "contacts"}),
    "docs": frozenset(DOCUMENT_TYPES),
    "vhls": frozenset({"vehicles"}),
    "orgs": frozenset({"usr_org"}),
    "roles": frozenset({"usr_org"}),
    "kids": frozenset({*CHILD_FIELDS, *CHILD_DOCUMENT_TYPES, *CHILD_RIGHTS_WITHOUT_DATA}),
    "kids/docs": frozenset(CHILD_DOCUMENT_TYPES),
}
"""Any one of them opens the collection; without all of them it answers 403."""


@dataclass(frozen=True)
class Disclosure:
    """What a set of granted scopes opens."""

    scopes: frozenset[str]

    @classmethod
    def of(cls, scopes: Iterable[str]) -> Disclosure:
        """For the scopes of a token, without their `?oid=`."""
        return cls(frozenset(scopes))

    def opens(self, collection: str) -> bool:
        """Whether a collection may be asked for at all."""
        return bool(COLLECTION_SCOPES[collection] & self.scopes)

    def of_table(self, table: dict[str, tuple[str, ...]]) -> frozenset[str]:
        """The members or types of one of the tables above that are open."""
        return frozenset(item for scope, items in table.items() if scope in self.scopes for item in items)
