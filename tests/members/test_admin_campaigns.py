"""Campaigns in the staff's site: editions, their picture, and next year's in five minutes."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import CampaignEdition, EditionLink, Picture, Programme
from members.models.documents import NotKept
from members.permissions import Role
from tests.factories import (
    CampaignFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    make_user,
)
from tests.members.published import body
from tests.members.test_logos import picture, upload

pytestmark = pytest.mark.django_db

LIST = "/admin/members/campaignedition/"
DAY = datetime.date


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.COMMUNICATIONS))
    return client


@pytest.fixture
def edition():
    return EditionFactory(
        campaign=CampaignFactory(name_fr="Douze jours (fictive)"),
        year=2026,
        theme_fr="Agir",
        text_fr="Texte.",
        starts_on=DAY(2026, 11, 25),
        ends_on=DAY(2026, 12, 6),
    )


def address(edition, page="change"):
    return reverse(f"admin:members_campaignedition_{page}", args=[edition.pk])


def form_of(client, path):
    """What a page would send if nothing were changed."""
    page = client.get(path)
    assert page.status_code == 200
    data = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                data[bound.html_name] = [getattr(item, "pk", item) for item in value]
            elif value is not None and value is not False:
                data[bound.html_name] = str(value)
    return data


def save(client, path, **changes):
    """Send the page's form with these changes; the answer."""
    return client.post(path, form_of(client, path) | changes)


def refusals(response):
    """All that a page that came back refuses, in words."""
    assert response.status_code == 200, "it was not refused"
    return " ".join(str(error) for error in response.context["errors"])


# Editing


def test_edition_is_added_with_its_links(office):
    campaign = CampaignFactory()
    member = OrganizationFactory()
    path = f"{LIST}add/?campaign={campaign.pk}"
    answer = save(
        office,
        path,
        theme_fr="Agir",
        starts_on=f"{timezone.localdate().year}-11-25",
        ends_on=f"{timezone.localdate().year}-12-06",
        organizations=[member.pk],
        **{
            "links-TOTAL_FORMS": "1",
            "links-0-kind": "download",
            "links-0-url": "https://example.org/affiche.pdf",
            "links-0-label_fr": "Affiche",
            "links-0-position": "0",
        },
    )
    assert answer.status_code == 302
    edition = CampaignEdition.objects.get()
    assert (edition.campaign, edition.year) == (campaign, timezone.localdate().year)
    assert [str(link) for link in edition.links.all()] == ["Affiche"]
    assert list(edition.organizations.all()) == [member]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_on": "2025-11-25"}, "année|year"),
        ({"ends_on": "2027-01-02"}, "année|year"),
        ({"starts_on": "2026-12-06", "ends_on": "2026-11-25"}, "termine|ends before"),
        ({"year": "1815"}, "1976"),
        ({"year": "2025"}, "cette année-là|that year already"),
        ({"source_url": "javascript:alert(1)"}, "URL|http"),
    ],
)
def test_what_cannot_be_is_refused_in_words(office, edition, changes, words):
    EditionFactory(campaign=edition.campaign, year=2025)
    if "year" in changes:
        changes = {"starts_on": "", "ends_on": ""} | changes
    answer = save(office, address(edition), **changes)
    assert any(word in refusals(answer) for word in words.split("|")), refusals(answer)
    edition.refresh_from_db()
    assert (edition.year, edition.starts_on) == (2026, DAY(2026, 11, 25))


def test_list_says_where_each_edition_stands(office, edition):
    EditionFactory(campaign=edition.campaign, year=2020, is_published=False)
    EventFactory(edition=edition)
    edition.organizations.add(OrganizationFactory())
    html = office.get(f"{LIST}?q=douze").content.decode()
    assert "Douze jours (fictive), 2026" in html
    assert "Agir" in html
    assert office.get(f"{LIST}?state=draft").context["cl"].result_count == 1
    assert office.get(f"{LIST}?campaign={edition.campaign.slug}").context["cl"].result_count == 2


def test_campaign_leads_to_its_editions(office, edition):
    path = reverse("admin:members_campaign_change", args=[edition.campaign.pk])
    html = office.get(path).content.decode()
    assert address(edition) in html
    assert f"{LIST}add/?campaign={edition.campaign.pk}" in html


def test_lists_of_programmes_and_campaigns_count(office, edition):
    edition.campaign.programme = Programme.objects.create(name_fr="Droits (fictif)")
    edition.campaign.save()
    assert "Droits (fictif)" in office.get("/admin/members/programme/").content.decode()
    html = office.get("/admin/members/campaign/?q=douze").content.decode()
    assert "2026" in html


# The picture


def test_picture_is_kept_with_its_words(office, edition):
    answer = save(
        office,
        address(edition),
        picture_file=upload(picture((1800, 900)), "a.png"),
        picture_alt_fr="Une foule",
        picture_alt_en="A crowd",
        picture_credit="Ana Fictive",
    )
    assert answer.status_code == 302
    edition.refresh_from_db()
    kept = edition.picture
    assert (kept.alt_fr, kept.alt_en, kept.credit) == ("Une foule", "A crowd", "Ana Fictive")
    assert kept.sizes == [384, 768, 1600]
    assert kept.added_by.roles == {Role.COMMUNICATIONS}


