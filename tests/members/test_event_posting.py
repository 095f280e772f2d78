"""What members post: a new event, changes to one, whether it is held; and what is refused."""

import datetime
import io
import re
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from members import happening, logos
from members.happening import Choice
from members.models import Event, EventProposal, Organization, Picture, PublishedChange, SentMail
from members.models.proposals import ChangedMeanwhile
from members.permissions import Role
from regions.models import Municipality
from tests.factories import (
    EventFactory,
    OrganizationFactory,
    RepresentativeFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

YEAR = timezone.localdate().year + 1
DAY = f"{YEAR}-06-10"


def sunday(month, place):
    """The first Sunday of that month next year, the second…"""
    first = datetime.date(YEAR, month, 1)
    return first + datetime.timedelta(days=(6 - first.weekday()) % 7 + 7 * (place - 1))


# When clocks move forward, and when they go back.
FORWARD, BACK = sunday(3, 2), sunday(11, 1)


@pytest.fixture(autouse=True)
def address(settings):
    """Mails lead to the site, whose address no request tells here."""
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)", name_en="Fresh Water (fictitious)")


@pytest.fixture
def ana(organization):
    return RepresentativeFactory(organization=organization).user


@pytest.fixture
def space(client, ana):
    client.force_login(ana)
    return client


def address_of(name, organization, **kwargs):
    return reverse(f"space:{name}", kwargs={"slug": organization.slug} | kwargs)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def typed(organization, **changed):
    """What a browser sends of a small new event."""
    return {
        "title_fr": "Soirée sur l’eau",
        "text_fr": "Un film, puis **un débat**.",
        "when_start_day": [DAY],
        "when_start_time": ["19:00"],
        "when_end_day": [""],
        "when_end_time": ["21:00"],
        "when_zone": "",
        "venue": "Salle A",
        "organizations": [organization.pk],
        "audience": "all",
        "is_free": "1",
        "send": "1",
    } | changed


def start_of(answer):
    found = re.search(r'name="start" value="([^"]*)"', answer.content.decode())
    return found[1]


def post(client, path, data, **also):
    """Open the form, then send it."""
    opened = client.get(path)
    assert opened.status_code == 200
    return client.post(path.split("?")[0], data | {"start": start_of(opened)} | also, follow=True)


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def town(name):
    return Municipality.objects.get(name=name)


# A new event


def test_new_event_waits_and_the_staff_are_told(space, organization, ana):
    keeper = make_user(Role.COMMUNICATIONS)
    answer = post(
        space,
        address_of("event-new", organization),
        typed(organization, municipality=town("Rimouski").pk, message="Avec le cégep."),
    )
    assert "Sent to the staff" in text_of(answer)
    asked = EventProposal.objects.get()
    assert not Event.objects.exists()
    assert (asked.organization, asked.event, asked.proposed_by) == (organization, None, ana)
    assert asked.message == "Avec le cégep."
    values = {one.name: one.proposed for one in asked.fields.all()}
    assert values["when"] == {
        "zone": "America/Toronto",
        "all_day": False,
        "dates": [[f"{DAY}T19:00", f"{DAY}T21:00"]],
    }
    assert values["organizations"] == [organization.pk]
    assert "cost_fr" not in values
    mail = SentMail.objects.get(kind="event_to_staff")
    assert mail.to == keeper.email
    assert "Soirée sur l’eau" in mail.subject


def test_form_that_is_sent_twice_asks_once(space, organization):
    path = address_of("event-new", organization)
    data = typed(organization) | {"start": start_of(space.get(path))}
    space.post(path, data)
    answer = space.post(path, data, follow=True)
    assert "sent already" in text_of(answer)
    assert EventProposal.objects.count() == 1


