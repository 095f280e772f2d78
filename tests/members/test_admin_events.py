"""Staff keep events: the list, the page with its dates, publishing, the picture, the preview."""

import datetime
import io
import zoneinfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from members.models import Event, Picture
from members.permissions import Role
from regions.models import Municipality
from tests.factories import AllianceFactory, EventFactory, OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/members/event/"
ADD = f"{LIST}add/"
YEAR = timezone.localdate().year + 1
ATLANTIC = zoneinfo.ZoneInfo("America/Halifax")


@pytest.fixture(autouse=True)
def somewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.COMMUNICATIONS))
    return client


def form_of(answer):
    """What a browser sends of the page as it is shown."""
    data = {}
    form = answer.context["adminform"].form
    formsets = [inline.formset for inline in answer.context["inline_admin_formsets"]]
    data["_seen"] = answer.context.get("seen") or ""
    for one in [form, *(f.management_form for f in formsets), *(g for f in formsets for g in f)]:
        for name in one.fields:
            field = one[name]
            value = field.field.prepare_value(field.value())
            if value is None or value is False or name == "picture_file":
                continue
            if isinstance(value, datetime.datetime):
                value = f"{value:%Y-%m-%dT%H:%M}"
            data[field.html_name] = "on" if value is True else value
    return data


def page(event):
    return reverse("admin:members_event_change", args=[event.pk])


def dates(*rows):
    """What a browser sends of dates that are added."""
    data = {
        "dates-TOTAL_FORMS": str(len(rows)),
        "dates-INITIAL_FORMS": "0",
        "dates-MIN_NUM_FORMS": "0",
        "dates-MAX_NUM_FORMS": "1000",
    }
    for place, (start, end) in enumerate(rows):
        data |= {f"dates-{place}-starts_at": start, f"dates-{place}-ends_at": end}
    return data


def typed(**changed):
    return {
        "title_fr": "Soirée",
        "zone": "America/Toronto",
        "status": "scheduled",
        "audience": "all",
        "is_free": "on",
        "is_shown": "on",
        **dates((f"{YEAR}-06-10T19:00", f"{YEAR}-06-10T21:00")),
    } | changed


def test_event_is_added_and_is_public(office):
    organization = OrganizationFactory()
    office.post(ADD, typed(organizations=[organization.pk], languages=["fr", "es"]))
    event = Event.objects.get()
    assert event.is_public
    assert event.posted_for is None
    assert event.languages == ["fr", "es"]
    assert event.dates.get().starts.hour == 19


def test_event_that_is_prepared_is_not_public_and_needs_no_date(office):
    data = typed(**dates())
    data.pop("is_shown")
    office.post(ADD, data)
    assert not Event.objects.get().is_public


def test_public_event_needs_a_date(office):
    answer = office.post(ADD, typed(**dates()))
    assert answer.status_code == 200
    assert not Event.objects.exists()


def test_dates_are_told_in_the_zone_of_the_event(office):
    town = Municipality.objects.get(name="Les Îles-de-la-Madeleine")
    refused = office.post(ADD, typed(municipality=town.pk))
    assert "zone" in refused.context["adminform"].form.errors
    office.post(ADD, typed(municipality=town.pk, zone="America/Halifax"))
    date = Event.objects.get().dates.get()
    assert date.starts_at == datetime.datetime(YEAR, 6, 10, 19, tzinfo=ATLANTIC)


def test_whole_days_end_with_the_last_one(office):
    rows = dates((f"{YEAR}-06-10T00:00", f"{YEAR}-06-12T00:00"))
    office.post(ADD, typed(all_day="on", **rows))
    event = Event.objects.get()
    date = event.dates.get()
    assert (date.first_day.day, date.last_day.day) == (10, 12)
    opened = office.get(page(event))
    sequence = event.sequence
    office.post(page(event), form_of(opened))
    event.refresh_from_db()
    assert event.sequence == sequence
    assert event.dates.get().last_day.day == 12


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-03-14T02:30", ""),
        ("2027-02-29T10:00", ""),
        (f"{YEAR}-06-10T19:00", f"{YEAR}-06-10T18:00"),
        (f"{YEAR}-06-10T19:00", f"{YEAR + 2}-06-10T18:00"),
    ],
)
def test_date_that_cannot_be_is_refused(office, start, end):
    answer = office.post(ADD, typed(**dates((start, end))))
    assert answer.status_code == 200
    (formset,) = [inline.formset for inline in answer.context["inline_admin_formsets"]]
    assert formset.errors[0]
    assert not Event.objects.exists()


