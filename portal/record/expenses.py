"""«Расходы»: what the insurance paid for a patient's treatment, by year, with totals and a file (R-043)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from portal.clinic.values import Card
from portal.doors import doors
from portal.paper.spreadsheet import as_csv
from portal.patients.acting import subject
from portal.patients.clinic_pages import demand_clinic
from portal.record.parts import Part, answer
from portal.sign_in.sessions import login_required

blueprint = Blueprint("expenses", __name__)
blueprint.before_request(demand_clinic)

HEAD = ("Дата", "Услуга", "Поликлиника", "Сумма, руб.")


def _part(year: int | None) -> Part:
    return Part(
        name="expenses",
        title="Расходы на лечение",
        icon="rec",
        address=url_for("expenses.expenses_part", year=year),
        body="portal/record/expenses.html",
        screen="expenses",
        bare=True,
    )


def _year() -> int | None:
    """The year asked for; a page that is not there for what is no year."""
    asked = request.args.get("year", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        abort(404)
    return int(asked)


@blueprint.get("/expenses")
@login_required
def expenses() -> str:
    """The page, with the year that was asked for or the newest."""
    return render_template("portal/record/expenses_page.html", part=_part(_year()))


@blueprint.get("/record/parts/expenses")
@login_required
def expenses_part() -> Response:
    """Totals of every year, and each service of one of them."""
    asked = _year()

    def make(card: Card) -> dict[str, Any]:
        record = doors().clinic.record
        totals = dict(record.expense_totals(card.id))
        year = asked if asked is not None else next(iter(totals), None)
        services = record.expenses(card.id, year) if year is not None else []
        return {
            "totals": totals,
            "year": year,
            "services": services[::-1],
            "total": sum((one.amount for one in services), start=Decimal(0)),
            "as_of": doors().clock.now(),
        }

    return answer(_part(asked), make)


@blueprint.get("/expenses.csv")
@login_required
def expenses_csv() -> Response:
    """The services of a year, or of all years, as CSV."""
    asked, record, card = _year(), doors().clinic.record, subject().card
    years = [asked] if asked is not None else list(record.expense_totals(card.id))
    services = [one for year in years for one in reversed(record.expenses(card.id, year))]
    response = make_response(as_csv(HEAD, ((one.at, one.service, one.site, one.amount) for one in services)))
    response.mimetype = "text/csv"
    name = f"expenses-{asked}.csv" if asked is not None else "expenses.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
