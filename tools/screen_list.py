"""Every screen of the contact sheet as data: its name and how to get there."""

from __future__ import annotations

from collections.abc import Iterator

from e2e.journeys.acts import ACTS
from e2e.journeys.rooms.documents import CERTIFICATE, TITLE, send
from e2e.journeys.rooms.factors import phone
from e2e.journeys.rooms.registering import NEWCOMER, mail_link
from e2e.journeys.scenes import hangs, held_seconds
from e2e.journeys.visitor import Visitor
from e2e.pages.sandbox import CodePage, FactorPage
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.testing import uploads
from sandbox_idp.testing.control import QUICK_LIMITS
from tools.screen_ways import (
    Booth,
    Screen,
    Way,
    at_gosuslugi,
    booked,
    console,
    entry_shown,
    on_the_way,
    portal,
    sandbox,
    signed_in,
)
from tools.screens_of_appointments import APPOINTMENTS


def _newest_entry(kind: str) -> Way:
    """The newest entry of one kind in the record."""

    def go(booth: Booth) -> None:
        anna = booth.person()
        anna.sign_in()
        anna.open(f"/record/parts/{kind}")
        booth.page.locator(".entry a").first.click()
        booth.page.locator("html[data-screen=record-entry]").wait_for()

    return go


def _signed_out(booth: Booth) -> None:
    someone = booth.person()
    someone.sign_in()
    booth.page.goto(booth.stand.portal_url + "/menu")
    booth.page.get_by_role("button", name="Выйти из кабинета").click()
    booth.page.wait_for_url("**/signed-out")


def _documents(booth: Booth) -> None:
    """With one document, just uploaded."""
    signed_in("/uploads")(booth)
    booth.page.get_by_label("Как назвать документ", exact=True).fill(TITLE)
    send(booth.person(), "выписка.pdf", uploads.pdf())


def _question(name: str, content: bytes, awaited: str) -> Way:
    """A question to support that is sent with a file, and the screen that follows."""

    def go(booth: Booth) -> None:
        signed_in("/support/new")(booth)
        booth.page.get_by_label("Что вы делали и что пошло не так").fill("Нажимаю «Войти», и ничего не происходит.")
        files = booth.page.locator("#file")
        files.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        booth.page.get_by_role("button", name="Отправить обращение").click()
        booth.page.locator(awaited).wait_for()

    return go


def _ticket_with_file(booth: Booth) -> None:
    _question("Снимок экрана 2026-11-22 14-05.png", uploads.png(), "html[data-screen=support]")(booth)
    booth.page.locator("main").get_by_role("link", name="ЕГ-").first.click()
    booth.page.locator("html[data-screen=support-ticket]").wait_for()


def _certificate(booth: Booth) -> None:
    signed_in("/documents/requests/new?kind=vaccinations")(booth)
    booth.person().press("Заказать справку")
    booth.page.get_by_role("main").get_by_role("link", name=CERTIFICATE, exact=True).first.click()
    booth.page.wait_for_url("**/documents/requests/*")


def _phone_with_a_code(booth: Booth) -> None:
    booth.person().sign_in(["login-sms"])
    booth.stand.next_message(kind="sms")
    booth.page.goto(booth.stand.idp_url + "/phone")


def _empty_login(booth: Booth) -> None:
    booth.page.goto(booth.stand.idp_url + "/login")
    booth.page.get_by_role("button", name="Войти", exact=True).click()


def _push(booth: Booth) -> None:
    booth.person("olga").sign_in(["login-factor"])
    FactorPage(booth.page).choose("Приложение «Госуслуги»")


def _push_on_the_phone(booth: Booth) -> None:
    _push(booth)
    booth.page.goto(booth.stand.idp_url + "/phone/push?person=olga")


def _no_access(booth: Booth) -> None:
    igor = booth.person("igor")
    igor.sign_in(["login-totp"])
    booth.page.get_by_text("Нет кода?").click()
    igor.press("Нет доступа к приложению")


def _two_step(booth: Booth) -> None:
    booth.person().sign_in()
    booth.page.goto(booth.stand.idp_url + "/cabinet/security/two-step")


def _connecting(booth: Booth) -> None:
    _two_step(booth)
    booth.page.locator("[data-factor=totp]").get_by_role("button", name="Подключить").click()


def _connected(booth: Booth) -> None:
    _connecting(booth)
    with phone(booth.person(), "/phone/authenticator") as page:
        code = page.locator("[data-code=new]").inner_text()
    CodePage(booth.page).confirm(code, "Подключить")


def _empty_registration(booth: Booth) -> None:
    booth.page.goto(booth.stand.idp_url + "/register")
    booth.page.get_by_role("button", name="Зарегистрироваться", exact=True).click()


