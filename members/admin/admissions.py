"""Applications for membership: the list of what waits, and one file from its arrival to its end.

Drafts are their authors' alone: nothing here shows them.
"""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from modeltranslation.admin import TranslationAdmin

from members import admissions, doubles
from members.admin.common import StaffModelAdmin
from members.admin.decisions import DayInput
from members.admin.filters import CountedFilter
from members.admin.positions import small_form
from members.admin.together import read_together
from members.identifiers import display_identifier
from members.models import (
    AdmissionCriterion,
    AdmissionDecision,
    AdmissionFile,
    AdmissionQuestion,
    Country,
    CriterionAnswer,
    Document,
    Identifier,
    Interaction,
    Membership,
    Organization,
    Theme,
    WelcomeItem,
    WelcomeStep,
)
from members.permissions import can_decide_memberships, can_merge, may
from regions.folding import fold

# How many of the last exchanges the page shows.
EXCHANGES = 8

RELATIONS = {
    "answers": (CriterionAnswer.objects.order_by("criterion__order", "pk"), ["checked_by"]),
    "questions": (AdmissionQuestion.objects.all(), ["asked_by"]),
    "decisions": (AdmissionDecision.objects.all(), ["recorded_by"]),
    "documents": (Document.objects.all(), ["added_by"]),
    "welcome": (WelcomeItem.objects.all(), ["done_by"]),
    "themes": (Theme.objects.all(), []),
    "countries": (Country.objects.all(), []),
}


# The list


class StateFilter(CountedFilter):
    """What is to be dealt with, unless another choice is made."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        return {
            None: (_("to deal with"), Q(state__in=AdmissionFile.OPEN)),
            **{
                state.value: (state.label, Q(state=state))
                for state in AdmissionFile.State
                if state != AdmissionFile.State.DRAFT
            },
            "all": (_("all"), Q()),
        }


class WorkedAdmin(StaffModelAdmin, TranslationAdmin):
    """Words that staff own, in their order."""

    list_display = ["text", "order", "is_active"]
    list_display_links = ["text"]
    search_fields = ["text_fr", "text_en"]


@admin.register(AdmissionCriterion)
class AdmissionCriterionAdmin(WorkedAdmin):
    add_words = gettext_lazy("Add a criterion")
    fields = [("text_fr", "text_en"), ("help_fr", "help_en"), ("order", "is_active")]


@admin.register(WelcomeStep)
class WelcomeStepAdmin(WorkedAdmin):
    add_words = gettext_lazy("Add a welcome step")
    fields = [("text_fr", "text_en"), ("order", "is_active")]


# Forms


class Wide:
    """Textareas as wide as the page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs.setdefault("class", "vLargeTextField")


class AskForm(Wide, forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What is missing, or what you want to know"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Sent as it is, and shown on the application’s page."),
    )


class RecommendForm(Wide, forms.Form):
    advice = forms.ChoiceField(
        label=gettext_lazy("Our recommendation"),
        choices=AdmissionFile.Advice.choices,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("For the board; the candidate does not see it."),
    )


