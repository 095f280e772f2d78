"""What staff see of freshness: where each member stands, what was written, and what they do."""

import datetime

import pytest
from django.core import mail as outbox
from django.utils import timezone

from members import freshness, mail
from members.models import BouncedAddress, Organization, Representative, SentMail, User
from members.permissions import Role
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/members/organization/freshness/"
NOW = timezone.now()
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.PERMANENCE))
    return client


def member(name, days_ago=None, **fields):
    """A member that confirmed so many days ago, or never; its turn has come."""
    confirmed = None if days_ago is None else timezone.localdate() - days_ago * DAY
    organization = OrganizationFactory(name_fr=name, last_confirmed_on=confirmed, **fields)
    Organization.objects.filter(pk=organization.pk).update(created_at=NOW - 900 * DAY)
    return organization


def asked(organization, *days_ago):
    """Reminders were written so many days ago, the first one first."""
    for place, days in enumerate(days_ago, start=1):
        SentMail.objects.create(
            kind="reminder",
            to=organization.email or "ana@organisme.example",
            subject="Rappel",
            text="Bonjour,",
            organization=organization,
            round_on=timezone.localdate() - days_ago[0] * DAY,
            step=place,
            created_at=NOW - days * DAY,
            state="sent",
            sent_at=NOW - days * DAY,
        )


@pytest.fixture
def members():
    found = {
        "confirmed": member("Confirmé (fictif)", 30, email="a@organisme.example"),
        "to_ask": member("À demander (fictif)", 400, email="b@organisme.example"),
        "reminded": member("Relancé (fictif)", 500, email="c@organisme.example"),
        "silent": member("Silencieux (fictif)", 500, email="d@organisme.example"),
        "unreachable": member("Sans adresse (fictif)", 500),
    }
    asked(found["reminded"], 30, 9)
    asked(found["silent"], 90, 69, 48)
    # A round of before the last confirmation says nothing of this one.
    asked(found["to_ask"], 460, 439)
    return found


def shown(client, state):
    page = client.get(f"{PAGE}?state={state}")
    return [row["organization"].name for row in page.context["rows"]]


def test_each_member_is_where_it_stands(office, members):
    assert shown(office, "confirmed") == ["Confirmé (fictif)"]
    assert shown(office, "to_ask") == ["À demander (fictif)", "Sans adresse (fictif)"]
    assert shown(office, "reminded") == ["Relancé (fictif)"]
    assert shown(office, "silent") == ["Silencieux (fictif)"]
    assert shown(office, "unreachable") == ["Sans adresse (fictif)"]
    assert shown(office, "bounced") == []
    assert len(shown(office, "")) == len(shown(office, "unknown")) == 5


def test_counts_are_the_lengths_of_the_lists(office, members):
    BouncedAddress.mark("d@organisme.example")
    page = office.get(PAGE)
    for _words, count, _url, value in page.context["choices"]:
        assert count == len(shown(office, value)), value
    home = office.get("/admin/").text
    assert f'href="{PAGE}?state=silent"' in home
    assert f'href="{PAGE}?state=bounced"' in home


def test_step_and_day_are_told(office, members):
    page = office.get(f"{PAGE}?state=reminded").text
    assert "deuxième message" in page
    assert timezone.localdate(NOW - 9 * DAY).isoformat() in page


def test_staff_write_again_at_once(office, members, django_capture_on_commit_callbacks):
    address = f"/admin/members/organization/{members['reminded'].pk}/remind/"
    with django_capture_on_commit_callbacks(execute=True):
        response = office.post(address, {"next": f"{PAGE}?state=reminded"})
    assert response["Location"] == f"{PAGE}?state=reminded"
    assert [message.to for message in outbox.outbox] == [["c@organisme.example"]]
    assert SentMail.objects.filter(organization=members["reminded"]).latest("pk").step == 3
    assert office.post(address, {"next": "https://ailleurs.example/"})["Location"] == PAGE
    assert len(outbox.outbox) == 1  # already asked today


def test_staff_say_that_an_address_does_not_work_and_that_it_does(office, members):
    where = {"address": "d@organisme.example", "next": PAGE}
    office.post(f"{PAGE}bounced/", where)
    assert shown(office, "bounced") == shown(office, "unreachable")[1:] == ["Silencieux (fictif)"]
    office.post(f"{PAGE}works/", where)
    assert shown(office, "bounced") == []
    office.post(f"{PAGE}bounced/", {"address": "rien du tout"})
    assert not BouncedAddress.objects.exists()