def test_several_new_events_may_wait(space, organization):
    path = address_of("event-new", organization)
    post(space, path, typed(organization))
    post(space, path, typed(organization, title_fr="Atelier"))
    assert EventProposal.objects.waiting().count() == 2
    listed = text_of(space.get(address_of("events", organization)))
    assert "Soirée sur l’eau" in listed
    assert "Atelier" in listed
    assert "2 events wait" in text_of(space.get(address_of("state", organization)))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title_fr": ""}, "This field is required"),
        ({"title_fr": "x" * 201}, "200"),
        ({"when_end_time": ["18:00"]}, "it ends before it begins"),
        ({"when_start_day": ["2027-02-29"]}, "“2027-02-29” is not a day of the calendar"),
        ({"when_start_day": ["demain"]}, "is not a day. Write it like"),
        ({"when_start_time": ["25:00"]}, "is not a time of day"),
        ({"when_start_time": [""], "when_end_time": [""]}, "at what time it begins"),
        ({"when_start_day": [""]}, "which day it begins"),
        (
            {"when_start_day": [str(FORWARD)], "when_start_time": ["02:30"]},
            f"On {FORWARD} clocks move forward: 02:30 does not exist that night.",
        ),
        ({"when_start_day": ["2020-05-05"]}, "is past: a new event is to come"),
        (
            {"when_end_day": [f"{YEAR + 2}-06-12"]},
            "an event lasts a year at most",
        ),
        ({"when_start_day": ["2150-01-01"]}, "between 1976 and 2100"),
        ({"registration_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"online_url": "ftp://eau.example/film"}, "Enter a valid URL"),
        ({"cost_fr": "10 $"}, "free of charge, or it has a cost"),
        ({"title_en": "Soirée sur l’eau"}, "same text as in French"),
        ({"text_fr": "", "text_en": "A film."}, "Say it in French too"),
        ({"organizations": []}, "Say who holds it"),
        ({"when_zone": "Europe/Paris"}, "not one of Québec’s"),
        ({"message": "x" * 1001}, "1001 characters; 1000 fit"),
    ],
)
def test_what_cannot_stand_is_said_and_nothing_typed_is_lost(space, organization, changed, words):
    answer = post(space, address_of("event-new", organization), typed(organization, **changed))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not EventProposal.objects.exists()
    assert "Salle A" in answer.content.decode()


def test_same_date_twice_is_said(space, organization):
    twice = {
        "when_start_day": [DAY, DAY],
        "when_start_time": ["19:00", "19:00"],
        "when_end_day": ["", ""],
        "when_end_time": ["", ""],
    }
    answer = post(space, address_of("event-new", organization), typed(organization, **twice))
    assert "is there twice" in text_of(answer)


def test_hour_that_exists_twice_is_the_first(space, organization):
    twice = {"when_start_day": [str(BACK)], "when_start_time": ["01:30"], "when_end_time": [""]}
    post(space, address_of("event-new", organization), typed(organization, **twice))
    event = accept(EventProposal.objects.get())
    assert event.dates.get().starts_at == datetime.datetime(
        YEAR, 11, BACK.day, 5, 30, tzinfo=datetime.UTC
    )


def test_event_of_forty_days_is_accepted(space, organization):
    long = {
        "when_all_day": "1",
        "when_start_time": [""],
        "when_end_time": [""],
        "when_end_day": [f"{YEAR}-07-19"],
    }
    post(space, address_of("event-new", organization), typed(organization, **long))
    date = accept(EventProposal.objects.get()).dates.get()
    assert (date.first_day, date.last_day) == (
        datetime.date(YEAR, 6, 10),
        datetime.date(YEAR, 7, 19),
    )


def test_times_of_the_islands_are_theirs(space, organization):
    islands = town("Les Îles-de-la-Madeleine")
    post(space, address_of("event-new", organization), typed(organization, municipality=islands.pk))
    event = accept(EventProposal.objects.get())
    assert event.zone == "America/Halifax"
    assert event.dates.get().starts_at.astimezone(datetime.UTC).hour == 22


def test_zone_that_is_not_that_of_the_town_is_refused(space, organization):
    islands = town("Les Îles-de-la-Madeleine")
    answer = post(
        space,
        address_of("event-new", organization),
        typed(organization, municipality=islands.pk, when_zone="America/Toronto"),
    )
    assert "In Les Îles-de-la-Madeleine it is" in text_of(answer)


