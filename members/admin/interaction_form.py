"""The form that logs an exchange in half a minute, with what is to be done after it."""

import calendar
import datetime

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members.admin.documents import SaysNotKept
from members.documents import AttachmentField
from members.models import Dossier, FollowUp, Interaction, Person, Position, User
from members.models.periods import FIRST_DAY, LAST_DAY

# How many people of the organization are offered at once, the main ones first.
OFFERED = 8


class LocalTimeInput(forms.DateTimeInput):
    """A day and a time as every browser helps to type them, local."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__({"max": "2100-12-31T23:59", **(attrs or {})}, format="%Y-%m-%dT%H:%M")


class PeoplePicker(AutocompleteSelectMultiple):
    """People by their names; those who are `offered` [(key, name, title)] take one touch."""

    offered = ()
    # {key as text: person}, of those whose names need not be asked for.
    known = {}

    def optgroups(self, name, value, attr=None):
        if not all(key in self.known for key in value):
            return super().optgroups(name, value, attr)
        options = [
            self.create_option(name, key, str(self.known[key]), True, place)
            for place, key in enumerate(value)
        ]
        return [(None, options, 0)]

    def render(self, name, value, attrs=None, renderer=None):
        chosen = {str(key) for key in value or ()}
        offered = {str(key) for key, _name, _title in self.offered}
        drawn = super().render(name, [k for k in chosen if k not in offered], attrs, renderer)
        if not offered:
            return drawn
        return render_to_string(
            "admin/members/partials/people_picker.html",
            {
                "field": name,
                "offered": [
                    (key, person, title, str(key) in chosen) for key, person, title in self.offered
                ],
                "others": drawn,
            },
        )


class Chips(forms.RadioSelect):
    """A choice among few, each large enough for a thumb; `label` names the group."""

    def __init__(self, label, **kwargs):
        super().__init__(**kwargs)
        self.label = label

    def render(self, name, value, attrs=None, renderer=None):
        drawn = super().render(name, value, attrs, renderer)
        return format_html(
            '<div class="chips" role="radiogroup" aria-label="{}">{}</div>', self.label, drawn
        )


class Due:
    """By when: the quick choices of the form, each with the day that it means."""

    TOMORROW, WEEK, MONTH = "tomorrow", "week", "month"

    @staticmethod
    def days(today=None):
        """{choice: day}; a month later is the same day of the next month, or its last."""
        today = today or timezone.localdate()
        year, month = today.year + today.month // 12, today.month % 12 + 1
        return {
            Due.TOMORROW: today + datetime.timedelta(days=1),
            Due.WEEK: today + datetime.timedelta(days=7),
            Due.MONTH: datetime.date(
                year, month, min(today.day, calendar.monthrange(year, month)[1])
            ),
        }

    @classmethod
    def choices(cls):
        days = cls.days()
        return [
            (cls.TOMORROW, _("tomorrow, %(day)s") % {"day": date_format(days[cls.TOMORROW], "l")}),
            (cls.WEEK, _("in a week, %(day)s") % {"day": date_format(days[cls.WEEK], "l j")}),
            (cls.MONTH, _("in a month, %(day)s") % {"day": date_format(days[cls.MONTH], "j F")}),
        ]


class InteractionForm(SaysNotKept, forms.ModelForm):
    """An exchange with those who took part, and what is to be done after it.

    `user` is whoever fills it in: set on the class made for each request.
    """

    user = None

    happened_at = forms.DateTimeField(
        label=_("When"),
        widget=LocalTimeInput,
        initial=timezone.now,
        error_messages={"invalid": _("Give the day and the time, like 2026-11-24 14:05.")},
    )
    participants = forms.ModelMultipleChoiceField(
        Person.objects.all(), label=_("People"), required=False
    )
    follow_up_what = forms.CharField(
        label=_("What is to be done"),
        max_length=FollowUp._meta.get_field("what").max_length,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    follow_up_who = forms.ModelChoiceField(User.objects.none(), label=_("Who"), required=False)
    follow_up_due = forms.ChoiceField(
        label=_("By when"), choices=Due.choices, initial=Due.WEEK, widget=Chips(_("By when"))
    )
    follow_up_on = forms.DateField(
        label=_("Or that day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Give the day, like 2026-11-24.")},
    )

    attachments = AttachmentField(label=_("Documents to attach"), required=False)

    class Meta:
        widgets = {
            "kind": Chips(_("Kind")),
            "notes": forms.Textarea(attrs={"rows": 4}),
            "staff": forms.CheckboxSelectMultiple,
            "minutes": forms.NumberInput(attrs={"inputmode": "numeric"}),
        }
        error_messages = {"subject": {"required": _("Say what it was about.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "subject" not in self.fields:
            return
        picker = PeoplePicker(Interaction._meta.get_field("people"), admin.site)
        picker.attrs["data-dropdown-parent"] = "#content-start"
        # « Remove all » stands as a stray element in the list of what is chosen.
        picker.is_required = True
        picker.choices = self.fields["participants"].choices
        self.fields["participants"].widget = picker
        for name in ("organizations", "staff", "alliance", "dossier"):
            # Without the sign that adds one: this form is short.
            self.fields[name].widget = self.fields[name].widget.widget
        self.fields["dossier"].queryset = Dossier.objects.filter(
            Q(pk__in=Dossier.objects.current().values("pk")) | Q(pk=self.instance.dossier_id)
        )
        self.offer_colleagues()
        if self.instance.pk:
            # To the minute, as it is shown, or a page saved as it was would be a change.
            began = self.instance.happened_at.replace(second=0, microsecond=0)
            self.initial["happened_at"] = began
            there = self.instance.participations.select_related("person")
            people = {participation.person_id: participation.person for participation in there}
            self.fields["participants"].initial = list(people)
            picker.known = {str(key): person for key, person in people.items()}
        else:
            self.fields["subject"].widget.attrs["autofocus"] = True
            picker.offered = offered_people(self.initial.get("organizations", ()))

    def offer_colleagues(self):
        """For us, those of the staff whose account is open; to do it, those who may see it.

        Whoever was there before is offered too. Both choices are filled by one query.
        """
        there = self.initial.get("staff") or []
        able = User.objects.who_may("view", FollowUp)
        known = User.objects.filter(
            Q(is_active=True, is_staff=True) | Q(pk__in=[getattr(one, "pk", one) for one in there])
        )
        colleagues = list(known.annotate(is_able=Q(pk__in=able.values("pk"))).by_name())
        who, staff = self.fields["follow_up_who"], self.fields["staff"]
        staff.queryset, who.queryset = known, able
        staff.choices = [(user.pk, str(user)) for user in colleagues]
        who.choices = [
            ("", who.empty_label),
            *((user.pk, str(user)) for user in colleagues if user.is_able),
        ]
        who.initial = self.user.pk
        if not self.instance.pk:
            staff.initial = [self.user.pk]

    def clean_follow_up_on(self):
        on = self.cleaned_data["follow_up_on"]
        if on and not FIRST_DAY <= on <= LAST_DAY:
            raise ValidationError(_("A day lies between 1900 and 2100."))
        return on

    def clean(self):
        cleaned = super().clean()
        what = cleaned.get("follow_up_what")
        if cleaned.get("follow_up_on") and not what and "follow_up_what" not in self.errors:
            self.add_error("follow_up_what", _("Say what is to be done."))
        return cleaned

    def follow_up(self):
        """The follow-up that was asked for, not saved; None without any.

        A day that was typed counts, whatever quick choice is marked.
        """
        if not self.cleaned_data.get("follow_up_what"):
            return None
        on = self.cleaned_data["follow_up_on"]
        return FollowUp(
            what=self.cleaned_data["follow_up_what"],
            assigned_to=self.cleaned_data["follow_up_who"],
            due_on=on or Due.days().get(self.cleaned_data["follow_up_due"]),
        )


def offered_people(organizations):
    """The main people today of organizations, by key: [(key, name, title)]; no query for none."""
    if not organizations:
        return []
    positions = Position.objects.current().filter(organization__in=organizations).main_first()
    found = {}
    for position in positions.select_related("person")[: 3 * OFFERED]:
        found.setdefault(position.person_id, (str(position.person), position.said))
    return [(key, *words) for key, words in list(found.items())[:OFFERED]]