def test_next_address_is_told_when_one_does_not_work(office, members):
    user = User.objects.create_user("ana@organisme.example")
    Representative.objects.create(user=user, organization=members["silent"], started_by=user)
    BouncedAddress.mark("ana@organisme.example")
    (row,) = office.get(f"{PAGE}?state=silent").context["rows"]
    assert [one.address for one in row["recipients"]] == ["d@organisme.example"]
    assert row["bounced"] == ["ana@organisme.example"]


def test_file_has_the_rows_and_nobody_s_address(office, members):
    response = office.get(f"{PAGE}?state=silent&format=csv")
    text = response.content.decode("utf-8-sig")
    assert len(text.strip().split("\r\n")) == 2
    assert "Silencieux (fictif)" in text
    assert "@" not in text


def test_who_reads_sees_and_does_nothing(client, members):
    client.force_login(make_user(Role.READING))
    page = client.get(PAGE).text
    assert "d@organisme.example" in page
    assert "formaction" not in page
    for address in (
        f"/admin/members/organization/{members['silent'].pk}/remind/",
        f"{PAGE}bounced/",
        f"{PAGE}works/",
    ):
        assert client.post(address, {"address": "d@organisme.example"}).status_code == 403
        assert client.get(address).status_code == 405
    client.force_login(make_user(Role.PRIVACY))
    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("count", [2, 20])
def test_queries_do_not_grow_with_the_members(office, count, django_assert_max_num_queries):
    for number in range(count):
        organization = member(f"Organisme {number} (fictif)", email=f"o{number}@organisme.example")
        asked(organization, 90, 69, 48)
        user = User.objects.create_user(f"ana{number}@organisme.example")
        Representative.objects.create(user=user, organization=organization, started_by=user)
    office.get(PAGE)
    with django_assert_max_num_queries(12) as queries:
        office.get(PAGE)
    assert len(queries) == 8


# The mails


@pytest.fixture
def failed(members):
    (reminder,) = mail.write(
        [
            freshness.drawn_up(
                freshness.Reminder(
                    members["silent"],
                    timezone.localdate(),
                    1,
                    freshness.Recipient("d@organisme.example", "fr", ""),
                ),
                NOW,
            )
        ]
    )
    SentMail.objects.filter(pk=reminder.pk).update(state="failed", error="Server away", tries=10)
    reminder.refresh_from_db()
    return reminder


def test_mails_of_an_organization_are_on_its_page(office, members, failed):
    page = office.get(f"/admin/members/organization/{members['silent'].pk}/change/").text
    assert "Courriels envoyés" in page
    assert page.count("/admin/members/sentmail/") >= 4
    assert "Server away" in page
    assert f"/admin/members/sentmail/{failed.pk}/retry/" in page


def test_mail_is_read_without_what_it_opened(office, failed):
    token = failed.delivery["text"].split("/confirmer/")[1].split("/")[0]
    page = office.get(f"/admin/members/sentmail/{failed.pk}/change/").text
    assert "Une fois par année" in page
    assert token not in page
    assert 'name="_save"' not in page


def test_failed_mail_leaves_when_staff_ask(office, failed):
    office.post(f"/admin/members/sentmail/{failed.pk}/retry/")
    failed.refresh_from_db()
    assert failed.state == "sent"
    assert len(outbox.outbox) == 1
    response = office.post(f"/admin/members/sentmail/{failed.pk}/retry/", follow=True)
    assert "n’attend plus" in response.text
    assert len(outbox.outbox) == 1


def test_address_of_a_mail_is_marked(office, members):
    sent = SentMail.objects.filter(organization=members["silent"]).latest("pk")
    office.post(f"/admin/members/sentmail/{sent.pk}/bounced/")
    sent.refresh_from_db()
    assert sent.state == "bounced"
    assert BouncedAddress.objects.known() == {"d@organisme.example"}


def test_mails_are_found_by_address_subject_and_organization(office, failed):
    for text in ("d@organisme", "exacte", "silencieux"):
        page = office.get("/admin/members/sentmail/", {"q": text, "state": "failed"})
        assert page.status_code == 200
        assert [row.pk for row in page.context["cl"].result_list] == [failed.pk], text


def test_nothing_of_a_mail_can_be_changed(office, failed):
    office.post(
        f"/admin/members/sentmail/{failed.pk}/change/", {"subject": "Autre", "to": "x@y.zz"}
    )
    before = failed.subject
    failed.refresh_from_db()
    assert failed.subject == before
    assert office.get("/admin/members/sentmail/add/").status_code == 403
    assert office.post(f"/admin/members/sentmail/{failed.pk}/delete/").status_code == 403
