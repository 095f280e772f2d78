"""Drafts: what is typed is kept, right or wrong, in whichever tab, once."""

import json

import pytest
from django.urls import reverse

from members.models import Organization, ProfileDraft, User
from tests.browsing import form_sent
from tests.factories import OrganizationFactory, RepresentativeFactory
from tests.members.spacing import fill, opened, send_url, step_url

pytestmark = pytest.mark.django_db

STEP = "presentation"


@pytest.fixture
def organization():
    return OrganizationFactory(
        summary_fr="De l’eau.", mission_fr="Un.\n\nDeux.", email="a@b.example"
    )


@pytest.fixture
def ana(organization):
    user = User.objects.create_user("ana@eau.example", first_name="Ana")
    RepresentativeFactory(user=user, organization=organization)
    return user


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def autosave(desk, organization, sent, step=STEP, **typed):
    """What the page’s script sends, and what it is told; `sent` shows then what the server has."""
    sent |= {key: text if isinstance(text, list) else [text] for key, text in typed.items()}
    answer = desk.post(step_url(organization, step), sent, headers={"accept": "application/json"})
    assert answer.status_code == 200
    told = answer.json()
    sent["shown"] = [json.dumps(json.loads(sent["shown"][0]) | told["shown"])]
    return told


def test_draft_keeps_only_what_was_changed(desk, organization):
    fill(desk, organization, STEP, summary_fr="Claire.")
    draft = ProfileDraft.objects.get()
    assert draft.typed == {STEP: {"summary_fr": ["Claire."]}}
    assert draft.seen == draft.start == {"summary_fr": "De l’eau."}


def test_what_nobody_changed_follows_the_public_page(desk, organization):
    fill(desk, organization, STEP, summary_fr="Claire.")
    Organization.objects.filter(pk=organization.pk).update(mission_fr="Trois.")
    assert opened(desk, organization, STEP)["mission_fr"] == ["Trois."]


def test_text_put_back_as_it_was_ends_the_draft(desk, organization):
    fill(desk, organization, STEP, summary_fr="Claire.")
    fill(desk, organization, STEP, summary_fr=" De l’eau. ")
    assert not ProfileDraft.objects.exists()


def test_same_page_sent_twice_is_kept_once(desk, organization):
    sent = opened(desk, organization, STEP)
    for _time in range(2):
        fill(desk, organization, STEP, sent=sent, summary_fr="Claire.")
    draft = ProfileDraft.objects.get()
    assert (draft.version, draft.typed) == (1, {STEP: {"summary_fr": ["Claire."]}})


def test_page_behind_sent_again_undoes_nothing(desk, organization):
    old = opened(desk, organization, STEP)
    fill(desk, organization, STEP, summary_fr="Claire.", mission_fr="Trois.")
    # The back button: the first page, where nothing was typed.
    fill(desk, organization, STEP, sent=old)
    sent = opened(desk, organization, STEP)
    assert (sent["summary_fr"], sent["mission_fr"]) == (["Claire."], ["Trois."])


def test_two_tabs_keep_each_its_own_fields(desk, organization):
    one, two = opened(desk, organization, STEP), opened(desk, organization, STEP)
    fill(desk, organization, STEP, sent=one, summary_fr="Claire.")
    fill(desk, organization, STEP, sent=two, mission_fr="Trois.")
    sent = opened(desk, organization, STEP)
    assert (sent["summary_fr"], sent["mission_fr"]) == (["Claire."], ["Trois."])


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_same_field_in_two_tabs_is_for_its_author_to_choose(desk, organization, choice):
    one, two = opened(desk, organization, STEP), opened(desk, organization, STEP)
    fill(desk, organization, STEP, sent=one, summary_fr="Claire.")
    answer = fill(desk, organization, STEP, sent=two, summary_fr="Pure.", mission_fr="Trois.")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert '<p class="typed">Claire.</p>' in page
    again = form_sent(answer, "profile-form")
    assert again["summary_fr"] == ["Pure."]
    # The other field, which was changed here alone, is kept at once.
    assert opened(desk, organization, STEP)["mission_fr"] == ["Trois."]
    assert opened(desk, organization, STEP)["summary_fr"] == ["Claire."]
    then = "save" if choice == "mine" else "take=summary_fr"
    assert fill(desk, organization, STEP, sent=again, then=then).status_code == 302
    kept = opened(desk, organization, STEP)["summary_fr"]
    assert kept == (["Pure."] if choice == "mine" else ["Claire."])