def test_rows_of_dates_come_and_go_without_a_script(space, organization):
    path = address_of("event-new", organization)
    begun = typed(organization) | {"start": start_of(space.get(path))}
    begun.pop("send")
    more = space.post(path, begun | {"add": "1"})
    assert more.content.decode().count('name="when_start_day"') == 4
    assert f'value="{DAY}"' in more.content.decode()
    two = begun | {
        "when_start_day": [DAY, f"{YEAR}-06-17"],
        "when_start_time": ["19:00", "19:00"],
        "when_end_day": ["", ""],
        "when_end_time": ["", ""],
    }
    less = space.post(path, two | {"drop": "1"})
    assert f'value="{DAY}"' not in less.content.decode()
    assert f'value="{YEAR}-06-17"' in less.content.decode()


def test_preview_shows_it_and_sends_nothing(space, organization):
    path = address_of("event-new", organization)
    data = typed(organization, see="1")
    data.pop("send")
    answer = post(space, path, data)
    assert "<strong>un débat</strong>" in answer.content.decode()
    assert not EventProposal.objects.exists()


def test_what_was_typed_waits_while_one_signs_in_again(client, ana, organization):
    client.force_login(ana)
    path = address_of("event-new", organization)
    data = typed(organization) | {"start": start_of(client.get(path))}
    client.logout()
    client.post(path, data)
    session = client.session
    kept = session["unsent"]
    client.force_login(ana)
    session = client.session
    session["unsent"] = kept
    session.save()
    answer = client.get(path)
    assert "Your session had ended" in text_of(answer)
    assert "Soirée sur l’eau" in answer.content.decode()
    again = client.post(path, data | {"start": start_of(answer)}, follow=True)
    assert "Sent to the staff" in text_of(again)


def test_organization_whose_membership_ended_posts_nothing(space, organization):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    path = address_of("event-new", organization)
    data = typed(organization) | {"start": start_of(space.get(path))}
    organization.memberships.update(ended_on=yesterday)
    answer = space.post(path, data)
    assert answer.status_code == 404
    assert "Your access has ended" in text_of(answer)
    assert "Soirée sur l’eau" in answer.content.decode()
    assert not EventProposal.objects.exists()


# What waits


def accept(proposal, by=None, **choices):
    """Have the staff accept all of it, or choose otherwise by field."""
    by = by or make_user(Role.PERMANENCE, email=f"p{proposal.pk}@example.org")
    proposal.refresh_from_db()
    live = (
        happening.read(Event.objects.for_values().get(pk=proposal.event_id))
        if proposal.event_id
        else happening.blank()
    )
    done = happening.decide(
        proposal=proposal,
        choices={one.name: Choice(accepts=True) for one in proposal.fields.all()} | choices,
        shown=live,
        version=proposal.version,
        by=by,
    )
    return done.event


def test_what_waits_is_amended_and_withdrawn(space, organization):
    post(space, address_of("event-new", organization), typed(organization))
    asked = EventProposal.objects.get()
    path = address_of("event-asked", organization, proposal=asked.pk)
    answer = post(space, path, typed(organization, title_fr="Soirée film", venue=""))
    assert "Sent to the staff" in text_of(answer)
    assert "No longer asked for: place" in text_of(answer)
    values = {one.name: one.proposed for one in asked.fields.all()}
    assert values["title_fr"] == "Soirée film"
    assert "venue" not in values
    space.post(address_of("event-withdraw", organization, proposal=asked.pk))
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    again = space.get(address_of("event-new", organization) + f"?again={asked.pk}")
    assert "Soirée film" in again.content.decode()


def test_second_tab_does_not_write_over_the_first(space, organization):
    post(space, address_of("event-new", organization), typed(organization))
    asked = EventProposal.objects.get()
    path = address_of("event-asked", organization, proposal=asked.pk)
    late = typed(organization, title_fr="Titre tardif") | {"start": start_of(space.get(path))}
    post(space, path, typed(organization, title_fr="Premier titre", venue="Salle B"))
    answer = space.post(path, late)
    assert answer.status_code == 409
    assert "Premier titre" in answer.content.decode()
    assert "Titre tardif" in answer.content.decode()
    # What the second tab left as it was follows the first.
    assert 'value="Salle B"' in answer.content.decode()
    space.post(path, late | {"venue": "Salle B", "start": start_of(answer)})
    values = {one.name: one.proposed for one in asked.fields.all()}
    assert (values["title_fr"], values["venue"]) == ("Titre tardif", "Salle B")


