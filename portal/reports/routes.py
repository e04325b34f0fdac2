"""«Отчёты» for the clinic's staff; for everybody else a page that says whom it is for, and the way home."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from foundation import russian
from portal.clinic.values import Site, VisitCount
from portal.doors import doors
from portal.patients.acting import subject
from portal.patients.clinic_pages import demand_clinic
from portal.patients.view import first_upper
from portal.reports.exports import total, visits_csv, visits_xml
from portal.reports.period import PeriodForm
from portal.sign_in.sessions import does_not_prolong, login_required
from portal.web.errors import Action, Failure, failure_answer
from portal.web.requests import wants_fragment

blueprint = Blueprint("reports", __name__)
blueprint.before_request(demand_clinic)


@dataclass(frozen=True)
class Report:
    """What was asked for, and what came of it."""

    site: Site
    form: PeriodForm
    counts: list[VisitCount]
    """Empty where the form has errors."""

    @property
    def totals(self) -> VisitCount:
        """All days and specialities together."""
        return _sum(self.counts, "")

    @property
    def by_speciality(self) -> list[VisitCount]:
        """The whole period, a line for each speciality, by name."""
        names = sorted({one.speciality for one in self.counts})
        return [_sum([one for one in self.counts if one.speciality == name], name) for name in names]


def _sum(counts: list[VisitCount], speciality: str) -> VisitCount:
    return VisitCount(
        day=counts[0].day if counts else doors().clock.now().date(),
        speciality=speciality,
        attended=sum(one.attended for one in counts),
        missed=sum(one.missed for one in counts),
        cancelled=sum(one.cancelled for one in counts),
    )


def _report() -> Report | None:
    """The report that the address asks for; None for who is no member of the staff."""
    clinic, who = doors().clinic, subject()
    site = clinic.reports.staff_site(who.identity) if who.child is None else None
    if site is None:
        return None
    form = PeriodForm(request.args)
    specialities = [(one.id, first_upper(one.name)) for one in clinic.directory.specialities(site.id)]
    counts: list[VisitCount] = []
    if form.use(russian.msk(doors().clock.now()).date(), specialities):
        counts = clinic.reports.visits(site.id, since=form.first, until=form.last, speciality_id=form.speciality.data)
    return Report(site, form, counts)


def _not_staff() -> Failure:
    return Failure(
        screen="forbidden",
        status=403,
        side="person",
        heading="Эта страница вам недоступна",
        lead="Отчёты открыты только сотрудникам поликлиники.",
        what="Ваша учётная запись не относится к сотрудникам поликлиники.",
        safe="Портал работает, ваши данные на месте.",
        then="Вернитесь на главную. Работаете в поликлинике? Попросите руководителя добавить вас в список сотрудников.",
        actions=[Action("На главную", f"{request.root_path}/home")],
        reason="not-staff",
    )


@blueprint.get("/reports")
@login_required
def reports() -> Response:
    """Visits by period and speciality, on the page."""
    report = _report()
    if report is None:
        return failure_answer(_not_staff())
    same = {field.name: field.data for field in report.form}
    text = render_template(
        "portal/reports/index.html",
        report=report,
        total=total,
        made_at=doors().clock.now(),
        csv_address=url_for("reports.reports_csv", **same),
        xml_address=url_for("reports.reports_xml", **same),
    )
    return make_response(text, 422 if report.form.errors else 200)


@blueprint.get("/reports.csv")
@login_required
def reports_csv() -> Response:
    """The same as CSV."""
    report = _report()
    if report is None or report.form.errors:
        return reports()
    return _file(visits_csv(report.counts), "text/csv", report.form, "csv")


@blueprint.get("/reports.xml")
@login_required
def reports_xml() -> Response:
    """The same as XML."""
    report = _report()
    if report is None or report.form.errors:
        return reports()
    asked, now = report.form, doors().clock.now()
    content = visits_xml(report.counts, site=report.site, since=asked.first, until=asked.last, made_at=now)
    return _file(content, "application/xml", asked, "xml")


def _file(content: bytes, media_type: str, asked: PeriodForm, ending: str) -> Response:
    response = make_response(content)
    response.mimetype = media_type
    name = f"visits-{asked.first.isoformat()}-{asked.last.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/parts/staff")
@login_required
@does_not_prolong
def staff_part() -> BaseResponse | str:
    """The way to the reports on the home page, for those who have it: an extra, and nothing for everybody else."""
    if not wants_fragment():
        return redirect(url_for("reports.reports"), code=303)
    who = subject()
    site = doors().clinic.reports.staff_site(who.identity) if who.child is None else None
    return render_template("portal/reports/staff.html", site=site)
