"""Screens of the training Gosuslugi."""

from __future__ import annotations

from playwright.sync_api import FilePayload

from e2e.pages.screen import Screen

FIGURES = "Цифры с картинки или с записи"


class LoginPage(Screen):
    """«Вход»: login and password, or the password alone of a remembered person."""

    def sign_in(self, login: str, password: str) -> None:
        field = self.main.get_by_label("Телефон / Email / СНИЛС", exact=True)
        if field.count():
            field.fill(login)
        self.main.get_by_label("Пароль", exact=True).fill(password)
        self.press("Войти")

    def captcha_key(self) -> str:
        """The key of the captcha whose figures are asked for; empty if there is none."""
        if not self.main.get_by_label(FIGURES).count():
            return ""
        return self.main.locator("input[name=captcha_key]").input_value()

    def type_figures(self, figures: str) -> None:
        """What somebody sees or hears of the captcha."""
        self.main.get_by_label(FIGURES).fill(figures)


class CodePage(Screen):
    """One field for a code: SMS or authenticator."""

    def confirm(self, code: str, button: str = "Подтвердить") -> None:
        self.main.locator("input[autocomplete=one-time-code]").fill(code)
        self.press(button)


class SignaturePage(Screen):
    """A signature file and its PIN."""

    def sign_in(self, name: str, data: bytes, pin: str) -> None:
        chosen = FilePayload(name=name, mimeType="application/x-pkcs12", buffer=data)
        self.main.get_by_label("Файл подписи", exact=True).set_input_files(chosen)
        self.main.get_by_label("ПИН-код", exact=True).fill(pin)
        self.press("Войти")


class FactorPage(Screen):
    """Which second factor, for people who have several."""

    def choose_sms(self) -> None:
        self.press(self.main.get_by_role("button", name="СМС на номер").inner_text())

    def choose(self, way: str) -> None:
        self.press(way)


class PushPage(Screen):
    """«Подтвердите вход в приложении»: the number that the phone asks for."""

    @property
    def number(self) -> str:
        """What stands on the page in big digits."""
        return self.main.locator("[data-number]").inner_text()

    def look(self) -> None:
        """Ask what has become of it, without waiting until the page does so by itself."""
        self.press("Проверить")


class BackupPage(Screen):
    """One field for a backup code."""

    def confirm(self, code: str) -> None:
        self.main.get_by_label("Резервный код", exact=True).fill(code)
        self.press("Подтвердить")


class ConsentPage(Screen):
    """Thirteen rights."""

    def withhold(self, right: str) -> None:
        """Untick the right whose words are `right`."""
        self.main.get_by_role("checkbox", name=right, exact=True).uncheck()

    def grant(self) -> None:
        self.press("Предоставить")

    def refuse(self) -> None:
        self.press("Отказать")


class ConsoleDoor(Screen):
    """The door of the trainer's console."""

    def enter(self, password: str) -> None:
        """Open it, and wait until the console is there."""
        self.main.get_by_label("Пароль пульта").fill(password)
        self.page.get_by_role("button", name="Открыть пульт").click()
        self.page.locator("html:not([data-screen=console-enter])").wait_for()