def test_what_was_decided_meanwhile_is_said(space, organization):
    post(space, address_of("event-new", organization), typed(organization))
    asked = EventProposal.objects.get()
    path = address_of("event-asked", organization, proposal=asked.pk)
    late = typed(organization, title_fr="Titre tardif") | {"start": start_of(space.get(path))}
    happening.refuse(
        proposal=asked, note="Trop tôt.", version=asked.version, by=make_user(Role.PERMANENCE)
    )
    answer = space.post(path, late)
    assert answer.status_code == 409
    assert "The staff decided it" in text_of(answer)
    assert "Titre tardif" in answer.content.decode()


# One that is public


@pytest.fixture
def event(organization):
    return EventFactory(
        title_fr="Soirée sur l’eau", by=[organization], posted_for=organization, town="Rimouski"
    )


def values_of(event):
    return happening.read(Event.objects.for_values().get(pk=event.pk))


def form_of(space, path):
    """What a browser would send of the form as it is shown, found in its HTML."""

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.data, self.area, self.select, self.inside = {}, None, None, False

        def put(self, name, value):
            self.data.setdefault(name, []).append(value)

        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            name = attrs.get("name")
            if tag == "form":
                self.inside = attrs.get("id") == "event-form"
            if not self.inside:
                return
            if tag == "input" and name and attrs.get("type") != "file":
                is_box = attrs.get("type") in ("checkbox", "radio")
                if not is_box or "checked" in attrs:
                    self.put(name, attrs.get("value", ""))
            elif tag == "textarea":
                self.area = name
                self.put(name, "")
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in attrs:
                self.put(self.select, attrs["value"])

        def handle_data(self, text):
            if self.area:
                self.data[self.area][-1] += text

        def handle_endtag(self, tag):
            if tag == "textarea":
                self.data[self.area][-1] = self.data[self.area][-1].removeprefix("\n")
                self.area = None

    reader = Reader()
    reader.feed(space.get(path).content.decode())
    reader.data.pop("csrfmiddlewaretoken", None)
    return reader.data


def test_form_left_as_it_is_sends_nothing(space, organization, event):
    path = address_of("event-edit", organization, event=event.pk)
    answer = space.post(path, form_of(space, path) | {"send": "1"}, follow=True)
    assert "Nothing was left to send" in text_of(answer)
    assert not EventProposal.objects.exists()
    assert not PublishedChange.objects.exists()


def test_free_field_is_live_at_once_and_the_rest_waits(space, organization, event):
    path = address_of("event-edit", organization, event=event.pk)
    data = form_of(space, path) | {
        "registration_url": "https://eau.example/inscription",
        "title_fr": "Soirée film",
        "send": "1",
    }
    answer = space.post(path, data, follow=True)
    assert "On the public page now: registration at" in text_of(answer)
    event.refresh_from_db()
    assert event.registration_url == "https://eau.example/inscription"
    assert event.title_fr == "Soirée sur l’eau"
    asked = EventProposal.objects.get()
    assert (asked.event, asked.is_new) == (event, False)
    assert [one.name for one in asked.fields.all()] == ["title_fr"]
    change = PublishedChange.objects.get()
    assert (change.event, change.before) == (event, {"registration_url": ""})
    accept(asked)
    event.refresh_from_db()
    assert event.title_fr == "Soirée film"


def test_date_that_moves_keeps_its_name_in_calendars(space, organization, event):
    date, sequence = event.dates.get(), event.sequence
    path = address_of("event-edit", organization, event=event.pk)
    data = form_of(space, path)
    space.post(path, data | {"when_start_time": ["18:00"], "send": "1"})
    accept(EventProposal.objects.get())
    moved = event.dates.get()
    assert moved.uid == date.uid
    assert moved.starts.hour == 18
    event.refresh_from_db()
    assert event.sequence > sequence


def test_what_the_staff_changed_meanwhile_is_not_written_over(organization, event, ana):
    start = values_of(event)
    Event.objects.filter(pk=event.pk).update(title_fr="Titre des permanents")
    with pytest.raises(ChangedMeanwhile) as moved:
        happening.send(
            organization=organization,
            event=event,
            values=start | {"title_fr": "Mon titre"},
            start=start,
            by=ana,
        )
    assert moved.value.names == ["title_fr"]


