"""Screens of the training Gosuslugi."""

from __future__ import annotations

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


class FactorPage(Screen):
    """Which second factor, for people who have several."""

    def choose_sms(self) -> None:
        self.press(self.main.get_by_role("button", name="СМС на номер").inner_text())


class ConsentPage(Screen):
    """Thirteen rights."""

    def withhold(self, right: str) -> None:
        """Untick the right whose words are `right`."""
        self.main.get_by_role("checkbox", name=right, exact=True).uncheck()

    def grant(self) -> None:
        self.press("Предоставить")

    def refuse(self) -> None:
        self.press("Отказать")
