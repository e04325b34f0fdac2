"""What a site built with `esia-connector` does; run by that library's own Python, not by the tests'.

Usage: esia_connector_program.py SETTINGS.json authorize STATE | complete CODE STATE

`authorize` prints the address for the browser; `complete` exchanges the code, has the library check the token's
signature, issuer and audience, and prints what it reads of the person.
"""

import json
import sys
from pathlib import Path

from esia_connector.client import EsiaAuth, EsiaSettings


def main(settings_file: str, action: str, *values: str) -> None:
    settings = json.loads(Path(settings_file).read_text(encoding="utf-8"))
    auth = EsiaAuth(EsiaSettings(**settings))
    if action == "authorize":
        json.dump({"address": auth.get_auth_url(state=values[0])}, sys.stdout)
        return
    person = auth.complete_authorization(values[0], values[1], validate_token=True)
    json.dump(
        {
            "oid": person.oid,
            "person": person.get_person_main_info(),
            "contacts": person.get_person_contacts(accept_schema="https://esia.example/contacts-1"),
            "documents": person.get_person_documents(),
            "addresses": person.get_person_addresses(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