def test_same_event_on_another_date(space, organization, event):
    path = address_of("event-new", organization) + f"?like={event.pk}"
    opened = space.get(path)
    assert "Soirée sur l’eau" in opened.content.decode()
    data = form_of(space, path)
    assert set(data["when_start_day"]) == {""}
    data |= {"when_start_day": [DAY], "when_start_time": ["19:00"], "send": "1"}
    space.post(path.split("?")[0], data)
    asked = EventProposal.objects.get()
    assert asked.is_new
    assert asked.title == "Soirée sur l’eau"


# Whether it is held


def test_event_is_cancelled_at_once_and_the_staff_put_it_back(space, organization, event):
    keeper = make_user(Role.COMMUNICATIONS)
    path = address_of("event-standing", organization, event=event.pk)
    sequence = event.sequence
    answer = space.post(
        path,
        {
            "start": start_of(space.get(path)),
            "status": "cancelled",
            "status_note_fr": "La salle est fermée.",
            "status_note_en": "",
        },
        follow=True,
    )
    assert "says that it is cancelled" in text_of(answer)
    event.refresh_from_db()
    assert (event.status, event.status_note_fr) == ("cancelled", "La salle est fermée.")
    assert event.sequence > sequence
    assert event.dates.count() == 1
    mail = SentMail.objects.get(kind="event_published_to_staff")
    assert mail.to == keeper.email
    happening.put_back(PublishedChange.objects.get(), by=keeper)
    event.refresh_from_db()
    assert event.status == "scheduled"
    assert SentMail.objects.filter(kind="event_put_back").exists()


def test_one_date_of_several_is_cancelled(space, organization, event):
    first = event.dates.get()
    later = first.starts_at + datetime.timedelta(days=7)
    second = event.dates.create(starts_at=later, ends_at=later + datetime.timedelta(hours=1))
    path = address_of("event-standing", organization, event=event.pk)
    key = f"{second.starts:%Y-%m-%dT%H:%M}"
    space.post(
        path, {"start": start_of(space.get(path)), "status": "scheduled", "cancelled": [key]}
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_cancelled, second.is_cancelled) == (False, True)
    # What is changed elsewhere leaves it cancelled.
    edit = address_of("event-edit", organization, event=event.pk)
    space.post(edit, form_of(space, edit) | {"venue": "Salle B", "send": "1"})
    assert [one.name for one in EventProposal.objects.get().fields.all()] == ["venue"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"status": "gone"}, "Choose whether it is held"),
        ({"status": "cancelled", "status_note_fr": "x" * 301}, "300 characters at most"),
        ({"status": "cancelled", "status_note_en": "Closed."}, "Say it in French too"),
    ],
)
def test_standing_that_cannot_be_is_said(space, organization, event, data, words):
    path = address_of("event-standing", organization, event=event.pk)
    answer = space.post(path, {"start": start_of(space.get(path))} | data)
    assert answer.status_code == 422
    assert words in text_of(answer)
    event.refresh_from_db()
    assert event.status == "scheduled"


# Whose it is


def test_event_of_another_organization_is_not_there(space, organization):
    other = OrganizationFactory()
    theirs = EventFactory(by=[other, organization], posted_for=other)
    colleague = RepresentativeFactory(organization=other).user
    asked = EventProposal.objects.create(organization=other, proposed_by=colleague)
    for name, arguments in [
        ("event-edit", {"event": theirs.pk}),
        ("event-standing", {"event": theirs.pk}),
        ("event-proposal", {"proposal": asked.pk}),
        ("event-asked", {"proposal": asked.pk}),
        ("event-withdraw", {"proposal": asked.pk}),
    ]:
        path = address_of(name, organization, **arguments)
        assert space.post(path).status_code in (404, 405), name
        assert space.get(path).status_code in (404, 405), name
    asked.refresh_from_db()
    assert asked.is_waiting
    # Held together, it is in the list, and kept by the other.
    assert "Kept by" in text_of(space.get(address_of("events", organization)))
    again = space.get(address_of("event-new", organization) + f"?again={asked.pk}")
    assert again.status_code == 200


