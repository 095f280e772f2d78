"""Positions: their own page, and the small forms that end, pass on, show and hide them."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions import succeed
from members.admin.common import PhoneField, StaffModelAdmin, extension_apart
from members.admin.filters import CountedFilter
from members.models import Person, Position
from members.permissions import may


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


def kinds_field(**kwargs):
    """The roles of a position as boxes to tick."""
    return forms.MultipleChoiceField(
        choices=Position.Kind,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Roles"),
        **kwargs,
    )


class PositionForm(forms.ModelForm):
    kinds = kinds_field()
    phone = PhoneField(required=False, label=gettext_lazy("Professional phone number"))

    def clean(self):
        """Move an extension typed with the number to its own field."""
        return extension_apart(super().clean())


class DayForm(forms.Form):
    """The day of something: the last one, unless `label` says otherwise."""

    on = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)

    def __init__(self, *args, label="", **kwargs):
        super().__init__(*args, **kwargs)
        if label:
            self.fields["on"].label = label


class ShowForm(forms.Form):
    """How someone agreed to be shown to the public."""

    basis = forms.CharField(
        label=gettext_lazy("How the person agreed"),
        max_length=Position._meta.get_field("public_basis").max_length,
        help_text=gettext_lazy("In writing, by phone on such a day…"),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class SuccessionForm(forms.Form):
    """Who leaves when, and who comes: someone known, or someone new by name."""

    last_day = forms.DateField(label=gettext_lazy("Last day of who leaves"), widget=DayInput)
    first_day = forms.DateField(
        label=gettext_lazy("First day of who comes"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("The day after, when it is left empty."),
    )
    successor = forms.ModelChoiceField(
        Person.objects.all(),
        required=False,
        label=gettext_lazy("Who comes, if we know them already"),
    )
    first_name = forms.CharField(
        label=gettext_lazy("First name, for someone new"), max_length=100, required=False
    )
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100, required=False)
    same = forms.ChoiceField(
        label=gettext_lazy("Someone of that name is already there. Who comes?"),
        required=False,
        widget=forms.RadioSelect,
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=150, required=False)
    kinds = kinds_field()
    email = forms.EmailField(label=gettext_lazy("Professional e-mail address"), required=False)
    phone = PhoneField(required=False, label=gettext_lazy("Professional phone number"))

    NEW = "new"
    rows = [
        ("last_day", "first_day"),
        ("successor",),
        ("first_name", "last_name"),
        ("same",),
        ("title",),
        ("kinds",),
        ("email", "phone"),
    ]

    def __init__(self, *args, position, **kwargs):
        super().__init__(*args, **kwargs)
        self.position = position
        widget = AutocompleteSelect(
            Position._meta.get_field("person"),
            admin.site,
            attrs={"data-dropdown-parent": "#content-start"},
        )
        widget.choices = self.fields["successor"].choices
        self.fields["successor"].widget = widget
        for name in ("first_name", "last_name", "title"):
            self.fields[name].widget.attrs["class"] = "vTextField"
        names = [self.data.get(self.add_prefix(name), "") for name in ("first_name", "last_name")]
        homonyms = list(Person.objects.named(*names)) if any(name.strip() for name in names) else []
        if homonyms:
            self.fields["same"].choices = [
                *((str(person.pk), described(person)) for person in homonyms),
                (self.NEW, _("Someone else of the same name")),
            ]
        else:
            del self.fields["same"]

    def clean(self):
        cleaned = super().clean()
        named = cleaned.get("first_name") or cleaned.get("last_name")
        if cleaned.get("successor") and named:
            raise ValidationError(_("Choose someone known or name someone new, not both."))
        if not cleaned.get("successor") and not named and "successor" not in self.errors:
            raise ValidationError(_("Say who comes: choose someone known, or name someone new."))
        if "same" in self.fields and named:
            same = cleaned.get("same")
            if not same and "same" not in self.errors:
                self.add_error(
                    "same", _("Choose: this keeps one person from being recorded twice.")
                )
            elif same and same != self.NEW:
                cleaned["successor"] = Person.objects.get(pk=same)
        return cleaned

    def save(self, *, by):
        """Record the succession; return the new position."""
        said = self.cleaned_data
        phone = said["phone"]
        return succeed(
            position=self.position,
            last_day=said["last_day"],
            first_day=said["first_day"],
            by=by,
            successor=said["successor"],
            first_name=said["first_name"],
            last_name=said["last_name"],
            title=said["title"],
            kinds=said["kinds"],
            email=said["email"],
            phone=phone,
            phone_extension=(phone and phone.extension) or "",
        )


def described(person):
    """A name and what the person does: « Ana Roy (direction, Eau vive) »."""
    position = (
        Position.objects.current()
        .filter(person=person)
        .select_related("organization")
        .main_first()
        .first()
    )
    if position is None:
        return str(person)
    return f"{person} ({position.said}, {position.organization})"


def small_form(model_admin, request, form, do, *, title, button, back, sentences=()):
    """The page of a small form which does one thing, or the answer once it is done.

    `do` returns what to say; its ValidationError is told on the page. `sentences` say what it will
    do, `back` is where one goes then.
    """
    if request.method == "POST" and form.is_valid():
        try:
            said = do()
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, said)
            return HttpResponseRedirect(back)
    rows = getattr(form, "rows", [(name,) for name in form.fields])
    return TemplateResponse(
        request,
        "admin/members/small_form.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": title,
            "subtitle": None,
            "form": form,
            "rows": [[form[name] for name in row if name in form.fields] for row in rows],
            "sentences": sentences,
            "button": button,
            "back": back,
            "media": model_admin.media + form.media,
        },
    )


class CurrentFilter(CountedFilter):
    """Those that run today, unless another choice is made."""

    title = gettext_lazy("period")
    parameter_name = "period"

    def conditions(self):
        return {
            None: (_("current"), Q(pk__in=Position.objects.current().values("pk"))),
            "past": (_("ended"), Q(ended_on__lt=timezone.localdate())),
            "all": (_("all"), Q()),
        }


class RoleFilter(CountedFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def conditions(self):
        return {
            value: (words, Q(kinds__contains=[value])) for value, words in Position.Kind.choices
        }


@admin.register(Position)
class PositionAdmin(StaffModelAdmin):
    class Media:
        css = {"all": ["css/people.css"]}

    add_words = gettext_lazy("Add a position")
    form = PositionForm
    list_display = ["person", "said", "organization", "started_on", "ended_on"]
    list_filter = [CurrentFilter, RoleFilter]
    list_select_related = ["person", "organization"]
    search_fields = ["title"]
    search_help_text = gettext_lazy("Name, title, or what finds the organization.")
    ordering = ["person__sort_name", "pk"]
    autocomplete_fields = ["person", "organization"]
    readonly_fields = ["public_state"]
    fields = [
        "person",
        "organization",
        ("title", "unit"),
        "kinds",
        ("email", "phone", "phone_extension"),
        ("started_on", "ended_on"),
        "is_dpoh",
        "public_state",
    ]

    def get_urls(self):
        steps = {
            "leave": self.leave_view,
            "succession": self.succession_view,
            "show": self.show_view,
            "hide": self.hide_view,
        }
        return [
            *(
                path(
                    f"<int:pk>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"members_position_{name}",
                )
                for name, view in steps.items()
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("person", "organization")

    def get_search_results(self, request, queryset, search_term):
        people = Person.objects.matching(search_term).order_by().values("pk")
        return queryset.filter(person__in=people), False

    def get_readonly_fields(self, request, obj=None):
        """A position never passes to another person: that is a succession."""
        return [*super().get_readonly_fields(request, obj), *(["person"] if obj else [])]

    def get_fields(self, request, obj=None):
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name != "public_state"]

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(person_page(obj))

    def response_post_save_add(self, request, obj):
        return HttpResponseRedirect(person_page(obj))

    @admin.display(description=gettext_lazy("title"))
    def said(self, position):
        return position.said

    @admin.display(description=gettext_lazy("on the public site"))
    def public_state(self, position):
        return public_state(position)

    # What happens to a position

    def changeable(self, request, pk):
        """The position of that number, if the user may change it; None if there is none."""
        position = self.get_object(request, str(pk))
        if not may(request.user, "change", Position):
            raise PermissionDenied
        return position

    def leave_view(self, request, pk):
        """The last day of someone in a position."""
        position = self.changeable(request, pk)
        if position is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        form = DayForm(
            request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()}
        )

        def leave():
            position.leave(by=request.user, on=form.cleaned_data["on"])
            return _("%(person)s leaves this position on %(day)s.") % {
                "person": position.person,
                "day": date_format(position.ended_on, "DATE_FORMAT"),
            }

        return small_form(
            self,
            request,
            form,
            leave,
            title=_("%(person)s leaves this position") % {"person": position.person},
            sentences=[
                told(position),
                _("The person keeps their past here; only the position ends."),
            ],
            button=_("Record the departure"),
            back=person_page(position),
        )

    def succession_view(self, request, pk):
        """Someone leaves, someone else comes: one short form."""
        position = self.changeable(request, pk)
        if position is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not may(request.user, "add", Person):
            raise PermissionDenied
        form = SuccessionForm(
            request.POST if request.method == "POST" else None,
            position=position,
            initial={
                "last_day": position.ended_on or timezone.localdate(),
                "title": position.title,
                "kinds": position.kinds,
            },
        )

        def pass_on():
            taken = form.save(by=request.user)
            return _("%(person)s succeeds %(former)s on %(day)s.") % {
                "person": taken.person,
                "former": position.person,
                "day": date_format(taken.started_on, "DATE_FORMAT"),
            }

        return small_form(
            self,
            request,
            form,
            pass_on,
            title=_("Who succeeds %(person)s?") % {"person": position.person},
            sentences=[
                told(position),
                _("The position ends and another begins, with the same title and roles."),
            ],
            button=_("Record the succession"),
            back=person_page(position),
        )

    def show_view(self, request, pk):
        """Show a position on the public site, since the person agreed."""
        position = self.changeable(request, pk)
        if position is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        form = ShowForm(request.POST if request.method == "POST" else None)

        def show():
            position.show_publicly(by=request.user, basis=form.cleaned_data["basis"])
            return _("%(person)s is now shown publicly in this position.") % {
                "person": position.person
            }

        return small_form(
            self,
            request,
            form,
            show,
            title=_("Show %(person)s on the public site") % {"person": position.person},
            sentences=[
                told(position),
                _("Name, title, professional e-mail address and phone number become public."),
            ],
            button=_("Show publicly"),
            back=person_page(position),
        )

    def hide_view(self, request, pk):
        """Take a position off the public site."""
        position = self.changeable(request, pk)
        if position is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))

        def hide():
            position.hide(by=request.user)
            return _("%(person)s is no longer shown publicly in this position.") % {
                "person": position.person
            }

        return small_form(
            self,
            request,
            forms.Form(request.POST if request.method == "POST" else None),
            hide,
            title=_("Take %(person)s off the public site") % {"person": position.person},
            sentences=[told(position), _("All public pages forget them at once.")],
            button=_("Take off the public site"),
            back=person_page(position),
        )


def person_page(position):
    return reverse("admin:members_person_change", args=[position.person_id])


def told(position):
    """What the position is, without its person."""
    return f"{position.said}, {position.organization}"


def public_state(position):
    """Whether it is shown publicly, since when, by whose decision and on what basis."""
    if position.public_since is None:
        return _("not shown")
    decided = {
        "day": date_format(timezone.localtime(position.public_since), "SHORT_DATE_FORMAT"),
        "user": position.public_decided_by or "—",
        "basis": position.public_basis,
    }
    if position.is_public:
        return _("shown since %(day)s, recorded by %(user)s: %(basis)s") % decided
    return _("not shown since %(day)s, recorded by %(user)s") % decided