@pytest.mark.parametrize("name", ["countries", "social_links"])
def test_lists_of_two_tabs_are_for_their_author_to_choose(desk, organization, name):
    step = "themes" if name == "countries" else "contact"
    one, two = opened(desk, organization, step), opened(desk, organization, step)

    def typed(value):
        if name == "countries":
            return {"countries": [value]}
        return {"social_links_kind": ["x"], "social_links_text": [f"https://{value}.example"]}

    fill(desk, organization, step, sent=one, **typed("ML"))
    answer = fill(desk, organization, step, sent=two, **typed("HT"))
    assert answer.status_code == 409
    assert ("Mali" if name == "countries" else "https://ML.example") in answer.content.decode()


def test_autosave_says_when_and_keeps_what_is_wrong(desk, organization):
    sent = opened(desk, organization, "contact")
    told = autosave(desk, organization, sent, "contact", email="pas une adresse")
    assert told["said"].startswith("Brouillon enregistré à ")
    assert opened(desk, organization, "contact")["email"] == ["pas une adresse"]


def test_autosave_goes_on_from_what_it_saved(desk, organization):
    sent = opened(desk, organization, STEP)
    for text in ("C", "Cl", "Claire."):
        told = autosave(desk, organization, sent, summary_fr=text)
        assert not told["conflicts"]
    assert ProfileDraft.objects.get().version == 3
    fill(desk, organization, STEP, sent=sent)
    assert opened(desk, organization, STEP)["summary_fr"] == ["Claire."]


def test_autosave_of_the_same_field_in_two_tabs_writes_over_nothing(desk, organization):
    one, two = opened(desk, organization, STEP), opened(desk, organization, STEP)
    autosave(desk, organization, one, summary_fr="Claire.")
    told = autosave(desk, organization, two, summary_fr="Pure.")
    assert told["conflicts"]
    assert opened(desk, organization, STEP)["summary_fr"] == ["Claire."]
    # It is still told at the next save, and by the button.
    assert autosave(desk, organization, two, mission_fr="Trois.")["conflicts"]
    assert fill(desk, organization, STEP, sent=two).status_code == 409


def test_tab_left_open_after_sending_begins_anew(desk, organization):
    sent = opened(desk, organization, "contact")
    fill(desk, organization, "contact", sent=sent, email="ana@b.example")
    form = form_sent(desk.get(send_url(organization)), "send-form")
    desk.post(send_url(organization), form)
    assert not ProfileDraft.objects.exists()
    fill(desk, organization, "contact", sent=sent, email="ana@b.example")
    assert not ProfileDraft.objects.exists()


def test_draft_is_given_up_once_it_is_meant(desk, organization):
    url = reverse("space:discard", args=[organization.slug])
    fill(desk, organization, STEP, summary_fr="Claire.")
    assert "résumé en français" in desk.get(url).content.decode()
    assert ProfileDraft.objects.exists()
    for _time in range(2):
        assert desk.post(url).status_code == 302
    assert not ProfileDraft.objects.exists()


def test_each_person_has_their_own_draft(desk, organization, client):
    fill(desk, organization, STEP, summary_fr="Claire.")
    luc = User.objects.create_user("luc@eau.example")
    RepresentativeFactory(user=luc, organization=organization)
    client.force_login(luc)
    assert opened(client, organization, STEP)["summary_fr"] == ["De l’eau."]
    fill(client, organization, STEP, summary_fr="Pure.")
    assert ProfileDraft.objects.count() == 2


@pytest.mark.parametrize("shown", ["", "null", "[]", "{", '{"summary_fr": 3}'])
def test_page_that_says_nothing_sensible_loses_nothing(desk, organization, shown):
    sent = opened(desk, organization, STEP) | {"shown": [shown]}
    assert fill(desk, organization, STEP, sent=sent, summary_fr="Claire.").status_code in (302, 409)