def test_representatives_of_another_organization_find_nothing(client, organization, event):
    client.force_login(RepresentativeFactory().user)
    for name, arguments in [
        ("events", {}),
        ("event-new", {}),
        ("event-edit", {"event": event.pk}),
        ("event-standing", {"event": event.pk}),
    ]:
        assert client.get(address_of(name, organization, **arguments)).status_code == 404


# How much is asked


def test_pages_ask_little_however_many_events(
    space, organization, event, django_assert_max_num_queries
):
    for _number in range(12):
        EventFactory(by=[organization], posted_for=organization)
    EventFactory(by=[organization], days=-30)
    post(space, address_of("event-new", organization), typed(organization))
    asked = EventProposal.objects.get()
    edit = address_of("event-edit", organization, event=event.pk)
    space.post(edit, form_of(space, edit) | {"venue": "Salle B", "send": "1"})
    for name, arguments in [
        ("events", {}),
        ("event-new", {}),
        ("event-edit", {"event": event.pk}),
        ("event-asked", {"proposal": asked.pk}),
        ("event-standing", {"event": event.pk}),
        ("event-proposal", {"proposal": asked.pk}),
    ]:
        path = address_of(name, organization, **arguments)
        space.get(path)
        with django_assert_max_num_queries(10):
            assert space.get(path).status_code == 200
    assert Organization.objects.count() < 30


# The picture


def picture(size=(800, 400)):
    file = io.BytesIO()
    Image.new("RGB", size, (0, 90, 80)).save(file, "PNG")
    return SimpleUploadedFile("salle.png", file.getvalue(), "image/png")


@pytest.fixture
def files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }


def test_picture_is_kept_on_an_error_and_follows_the_event(space, organization, files):
    path = address_of("event-new", organization)
    data = typed(organization, title_fr="", picture_file=picture(), picture_alt_fr="La salle")
    answer = post(space, path, data)
    assert answer.status_code == 422
    kept = Picture.objects.get()
    assert f'name="picture" value="{kept.pk}"' in answer.content.decode()
    shown = address_of("event-picture", organization, picture=kept.pk, width=384)
    assert b"".join(space.get(shown).streaming_content).startswith(b"RIFF")
    post(space, path, typed(organization, picture=kept.pk, picture_alt_fr="La grande salle"))
    event = accept(EventProposal.objects.get())
    assert event.picture.alt_fr == "La grande salle"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png"), "a.png"),
        (picture((40, 40)), "too small"),
    ],
)
def test_image_that_cannot_be_shown_is_refused(space, organization, files, file, words):
    file.seek(0)
    path = address_of("event-new", organization)
    answer = post(space, path, typed(organization, picture_file=file, picture_alt_fr="Une image"))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Salle A" in answer.content.decode()
    assert not EventProposal.objects.exists()


def test_picture_needs_words(space, organization, files):
    path = address_of("event-new", organization)
    answer = post(space, path, typed(organization, picture_file=picture()))
    assert "Say in French what the picture shows" in text_of(answer)


def test_picture_of_somebody_else_is_not_there(space, organization, files):
    theirs = Picture.keep(logos.check(picture()), alt_fr="Secret", by=RepresentativeFactory().user)
    path = address_of("event-new", organization)
    answer = post(space, path, typed(organization, picture=theirs.pk, picture_alt_fr="Secret"))
    assert answer.status_code == 422
    shown = address_of("event-picture", organization, picture=theirs.pk, width=384)
    assert space.get(shown).status_code == 404
    assert not EventProposal.objects.exists()


def test_picture_that_serves_nothing_is_forgotten(space, organization, files):
    path = address_of("event-new", organization)
    post(space, path, typed(organization, picture_file=picture(), picture_alt_fr="La salle"))
    asked = EventProposal.objects.get().fields.get(name="picture").picture
    left = Picture.keep(logos.check(picture()), alt_fr="Laissée")
    long_ago = timezone.now() - datetime.timedelta(days=61)
    Picture.objects.update(added_at=long_ago)
    new = Picture.keep(logos.check(picture()), alt_fr="Nouvelle")
    call_command("forget_drafts", verbosity=0)
    assert {one.pk for one in Picture.objects.all()} == {asked.pk, new.pk}
    assert left.pk not in (asked.pk, new.pk)
