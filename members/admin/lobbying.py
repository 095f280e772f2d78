"""Government relations: the hours of four weeks, the reports of each month, and their file."""

import csv
import datetime
import io

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.http import require_http_methods, require_safe

from members import lobbying
from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.columns import safe
from members.display import duration
from members.imports.write import DIALECTS
from members.models import ExportRecord, GovernmentInteraction, Participation
from members.permissions import can_see_advocacy, may

Report = GovernmentInteraction.Report

# How far back the hours are drawn, and how many months of reports one chooses from.
A_YEAR = datetime.timedelta(days=364)
MONTHS = 18
# How many exchanges that remain to be completed are shown at once.
UNRECORDED_SHOWN = 10

LEVELS = {
    lobbying.Level.BELOW: gettext_lazy("below the threshold"),
    lobbying.Level.NEAR: gettext_lazy("close to the threshold"),
    lobbying.Level.REACHED: gettext_lazy("threshold reached"),
}
REMINDERS = {
    lobbying.Reminder.NONE: gettext_lazy("Nothing to file."),
    lobbying.Reminder.EARLY: gettext_lazy("To be filed; there is time."),
    lobbying.Reminder.FIRST: gettext_lazy("First reminder, of the 5th: to be filed by the 15th."),
    lobbying.Reminder.SECOND: gettext_lazy("Second reminder, of the 10th: file them this week."),
    lobbying.Reminder.LAST: gettext_lazy("Last reminder, of the 14th: file them now."),
    lobbying.Reminder.LATE: gettext_lazy("The 15th has passed: file the late ones now."),
}

# The chart's own units: a bar for each week, `HEIGHT` for its highest value.
BAR, GAP, HEIGHT, LEFT, TOP = 10, 4, 120, 34, 10