class DecisionForm(Wide, forms.ModelForm):
    """What a body decided, as its minutes say it."""

    class Meta:
        model = AdmissionDecision
        fields = [
            "favourable",
            "decided_on",
            "resolution",
            "votes_for",
            "votes_against",
            "abstentions",
            "conditions",
        ]
        widgets = {"decided_on": DayInput, "conditions": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "resolution": gettext_lazy("As in the minutes, such as CA-2026-041."),
            "votes_for": gettext_lazy("Leave the votes empty when they were not counted."),
        }

    rows = [
        ("favourable",),
        ("decided_on", "resolution"),
        ("votes_for", "votes_against", "abstentions"),
        ("conditions",),
    ]
    favourable = forms.TypedChoiceField(
        label=gettext_lazy("The decision is"),
        choices=[("1", gettext_lazy("in favour")), ("0", gettext_lazy("against"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["favourable"] = "1" if self.instance.favourable else "0"
        else:
            self.initial.pop("favourable", None)

    def _get_validation_exclusions(self):
        """The file checks its decisions itself: a second one of a body corrects the first."""
        return super()._get_validation_exclusions() | {"file", "body"}


class AdmitForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("Member from"), initial=timezone.localdate, widget=DayInput
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=[("", gettext_lazy("not known")), *Membership.Category.choices],
        required=False,
    )


class RefuseForm(Wide, forms.Form):
    letter = forms.CharField(
        label=gettext_lazy("Letter"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=gettext_lazy(
            "Sent as it is when you press the button, and shown on the application’s page. "
            "Complete the reasons."
        ),
    )

    def clean_letter(self):
        letter = self.cleaned_data["letter"]
        if "…" in [line.strip(" –\r") for line in letter.split("\n")]:
            raise ValidationError(_("Write the reasons in the place of the “…”."))
        return letter


class ChecksForm(forms.Form):
    """What staff make of each answer; only what this page changed is written."""

    def __init__(self, answers, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.answers = list(answers)
        choices = [("", _("not checked yet")), *CriterionAnswer.Finding.choices]
        for answer in self.answers:
            self.fields[f"finding_{answer.pk}"] = forms.ChoiceField(
                label=_("Check"),
                choices=choices,
                initial=answer.finding,
                required=False,
                widget=forms.RadioSelect,
                show_hidden_initial=True,
            )
            self.fields[f"note_{answer.pk}"] = forms.CharField(
                label=_("Note"),
                max_length=500,
                initial=answer.note,
                required=False,
                widget=forms.TextInput(attrs={"class": "vTextField"}),
                show_hidden_initial=True,
            )

    @property
    def rows(self):
        """[(answer, field of the check, field of the note)]."""
        return [
            (answer, self[f"finding_{answer.pk}"], self[f"note_{answer.pk}"])
            for answer in self.answers
        ]

    @property
    def checks(self):
        """{answer: (finding, note)} of those that were changed on the page."""
        found = {}
        for answer in self.answers:
            names = (f"finding_{answer.pk}", f"note_{answer.pk}")
            if set(names) & set(self.changed_data):
                values = [
                    self.cleaned_data[name] if name in self.changed_data else kept
                    for name, kept in zip(names, (answer.finding, answer.note), strict=True)
                ]
                found[answer] = tuple(values)
        return found


# One file


class FilePage:
    """What the page of a file shows to `user`, besides its form."""

    def __init__(self, file, user, checks=None):
        self.file, self.user = file, user
        self.checks = checks or ChecksForm(file.answers.all())
        self.may_change = may(user, "change", file)
        self.may_decide = can_decide_memberships(user)

    @property
    def organization(self):
        return self.file.organization

    @cached_property
    def lacking(self):
        """How many answers are not checked, or not found to be met."""
        return sum(answer.finding != "met" for answer in self.file.answers.all())

    @property
    def waiting(self):
        """The questions that the candidate has not answered."""
        return [q for q in self.file.questions.all() if not q.answered_at]

    @property
    def next(self):
        """What is to be done next, in words."""
        file = self.file
        if file.is_closed:
            left = sum(not item.done_at for item in file.welcome.all())
            if left:
                return ngettext(
                    "%(count)d welcome step left.", "%(count)d welcome steps left.", left
                ) % {"count": left}
            return _("Nothing more.")
        if file.can_be_refused:
            return _("Write the letter of refusal.")
        if self.waiting:
            return _("Wait for the candidate’s answer.")
        if file.state == file.State.SUBMITTED:
            return _("Read the application, and check the criteria.")
        if file.state == file.State.IN_REVIEW:
            if self.lacking:
                return ngettext(
                    "Check the criteria: %(count)d is not met yet; then recommend.",
                    "Check the criteria: %(count)d are not met yet; then recommend.",
                    self.lacking,
                ) % {"count": self.lacking}
            return _("Recommend to the board.")
        return {
            file.State.RECOMMENDED: _("Record the decision of the board."),
            file.State.BOARD: _("Record the decision of the assembly."),
            file.State.ASSEMBLY: _("Admit."),
        }[file.state]

    @property
    def buttons(self):
        """What can be done now: [(words, address, whether it comes next)], the next first."""
        if not (self.may_change and self.file.is_open):
            return []
        file, states = self.file, AdmissionFile.State
        found = []
        if self.may_decide and file.can_be_admitted:
            found.append((_("Admit"), "admit", True))
        if self.may_decide and file.can_be_refused:
            found.append((_("Refuse, with a letter"), "refuse", True))
        if self.may_decide and file.next_body:
            words = {
                "board": _("Record the board’s decision"),
                "assembly": _("Record the assembly’s decision"),
            }
            found.append((words[file.next_body], file.next_body, True))
        if file.state in (states.SUBMITTED, states.IN_REVIEW, states.RECOMMENDED):
            first = not self.lacking and file.state != states.RECOMMENDED
            found.append((_("Recommend"), "recommend", first))
        found.append((_("Ask the candidate"), "ask", False))
        return [(words, address(name, file), first) for words, name, first in found]

    @property
    def review_url(self):
        """What says that someone looks at it; empty when someone does."""
        to_do = self.may_change and self.file.state == AdmissionFile.State.SUBMITTED
        return address("review", self.file) if to_do else ""

    @property
    def check_url(self):
        return address("check", self.file) if self.may_change and self.file.is_open else ""

    @property
    def decisions(self):
        """[(decision, address to correct it or empty)]."""
        bodies = {one.body for one in self.file.decisions.all()}
        may_correct = self.may_decide and self.file.is_open
        return [
            (
                one,
                address(one.body, self.file)
                if may_correct and (one.body == "assembly" or "assembly" not in bodies)
                else "",
            )
            for one in self.file.decisions.all()
        ]

    @property
    def welcome(self):
        """[(item, address that marks it or empty)]."""
        return [
            (item, address("welcome", self.file, item.pk) if self.may_change else "")
            for item in self.file.welcome.all()
        ]

    @property
    def numbers(self):
        """[(register, number)]."""
        return [
            (Identifier.Scheme(scheme).label, display_identifier(scheme, value))
            for scheme, value in self.file.numbers.items()
        ]

    @cached_property
    def alike(self):
        """Organizations that may be this one: [(organization, reasons, address to join them)].

        Asked while nothing was decided; the candidate's own record is the one that is joined.
        """
        states = AdmissionFile.State
        if self.file.state not in (states.SUBMITTED, states.IN_REVIEW, states.RECOMMENDED):
            return []
        own, found = self.file.organization_id, {}
        condition = Q()
        for scheme, value in self.file.numbers.items():
            condition |= Q(scheme=scheme, value=value)
        if condition:
            for number in Identifier.objects.filter(condition).exclude(organization=own):
                words = _("same number: %(number)s") % {"number": number}
                found.setdefault(number.organization_id, []).append(words)
        for pair in doubles.likely_organizations():
            if own in (pair.first_id, pair.second_id):
                other = pair.second_id if pair.first_id == own else pair.first_id
                found.setdefault(other, []).extend(pair.reasons)
        organizations = Organization.objects.in_bulk(found) if found else {}
        return [
            (
                organizations[pk],
                reasons,
                reverse("admin:members_merge_compare", args=["organization", pk, own])
                if can_merge(self.user)
                else "",
            )
            for pk, reasons in found.items()
        ]

    @cached_property
    def exchanges(self):
        """The last exchanges with the organization."""
        if not may(self.user, "view", Interaction):
            return []
        return list(self.organization.interactions.recent()[:EXCHANGES])

    @property
    def add_exchange_url(self):
        if not may(self.user, "add", Interaction):
            return ""
        return reverse(
            "admin:members_interaction_add", query={"organizations": self.file.organization_id}
        )

    @property
    def add_document_url(self):
        if not may(self.user, "add", Document):
            return ""
        return reverse("admin:members_document_add", query={"admission": self.file.pk})


def address(name, file, *args):
    """The address of one of the things that are done to a file."""
    return reverse(f"admin:members_admissionfile_step_{name}", args=[file.pk, *args])


@admin.register(AdmissionFile)
class AdmissionFileAdmin(StaffModelAdmin):
    class Media:
        css = {
            "all": ["css/glance.css", "css/documents.css", "css/timeline.css", "css/admission.css"]
        }

    list_name = gettext_lazy("Applications")
    list_display = ["identity", "status", "contact", "sent_on", "waits", "asked"]
    list_display_links = ["identity"]
    list_filter = [StateFilter]
    ordering = ["submitted_at", "pk"]
    search_fields = ["name_fr"]
    search_help_text = gettext_lazy("Name, acronym, contact or address of the contact.")
    history_of_related = True
    fieldsets = [
        (
            gettext_lazy("Who is written to"),
            {
                "classes": ["collapse"],
                "description": gettext_lazy(
                    "A new address gets a new link; the link that was sent to the former one no "
                    "longer opens the application."
                ),
                "fields": [
                    ("contact_name", "contact_role"),
                    ("contact_email", "language"),
                ],
            },
        )
    ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .sent()
            .select_related("organization", "municipality", "recommended_by")
            .with_waiting()
        )

    def get_search_results(self, request, queryset, search_term):
        """Every word, folded, in what the file is known by."""
        from members.admin.vocabulary import FoldedSearch

        self.searched = ["name_fr", "name_en", "acronym", "contact_name", "contact_email"]
        if not fold(search_term):
            return queryset, False
        return FoldedSearch.get_search_results(self, request, queryset, search_term)

    def get_object(self, request, object_id, from_field=None):
        """With all that its page shows, unless it is being saved."""
        file = super().get_object(request, object_id, from_field)
        if file and request.method == "GET" and not hasattr(file, "read_whole"):
            read_together(file, RELATIONS)
            file.read_whole = True
        return file

    def save_model(self, request, obj, form, change):
        facts = {name: form.cleaned_data[name] for name in form.changed_data}
        if facts:
            AdmissionFile.objects.get(pk=obj.pk).change_contact(by=request.user, **facts)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and change:
            context["page"] = FilePage(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # The list

    @admin.display(description=gettext_lazy("organization"), ordering="name_fr")
    def identity(self, file):
        if not file.acronym:
            return file.name
        return format_html('{} <span class="quiet">{}</span>', file.name, file.acronym)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, file):
        return format_html('<span class="pill {}">{}</span>', file.state, file.get_state_display())

    @admin.display(description=gettext_lazy("contact"), ordering="contact_name")
    def contact(self, file):
        return file.contact_name

    @admin.display(description=gettext_lazy("sent on"), ordering="submitted_at")
    def sent_on(self, file):
        return date_format(timezone.localtime(file.submitted_at), "SHORT_DATE_FORMAT")

    @admin.display(description=gettext_lazy("age"), ordering="-submitted_at")
    def waits(self, file):
        return ngettext("%(count)d day", "%(count)d days", file.age) % {"count": file.age}

    @admin.display(description=gettext_lazy("waits for the candidate"))
    def asked(self, file):
        if not file.unanswered or not file.is_open:
            return ""
        return ngettext("%(count)d question", "%(count)d questions", file.unanswered) % {
            "count": file.unanswered
        }

    # What is done

    def get_urls(self):
        def step(route, view, name):
            return path(
                f"<int:pk>/{route}",
                self.admin_site.admin_view(view),
                name=f"members_admissionfile_step_{name}",
            )

        return [
            step("review/", self.review_view, "review"),
            step("check/", self.check_view, "check"),
            step("ask/", self.ask_view, "ask"),
            step("recommend/", self.recommend_view, "recommend"),
            step("board/", self.board_view, "board"),
            step("assembly/", self.assembly_view, "assembly"),
            step("admit/", self.admit_view, "admit"),
            step("refuse/", self.refuse_view, "refuse"),
            step("welcome/<int:item>/", self.welcome_view, "welcome"),
            *super().get_urls(),
        ]

    def file(self, request, pk, deciding=False):
        """The file, for who may change it (or decide); nobody else learns that it is there."""
        if not may(request.user, "change", AdmissionFile) or (
            deciding and not can_decide_memberships(request.user)
        ):
            raise PermissionDenied
        return get_object_or_404(AdmissionFile.objects.sent(), pk=pk)

    def back(self, file):
        return reverse("admin:members_admissionfile_change", args=[file.pk])

    def small(self, request, file, form, do, **words):
        request.current_app = self.admin_site.name
        return small_form(self, request, form, do, back=self.back(file), **words)

    @method_decorator(require_POST)
    def review_view(self, request, pk):
        file = self.file(request, pk)
        try:
            file.start_review(by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self.back(file))

    @method_decorator(require_POST)
    def check_view(self, request, pk):
        """Write what was changed of the checklist; what is refused is told on the file's page."""
        file = self.file(request, pk)
        form = ChecksForm(file.answers.all(), request.POST)
        if form.is_valid():
            try:
                file.check_answers(form.checks, by=request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, _("The checklist is recorded."))
            return HttpResponseRedirect(f"{self.back(file)}#criteria")
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            "admin/members/admissionfile/checks.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Checklist: %(name)s") % {"name": file},
                "subtitle": None,
                "page": FilePage(file, request.user, checks=form),
                "back": self.back(file),
                "media": self.media,
            },
        )

    def ask_view(self, request, pk):
        file = self.file(request, pk)
        form = AskForm(request.POST or None)

        def do():
            admissions.ask(file=file, text=form.cleaned_data["text"], by=request.user)
            return _("The question was sent to %(address)s.") % {"address": file.contact_email}

        return self.small(
            request,
            file,
            form,
            do,
            title=_("Ask the candidate: %(name)s") % {"name": file},
            button=_("Send the question"),
            sentences=[
                _("%(contact)s, %(address)s, is written to in %(language)s.")
                % {
                    "contact": file.contact_name,
                    "address": file.contact_email,
                    "language": file.get_language_display().lower(),
                }
            ],
        )

    def recommend_view(self, request, pk):
        file = self.file(request, pk)
        form = RecommendForm(
            request.POST or None, initial={"advice": file.advice, "text": file.recommendation}
        )

        def do():
            said = form.cleaned_data
            file.recommend(said["advice"], said["text"], by=request.user)
            return _("The recommendation is recorded: the board can decide.")

        lacking = FilePage(file, request.user).lacking
        sentences = []
        if lacking:
            sentences.append(
                ngettext(
                    "%(count)d criterion is not checked as met.",
                    "%(count)d criteria are not checked as met.",
                    lacking,
                )
                % {"count": lacking}
            )
        return self.small(
            request,
            file,
            form,
            do,
            title=_("Recommend: %(name)s") % {"name": file},
            button=_("Record the recommendation"),
            sentences=sentences,
        )

    def board_view(self, request, pk):
        return self.decision_view(request, pk, AdmissionDecision.Body.BOARD)

    def assembly_view(self, request, pk):
        return self.decision_view(request, pk, AdmissionDecision.Body.ASSEMBLY)

    def decision_view(self, request, pk, body):
        file = self.file(request, pk, deciding=True)
        known = file.decision_of(body)
        form = DecisionForm(
            request.POST or None, instance=known or AdmissionDecision(file=file, body=body)
        )

        def do():
            admissions.decide(file=file, decision=form.instance, by=request.user)
            return _("The decision is recorded.")

        sentences = []
        if known is None:
            sentences = [
                _(
                    "When it is in favour, the candidate is told at once, with the conditions. "
                    "When it is against, nothing is sent: you write the letter next."
                )
            ]
        title = {
            "board": _("Decision of the board: %(name)s"),
            "assembly": _("Decision of the assembly: %(name)s"),
        }[body.value]
        return self.small(
            request,
            file,
            form,
            do,
            title=title % {"name": file},
            button=_("Record the decision"),
            sentences=sentences,
        )

    def admit_view(self, request, pk):
        file = self.file(request, pk, deciding=True)
        form = AdmitForm(request.POST or None)

        def do():
            said = form.cleaned_data
            admissions.admit(file=file, on=said["on"], category=said["category"], by=request.user)
            return _("%(name)s is admitted, and %(address)s is invited to its space.") % {
                "name": file,
                "address": file.contact_email,
            }

        return self.small(
            request,
            file,
            form,
            do,
            title=_("Admit: %(name)s") % {"name": file},
            button=_("Admit"),
            sentences=[
                _(
                    "The membership begins, and the directory shows the organization from that "
                    "day; %(contact)s is told, and invited as manager of its space."
                )
                % {"contact": file.contact_name}
            ],
        )

    def refuse_view(self, request, pk):
        file = self.file(request, pk, deciding=True)
        form = RefuseForm(
            request.POST or None, initial={"letter": admissions.letter_of_refusal(file)}
        )

        def do():
            letter = form.cleaned_data["letter"].replace("\r\n", "\n")
            admissions.refuse(file=file, letter=letter, by=request.user)
            return _("The letter was sent to %(address)s.") % {"address": file.contact_email}

        sentences = [] if file.can_be_refused else [_("Record first who decided against it.")]
        return self.small(
            request,
            file,
            form,
            do,
            title=_("Refuse: %(name)s") % {"name": file},
            button=_("Send the letter"),
            sentences=sentences,
        )

    @method_decorator(require_POST)
    def welcome_view(self, request, pk, item):
        """Mark one item of the welcome list, or take the mark away."""
        file = self.file(request, pk)
        one = get_object_or_404(file.welcome, pk=item)
        one.mark(request.POST.get("done") == "1", by=request.user)
        return HttpResponseRedirect(f"{self.back(file)}#welcome")
