"""The addresses of the staff's pages that are asked for: the same ones for the same records."""

from django.contrib import admin
from django.urls import reverse

from members.models import (
    Alliance,
    Dossier,
    FollowUp,
    GovernmentInteraction,
    Interaction,
    Membership,
    Organization,
    Person,
    ProfileProposal,
    Representative,
    Tag,
)

# Whose lists and pages are timed, with the words for the report and the name of one record.
MODELS = {
    Organization: "Organizations",
    Membership: "Memberships",
    Person: "People",
    Alliance: "Alliances",
    Interaction: "Exchanges",
    FollowUp: "Follow-ups",
    Dossier: "Dossiers",
    GovernmentInteraction: "Government exchanges",
    Tag: "Tags",
    ProfileProposal: "Proposals",
}
# What staff look for in a list or in the one search box.
TEXTS = (
    "cotisation",
    "assemblée générale",
    "solidarité",
    "coalition",
    "communications",
    "dossier",
    "étiquette",
    "eau",
)


def addresses(number):
    """{page: `number` addresses}, over the records there are."""
    asked = {
        "Dashboard": [reverse("admin:index")] * number,
        "Freshness": [reverse("admin:members_organization_freshness")] * number,
        "Search": [with_text(reverse("admin:search"), place) for place in range(number)],
        "Search, someone": [
            f"{reverse('admin:search')}?q={person.first_name}+{person.last_name}"
            for person in spread(Person, number)
        ],
        "Suggestions": [
            f"{reverse('admin:search_suggestions')}?q={person.last_name[: 3 + place % 5]}"
            for place, person in enumerate(spread(Person, number))
        ],
    }
    for model, words in MODELS.items():
        if not admin.site.is_registered(model):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = reverse(f"{name}_changelist")
        asked[f"{words}: list"] = [listed] * number
        if admin.site._registry[model].search_fields:
            asked[f"{words}: search"] = [with_text(listed, place) for place in range(number)]
        if model is GovernmentInteraction:  # shown on the page of its exchange
            continue
        asked[f"{words}: page"] = [
            reverse(f"{name}_change", args=[record.pk]) for record in spread(model, number)
        ]
    return asked


def space_addresses(number):
    """{page of the members' space: `number` addresses}, for the account that represents most."""
    organizations = [row.organization for row in spread(Representative, number)]
    pages = {
        "Space: state": ("state",),
        "Space: form": ("edit", "presentation"),
        "Space: themes and countries": ("edit", "themes"),
        "Space: read again": ("send",),
        "Space: preview": ("preview",),
        "Space: people": ("people",),
        "Space: access": ("access",),
    }
    return {
        words: [reverse(f"space:{name}", args=[one.slug, *more]) for one in organizations]
        for words, (name, *more) in pages.items()
    }


def with_text(path, place):
    return f"{path}?q={TEXTS[place % len(TEXTS)].replace(' ', '+')}"


def spread(model, number):
    """`number` records of `model` at equal distances."""
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    chosen = [keys[place * len(keys) // number] for place in range(number)]
    found = model.objects.in_bulk(set(chosen))
    return [found[key] for key in chosen]