def chart(weeks):
    """The four weeks that end with each week as bars, with the two thresholds as lines."""
    highest = max([lobbying.THRESHOLD * 5 // 4, *(week.window.minutes for week in weeks)])

    def scaled(minutes):
        return round(HEIGHT * minutes / highest, 1)

    bars = []
    for place, week in enumerate(weeks):
        height = scaled(week.window.minutes)
        bars.append(
            {
                "x": LEFT + place * (BAR + GAP),
                "y": TOP + HEIGHT - height,
                "height": height,
                "level": week.window.level,
                "week": week,
            }
        )
    lines = [
        {"y": TOP + HEIGHT - scaled(minutes), "words": duration(minutes), "level": level}
        for minutes, level in (
            (lobbying.NEAR, lobbying.Level.NEAR),
            (lobbying.THRESHOLD, lobbying.Level.REACHED),
        )
    ]
    width = LEFT + len(weeks) * (BAR + GAP)
    months, last = [], None
    for bar in bars:
        month = bar["week"].last.replace(day=1)
        if month != last and bar["week"].last.month % 2:
            months.append({"x": bar["x"], "words": date_format(month, "Y-m")})
        last = month
    return {
        "bars": bars,
        "lines": lines,
        "months": months,
        "width": width,
        "height": TOP + HEIGHT + 22,
        "floor": TOP + HEIGHT,
        "left": LEFT,
        "bar": BAR,
        "foot": TOP + HEIGHT + 16,
    }


class JurisdictionFilter(CountedFilter):
    title = gettext_lazy("jurisdiction")
    parameter_name = "jurisdiction"

    def conditions(self):
        choices = GovernmentInteraction.Jurisdiction.choices
        return {value: (words, Q(jurisdiction=value)) for value, words in choices}


class ReportFilter(CountedFilter):
    title = gettext_lazy("report")
    parameter_name = "report"

    def conditions(self):
        due = Q(pk__in=GovernmentInteraction.objects.to_report().order_by().values("pk"))
        return {
            "due": (_("remains to be filed"), due),
            **{value: (words, Q(report=value)) for value, words in Report.choices},
        }


class ModeFilter(CountedFilter):
    title = gettext_lazy("mode")
    parameter_name = "mode"
    folded = True

    def conditions(self):
        choices = GovernmentInteraction.Mode.choices
        return {value: (words, Q(mode=value)) for value, words in choices}


def day_field(label, **options):
    """A day, as every browser helps to type it."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class PeriodForm(forms.Form):
    """The days that a file of reports is about."""

    first = day_field(gettext_lazy("From"))
    last = day_field(gettext_lazy("To"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("fr", gettext_lazy("French")), ("en", gettext_lazy("English"))],
    )

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not datetime.date(1976, 1, 1) <= first <= last:
            raise ValidationError(_("The first day comes before the last one, after 1976."))
        if last and last.year > 2100:
            raise ValidationError({"last": _("A day lies between 1900 and 2100.")})
        return cleaned


class FiledForm(forms.Form):
    """The day, and the number of each report of `records`."""

    filed_on = day_field(gettext_lazy("Filed on"), initial=timezone.localdate)

    def __init__(self, records, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.records = records
        for record in records:
            self.fields[self.key(record)] = forms.CharField(
                label=gettext_lazy("Report number"),
                max_length=GovernmentInteraction._meta.get_field("report_number").max_length,
                initial=record.report_number,
                widget=forms.TextInput(attrs={"class": "vTextField"}),
            )

    @staticmethod
    def key(record):
        return f"number-{record.pk}"

    def clean_filed_on(self):
        on = self.cleaned_data["filed_on"]
        last = max(record.interaction.day for record in self.records)
        if not last <= on <= timezone.localdate():
            raise ValidationError(_("A report is filed between the day of the exchange and today."))
        return on

    def rows(self):
        """Each exchange with the field of its number."""
        return [(record, self[self.key(record)]) for record in self.records]

    @transaction.atomic
    def save(self, by):
        for record in self.records:
            record.file(
                by=by,
                number=self.cleaned_data[self.key(record)],
                on=self.cleaned_data["filed_on"],
            )


class NotRequiredForm(forms.Form):
    """Why no report is required for `records`."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=GovernmentInteraction._meta.get_field("report_reason").max_length,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, records, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.records = records

    def rows(self):
        return [(record, None) for record in self.records]

    @transaction.atomic
    def save(self, by):
        for record in self.records:
            record.dismiss(by=by, reason=self.cleaned_data["reason"])


# What is done to the reports that are chosen: {name: (form, title, button, what it will do)}.
DECISIONS = {
    "filed": (
        FiledForm,
        gettext_lazy("Record reports as filed"),
        gettext_lazy("Record as filed"),
        gettext_lazy(
            "These exchanges leave the list of what remains to be filed. The day and the number of "
            "each report are kept, with your name."
        ),
    ),
    "not-required": (
        NotRequiredForm,
        gettext_lazy("Record that no report is required"),
        gettext_lazy("Record as not required"),
        gettext_lazy(
            "These exchanges leave the list of what remains to be filed. The reason is kept, with "
            "your name; their hours still count."
        ),
    ),
}


@admin.register(GovernmentInteraction)
class GovernmentInteractionAdmin(StaffModelAdmin):
    """All exchanges with office holders; each is written on the page of its exchange."""

    class Media:
        css = {"all": ["css/advocacy.css"]}

    # What the sidebar calls it: its pages are about more than the list.
    list_name = gettext_lazy("Government relations")
    change_list_template = "admin/members/governmentinteraction/change_list.html"
    list_display = ["day", "what", "holders", "jurisdiction", "mode", "time", "state"]
    list_display_links = None
    list_filter = [ReportFilter, JurisdictionFilter, ModeFilter]
    search_fields = ["interaction__subject"]
    search_help_text = gettext_lazy("Subject, notes, people, organizations, alliance or dossier.")
    ordering = ["-interaction__happened_at", "-pk"]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and can_see_advocacy(request.user)

    def has_add_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The exchange's own page."""
        record = self.get_object(request, object_id)
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:members_interaction_change", args=[record.pk]))

    def get_queryset(self, request):
        return super().get_queryset(request).with_time().with_people()

    def get_search_results(self, request, queryset, search_term):
        """Those whose exchange the staff's search finds."""
        if not search_term.strip():
            return queryset, False
        exchanges = GovernmentInteraction._meta.get_field("interaction").related_model.objects
        found = exchanges.matching(search_term).order_by().values("pk")
        return queryset.filter(pk__in=found), False

    @admin.display(description=gettext_lazy("day"), ordering="interaction__happened_at")
    def day(self, record):
        return date_format(record.interaction.day, "SHORT_DATE_FORMAT")

    @admin.display(description=gettext_lazy("subject"))
    def what(self, record):
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:members_interaction_change", args=[record.pk]),
            record.interaction.subject,
        )

    @admin.display(description=gettext_lazy("office holders"))
    def holders(self, record):
        return "; ".join(str(one) for one in record.office_holders) or "—"

    @admin.display(description=gettext_lazy("time"))
    def time(self, record):
        return duration(record.spent)

    @admin.display(description=gettext_lazy("report"), ordering="report")
    def state(self, record):
        if record.report == Report.TO_ASSESS and record.needs_report:
            words = Report.TO_FILE.label
        else:
            words = record.get_report_display()
        return f"{words} {record.report_number}".strip()

    # Pages

    def get_urls(self):
        def page(address, view, name, only=require_safe):
            return path(address, self.admin_site.admin_view(only(view)), name=name)

        both = require_http_methods(["GET", "HEAD", "POST"])
        return [
            page("hours/", self.hours_view, "lobbying"),
            page("reports/", self.reports_view, "lobbying_reports"),
            page("reports/<slug:decision>/", self.decision_view, "lobbying_decision", both),
            page("file/", self.file_view, "lobbying_file"),
            *super().get_urls(),
        ]

    def page(self, request, template, title, status=200, **context):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(
            request,
            f"admin/members/governmentinteraction/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                "subtitle": None,
                "tab": template,
                **context,
            },
            status=status,
        )

    def changelist_view(self, request, extra_context=None):
        context = {"title": _("All exchanges with office holders"), "tab": "list"}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def hours_view(self, request):
        """The hours of the last four weeks, and of the year."""
        today = timezone.localdate()
        hours = lobbying.Hours(today - A_YEAR, today)
        now, highest = hours.window(today), hours.highest()
        weeks = lobbying.weeks(hours)
        exchanges = list(lobbying.exchanges_of(now))
        return self.page(
            request,
            "hours",
            _("Government relations"),
            now=now,
            now_words=LEVELS[now.level],
            highest=highest,
            highest_words=LEVELS[highest.level],
            exchanges=exchanges,
            unrecorded=list(lobbying.unrecorded(today - A_YEAR, today)[:UNRECORDED_SHOWN]),
            unknown=sum(one.interaction.minutes is None for one in exchanges),
            chart=chart(weeks),
            weeks=[(week, LEVELS[week.window.level]) for week in reversed(weeks)],
            due=lobbying.due_reports(today),
            threshold=lobbying.THRESHOLD,
            near=lobbying.NEAR,
        )

    def month(self, request):
        """The first day of the month that the address names, or of the one to report now."""
        try:
            asked = datetime.datetime.strptime(request.GET.get("month", ""), "%Y-%m")  # noqa: DTZ007
        except ValueError:
            return lobbying.due_reports().month
        return asked.date() if 1976 <= asked.year <= 2100 else lobbying.due_reports().month

    def reports_view(self, request):
        """The work list of a month, with the late ones of the months before."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today, month = timezone.localdate(), self.month(request)
        last = (month + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
        records = list(lobbying.reports_of(month, last))
        late = list(
            GovernmentInteraction.objects.to_report()
            .between(datetime.date(1976, 1, 1), month - datetime.timedelta(days=1))
            .with_time()
            .with_people()
            .by_day()
        )
        to_file = [one for one in records if one.report in (Report.TO_FILE, Report.TO_ASSESS)]
        by = lobbying.deadline(month)
        level = lobbying.reminder(
            today, by, len(to_file), len(late) + (len(to_file) * (today > by))
        )
        return self.page(
            request,
            "reports",
            _("Reports of %(month)s") % {"month": date_format(month, "F Y")},
            month=month,
            last=last,
            months=months(today),
            deadline=by,
            to_file=to_file,
            late=late,
            others=[one for one in records if one not in to_file],
            level=level,
            level_words=REMINDERS[level],
            reminders=[
                (by.replace(day=day), today >= by.replace(day=day)) for day in lobbying.REMINDERS
            ],
            may_decide=may(request.user, "change", GovernmentInteraction),
        )

    def decision_view(self, request, decision):
        """What is decided of the reports that were chosen: says first what it will do."""
        if not may(request.user, "change", GovernmentInteraction):
            raise PermissionDenied
        if decision not in DECISIONS:
            raise Http404
        sent = request.POST if request.method == "POST" else request.GET
        keys = [int(key) for key in sent.getlist("chosen") if key.isdecimal() and len(key) <= 18]
        records = list(
            GovernmentInteraction.objects.filter(pk__in=keys)
            .exclude(report=Report.FILED)
            .with_people()
            .by_day()
        )
        back = reverse("admin:lobbying_reports")
        if not records:
            messages.warning(request, _("Choose at least one exchange whose report is not filed."))
            return HttpResponseRedirect(back)
        form_class, title, button, words = DECISIONS[decision]
        form = form_class(records, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            form.save(by=request.user)
            messages.success(
                request,
                ngettext("%(count)d report recorded.", "%(count)d reports recorded.", len(records))
                % {"count": len(records)},
            )
            return HttpResponseRedirect(f"{back}?month={records[-1].interaction.day:%Y-%m}")
        return self.page(
            request,
            "decision",
            title,
            form=form,
            button=button,
            words=words,
            back=back,
            tab="reports",
        )

    # The file

    def file_view(self, request):
        """The reports of a period as CSV: a row for each designated public office holder."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return self.page(
                request, "file", _("File of the reports"), status=400, form=form, tab="reports"
            )
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        language = form.cleaned_data["language"]
        with override(language):
            content, count = report_file(
                lobbying.reports_of(first, last), "excel" if language == "fr" else "standard"
            )
            reason = _("reports on lobbying, %(first)s to %(last)s") % {
                "first": first,
                "last": last,
            }
            name = _("lobbying-reports")
        ExportRecord.objects.create(
            user=request.user,
            model=GovernmentInteraction._meta.label_lower,
            query=request.GET.urlencode(),
            format="csv",
            columns=list(COLUMNS),
            count=count,
            is_personal=False,
            reason=reason,
        )
        response = HttpResponse(content, content_type="text/csv; charset=utf-8; header=present")
        response["Content-Disposition"] = f'attachment; filename="{name}-{first}-{last}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


