"""The screens of appointments for the contact sheet, and the ways there."""

from __future__ import annotations

from tools.screen_list import Booth, Screen, Way, signed_in


def appointment_at(screen: str, person: str = "anna") -> Way:
    """A screen that the booking of an appointment passes."""

    def go(booth: Booth) -> None:
        someone = booth.person(person)
        someone.arrive()
        someone.open("/appointments")
        someone.walk([screen])

    return go


def booked(path: str, press: str = "", person: str = "anna") -> Way:
    """An address of the portal, as somebody with an appointment; without one its talon; with `press` what it opens."""

    def go(booth: Booth) -> None:
        appointment_at("appointment", person)(booth)
        if path:
            booth.page.goto(booth.stand.portal_url + path)
        if press:
            booth.person(person).press(press)

    return go


APPOINTMENTS = (
    Screen("portal-appointments", booked("/appointments")),
    Screen("portal-appointments-home", booked("/home")),
    Screen("portal-appointment-new", signed_in("/appointments/new")),
    Screen("portal-appointment-search", signed_in("/appointments/new?q=хирург")),
    Screen("portal-appointment-times", appointment_at("appointment-times")),
    Screen("portal-appointment-times-doctors", signed_in("/appointments/new?clinic=369001&speciality=therapist")),
    Screen("portal-appointment-nearest", signed_in("/appointments/new?speciality=surgeon")),
    Screen("portal-appointment-review", appointment_at("appointment-review")),
    Screen("portal-appointment", appointment_at("appointment")),
    Screen("portal-appointment-cancel", booked("", "Отменить запись")),
    Screen("portal-appointment-move", booked("", "Перенести")),
    Screen("portal-waiting-list", signed_in("/waiting-list")),
    Screen("portal-home-visit", signed_in("/home-visit")),
)