def test_picture_without_its_words_is_refused(office, edition):
    answer = save(office, address(edition), picture_file=upload(picture((800, 400)), "a.png"))
    assert answer.context["adminform"].form.has_error("picture_alt_fr")
    assert not Picture.objects.exists()
    words_alone = save(office, address(edition), picture_alt_fr="Une foule")
    assert words_alone.context["adminform"].form.has_error("picture_file")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (picture((190, 190)), "petite.png"),
        (picture((2000, 300)), "longue.png"),
        (b"%PDF-1.4 ...", "affiche.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dessin.svg"),
    ],
)
def test_picture_that_cannot_be_shown_is_refused(office, edition, content, name):
    answer = save(
        office,
        address(edition),
        picture_file=upload(content, name),
        picture_alt_fr="Une foule",
        theme_fr="Changé",
    )
    assert answer.context["adminform"].form.has_error("picture_file")
    edition.refresh_from_db()
    assert (edition.picture, edition.theme_fr) == (None, "Agir")


def test_words_of_a_picture_change_without_sending_it_again(office, edition):
    save(
        office,
        address(edition),
        picture_file=upload(picture((800, 400)), "a.png"),
        picture_alt_fr="Une foule",
    )
    save(office, address(edition), picture_credit="Ana Fictive", theme_fr="Agir encore")
    edition.refresh_from_db()
    assert (edition.picture.alt_fr, edition.picture.credit) == ("Une foule", "Ana Fictive")
    assert edition.theme_fr == "Agir encore"
    before = edition.picture
    save(office, address(edition), theme_fr="Agir toujours")
    edition.refresh_from_db()
    assert edition.picture == before


def test_picture_is_taken_away(office, edition):
    save(
        office,
        address(edition),
        picture_file=upload(picture((800, 400)), "a.png"),
        picture_alt_fr="Une foule",
    )
    assert save(office, address(edition), picture_removed="on").status_code == 302
    edition.refresh_from_db()
    assert edition.picture is None


def test_picture_of_an_edition_in_preparation_is_for_the_staff_alone(office, client, edition):
    save(
        office,
        address(edition),
        picture_file=upload(picture((800, 400)), "a.png"),
        picture_alt_fr="Une foule",
        is_published="",
    )
    edition.refresh_from_db()
    image = reverse("members:picture", args=[edition.picture_id, 384])
    seen = office.get(image)
    assert body(seen)
    assert (seen.status_code, seen["Cache-Control"]) == (200, "private, max-age=86400")
    client.logout()
    assert client.get(image).status_code == 404
    CampaignEdition.objects.update(is_published=True)
    seen = client.get(image)
    assert body(seen)
    assert seen["Cache-Control"] == "public, max-age=86400"


def test_full_disk_is_said_and_nothing_is_saved(office, edition, monkeypatch):
    def full(*args, **kwargs):
        raise NotKept("Plus de place.")

    monkeypatch.setattr("members.models.pictures.written", full)
    answer = save(
        office,
        address(edition),
        picture_file=upload(picture((800, 400)), "a.png"),
        picture_alt_fr="Une foule",
        theme_fr="Changé",
    )
    assert "Plus de place." in answer.content.decode()
    edition.refresh_from_db()
    assert edition.theme_fr == "Agir"


# Next year's


def test_next_edition_is_this_one_copied(office, edition):
    member = OrganizationFactory()
    edition.organizations.add(member)
    for kind, label in (("share", "Trousse"), ("download", "Affiche de 2026")):
        EditionLink.objects.create(
            edition=edition, kind=kind, label_fr=label, url=f"https://example.org/{kind}"
        )
    assert "2027" in office.get(address(edition)).content.decode()
    answer = office.post(address(edition, "next"))
    copy = CampaignEdition.objects.get(year=2027)
    assert (answer.status_code, answer.url) == (302, address(copy))
    assert (copy.starts_on, copy.ends_on) == (DAY(2027, 11, 25), DAY(2027, 12, 6))
    assert (copy.theme_fr or "", copy.text_fr, copy.is_published) == ("", "Texte.", False)
    assert [str(link) for link in copy.links.all()] == ["Trousse"]
    assert list(copy.organizations.all()) == [member]
    assert office.get(copy.get_absolute_url()).status_code == 200


def test_old_edition_gives_the_one_to_come_not_one_that_is_over(office):
    old = EditionFactory(year=1999, starts_on=DAY(1999, 3, 1), ends_on=DAY(1999, 3, 8))
    office.post(address(old, "next"))
    copy = CampaignEdition.objects.exclude(pk=old.pk).get()
    assert copy.year == timezone.localdate().year
    office.post(address(old, "next"))
    assert CampaignEdition.objects.latest("year").year == copy.year + 1


def test_copy_that_cannot_be_is_refused_in_words(office, edition, monkeypatch):
    monkeypatch.setattr("members.models.Campaign.next_year", lambda campaign: 2026)
    answer = office.post(address(edition, "next"), follow=True)
    assert answer.redirect_chain[0][0] == address(edition)
    assert "errorlist" not in answer.content.decode()
    assert any(message.level_tag == "error" for message in answer.context["messages"])
    assert CampaignEdition.objects.count() == 1


def test_edition_is_published_in_one_click(office, client, edition):
    CampaignEdition.objects.update(is_published=False)
    assert office.post(address(edition, "publish")).url == address(edition)
    edition.refresh_from_db()
    assert edition.is_published
    office.post(address(edition, "publish"))
    edition.refresh_from_db()
    assert edition.is_published


@pytest.mark.parametrize("page", ["next", "publish"])
def test_reading_copies_and_publishes_nothing(client, edition, page):
    client.force_login(make_user(Role.READING))
    assert client.post(address(edition, page)).status_code == 403
    assert client.get(address(edition, page)).status_code == 405
    html = client.get(address(edition)).content.decode()
    assert address(edition, page) not in html
    assert CampaignEdition.objects.count() == 1
