"""The screens of appointments for the contact sheet, and the ways there."""

from __future__ import annotations

from tools.screen_ways import Screen, appointment_at, booked, signed_in

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