def _newcomer(booth: Booth) -> Visitor:
    someone = booth.person()
    someone.persona = NEWCOMER
    someone.acts["login"] = lambda each: each.press("Нет учётной записи? Зарегистрироваться")
    return someone


def registering(screen: str) -> Way:
    """A screen that a registration passes."""
    return lambda booth: _newcomer(booth).sign_in([screen])


def _empty_profile(booth: Booth) -> None:
    _newcomer(booth).sign_in(["register-profile"])
    booth.page.get_by_role("button", name="Сохранить и проверить", exact=True).click()


def _mailbox(booth: Booth) -> None:
    _newcomer(booth).sign_in(["register-done"])
    booth.page.goto(booth.stand.idp_url + "/register/mail")


def _mail_link(booth: Booth) -> None:
    someone = _newcomer(booth)
    someone.sign_in(["register-done"])
    booth.page.goto(mail_link(someone))


def recovering(screen: str, person: str = "anna") -> Way:
    """A screen on the way through «Я не знаю пароль»."""

    def go(booth: Booth) -> None:
        someone = booth.person(person)
        someone.acts["login"] = lambda visitor: visitor.press("Я не знаю пароль")
        someone.sign_in([screen])

    return go


def _recovery_list(booth: Booth) -> None:
    """Somebody is typing: the list answers meanwhile."""
    recovering("recovery-password")(booth)
    booth.page.get_by_label("Новый пароль", exact=True).press_sequentially("Lampa")
    booth.page.locator("[data-rule=length][data-state=unmet]").wait_for()


def cabinet(path: str, *, stranger: bool = False) -> Way:
    """An address of the cabinet, as Anna who has been at the portal; `stranger`: and somebody else is in."""

    def go(booth: Booth) -> None:
        someone = booth.person()
        someone.sign_in()
        if stranger:
            ACTS["device-new"][1](someone)
        booth.page.goto(booth.stand.idp_url + path)

    return go


def _withdraw(booth: Booth) -> None:
    cabinet("/cabinet/consents")(booth)
    booth.page.get_by_role("link", name="Отозвать").click()


def _case(booth: Booth) -> None:
    cabinet("/cabinet/security/stolen", stranger=True)(booth)
    booth.page.get_by_role("button", name="Открыть обращение и начать").click()
    booth.page.get_by_role("button", name="Всё верно, контакты мои").click()


def _not_me(booth: Booth) -> None:
    """The page that the link in the SMS opens."""
    cabinet("/cabinet", stranger=True)(booth)
    text = booth.stand.control.messages(kind="sms")[-1].text
    booth.page.goto(text[text.index("http") :].split()[0])


def _cabinet_password(booth: Booth) -> None:
    someone = booth.person()
    someone.sign_in()
    booth.page.goto(booth.stand.idp_url + "/cabinet/security/password")


def _armed(booth: Booth) -> None:
    booth.stand.control.arm("token-500")
    console("/console/scenarios/token-500")(booth)


def _journal(path: str) -> Way:
    """The console's journal, in which one sign-in stands."""

    def go(booth: Booth) -> None:
        booth.person().sign_in()
        console(path)(booth)

    return go


PUBLIC = (
    Screen("portal-start", portal("/")),
    Screen("portal-help", portal("/help")),
    Screen("portal-help-login-problems", portal("/help/login-problems")),
    Screen("portal-help-how-to-sign-in", portal("/help/how-to-sign-in")),
    Screen("portal-help-browser-check", portal("/help/browser-check")),
    Screen("portal-accessibility", portal("/accessibility")),
    Screen("portal-terms", portal("/terms")),
    Screen("portal-privacy", portal("/privacy")),
    Screen("portal-status", portal("/status")),
    Screen("portal-not-found", portal("/no-such-page")),
    Screen("sandbox-index", sandbox("/")),
    Screen("sandbox-login", sandbox("/login")),
    Screen("sandbox-login-empty", _empty_login),
    Screen("sandbox-where-else", sandbox("/login/where-else")),
    Screen("sandbox-login-signature", sandbox("/login/signature")),
    Screen("sandbox-login-signature-plugin", sandbox("/login/signature/plugin")),
    Screen("sandbox-phone-token", sandbox("/phone?person=svetlana#tk")),
    Screen("sandbox-register", sandbox("/register")),
    Screen("sandbox-register-empty", _empty_registration),
    Screen("sandbox-register-help", sandbox("/register/help")),
    Screen("sandbox-register-consent", sandbox("/register/consent")),
    Screen("sandbox-terms", sandbox("/register/terms")),
    Screen("sandbox-privacy", sandbox("/register/privacy")),
    Screen("sandbox-centres", sandbox("/centres")),
    Screen("sandbox-register-organisation", sandbox("/register/organisation")),
    Screen("sandbox-recovery", sandbox("/recovery")),
    Screen("sandbox-works", sandbox("/works")),
    Screen("sandbox-phone-empty", sandbox("/phone")),
    Screen("sandbox-mail-empty", sandbox("/mail")),
    Screen("sandbox-no-stand", lambda booth: booth.page.goto(booth.pair.idp_url + "/s/nosuchstand/")),
)

