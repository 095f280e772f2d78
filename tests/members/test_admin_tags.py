"""Tags: their list, how they are shown, and finding what bears one."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.admin.tags import pills
from members.models import Tag
from members.permissions import Role
from tests.factories import AllianceFactory, OrganizationFactory, PersonFactory, make_user

LIST = "/admin/members/tag/"
CSS = Path(settings.BASE_DIR) / "aqoci/static/css"


@pytest.fixture
def office(client, db):
    client.force_login(make_user(Role.PERMANENCE))
    return client


@pytest.fixture
def urgent(db):
    return Tag.objects.create(name="Urgent <b>", colour="red")


def test_pills_say_the_names_and_never_markup(urgent):
    assert pills([urgent]) == '<ul class="tags"><li class="tag red">Urgent &lt;b&gt;</li></ul>'
    assert pills([]) == ""


def test_list_counts_what_bears_each_tag(office, urgent):
    for place in range(2):
        OrganizationFactory().tags.add(urgent)
        PersonFactory().tags.add(urgent)
        AllianceFactory(slug=f"coalition-{place}").tags.add(urgent)
    OrganizationFactory()
    Tag.objects.create(name="Inutilisée")
    page = office.get(LIST)
    counted = {tag.name: tag.total for tag in page.context["cl"].result_list}
    assert counted == {"Urgent <b>": 6, "Inutilisée": 0}
    assert f'<a href="/admin/members/organization/?tag={urgent.pk}&amp;membership=all">' in (
        page.content.decode()
    )


def test_organizations_are_found_by_their_tag(office, urgent):
    OrganizationFactory()
    tagged = OrganizationFactory(outside=True)
    tagged.tags.add(urgent)
    page = office.get(f"/admin/members/organization/?tag={urgent.pk}&membership=all")
    assert list(page.context["cl"].result_list) == [tagged]


def test_tag_that_is_gone_filters_nothing(office):
    organization = OrganizationFactory()
    page = office.get("/admin/members/organization/?tag=9999")
    assert list(page.context["cl"].result_list) == [organization]


def test_same_tag_is_not_made_twice(office, urgent):
    page = office.post(LIST + "add/", {"name": "URGENT  B", "colour": "blue"})
    assert page.status_code == 200
    assert Tag.objects.count() == 1
    page = office.post(LIST + "add/", {"name": "Relance", "colour": "blue"})
    assert page.status_code == 302
    assert Tag.objects.filter(name="Relance").exists()


def test_list_costs_the_same_at_twenty(office, urgent):
    counts = []
    for number in (2, 20):
        Tag.objects.bulk_create(Tag(name=f"Étiquette {number} {n}") for n in range(number))
        with CaptureQueriesContext(connection) as queries:
            office.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_people_are_tagged_by_selection(office, urgent):
    chosen, other = PersonFactory(), PersonFactory()
    address = "/admin/members/person/"
    selection = {"action": "add_tag", "_selected_action": [chosen.pk], "select_across": "0"}
    assert "choice-tag" in office.post(address, selection).content.decode()
    done = {"chosen": str(chosen.pk), "choice-tag": urgent.pk, "step": "do"}
    office.post(address, selection | done)
    assert (list(chosen.tags.all()), list(other.tags.all())) == ([urgent], [])


def test_reader_sees_tags_and_changes_none(client, urgent):
    client.force_login(make_user(Role.READING))
    assert client.get(LIST).status_code == 200
    assert client.get(LIST + "add/").status_code == 403
    assert client.post(f"{LIST}{urgent.pk}/change/", {"name": "X"}).status_code == 403


def luminance(colour):
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", Tag.Colour.values)
def test_every_colour_is_read_in_light_and_dark(colour):
    light, dark = re.search(
        rf"--tag-{colour}: light-dark\((#\w+), (#\w+)\)", (CSS / "tags.css").read_text()
    ).groups()
    text = re.findall(r"--color-text: (#\w+)", (CSS / "tokens.css").read_text())
    assert contrast(text[0], light) >= 4.5
    assert contrast(text[1], dark) >= 4.5
