"""Everything a stand owns. One test walks this list through three stands in one browser (`docs/architecture.md`).

A table that is in neither program's metadata under one of these lines, or a line whose table is gone, fails that test:
whoever adds a table says here what it is, and thereby has it checked that nothing of it crosses from stand to stand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Belonging:
    """One kind of thing that belongs to exactly one stand."""

    name: str
    sandbox: tuple[str, ...] = ()
    """Tables of the stand's sandbox database."""
    portal: tuple[str, ...] = ()
    """Tables of the stand's portal database."""
    elsewhere: str = ""
    """Where it lives if not in a table: a cookie, or memory kept per stand. What is said here is looked at by a check
    of its own, or the test fails."""


BELONGINGS = (
    Belonging(
        "people",
        sandbox=("person", "contact", "document", "child", "address", "organisation", "earlier_password"),
        portal=("patient", "patient_item", "child"),
    ),
    Belonging(
        "sessions", sandbox=("gosuslugi_session",), portal=("patient_session", "logout_token"), elsewhere="cookies"
    ),
    Belonging("drafts", portal=("form_draft",)),
    Belonging("devices", sandbox=("device",), elsewhere="cookie"),
    Belonging(
        "pending sign-ins",
        sandbox=("authorization_request", "login_attempt", "password_recovery", "sign_in"),
        portal=("pending_sign_in",),
        elsewhere="cookies",
    ),
    Belonging("registrations", sandbox=("registration", "mail_link"), elsewhere="cookie"),
    Belonging("codes", sandbox=("authorization_code", "captcha", "one_time_code", "push_request", "totp_setup")),
    Belonging("backup codes", sandbox=("backup_code", "backup_sheet")),
    Belonging("tokens", sandbox=("issued_token",), portal=("patient_session",)),
    Belonging("keys", sandbox=("signing_key",), elsewhere="the Esia door's key set, kept per stand"),
    Belonging("certificate authority", sandbox=("signature_authority", "signature_certificate")),
    Belonging("systems", sandbox=("information_system", "system_certificate")),
    Belonging("consents", sandbox=("consent", "data_consent")),
    Belonging(
        "scenarios and counts",
        sandbox=("armed", "armed_asked", "own_scenario", "stand_state"),
        elsewhere="what is armed, remembered in each process",
    ),
    Belonging("breaker", elsewhere="the Esia door, kept per stand"),
    Belonging(
        "limits", sandbox=("login_throttle",), elsewhere="the portal's time limits, in the register and the Esia door"
    ),
    Belonging("inbox", sandbox=("message",)),
    Belonging("notices", sandbox=("notice",), portal=("notification", "notification_choice", "clinic_feed")),
    Belonging("support tickets", portal=("ticket", "ticket_file", "ticket_message")),
    Belonging("identity confirmations", sandbox=("identity_confirmation",)),
    Belonging("registry checks", sandbox=("registry_check",)),
    Belonging("sign-in history and cases", sandbox=("sign_in_record", "compromise")),
    Belonging(
        "clinic",
        sandbox=(
            *("clinic_card", "clinic_entry", "clinic_transfer", "clinic_document"),
            *("clinic_booking", "clinic_block", "clinic_key", "clinic_waiting", "clinic_home_visit"),
            *("clinic_certificate", "clinic_application"),
        ),
    ),
    Belonging("clock", sandbox=("stand_state",)),
    Belonging("uploads", portal=("upload",), elsewhere="the stand's own folder of files, beside its databases"),
    Belonging("files of killed processes", portal=("loose_file",), elsewhere="that folder"),
    Belonging("journal", sandbox=("journal_line",)),
    Belonging("snapshots", elsewhere="the register, under the stand's id"),
)