JOURNEY = (
    Screen("sandbox-login-for-portal", on_the_way("login")),
    Screen("sandbox-login-sms", on_the_way("login-sms")),
    Screen("sandbox-login-totp", on_the_way("login-totp", "igor")),
    Screen("sandbox-second-factor-off", on_the_way("second-factor-off", "kirill")),
    Screen("sandbox-login-factor", on_the_way("login-factor", "nina")),
    Screen("sandbox-login-push", _push),
    Screen("sandbox-login-no-access", _no_access),
    Screen("sandbox-phone-push", _push_on_the_phone),
    Screen("sandbox-phone-screen", sandbox("/phone/screen?person=nina")),
    Screen("sandbox-phone-authenticator", sandbox("/phone/authenticator?person=igor")),
    Screen("sandbox-two-step", _two_step),
    Screen("sandbox-two-step-totp", _connecting),
    Screen("sandbox-backup-codes", _connected),
    Screen("sandbox-register-code", registering("register-code")),
    Screen("sandbox-register-password", registering("register-password")),
    Screen("sandbox-register-profile", registering("register-profile")),
    Screen("sandbox-register-profile-empty", _empty_profile),
    Screen("sandbox-register-review", registering("register-review")),
    Screen("sandbox-register-done", registering("register-done")),
    Screen("sandbox-register-mailbox", _mailbox),
    Screen("sandbox-register-mail-link", _mail_link),
    Screen("sandbox-recovery-code", recovering("recovery-code")),
    Screen("sandbox-recovery-password", recovering("recovery-password")),
    Screen("sandbox-recovery-list", _recovery_list),
    Screen("sandbox-recovery-done", recovering("recovery-done")),
    Screen("sandbox-cabinet-password", _cabinet_password),
    Screen("sandbox-consent", on_the_way("consent")),
    Screen("sandbox-phone", _phone_with_a_code),
    Screen("portal-loading", on_the_way("loading")),
    Screen("portal-home", signed_in("/home")),
    Screen("portal-home-simplified", signed_in("/home", "maria")),
    Screen("portal-home-no-policy", signed_in("/home", "igor")),
    Screen("portal-menu", signed_in("/menu")),
    Screen("portal-documents", _documents),
    Screen("portal-support-file-refused", _question("снимок.bmp", b"BM", "#file-error")),
    Screen("portal-support-ticket", _ticket_with_file),
    Screen("portal-upload", signed_in("/uploads")),
    Screen("portal-certificates", signed_in("/documents/requests")),
    Screen("portal-certificate-form", signed_in("/documents/requests/new?kind=sanatorium")),
    Screen("portal-document-not-ready", _certificate),
    Screen("portal-applications", signed_in("/applications")),
    Screen("portal-application-form", signed_in("/applications/new?kind=attachment")),
    Screen("portal-notifications", booked("/notifications")),
    Screen("portal-notification-settings", signed_in("/notifications/settings")),
    Screen("portal-support", signed_in("/support")),
    Screen("portal-support-form", signed_in("/support/new")),
    Screen("portal-support-public", portal("/support")),
    Screen("portal-support-form-public", portal("/support/new")),
    Screen("portal-profile", signed_in("/profile")),
    Screen("portal-policies", signed_in("/policies")),
    Screen("portal-profile-sessions", signed_in("/profile/sessions")),
    Screen("portal-profile-history", signed_in("/profile/history")),
    Screen("portal-profile-data", signed_in("/profile/data")),
    Screen("portal-profile-delete", signed_in("/profile/data/delete")),
    Screen("portal-record", signed_in("/record")),
    Screen("portal-record-results", signed_in("/record/results")),
    Screen("portal-record-visits", signed_in("/record/visits")),
    Screen("portal-record-vaccinations", signed_in("/record/vaccinations")),
    Screen("portal-record-entry", _newest_entry("results")),
    Screen("portal-record-visit", _newest_entry("visits")),
    Screen("portal-record-transfers", signed_in("/record/transfers")),
    Screen("portal-record-card-not-found", signed_in("/record", "gleb")),
    Screen("portal-expenses", signed_in("/expenses")),
    Screen("portal-reports", signed_in("/reports", "timur")),
    Screen("portal-reports-forbidden", signed_in("/reports")),
    Screen("portal-children", signed_in("/children")),
    Screen("portal-children-grown", signed_in("/children", "svetlana")),
    Screen("portal-signed-out", _signed_out),
)

