"""How representatives bring their own profile up to date: the form, step by step; what is sent."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from members import profile
from members.models import (
    Membership,
    Organization,
    ProfileDraft,
    ProfileProposal,
    PublishedChange,
    Theme,
    User,
)
from members.permissions import Role
from members.profile import Choice
from tests.browsing import form_sent
from tests.factories import OrganizationFactory, RepresentativeFactory, make_user
from tests.members.spacing import fill, now, opened, send, send_url, step_url

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def site_url(settings):
    """Where the links of mails lead."""
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        town="Sherbrooke",
        email="bonjour@eau.example",
        phone="+15145550123",
        summary_fr="De l’eau.",
        mission_fr="De l’eau pour le monde.",
        themes=["eau-assainissement"],
        countries=["HT", "SN"],
        other_names=["Source vive"],
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


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


def decide(proposal, by, **choices):
    proposal.refresh_from_db()
    return profile.decide(
        proposal=proposal,
        choices=choices,
        shown=now(proposal.organization),
        version=proposal.version,
        by=by,
    )


# The journey


@pytest.mark.parametrize("step", profile.STEPS)
def test_step_that_is_only_looked_at_begins_no_draft(desk, organization, step):
    answer = fill(desk, organization, step)
    assert answer.status_code == 302
    assert not ProfileDraft.objects.exists()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_steps_follow_each_other_to_the_page_that_sends(desk, organization, language):
    url = reverse("space:editing", args=[organization.slug])
    url = url if language == "fr" else "/en/my-organization/eau-vive-fictif/edit/"
    seen = []
    answer = desk.get(url)
    while answer.status_code == 302:
        seen.append(answer.url)
        sent = form_sent(desk.get(answer.url), "profile-form")
        answer = desk.post(answer.url, sent | {"next": ["1"]})
        if answer.url.rsplit("/", 2)[1] in ("envoyer", "send"):
            break
    assert len(seen) == len(profile.STEPS)
    expected = "lieu-et-contact" if language == "fr" else "place-and-contact"
    assert seen[2].endswith(f"/{expected}/")
    assert b"send-form" not in desk.get(answer.url).content


def test_phone_is_live_and_the_mission_waits(desk, organization, ana):
    fill(desk, organization, "presentation", mission_fr="De l’eau pour toutes.")
    fill(desk, organization, "contact", phone="819 555-0199")
    assert now(organization)["phone"] == "+15145550123"
    page = desk.get(send_url(organization)).content.decode()
    assert page.index("free-title") < page.index("819") < page.index("reviewed-title")
    answer = send(desk, organization, message="C’est voté.")
    assert now(organization)["phone"] == "+18195550199"
    assert now(organization)["mission_fr"] == "De l’eau pour le monde."
    proposal = ProfileProposal.objects.get()
    assert (proposal.message, proposal.proposed_by) == ("C’est voté.", ana)
    assert [one.name for one in proposal.fields.all()] == ["mission_fr"]
    assert not ProfileDraft.objects.exists()
    assert answer.redirect_chain[-1][0] == reverse(
        "space:proposal", args=[organization.slug, proposal.pk]
    )
    told = [str(message) for message in answer.context["messages"]]
    assert any("téléphone" in one for one in told)
    assert any("mission" in one for one in told)


def test_every_kind_of_field_is_sent(desk, organization):
    themes = list(Theme.objects.order_by("pk").values_list("pk", flat=True)[:2])
    fill(
        desk,
        organization,
        "identity",
        name_en="Living water (fictional)",
        acronym="EAU",
        founded_year="1987",
        other_names_kind=["former", "working"],
        other_names_text=["Source vive", "L’Eau"],
        identifiers_kind=["neq", ""],
        identifiers_text=["11 8144 0711", ""],
    )
    fill(desk, organization, "themes", themes=[str(key) for key in themes], countries=["ML"])
    fill(
        desk,
        organization,
        "contact",
        municipality="",
        postal_code="j1h 1a1",
        active_regions=["06"],
        website="eau.example",
        email="",
        social_links_kind=["facebook"],
        social_links_text=["facebook.example/eau"],
    )
    send(desk, organization)
    live = now(organization)
    assert live["website"] == "https://eau.example"
    assert live["social_links"] == [["facebook", "https://facebook.example/eau"]]
    assert live["email"] == ""
    asked = {one.name: one.proposed for one in ProfileProposal.objects.get().fields.all()}
    assert asked == {
        "name_en": "Living water (fictional)",
        "acronym": "EAU",
        "founded_year": 1987,
        "other_names": [["former", "Source vive"], ["working", "L’Eau"]],
        "identifiers": [["neq", "1181440711"]],
        "municipality": None,
        "postal_code": "J1H1A1",
        "active_regions": ["06"],
        "themes": themes,
        "countries": ["ML"],
    }


def test_lines_are_added_without_a_script(desk, organization):
    before = opened(desk, organization, "identity")["other_names_text"]
    answer = fill(desk, organization, "identity", then="add=other_names", acronym="EAU")
    after = form_sent(desk.get(answer.url.split("#")[0]), "profile-form")
    assert len(after["other_names_text"]) == len(before) + 2
    assert after["acronym"] == ["EAU"]


@pytest.mark.parametrize(
    ("step", "typed", "wrong"),
    [
        ("identity", {"name_fr": ""}, "name_fr"),
        ("identity", {"founded_year": "3000"}, "founded_year"),
        ("identity", {"founded_year": "jadis"}, "founded_year"),
        ("identity", {"identifiers_kind": ["neq"], "identifiers_text": ["12"]}, "identifiers"),
        ("identity", {"identifiers_kind": [""], "identifiers_text": ["12"]}, "identifiers"),
        (
            "identity",
            {"other_names_kind": ["former"] * 2, "other_names_text": ["A", "A "]},
            "other_names",
        ),
        ("presentation", {"summary_en": "x" * 401}, "summary_en"),
        ("presentation", {"mission_fr": "", "mission_en": "Water."}, "mission_fr"),
        ("presentation", {"mission_en": "De l’eau pour le monde."}, "mission_en"),
        ("contact", {"email": "bonjour"}, "email"),
        ("contact", {"website": "javascript:alert(1)"}, "website"),
        ("contact", {"website": "ftp://eau.example"}, "website"),
        ("contact", {"phone": "12"}, "phone"),
        ("contact", {"phone": "514 555-0123 x 12"}, "phone"),
        ("contact", {"phone": "", "phone_extension": "12"}, "phone_extension"),
        ("contact", {"phone_extension": "douze"}, "phone_extension"),
        ("contact", {"postal_code": "12345"}, "postal_code"),
        ("contact", {"municipality": "999999"}, "municipality"),
        ("contact", {"active_regions": ["99"]}, "active_regions"),
        (
            "contact",
            {
                "social_links_kind": ["facebook", "facebook"],
                "social_links_text": ["https://a.example", "https://b.example"],
            },
            "social_links",
        ),
        (
            "contact",
            {"social_links_kind": ["x"], "social_links_text": ["javascript:alert(1)"]},
            "social_links",
        ),
        ("themes", {"themes": ["0"]}, "themes"),
        ("themes", {"countries": ["<b>"]}, "countries"),
        ("logo", {"logo": "999999"}, "logo"),
    ],
)
def test_what_is_wrong_is_told_kept_and_not_sent(desk, organization, step, typed, wrong):
    answer = fill(desk, organization, step, then="next", **typed)
    assert answer.status_code == 422
    assert f'href="#id_{wrong}"' in answer.content.decode()
    # Kept as it was typed, and told again where it is sent.
    key, text = next(iter(typed.items()))
    kept = opened(desk, organization, step)
    if step not in ("themes", "logo") and key not in ("municipality", "active_regions"):
        assert set([text] if isinstance(text, str) else text) <= set(kept[key])
    page = desk.get(send_url(organization))
    assert f"#id_{wrong}" in page.content.decode()
    draft = ProfileDraft.objects.get()
    answer = desk.post(send_url(organization), {"version": draft.version, "message": ""})
    assert answer.status_code == 422
    assert not PublishedChange.objects.exists()
    assert not ProfileProposal.objects.exists()


def test_english_alone_that_was_there_before_stops_nobody(desk, organization):
    Organization.objects.filter(pk=organization.pk).update(mission_fr="", mission_en="Water.")
    answer = fill(desk, organization, "presentation", then="next", summary_fr="De l’eau claire.")
    assert answer.status_code == 302


def test_sent_twice_is_sent_once(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    sent = form_sent(desk.get(send_url(organization)), "send-form")
    send(desk, organization, sent=sent)
    answer = send(desk, organization, sent=sent)
    assert "Déjà envoyé" in answer.content.decode()
    assert ProfileProposal.objects.count() == 1
    assert ProfileProposal.objects.get().version == 2


def test_draft_that_changed_since_it_was_read_again_is_not_sent(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    sent = form_sent(desk.get(send_url(organization)), "send-form")
    fill(desk, organization, "identity", acronym="EAUX")
    answer = send(desk, organization, sent=sent, message="Un mot.")
    assert answer.status_code == 409
    assert "Un mot." in answer.content.decode()
    assert not ProfileProposal.objects.exists()


def test_too_many_words_to_the_staff_are_kept_on_the_page(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    answer = send(desk, organization, message="m" * 1001)
    assert answer.status_code == 422
    assert "m" * 1001 in answer.content.decode()
    assert not ProfileProposal.objects.exists()


def test_public_page_that_moved_is_shown_three_ways(desk, organization):
    fill(desk, organization, "presentation", summary_fr="De l’eau claire.")
    Organization.objects.filter(pk=organization.pk).update(summary_fr="De l’eau pure.")
    page = desk.get(send_url(organization)).content.decode()
    for text in ("De l’eau.", "De l’eau pure.", "De l’eau claire."):
        assert f"<dd>{text}</dd>" in page
    answer = send(desk, organization)
    assert answer.status_code == 422
    assert not ProfileProposal.objects.exists()
    send(desk, organization, keep_summary_fr="mine")
    field = ProfileProposal.objects.get().fields.get()
    assert (field.seen, field.proposed) == ("De l’eau pure.", "De l’eau claire.")


def test_public_text_may_be_kept_instead(desk, organization):
    fill(desk, organization, "presentation", summary_fr="De l’eau claire.")
    fill(desk, organization, "identity", acronym="EAU")
    Organization.objects.filter(pk=organization.pk).update(summary_fr="De l’eau pure.")
    send(desk, organization, keep_summary_fr="public")
    assert [one.name for one in ProfileProposal.objects.get().fields.all()] == ["acronym"]


def test_public_page_that_moves_while_it_is_read_again_sends_nothing(desk, organization):
    fill(desk, organization, "contact", email="ana@eau.example")
    sent = form_sent(desk.get(send_url(organization)), "send-form")
    Organization.objects.filter(pk=organization.pk).update(email="autre@eau.example")
    answer = send(desk, organization, sent=sent | {"keep_email": ["mine"]})
    assert answer.status_code == 409
    assert now(organization)["email"] == "autre@eau.example"
    send(desk, organization, keep_email="mine")
    assert now(organization)["email"] == "ana@eau.example"


def test_what_was_seen_cannot_be_made_up(desk, organization):
    fill(desk, organization, "contact", email="ana@eau.example")
    sent = form_sent(desk.get(send_url(organization)), "send-form")
    answer = send(desk, organization, sent=sent | {"seen": ["eyJ2YWx1ZXMiOnt9fQ"]})
    assert answer.status_code == 409
    assert now(organization)["email"] == "bonjour@eau.example"


def test_what_waits_is_amended(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    send(desk, organization)
    assert opened(desk, organization, "identity")["acronym"] == ["EAU"]
    fill(desk, organization, "identity", acronym="EAUX")
    send(desk, organization)
    assert ProfileProposal.objects.get().fields.get().proposed == "EAUX"


def test_what_is_put_back_is_no_longer_asked_for(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    send(desk, organization)
    fill(desk, organization, "identity", acronym="EV")
    assert "back-title" in desk.get(send_url(organization)).content.decode()
    send(desk, organization)
    assert ProfileProposal.objects.get().state == "withdrawn"


def test_what_a_colleague_asked_for_meanwhile_is_told(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    luc = User.objects.create_user("luc@eau.example", first_name="Luc")
    live = now(organization)
    profile.send(
        organization=organization, values=live | {"acronym": "LUC"}, start=live, shown=live, by=luc
    )
    page = desk.get(send_url(organization)).content.decode()
    assert "Luc" in page
    assert "LUC" in page


# Proposals


def test_proposal_is_withdrawn_and_taken_up_again(desk, organization):
    fill(desk, organization, "identity", acronym="EAU")
    send(desk, organization)
    proposal = ProfileProposal.objects.get()
    withdraw = reverse("space:withdraw", args=[organization.slug, proposal.pk])
    for _time in range(2):
        assert desk.post(withdraw, follow=True).status_code == 200
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"
    answer = desk.post(reverse("space:take-up", args=[organization.slug, proposal.pk]))
    assert answer.url == step_url(organization, "identity") + "#id_acronym"
    assert opened(desk, organization, "identity")["acronym"] == ["EAU"]


def test_refused_text_is_taken_up_again(desk, organization, keeper):
    fill(desk, organization, "presentation", summary_fr="Claire.", mission_fr="Longue.")
    send(desk, organization)
    proposal = ProfileProposal.objects.get()
    note = "Trop court."
    decide(
        proposal,
        keeper,
        summary_fr=Choice(accepts=False, note=note),
        mission_fr=Choice(accepts=True, edits=True, value="Moins longue."),
    )
    state = desk.get(reverse("space:state", args=[organization.slug])).content.decode()
    assert note in state
    page = desk.get(reverse("space:proposal", args=[organization.slug, proposal.pk]))
    assert note in page.content.decode()
    assert "Moins longue." in page.content.decode()
    desk.post(
        reverse("space:take-up", args=[organization.slug, proposal.pk]), {"field": "summary_fr"}
    )
    sent = opened(desk, organization, "presentation")
    assert (sent["summary_fr"], sent["mission_fr"]) == (["Claire."], ["Moins longue."])


def test_what_was_decided_meanwhile_is_not_withdrawn(desk, organization, keeper):
    fill(desk, organization, "identity", acronym="EAU")
    send(desk, organization)
    proposal = ProfileProposal.objects.get()
    decide(proposal, keeper, acronym=Choice(accepts=True))
    answer = desk.post(
        reverse("space:withdraw", args=[organization.slug, proposal.pk]), follow=True
    )
    assert "traitée entre-temps" in answer.content.decode()
    assert now(organization)["acronym"] == "EAU"


def test_draft_outlives_a_decision_made_meanwhile(desk, organization, keeper):
    fill(desk, organization, "identity", acronym="EAU")
    send(desk, organization)
    fill(desk, organization, "identity", acronym="EAUX", name_en="Living water (fictional)")
    proposal = ProfileProposal.objects.get()
    decide(proposal, keeper, acronym=Choice(accepts=True, edits=True, value="EAUV"))
    page = desk.get(send_url(organization)).content.decode()
    assert "EAUV" in page
    send(desk, organization, keep_acronym="mine")
    second = ProfileProposal.objects.waiting().get()
    asked = {one.name: one.proposed for one in second.fields.all()}
    assert asked == {"acronym": "EAUX", "name_en": "Living water (fictional)"}


def test_proposal_of_another_organization_is_not_found(desk, organization, keeper):
    other = OrganizationFactory()
    live = now(other)
    proposal = profile.send(
        organization=other, values=live | {"acronym": "X"}, start=live, shown=live, by=keeper
    ).proposal
    for slug in (organization.slug, other.slug):
        assert desk.get(reverse("space:proposal", args=[slug, proposal.pk])).status_code == 404
        for name in ("withdraw", "take-up"):
            assert desk.post(reverse(f"space:{name}", args=[slug, proposal.pk])).status_code == 404
    proposal.refresh_from_db()
    assert proposal.is_waiting


# Doors


NAMES = ["state", "editing", "send", "discard", "preview"]


@pytest.mark.parametrize("name", NAMES)
def test_others_find_nothing(client, organization, ana, name):
    url = reverse(f"space:{name}", args=[organization.slug])
    assert client.get(url).status_code == 302
    client.force_login(make_user(Role.DIRECTION))
    assert client.get(url).status_code in (404, 302)
    stranger = User.objects.create_user("zoe@example.org")
    RepresentativeFactory(user=stranger, organization=OrganizationFactory())
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    assert client.get(step_url(organization, "identity")).status_code == 404


def test_text_typed_as_the_session_ended_comes_back(client, organization, ana):
    client.force_login(ana)
    sent = opened(client, organization, "presentation")
    client.logout()
    answer = fill(client, organization, "presentation", sent=sent, mission_fr="Longue mission.")
    assert answer.status_code == 302
    assert not ProfileDraft.objects.exists()
    session = client.session
    kept = {key: session[key] for key in ("unsent",)}
    client.force_login(ana)
    session = client.session
    session.update(kept)
    session.save()
    page = client.get(step_url(organization, "presentation"))
    assert "Votre session était terminée" in page.content.decode()
    again = form_sent(page, "profile-form")
    assert again["mission_fr"] == ["Longue mission."]
    fill(client, organization, "presentation", sent=again)
    assert opened(client, organization, "presentation")["mission_fr"] == ["Longue mission."]


def test_text_typed_as_the_access_ended_is_given_back(desk, organization):
    sent = opened(desk, organization, "presentation")
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Membership.objects.filter(organization=organization).update(ended_on=yesterday)
    answer = fill(desk, organization, "presentation", sent=sent, mission_fr="Longue mission.")
    assert answer.status_code == 404
    assert "Longue mission." in answer.content.decode()
    assert not ProfileDraft.objects.exists()


def test_profile_is_confirmed_in_one_click(desk, organization):
    answer = desk.post(reverse("space:confirm", args=[organization.slug]), follow=True)
    organization.refresh_from_db()
    assert organization.last_confirmed_on == timezone.localdate()
    assert answer.status_code == 200


# What is typed is only text


def test_no_text_runs_on_any_page(desk, organization, client):
    texts = {
        "identity": {
            "name_fr": SCRIPT,
            "name_en": SCRIPT + "e",
            "acronym": SCRIPT,
            "other_names_kind": ["former"],
            "other_names_text": [SCRIPT],
        },
        "presentation": {
            f"{name}_{language}": SCRIPT + language
            for name in ("summary", "mission", "volunteering")
            for language in ("fr", "en")
        },
        "contact": {
            "address": SCRIPT,
            "website": "https://eau.example/?" + SCRIPT,
            "social_links_kind": ["x"],
            "social_links_text": ["https://x.example/" + SCRIPT],
        },
    }
    pages = []
    for step, typed in texts.items():
        fill(desk, organization, step, **typed)
        pages.append(desk.get(step_url(organization, step)))
    pages += [
        desk.get(send_url(organization)),
        desk.get(reverse("space:preview", args=[organization.slug])),
    ]
    message = {"message": SCRIPT}
    # The two addresses with a script in them are refused: they are mended.
    fill(
        desk,
        organization,
        "contact",
        website="https://eau.example/",
        social_links_text=["https://x.example/"],
    )
    pages.append(send(desk, organization, **message))
    proposal = ProfileProposal.objects.get()
    decide(
        proposal,
        make_user(Role.PERMANENCE),
        **{
            one.name: Choice(accepts=one.name != "acronym", note=SCRIPT)
            for one in proposal.fields.all()
        },
    )
    organization.refresh_from_db()
    pages += [
        desk.get(reverse("space:proposal", args=[organization.slug, proposal.pk])),
        desk.get(reverse("space:state", args=[organization.slug])),
        desk.get(organization.get_absolute_url()),
        desk.get("/en" + organization.get_absolute_url().replace("organismes", "organizations")),
    ]
    for page in pages:
        assert page.status_code == 200, page
        assert SCRIPT not in page.content.decode()
        assert "alert(1)" in page.content.decode()


def test_sign_that_the_database_refuses_is_left_out(desk, organization):
    fill(desk, organization, "presentation", mission_fr="De\0 l’eau\ud7ff.")
    assert opened(desk, organization, "presentation")["mission_fr"] == ["De l’eau\ud7ff."]


def test_enormous_text_is_not_kept(desk, organization):
    answer = fill(desk, organization, "presentation", mission_fr="x" * 200_000)
    assert answer.status_code == 413
    assert not ProfileDraft.objects.exists()


# Preview


def test_preview_shows_the_draft_in_both_languages(desk, organization):
    fill(desk, organization, "presentation", mission_fr="De l’eau claire.", mission_en="Water.")
    fill(desk, organization, "contact", email="pas une adresse")
    url = reverse("space:preview", args=[organization.slug])
    french, english = desk.get(url), desk.get(url, {"in": "en", "only": ""})
    assert "De l’eau claire." in french.content.decode()
    assert "bonjour@eau.example" in french.content.decode()
    assert "Water." in english.content.decode()
    assert "<html" not in english.content.decode()
    assert "De l’eau claire." not in desk.get(organization.get_absolute_url()).content.decode()


# Queries


@pytest.mark.parametrize("page", ["state", "send", "preview", *profile.STEPS])
def test_pages_ask_few_queries(desk, organization, keeper, page, django_assert_max_num_queries):
    fill(desk, organization, "identity", acronym="EAU", name_en="Living (fictional)")
    send(desk, organization)
    proposal = ProfileProposal.objects.get()
    decide(proposal, keeper, acronym=Choice(accepts=False), name_en=Choice(accepts=False))
    fill(desk, organization, "identity", acronym="EAUX")
    send(desk, organization)
    fill(desk, organization, "themes", countries=["ML"])
    fill(desk, organization, "contact", municipality="")
    for number in range(5):
        user = User.objects.create_user(f"luc{number}@eau.example")
        RepresentativeFactory(user=user, organization=organization)
    name = page if page in ("state", "send", "preview") else "edit"
    url = step_url(organization, page) if name == "edit" else None
    url = url or reverse(f"space:{name}", args=[organization.slug])
    desk.get(url)
    with django_assert_max_num_queries(10):
        assert desk.get(url).status_code == 200
