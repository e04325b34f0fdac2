"""The stand's phones and mailboxes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.accounts import people
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft, Point
from sandbox_idp.world import messages
from tests.pages import PageClient
from tests.sandbox_idp.sign_in.journey import person_of

ANNA = "+70001000001"
HTMX = {"HX-Request": "true"}


def send(
    stand: Stand, text: str, *, to: str = ANNA, kind: str = "sms", code: str | None = None, subject: str | None = None
):
    with stand.database.writing() as session:
        return messages.send(
            session,
            MessageDraft(kind=kind, recipient=to, text=text, code=code, subject=subject),  # type: ignore[arg-type]
        )


def test_a_message_shows_its_code_in_big_digits(sandbox: PageClient, stand: Stand) -> None:
    """S-37: this is the one place where a code can be seen."""
    send(stand, "Код для входа: 418205. Никому не сообщайте.\n@127.0.0.1 #418205", code="418205")
    page = sandbox.get("/phone?person=anna")
    assert page.screen == "phone"
    assert page.words.startswith("Учебный стенд: Телефон Анны Лесной")
    big = page.soup.find(class_="msg__code")
    assert big is not None
    assert big.get_text() == "418 205"
    assert "@127.0.0.1 #418205" in page.words
    assert "+7 (000) 100-00-01" in page.words


def test_a_replaced_code_is_struck_through(sandbox: PageClient, stand: Stand) -> None:
    """sms-late: only the newest works, and the phone says so."""
    old = send(stand, "Код: 730944.", code="730944")
    send(stand, "Код: 418205.", code="418205")
    with stand.database.writing() as session:
        messages.replace(session, old.id or 0)
    page = sandbox.get("/phone?person=anna")
    struck = page.soup.find("s")
    assert struck is not None
    assert struck.get_text() == "730 944"
    assert [big.get_text() for big in page.soup.find_all(class_="msg__code")] == ["418 205"]


def test_lost_and_late_messages(sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """sms-lost, sms-late: a lost one never shows, a late one when it has arrived."""
    stand.clock.freeze(True)

    def spoil(point: Point, draft: MessageDraft) -> MessageDraft:
        assert point is Point.MESSAGE
        draft.lost = draft.text == "lost"
        draft.delay = timedelta(minutes=2) if draft.text == "late" else timedelta(0)
        return draft

    monkeypatch.setattr(engine, "transform", spoil)
    for text in ("lost", "late", "prompt"):
        send(stand, text)
    shown = sandbox.get("/phone?person=anna").words
    assert "prompt" in shown
    assert "late" not in shown
    stand.clock.advance(timedelta(minutes=2))
    shown = sandbox.get("/phone?person=anna").words
    assert "late" in shown
    assert "lost" not in shown


def test_nobody_sees_the_messages_of_another(sandbox: PageClient, stand: Stand) -> None:
    send(stand, "only for anna")
    assert "only for anna" not in sandbox.get("/phone?person=viktor").words


def test_without_a_person_it_is_the_phone_that_got_something_last(sandbox: PageClient, stand: Stand) -> None:
    assert "Телефон Анны Лесной" in sandbox.get("/phone").words
    send(stand, "hello", to="+70001000007")
    assert "Телефон Елены Таёжной" in sandbox.get("/phone").words
    sandbox.get("/phone?person=nobody", 404)
    assert "Телефон Нины Дальней" in sandbox.get(f"/phone?person={person_of(stand, 'nina').oid}").words


def test_the_list_leads_to_every_phone_and_tells_what_is_new(sandbox: PageClient, stand: Stand) -> None:
    """New is what came in the last five minutes and was not replaced."""
    stand.clock.freeze(True)
    send(stand, "one", to="+70001000002")
    send(stand, "two", to="+70001000002")
    page = sandbox.get("/phone?person=anna")
    entries = {
        str(link["href"]).removesuffix("#h"): " ".join(link.get_text(" ").split())
        for link in page.soup.find_all("a", class_="person")
    }
    assert len(entries) == 13
    assert entries[f"{stand.prefix}/phone?person=viktor"].endswith("2 новых")
    assert "Подтверждение входа выключено" in entries[f"{stand.prefix}/phone?person=kirill"]
    assert "СМС, коды" in entries[f"{stand.prefix}/phone?person=nina"]
    stand.clock.advance(timedelta(minutes=5))
    assert "новых" not in sandbox.get("/phone?person=anna").words
    for address in entries:
        sandbox.get(address)


def test_the_authenticator_goes_by_the_stand_s_clock(sandbox: PageClient, stand: Stand) -> None:
    """S-38, S-74: the code of this moment and the seconds it has left; the next one after them."""
    stand.clock.freeze(True)
    codes = []
    for _ in range(2):
        now = stand.clock.refresh()
        shown = people.totp_now(person_of(stand, "igor"), now)
        assert shown is not None
        assert 1 <= shown.seconds_left <= 30
        page = sandbox.get("/phone?person=igor")
        assert f"{shown.code[:3]} {shown.code[3:]}" in page.words
        assert f"ещё {shown.seconds_left} с" in page.words
        codes.append(shown.code)
        stand.clock.advance(timedelta(seconds=shown.seconds_left))
    assert codes[0] != codes[1]
    assert "Генератор кодов" not in sandbox.get("/phone?person=anna").words
    assert people.totp_now(person_of(stand, "anna"), stand.clock.now()) is None


def test_mail_lies_in_the_mailbox(sandbox: PageClient, stand: Stand) -> None:
    send(stand, "Находка, Firefox.", to="nina@pochta.example", kind="mail", subject="Вход с нового устройства")
    page = sandbox.follow(sandbox.get("/mail?person=nina", 303))
    box = page.soup.find(attrs={"data-part": "mail"})
    assert box is not None
    assert "Вход с нового устройства" in box.get_text()
    assert "Электронной почты у этого человека нет." in sandbox.get("/phone?person=viktor").words
    assert "Писем на anna@pochta.example пока нет." in sandbox.get("/phone?person=anna").words


def test_the_page_asks_for_its_parts_by_itself_and_works_without(sandbox: PageClient, stand: Stand) -> None:
    """U-29, U-32: a fragment for htmx, the whole page for everybody else."""
    send(stand, "hello there")
    page = sandbox.get("/phone?person=anna")
    asked = [str(tag["data-hx-get"]) for tag in page.soup.find_all(attrs={"data-hx-get": True})]
    assert asked == [f"{stand.prefix}/phone/messages?person=anna", f"{stand.prefix}/phone/mail?person=anna"]
    part = sandbox.get(asked[0], headers=HTMX)
    assert part.soup.find(attrs={"data-part": "messages"}) is not None
    assert "hello there" in part.words
    assert "<html" not in part.text
    assert part.response.headers["Vary"] == "HX-Request"
    assert sandbox.get(asked[1], headers=HTMX).soup.find(attrs={"data-part": "mail"}) is not None
    for address in asked:
        assert sandbox.get(address, 303).location == f"{stand.prefix}/phone?person=anna"
    refresh = page.soup.find("a", string="Обновить")
    assert refresh is not None
    sandbox.get(str(refresh["href"]))


def test_text_of_a_message_is_text(sandbox: PageClient, stand: Stand) -> None:
    """S-53: whatever a message holds, it stays words."""
    send(stand, "<script>alert(1)</script>", kind="mail", to="anna@pochta.example", subject="<b>x</b>")
    page = sandbox.get("/phone?person=anna")
    assert "<script>alert(1)</script>" in page.soup.get_text()
    assert page.soup.find("b", string="x") is None


def test_the_inbox_can_be_asked_by_address_kind_and_number(stand: Stand) -> None:
    """Control API: rising ids, oldest first, what came after a known one."""
    first = send(stand, "one")
    send(stand, "two", kind="mail", to="anna@pochta.example")
    send(stand, "three")
    send(stand, "four", to="+70001000002")
    with stand.database.reading() as session:
        assert [m.text for m in messages.inbox(session)] == ["one", "two", "three", "four"]
        assert [m.text for m in messages.inbox(session, ANNA)] == ["one", "three"]
        assert [m.text for m in messages.inbox(session, kinds=["mail"])] == ["two"]
        assert [m.text for m in messages.inbox(session, ANNA, after=first.id)] == ["three"]
        assert [m.text for m in messages.inbox(session, ANNA, kinds=("push",))] == []


def test_messages_stand_in_the_order_of_arrival(stand: Stand) -> None:
    """sms-late: one that was sent first and came last is the last; whoever saw the other is given it all the same."""
    stand.clock.freeze(True)
    with stand.database.writing() as session:
        late = messages.send(session, MessageDraft("sms", ANNA, "first", delay=timedelta(minutes=2)))
        prompt = messages.send(session, MessageDraft("sms", ANNA, "second"))
    assert (late.id or 0) < (prompt.id or 0)
    stand.clock.advance(timedelta(minutes=2))
    with stand.database.reading() as session:
        assert [message.text for message in messages.inbox(session, ANNA)] == ["second", "first"]
        assert [message.text for message in messages.inbox(session, ANNA, after=prompt.id)] == ["first"]
        assert messages.inbox(session, ANNA, after=late.id) == []


def test_a_doubled_message_arrives_more_than_once(stand: Stand) -> None:
    """`message-duplicate`: the same words, later; a newer code takes the place of all of them."""
    stand.clock.freeze(True)
    with stand.database.writing() as session:
        echoes = (timedelta(0), timedelta(minutes=1))
        first = messages.send(session, MessageDraft("sms", ANNA, "Код: 418205", code="418205", echoes=echoes))
    with stand.database.reading() as session:
        assert [message.code for message in messages.inbox(session, ANNA)] == ["418205"] * 2
    stand.clock.advance(timedelta(minutes=1))
    with stand.database.writing() as session:
        assert len(messages.inbox(session, ANNA)) == 3
        messages.replace(session, first.id or 0)
    with stand.database.reading() as session:
        assert all(message.replaced_at is not None for message in messages.inbox(session, ANNA))


def test_what_the_gateway_does_not_take_is_not_sent(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """sms-gateway-down: the sender is told at once, and nothing is stored."""
    with stand.database.writing() as session, pytest.raises(messages.GatewayDownError):
        messages.send(session, MessageDraft("sms", ANNA, "Код", refused=True))
    with stand.database.reading() as session:
        assert messages.inbox(session, ANNA) == []


def test_a_real_phone_is_led_by_a_qr_code(sandbox: PageClient, stand: Stand) -> None:
    """Deliver 5: the address of the full screen as a drawing and as a link; there is nothing around the phone there."""
    page = sandbox.get("/phone?person=nina")
    assert page.soup.find("svg", class_="qr__code") is not None
    (link,) = [link for link in page.soup.find_all("a") if link.get_text() == "откройте на весь экран"]
    assert link["href"] == f"{stand.idp_url}/phone/screen?person=nina"
    whole = sandbox.get("/phone/screen?person=nina")
    assert whole.screen == "phone-screen"
    assert "Чей телефон" not in whole.words
    assert "Учебный стенд — не вводите настоящие данные" in whole.words


def test_the_clock_of_a_phone_can_be_put_wrong(sandbox: PageClient, stand: Stand) -> None:
    """totp-skew: the authenticator page shows what an app with a wrong clock would."""
    stand.clock.freeze(True)
    igor = person_of(stand, "igor")
    for clock, ahead in (("fast", 5), ("slow", -5), ("", 0), ("backwards", 0)):
        page = sandbox.get(f"/phone/authenticator?person=igor&clock={clock}")
        shown = page.soup.find(attrs={"data-code": "now"})
        expected = people.totp_now(igor, stand.clock.now() + timedelta(minutes=ahead))
        assert shown is not None
        assert expected is not None
        assert shown.get_text().replace(" ", "") == expected.code
    assert "Листок с резервными кодами" in page.words


def test_the_app_s_part_is_left_alone_while_nothing_changes(sandbox: PageClient, stand: Stand) -> None:
    """U-29: a button must not go away under somebody's finger; as a page the same address is whole."""
    assert "Запросов нет" in sandbox.get("/phone/push?person=olga").words
    sandbox.get("/phone/push?person=olga&shown=none", 204, headers=HTMX)
    sandbox.get("/phone/push?person=olga&shown=another", 200, headers=HTMX)
    assert "не подключено" in sandbox.get("/phone/push?person=anna").words