CABINET = (
    Screen("register-organisation-form", at_gosuslugi("/register/organisation")),
    Screen("register-organisation-registered", at_gosuslugi("/register/organisation", "svetlana")),
    Screen("cabinet-profile-head", at_gosuslugi("/cabinet/profile", "svetlana")),
    Screen("cabinet-profile", at_gosuslugi("/cabinet/profile", "maria")),
    Screen("cabinet-documents", at_gosuslugi("/cabinet/documents", "maria")),
    Screen("cabinet-document-passport", at_gosuslugi("/cabinet/documents/passport", "maria")),
    Screen("cabinet-document-snils", at_gosuslugi("/cabinet/documents/snils", "maria")),
    Screen("cabinet-contact-phone", at_gosuslugi("/cabinet/profile/phone")),
    Screen("cabinet-search", at_gosuslugi("/cabinet/search?q=медецинский")),
    Screen("identity-service", at_gosuslugi("/cabinet/services/medical-policy", "igor")),
    Screen("identity-service-missing", at_gosuslugi("/cabinet/services/medical-policy", "maria")),
    Screen("identity-service-done", at_gosuslugi("/cabinet/services/medical-policy")),
    Screen("identity-sms", at_gosuslugi("/cabinet/services/medical-policy/sms", "igor")),
    Screen("identity-signature", at_gosuslugi("/cabinet/services/medical-policy/signature", "igor")),
    Screen("cabinet-confirm", at_gosuslugi("/cabinet/confirm", "nina")),
    Screen("cabinet-confirm-totp", at_gosuslugi("/cabinet/confirm/totp", "nina")),
    Screen("cabinet-confirm-push", at_gosuslugi("/cabinet/confirm/push", "nina")),
    Screen("cabinet-confirm-signature", at_gosuslugi("/cabinet/confirm/signature", "nina")),
    Screen("identity-card", at_gosuslugi("/cabinet/services/medical-policy/card", "igor")),
    Screen("identity-mail", at_gosuslugi("/cabinet/services/medical-policy/mail", "igor")),
)

SECURITY = (
    Screen("cabinet-security", cabinet("/cabinet/security", stranger=True)),
    Screen("cabinet-sessions", cabinet("/cabinet/security/sessions", stranger=True)),
    Screen("cabinet-history", cabinet("/cabinet/security/history", stranger=True)),
    Screen("cabinet-consents", cabinet("/cabinet/consents")),
    Screen("cabinet-consent-withdraw", _withdraw),
    Screen("cabinet-stolen", cabinet("/cabinet/security/stolen")),
    Screen("cabinet-stolen-case", _case),
    Screen("sandbox-stolen-outside", sandbox("/cabinet/security/stolen")),
    Screen("sandbox-not-me", _not_me),
    Screen("sandbox-not-me-over", sandbox("/cabinet/not-me?link=over")),
    Screen("sandbox-phishing-reported", sandbox("/message/reported")),
)

CONSOLE = (
    Screen("console-door", sandbox("/console/enter")),
    Screen("console", console("/console/")),
    Screen("console-scenario", console("/console/scenarios/token-500")),
    Screen("console-armed", _armed),
    Screen("console-journal", _journal("/console/journal")),
    Screen("console-sign-in", _journal("/console/journal/1")),
    Screen("console-own", console("/console/own")),
    Screen("console-own-build", console("/console/own/build?kind=status")),
    Screen("console-own-text", console("/console/own/text")),
    Screen("console-copy", console("/console/scenarios/token-500/copy")),
    Screen("console-stands", console("/console/stands")),
    Screen("console-reset", console("/console/reset")),
)


def _of_entry(entry: Entry) -> Screen:
    return Screen(
        f"entry-{entry.id}",
        entry_shown(entry),
        limits=QUICK_LIMITS if hangs(entry) else None,
        profile="esia-v1" if "esia-v1" in entry.profiles else "openid",
        held=bool(held_seconds(entry)),
    )


def all_screens() -> Iterator[Screen]:
    """Public pages, those on the way of a sign-in, what every entry of the catalogue shows, and the console.

    Of the entries, those of trigger `never` have no picture, for what they name must not be seen, nor has what is seen
    only while the browser is leaving a page: it looks as in `page-slow`.
    """
    yield from PUBLIC
    yield from JOURNEY
    yield from CABINET
    yield from APPOINTMENTS
    yield from SECURITY
    for entry in shared().entries.values():
        if entry.trigger != "never" and entry.journey.steps != "open_slowly":
            yield _of_entry(entry)
    yield from CONSOLE
