"""Programmes, campaigns and their editions: next year's is this year's, copied."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from modeltranslation.admin import TranslationAdmin

from members import campaign_words, logos
from members.admin.common import StaffInline, StaffModelAdmin
from members.admin.documents import KeepsDocuments, SaysNotKept
from members.admin.filters import CountedFilter
from members.admin.together import FormSetAtHand, KnowsSeveral, read_together
from members.models import (
    Campaign,
    CampaignEdition,
    EditionLink,
    Event,
    Organization,
    Picture,
    Programme,
)
from members.permissions import may


def counted(rows, by):
    """How many of these rows there are for each record of the list, `by` the name of the tie."""
    numbers = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    return Coalesce(
        Subquery(numbers.annotate(count=Count("pk")).values("count"), output_field=IntegerField()),
        0,
    )


@admin.register(Programme)
class ProgrammeAdmin(StaffModelAdmin, TranslationAdmin):
    add_words = gettext_lazy("Add a programme")
    list_display = ["name_fr", "name_en", "campaigns_count"]
    fields = [("name_fr", "name_en"), ("summary_fr", "summary_en"), ("position", "slug")]

    def get_queryset(self, request):
        campaigns = Campaign.objects.all()
        return (
            super().get_queryset(request).annotate(campaigns_count=counted(campaigns, "programme"))
        )

    @admin.display(description=gettext_lazy("campaigns"), ordering="campaigns_count")
    def campaigns_count(self, programme):
        return programme.campaigns_count


class CampaignForm(forms.ModelForm):
    class Meta:
        widgets = {"text": forms.Textarea(attrs={"rows": 7})}


@admin.register(Campaign)
class CampaignAdmin(StaffModelAdmin, TranslationAdmin):
    add_words = gettext_lazy("Add a campaign")
    form = CampaignForm
    list_display = ["name_fr", "programme", "editions_count", "latest_year"]
    list_select_related = ["programme"]
    search_fields = ["name_fr", "name_en"]
    search_help_text = gettext_lazy("Name.")
    fieldsets = [
        (
            None,
            {
                "classes": ["side-by-side"],
                "fields": [("name_fr", "name_en"), ("text_fr", "text_en")],
            },
        ),
        (None, {"fields": [("programme", "website"), "slug"]}),
    ]
    change_form_template = "admin/members/campaign/change_form.html"

    def get_queryset(self, request):
        editions = CampaignEdition.objects.all()
        return (
            super()
            .get_queryset(request)
            .annotate(
                editions_count=counted(editions, "campaign"),
                latest_year=Subquery(
                    editions.filter(campaign=OuterRef("pk"))
                    .order_by()
                    .values("campaign")
                    .annotate(latest=Max("year"))
                    .values("latest")
                ),
            )
        )

    @admin.display(description=gettext_lazy("editions"), ordering="editions_count")
    def editions_count(self, campaign):
        return campaign.editions_count

    @admin.display(description=gettext_lazy("latest edition"), ordering="latest_year")
    def latest_year(self, campaign):
        return campaign.latest_year

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """With the editions of the campaign, each with its page."""
        if obj and change:
            context["editions"] = obj.editions.latest_first()
            context["may_add_edition"] = may(request.user, "add", CampaignEdition)
        return super().render_change_form(request, context, add, change, form_url, obj)


class StateFilter(CountedFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        today = timezone.localdate()
        return {
            "draft": (_("in preparation"), Q(is_published=False)),
            "public": (_("public"), Q(is_published=True)),
            "coming": (
                _("on or to come"),
                Q(ends_on__gte=today) | Q(ends_on=None, year__gte=today.year),
            ),
        }


class CampaignFilter(CountedFilter):
    title = gettext_lazy("campaign")
    parameter_name = "campaign"

    def conditions(self):
        return {
            campaign.slug: (campaign.name, Q(campaign=campaign))
            for campaign in Campaign.objects.all()
        }


class EditionForm(SaysNotKept, forms.ModelForm):
    """An edition, with its picture and the words of it.

    The picture is written by the admin's `save_model`, in the transaction of the page.
    """

    class Meta:
        widgets = {
            "theme": forms.TextInput(attrs={"class": "vTextField"}),
            "text": forms.Textarea(attrs={"rows": 10}),
        }

    picture_file = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=logos.PICTURE_HELP,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    picture_alt_fr = forms.CharField(
        label=gettext_lazy("What the picture shows, in French"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For who does not see it; a picture always has it."),
        widget=forms.TextInput(attrs={"class": "vTextField", "lang": "fr-CA"}),
    )
    picture_alt_en = forms.CharField(
        label=gettext_lazy("What the picture shows, in English"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField", "lang": "en"}),
    )
    picture_credit = forms.CharField(
        label=gettext_lazy("Credit"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Who made it, as they ask to be said."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    picture_removed = forms.BooleanField(label=gettext_lazy("Without a picture"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        picture = self.instance.picture
        if picture:
            for name in ("alt_fr", "alt_en", "credit"):
                self.initial.setdefault(f"picture_{name}", getattr(picture, name))
        else:
            self.fields.pop("picture_removed", None)
        if "organizations" in self.fields:
            # The form has read them: its field need not ask again.
            at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
            widget = self.fields["organizations"].widget
            getattr(widget, "widget", widget).known = at_hand.get("organizations", ())

    def clean_picture_file(self):
        """The image as it may be kept (`logos.Image`), or None."""
        upload = self.cleaned_data["picture_file"]
        return logos.check(upload, logos.PICTURE) if upload else None

    def clean(self):
        cleaned = super().clean()
        if "picture_alt_fr" not in self.fields:
            return cleaned
        removed = cleaned.get("picture_removed")
        shows = cleaned.get("picture_file") or (self.instance.picture_id and not removed)
        described = cleaned.get("picture_alt_fr") or cleaned.get("picture_alt_en")
        if shows and not cleaned.get("picture_alt_fr"):
            self.add_error("picture_alt_fr", _("Say in French what the picture shows."))
        if described and not shows and not removed and not self.has_error("picture_file"):
            self.add_error("picture_file", _("Choose the picture that these words describe."))
        return cleaned

    def picture(self, by):
        """The picture that the edition shows from now on, kept; None for none."""
        cleaned = self.cleaned_data
        words = {
            name: cleaned.get(f"picture_{name}") or "" for name in ("alt_fr", "alt_en", "credit")
        }
        if image := cleaned.get("picture_file"):
            return Picture.keep(image, by=by, **words)
        if self.instance.picture is None or cleaned.get("picture_removed"):
            return None
        return self.instance.picture.said_otherwise(by=by, **words)


class LinkInline(StaffInline, admin.StackedInline):
    model = EditionLink
    formset = FormSetAtHand
    verbose_name = gettext_lazy("link")
    verbose_name_plural = gettext_lazy("Links to read, to share, to download")
    fields = [("kind", "url"), ("label_fr", "label_en", "position")]


@admin.register(CampaignEdition)
class EditionAdmin(KeepsDocuments, StaffModelAdmin, TranslationAdmin):
    class Media:
        css = {"all": ["css/glance.css"]}

    add_words = gettext_lazy("Add an edition")
    list_name = gettext_lazy("Editions of campaigns")
    history_of_related = True
    form = EditionForm
    list_display = ["identity", "said_theme", "said_days", "state", "part", "held"]
    list_display_links = ["identity"]
    list_filter = [StateFilter, CampaignFilter]
    list_select_related = ["campaign"]
    search_fields = ["campaign__name_fr", "campaign__name_en", "theme_fr", "theme_en", "year"]
    search_help_text = gettext_lazy("Campaign, theme or year.")
    autocomplete_fields = ["organizations"]
    inlines = [LinkInline]
    change_form_template = "admin/members/campaignedition/change_form.html"
    fieldsets = [
        (
            gettext_lazy("Theme and days"),
            {
                "classes": ["side-by-side"],
                "fields": [
                    ("campaign", "year"),
                    ("theme_fr", "theme_en"),
                    ("starts_on", "ends_on", "is_published"),
                ],
            },
        ),
        (
            gettext_lazy("Text"),
            {"classes": ["side-by-side"], "fields": [("text_fr", "text_en")]},
        ),
        (
            gettext_lazy("Picture"),
            {
                "fields": [
                    "picture_file",
                    ("picture_alt_fr", "picture_alt_en"),
                    ("picture_credit", "picture_removed"),
                ]
            },
        ),
        (gettext_lazy("Who takes part"), {"fields": ["organizations"]}),
        (gettext_lazy("Source"), {"classes": ["collapse"], "fields": ["source_url"]}),
    ]

    def get_queryset(self, request):
        editions = super().get_queryset(request).select_related("campaign")
        if request.resolver_match and request.resolver_match.url_name.endswith("_changelist"):
            part = CampaignEdition.organizations.through.objects.all()
            return editions.annotate(
                part_count=counted(part, "campaignedition"),
                held_count=counted(Event.objects.public(), "edition"),
            )
        return editions.select_related("picture")

    def get_object(self, request, object_id, from_field=None):
        """With its links and who takes part, unless it is being saved."""
        edition = super().get_object(request, object_id, from_field)
        if edition and request.method == "GET":
            read_together(
                edition,
                {
                    "links": (EditionLink.objects.order_by("position", "pk"), []),
                    "organizations": (Organization.objects.by_name(), []),
                },
            )
        return edition

    def get_changeform_initial_data(self, request):
        return {"year": timezone.localdate().year, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "organizations":
            kwargs["widget"] = KnowsSeveral(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_fieldsets(self, request, obj=None):
        """Without what removes a picture when there is none."""
        if obj and obj.picture_id:
            return super().get_fieldsets(request, obj)
        return [
            (
                name,
                {
                    **options,
                    "fields": [
                        "picture_credit" if line == ("picture_credit", "picture_removed") else line
                        for line in options["fields"]
                    ],
                },
            )
            for name, options in super().get_fieldsets(request, obj)
        ]

    def save_model(self, request, obj, form, change):
        obj.picture = form.picture(request.user)
        super().save_model(request, obj, form, change)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and change:
            context["near"] = campaign_words.countdown(obj)
            if may(request.user, "add", CampaignEdition):
                context["next_year"] = obj.campaign.next_year()
        return super().render_change_form(request, context, add, change, form_url, obj)

    # In one click

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/next/", view(self.next_view), name="members_campaignedition_next"),
            path(
                "<int:pk>/publish/", view(self.publish_view), name="members_campaignedition_publish"
            ),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def next_view(self, request, pk):
        """Copy the edition to the year to prepare, and open the copy."""
        if not may(request.user, "add", CampaignEdition):
            raise PermissionDenied
        edition = get_object_or_404(CampaignEdition.objects.select_related("campaign"), pk=pk)
        try:
            copy = edition.copied_to(edition.campaign.next_year(), by=request.user)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return self.to_page(edition)
        self.message_user(
            request,
            _(
                "The edition of %(year)d is prepared, and not public yet. Give its theme, check "
                "its days, its links and who takes part; then publish it."
            )
            % {"year": copy.year},
            messages.SUCCESS,
        )
        return self.to_page(copy)

    @method_decorator(require_POST)
    def publish_view(self, request, pk):
        edition = get_object_or_404(CampaignEdition.objects.select_related("campaign"), pk=pk)
        if not may(request.user, "change", CampaignEdition):
            raise PermissionDenied
        if edition.publish():
            words = _("%(name)s is public: visitors see it.")
        else:
            words = _("%(name)s was public already.")
        self.message_user(request, words % {"name": edition}, messages.SUCCESS)
        return self.to_page(edition)

    def to_page(self, edition):
        return HttpResponseRedirect(
            reverse("admin:members_campaignedition_change", args=[edition.pk])
        )

    # The list

    @admin.display(description=gettext_lazy("edition"), ordering="campaign__sort_name")
    def identity(self, edition):
        return str(edition)

    @admin.display(description=gettext_lazy("theme"), ordering="theme_fr")
    def said_theme(self, edition):
        return edition.theme or None

    @admin.display(description=gettext_lazy("days"), ordering=F("starts_on").asc(nulls_last=True))
    def said_days(self, edition):
        return campaign_words.days(edition)

    @admin.display(description=gettext_lazy("state"), ordering="is_published")
    def state(self, edition):
        if not edition.is_published:
            return format_html('<span class="pill">{}</span>', _("in preparation"))
        near = campaign_words.countdown(edition)
        return format_html('<span class="pill current">{}</span>', near or _("public"))

    @admin.display(description=gettext_lazy("taking part"), ordering="part_count")
    def part(self, edition):
        count = edition.part_count
        return ngettext("%(count)d organization", "%(count)d organizations", count) % {
            "count": count
        }

    @admin.display(description=gettext_lazy("events"), ordering="held_count")
    def held(self, edition):
        count = edition.held_count
        return ngettext("%(count)d event", "%(count)d events", count) % {"count": count}