def test_only_what_the_app_has_can_be_pressed(sandbox: PageClient, stand: Stand) -> None:
    """U-10: anything else is refused; a request that is gone is no error."""
    sandbox.get("/phone/push?person=olga")
    token = sandbox.get("/login").form("/login")["csrf_token"]
    for number in ("", "7", "abc", "١٢"):
        sandbox.post("/phone/push?person=olga", {"csrf_token": token, "request": "x", "number": number}, 400)
    gone = sandbox.post("/phone/push?person=olga", {"csrf_token": token, "request": "x", "number": "47"})
    assert "Запросов нет" in sandbox.follow(gone).words


def test_a_phone_without_an_account_can_be_read(sandbox: PageClient, stand: Stand) -> None:
    """R-068: whoever registers reads the code on such a phone; it stands after the people, and by its number."""
    send(stand, "Код для регистрации: 418205", to="+70003000001", code="418205")
    page = sandbox.get("/phone?person=%2B70003000001")
    assert "Телефон: Новый номер" in page.words
    assert "418 205" in page.words
    people = [link.get_text(" ") for link in page.soup.select("a.person")]
    assert "Новый номер" in people[-1]
    assert len([each for each in people if "Новый номер" in each]) == 1
    assert "418 205" in sandbox.get("/phone").words


def test_a_link_in_a_message_can_be_followed(sandbox: PageClient, stand: Stand) -> None:
    """The address becomes a link, and whatever else stands there stays text (S-53)."""
    send(stand, f"Войдите: {stand.idp_url}/login\n<a href=javascript:alert(1)>сюда</a>")
    page = sandbox.get("/phone?person=anna")
    links = [str(link["href"]) for link in page.soup.select("article.msg a")]
    assert links == [f"{stand.idp_url}/login"]