def test_page_saved_as_it_was_changes_nothing(office):
    event = EventFactory(
        by=[OrganizationFactory()], town="Rimouski", themes=["sante"], languages=["fr"]
    )
    event.refresh_from_db()
    before = (event.sequence, event.updated_at, event.published_at)
    office.post(page(event), form_of(office.get(page(event))))
    event.refresh_from_db()
    assert (event.sequence, event.updated_at, event.published_at) == before


def test_event_is_hidden_and_shown_again(office):
    event = EventFactory(by=[OrganizationFactory()])
    data = form_of(office.get(page(event)))
    data.pop("is_shown")
    office.post(page(event), data)
    event.refresh_from_db()
    assert not event.is_public


def test_events_with_a_date_are_published_together(office):
    ready = EventFactory(published_at=None)
    without = EventFactory(published_at=None, dates=False)
    data = {"action": "publish", "_selected_action": [ready.pk, without.pk]}
    office.post(LIST, data)
    office.post(
        LIST,
        {"action": "publish", "step": "do", "chosen": f"{ready.pk},{without.pk}"}
        | {"_selected_action": [ready.pk]},
    )
    ready.refresh_from_db()
    without.refresh_from_db()
    assert (ready.is_public, without.is_public) == (True, False)


def test_list_shows_what_comes_and_finds_past_ones(office):
    soon, later = EventFactory(days=3), EventFactory(days=30)
    past = EventFactory(days=-3)
    assert list(office.get(LIST).context["cl"].result_list) == [soon, later]
    assert list(office.get(f"{LIST}?when=past").context["cl"].result_list) == [past]


def test_list_is_searched_without_accents_by_title_place_and_holder(office):
    organization = OrganizationFactory(name_fr="Fédération vive (fictif)")
    event = EventFactory(title_fr="Soirée d’été", by=[organization], town="Trois-Rivières")
    EventFactory()
    for words in ("soiree ete", "trois rivieres", "federation", "été fédération"):
        found = office.get(LIST, {"q": words}).context["cl"].result_list
        assert list(found) == [event], words
    assert not office.get(LIST, {"q": "soiree quebec"}).context["cl"].result_list


def test_picture_is_kept_said_otherwise_and_removed(office):
    event = EventFactory(by=[OrganizationFactory()])
    file = io.BytesIO()
    Image.new("RGB", (800, 400), (0, 90, 80)).save(file, "PNG")
    data = form_of(office.get(page(event)))
    image = SimpleUploadedFile("salle.png", file.getvalue(), "image/png")
    answer = office.post(page(event), data | {"picture_file": image})
    assert "picture_alt_fr" in answer.context["adminform"].form.errors
    image.seek(0)
    office.post(page(event), data | {"picture_file": image, "picture_alt_fr": "La salle"})
    event.refresh_from_db()
    assert event.picture.alt_fr == "La salle"
    data = form_of(office.get(page(event)))
    office.post(page(event), data | {"picture_alt_fr": "La grande salle"})
    event.refresh_from_db()
    assert event.picture.alt_fr == "La grande salle"
    data = form_of(office.get(page(event)))
    office.post(page(event), data | {"picture_goes": "on"})
    event.refresh_from_db()
    assert event.picture is None
    assert Picture.objects.exists()


def test_image_that_is_none_is_refused(office):
    event = EventFactory(by=[OrganizationFactory()])
    data = form_of(office.get(page(event)))
    image = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png")
    answer = office.post(page(event), data | {"picture_file": image, "picture_alt_fr": "Une image"})
    assert "picture_file" in answer.context["adminform"].form.errors


def test_preview_shows_what_is_not_public_yet(office):
    event = EventFactory(published_at=None, text_fr="Un **débat**.", text_en="A **debate**.")
    path = reverse("admin:members_event_preview", args=[event.pk])
    assert "<strong>débat</strong>" in office.get(path).content.decode()
    assert office.get("/admin/members/event/999999/apercu/").status_code == 404


def test_pages_ask_little(office, django_assert_max_num_queries):
    for _number in range(8):
        event = EventFactory(by=[OrganizationFactory()], town="Rimouski", themes=["sante"])
        event.alliances.add(AllianceFactory())
    for path in (LIST, page(event), reverse("admin:members_event_preview", args=[event.pk])):
        office.get(path)
        with django_assert_max_num_queries(12):
            assert office.get(path).status_code == 200


def test_form_that_comes_back_empty_is_shown_again(office):
    event = EventFactory(by=[OrganizationFactory()])
    assert office.post(page(event), {}).status_code == 200