def months(today):
    """The last months, the latest first: first days."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - datetime.timedelta(days=1)).replace(day=1))
    return found


# The columns of the file: {key: (heading, value of an exchange and one of its office holders)}.
COLUMNS = {
    "date": (gettext_lazy("Date"), lambda one, holder: one.interaction.day.isoformat()),
    "name": (
        gettext_lazy("Name of the office holder"),
        lambda one, holder: holder and holder.person,
    ),
    "title": (gettext_lazy("Title that day"), lambda one, holder: holder and holder.title),
    "unit": (gettext_lazy("Unit or branch"), lambda one, holder: holder and holder.unit),
    "institution": (
        gettext_lazy("Institution"),
        lambda one, holder: holder and holder.organization,
    ),
    "subjects": (gettext_lazy("Subjects"), lambda one, holder: ", ".join(one.subject_names)),
    "subject_text": (gettext_lazy("Subjects in words"), lambda one, holder: one.subject_text),
    "particulars": (gettext_lazy("Particulars"), lambda one, holder: one.particulars),
    "decision": (gettext_lazy("Decision sought"), lambda one, holder: one.decision_sought),
    "mode": (gettext_lazy("Mode"), lambda one, holder: one.get_mode_display()),
    "initiated_by": (
        gettext_lazy("Initiated by"),
        lambda one, holder: one.get_initiated_by_display(),
    ),
    "staff": (
        gettext_lazy("Our people"),
        lambda one, holder: ", ".join(
            [
                *(str(user) for user in one.interaction.staff.all()),
                *(
                    str(other.person)
                    for other in one.interaction.participations.all()
                    if other.capacity
                    in (Participation.Capacity.EMPLOYEE, Participation.Capacity.VOLUNTEER)
                ),
            ]
        ),
    ),
    "minutes": (gettext_lazy("Minutes"), lambda one, holder: one.interaction.minutes),
    "prep_minutes": (gettext_lazy("Minutes of preparation"), lambda one, holder: one.prep_minutes),
    "on_behalf_of": (gettext_lazy("On behalf of"), lambda one, holder: one.on_behalf_of),
    "alliance": (gettext_lazy("Alliance"), lambda one, holder: one.interaction.alliance),
    "dossier": (gettext_lazy("Dossier"), lambda one, holder: one.interaction.dossier),
    "report": (gettext_lazy("Report"), lambda one, holder: one.get_report_display()),
    "number": (gettext_lazy("Report number"), lambda one, holder: one.report_number),
    "filed_on": (
        gettext_lazy("Filed on"),
        lambda one, holder: one.filed_on and one.filed_on.isoformat(),
    ),
}


def report_file(records, dialect):
    """The exchanges as CSV in the current language (text, number of rows); no cell is a formula."""
    delimiter, mark = DIALECTS[dialect]
    buffer = io.StringIO()
    buffer.write(mark)
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(str(heading) for heading, _value in COLUMNS.values())
    count = 0
    for record in records:
        for holder in record.office_holders or [None]:
            values = (value(record, holder) for _heading, value in COLUMNS.values())
            writer.writerow("" if value is None else safe(str(value)) for value in values)
            count += 1
    return buffer.getvalue(), count
