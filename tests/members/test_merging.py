"""Joining two records that are one: nothing is lost, nobody gains anything; and its undoing."""

import datetime
import json

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Event

from members import merging
from members.merging import KEPT, REMOVED, following, merge, undo
from members.models import (
    AccessRequest,
    AdmissionFile,
    AllianceMembership,
    Consent,
    Document,
    Dossier,
    EventProposal,
    FollowUp,
    FormerSlug,
    Identifier,
    Logo,
    Membership,
    MembershipDecision,
    Merge,
    NotDouble,
    Organization,
    OtherName,
    Participation,
    Person,
    Position,
    ProfileDraft,
    ProfileProposal,
    ProposedField,
    PublishedChange,
    Representative,
    SentMail,
    SocialLink,
    Tag,
    User,
)
from members.permissions import Role
from tests.factories import (
    AdmissionFileFactory,
    AllianceFactory,
    EditionFactory,
    EventFactory,
    InteractionFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    RepresentativeFactory,
    StatementFactory,
    invitation_to,
    make_user,
)

pytestmark = pytest.mark.django_db

# Written by the machine, or about the merge itself.
NOT_COMPARED = {"members_merge", "members_directorychange"}
DAY = datetime.date


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }


def dump():
    """All rows of all our tables, without their history and the time of their last change."""
    found = {}
    models = [*apps.get_app_config("members").get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            if issubclass(model, Event) or table in NOT_COMPARED:
                continue
            cursor.execute(f"SELECT to_jsonb(t) - 'updated_at' FROM \"{table}\" t")
            rows = [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor]
            if table.endswith("entry"):
                rows = [in_any_order(row) for row in rows]
            found[table] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    return found


def in_any_order(entry):
    """What a record is found by; the order of several names is the database's."""
    generated = ("haystack", "name_search", "search", "stems")
    return {
        name: sorted(value.split()) if isinstance(value, str) else value
        for name, value in entry.items()
        if name not in generated
    }


def document(**owner):
    return Document.objects.create(
        file=ContentFile(b"%PDF", name="x"),
        name="lettre.pdf",
        content_type="application/pdf",
        size=4,
        digest="0" * 64,
        **owner,
    )


@pytest.fixture
def twins(keeper):
    """Two organizations with something in every relation, alike or not: (kept, removed)."""
    kept = OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EV",
        themes=["education-citoyennete-mondiale"],
        countries=["HT", "SN"],
        other_names=["Eau claire"],
        outside=True,
    )
    removed = OrganizationFactory(
        name_fr="Eaux vives inc. (fictif)",
        name_en="Living Water",
        acronym="E.V.I.",
        town="Montréal",
        phone="+15145550123",
        phone_extension="12",
        mission_fr="De l’eau pour tout le monde.",
        countries=["HT", "ML"],
        other_names=["Eau claire", "Eau bleue"],
        outside=True,
    )
    removed.slug = "eaux-vives"
    removed.save()  # leaves a former address
    removed.active_regions.set(["06", "03"])
    kept.active_regions.set(["06"])
    for organization in (kept, removed):
        organization.tags.add(Tag.objects.get_or_create(name="bailleur")[0])
    removed.tags.add(Tag.objects.create(name="rurale"))

    SentMail.objects.create(kind="invitation", to="ana@example.org", organization=removed)
    Identifier.objects.create(organization=kept, scheme="neq", value="1181440711")
    Identifier.objects.create(organization=removed, scheme="neq", value="1181440722")
    Identifier.objects.create(organization=removed, scheme="charity", value="887802981RR0001")

    first = MembershipFactory(organization=kept, started_on=DAY(2005, 1, 1))
    MembershipFactory(
        organization=kept, started_on=DAY(1990, 1, 1), ended_on=DAY(1995, 1, 1), confirmed=False
    )
    second = MembershipFactory(
        organization=removed, started_on=DAY(2001, 1, 1), category="regular", status="suspended"
    )
    MembershipFactory(organization=removed, started_on=DAY(1980, 1, 1), ended_on=DAY(1982, 1, 1))
    for membership in (first, second):
        MembershipDecision.objects.create(membership=membership, kind="admission")

    coalition, table = AllianceFactory(), AllianceFactory()
    liaison = PersonFactory()
    AllianceMembership.objects.create(alliance=coalition, organization=kept, since_year=2015)
    AllianceMembership.objects.create(
        alliance=coalition,
        organization=removed,
        started_on=DAY(2012, 3, 1),
        role="coordination",
        liaison=liaison,
    )
    AllianceMembership.objects.create(alliance=table, organization=removed)

    ana, luc = PersonFactory(), PersonFactory()
    same = {"person": ana, "title": "Directrice", "started_on": DAY(2020, 1, 1)}
    PositionFactory(organization=kept, **same)
    PositionFactory(organization=removed, **same | {"title": "directrice"})
    PositionFactory(organization=removed, person=luc, ended_on=DAY(2023, 1, 1))
    InteractionFactory(about=[kept, removed], people=[ana])
    call = InteractionFactory(about=[removed])
    Participation.objects.create(
        interaction=call,
        person=ana,
        position=ana.positions.get(organization=removed),
        organization=removed,
        title="directrice",
    )
    dossier = Dossier.objects.create(name="Ombudsman")
    dossier.institutions.add(removed)
    FollowUp.objects.create(what="Rappeler", organization=removed)
    document(organization=removed)
    for organization in (kept, removed):
        proposal = ProfileProposal.objects.create(organization=organization, proposed_by=keeper)
        ProposedField.objects.create(
            proposal=proposal, name="acronym", seen="", proposed="EAU", proposed_by=keeper
        )
        ProfileDraft.objects.create(organization=organization, user=keeper, seen={}, start={})
        SocialLink.objects.create(
            organization=organization,
            network="facebook",
            url=f"https://f.example/{organization.pk}",
        )
    SocialLink.objects.create(organization=removed, network="x", url="https://x.example/eau")
    PublishedChange.objects.create(
        organization=removed,
        before={"email": ""},
        after={"email": "a@b.example"},
        published_by=keeper,
    )
    removed.logo = Logo.objects.create(
        organization=removed, stem="logos/x", sizes=[96], width=96, height=96, alt_fr="Une goutte"
    )
    removed.save()
    for organization in (kept, removed):
        RepresentativeFactory(organization=organization)
        invitation_to(organization, keeper)
        AccessRequest.objects.create(
            organization=organization, name="Léa Fictive", email="lea@example.org"
        )
    EventFactory(by=[kept, removed])
    EventFactory(by=[removed], posted_for=removed)
    EventProposal.objects.create(organization=removed, proposed_by=keeper)
    EditionFactory().organizations.add(kept, removed)
    together, alone = StatementFactory(open=True), StatementFactory(open=True)
    together.sign(kept, by=keeper)
    for statement in (together, alone):
        statement.sign(removed, by=keeper)
    application = AdmissionFileFactory(name_fr="Candidat (fictif)")
    AdmissionFile.objects.filter(pk=application.pk).update(organization=removed)
    stranger = OrganizationFactory()
    NotDouble.objects.create(
        model="members.organization",
        first_id=removed.pk,
        second_id=stranger.pk,
        said_by=keeper,
    )
    return kept, removed


@pytest.fixture
def same_person(keeper):
    """Two people with something in every relation, alike or not: (kept, removed)."""
    kept = PersonFactory(first_name="Ana", last_name="Boucher", notes="Préfère le courriel.")
    removed = PersonFactory(
        first_name="Anna",
        last_name="Boucher",
        personal_email="ana@personnel.example",
        needs="Sans gluten",
        notes="Parle espagnol.",
    )
    tag = Tag.objects.create(name="vip")
    kept.tags.add(tag)
    removed.tags.add(tag, Tag.objects.create(name="traduction"))
    organization = OrganizationFactory()
    PositionFactory(person=kept, organization=organization, kinds=["direction"])
    PositionFactory(person=removed, organization=organization, kinds=["direction"])
    past = PositionFactory(person=removed, organization=organization, ended_on=DAY(2022, 1, 1))
    Consent.objects.create(person=removed, purpose="newsletter", evidence="Formulaire 2")
    together = InteractionFactory()
    Participation.objects.create(interaction=together, person=kept)
    Participation.objects.update(title="", position=None, organization=None)
    Participation.objects.create(
        interaction=together, person=removed, position=past, title="directrice", is_dpoh=True
    )
    InteractionFactory(people=[removed])
    FollowUp.objects.create(what="Écrire", person=removed)
    AllianceMembership.objects.create(
        alliance=AllianceFactory(), organization=organization, liaison=removed
    )
    for person in (kept, removed):
        RepresentativeFactory(organization=organization, user__person=person)
    invitation_to(organization, keeper, person=removed)
    return kept, removed


@pytest.mark.parametrize("pair", ["twins", "same_person"])
@pytest.mark.parametrize("swapped", [False, True])
def test_undone_merge_leaves_everything_as_it_was(request, keeper, pair, swapped):
    kept, removed = request.getfixturevalue(pair)
    if swapped:
        kept, removed = removed, kept
    for field in following.followers(type(removed)):  # the test is about every relation
        there = field.model._base_manager.filter(**{field.name: kept}) | (
            field.model._base_manager.filter(**{field.name: removed})
        )
        assert there.exists(), field
    before = dump()
    record = merge(kept=kept, removed=removed, by=keeper)
    assert not type(removed).objects.filter(pk=removed.pk).exists()
    assert dump() != before
    assert undo(record, by=keeper) == []
    after = dump()
    for table, rows in before.items():
        assert after[table] == rows, table


def test_choices_are_undone_too(twins, keeper):
    kept, removed = twins
    before = dump()
    choices = {unit[0]: REMOVED for unit in merging.units(Organization)}
    record = merge(kept=kept, removed=removed, by=keeper, choices=choices | {"number-neq": REMOVED})
    kept.refresh_from_db()
    assert (kept.name_fr, kept.acronym, kept.phone_extension) == (
        "Eaux vives inc. (fictif)",
        "E.V.I.",
        "12",
    )
    assert kept.identifiers.get(scheme="neq").value == "1181440722"
    assert kept.other_names.filter(name="Eau vive (fictif)", kind="former").exists()
    undo(record, by=keeper)
    assert dump() == before


@pytest.mark.parametrize("model", merging.MERGED)
def test_every_relation_has_a_rule(model):
    """If this fails: decide in `merging.following.RULES` what a merge does with the new relation.

    It must never give anybody access to anything.
    """
    for owner in [model, Membership, Position, Participation, AllianceMembership]:
        for field in following.followers(owner):
            assert following.rule_of(field)


def test_link_to_users_has_no_rule():
    field = next(
        f for f in User.groups.through._meta.fields if f.is_relation and f.related_model is User
    )
    other = next(
        f for f in User.groups.through._meta.fields if f.is_relation and f.related_model is not User
    )
    for end in (field, other):
        with pytest.raises(LookupError):
            following.rule_of(end)


def test_everything_follows_an_organization(twins, keeper):
    kept, removed = twins
    positions = set(removed.positions.values_list("person_id", "ended_on"))
    record = merge(kept=kept, removed=removed, by=keeper)
    kept.refresh_from_db()
    assert kept.name_fr == "Eau vive (fictif)"
    assert kept.mission_fr == "De l’eau pour tout le monde."
    assert (str(kept.phone), kept.phone_extension) == ("+15145550123", "12")
    assert kept.municipality.name == "Montréal"
    assert set(kept.countries.values_list("code", flat=True)) == {"HT", "SN", "ML"}
    assert {tag.name for tag in kept.tags.all()} == {"bailleur", "rurale"}
    assert {(name.kind, name.name) for name in kept.other_names.all()} == {
        ("former", "Eau claire"),
        ("former", "Eau bleue"),
        ("former", "Eaux vives inc. (fictif)"),
        ("acronym", "E.V.I."),
    }
    assert positions <= set(kept.positions.values_list("person_id", "ended_on"))
    assert kept.positions.count() == 2  # two of three said the same
    assert kept.interactions.count() == 2
    assert set(kept.participations.values_list("title", flat=True)) == {"Directrice", "directrice"}
    assert all(p.position_id for p in kept.participations.all())
    assert kept.documents.count() == kept.follow_ups.count() == kept.dossiers.count() == 1
    assert set(kept.identifiers.values_list("value", flat=True)) == {
        "1181440711",
        "887802981RR0001",
    }
    assert "1181440722" in json.dumps(record.done)
    assert {former.slug for former in kept.former_slugs.all()} == {
        "eaux-vives",
        "eaux-vives-inc-fictif",
    }
    assert not NotDouble.objects.exists()


def test_periods_that_overlap_become_one(twins, keeper):
    kept, removed = twins
    merge(kept=kept, removed=removed, by=keeper)
    periods = kept.memberships.order_by("started_on")
    assert [(m.started_on, m.ended_on) for m in periods] == [
        (DAY(1980, 1, 1), DAY(1982, 1, 1)),
        (DAY(1990, 1, 1), DAY(1995, 1, 1)),
        (DAY(2001, 1, 1), None),
    ]
    current = periods.last()
    assert current.decisions.count() == 2
    # A suspension is not lifted by the way.
    assert (current.status, current.category) == ("suspended", "regular")
    assert not Organization.objects.members().filter(pk=kept.pk).exists()
    coalition, table = kept.alliance_memberships.order_by("alliance_id")
    assert (coalition.started_on, coalition.since_year) == (DAY(2012, 3, 1), None)
    assert coalition.role == "coordination"
    assert coalition.liaison is not None
    assert table.alliance_id != coalition.alliance_id


@pytest.mark.parametrize(
    ("ours", "theirs", "joined"),
    [
        (("2001-01-01", None), (None, None), ("2001-01-01", None)),
        ((None, "2005-01-01"), ("2001-01-01", None), ("2001-01-01", None)),
        (("2001-01-01", "2005-01-01"), ("2003-01-01", "2004-01-01"), ("2001-01-01", "2005-01-01")),
        (("2001-01-01", "2005-01-01"), ("2005-01-01", "2009-01-01"), ("2001-01-01", "2009-01-01")),
    ],
)
def test_joined_membership_covers_both(keeper, ours, theirs, joined):
    kept, removed = OrganizationFactory(outside=True), OrganizationFactory(outside=True)
    for organization, (start, end) in ((kept, ours), (removed, theirs)):
        Membership.objects.create(organization=organization, started_on=start, ended_on=end)
    merge(kept=kept, removed=removed, by=keeper)
    membership = kept.memberships.get()
    said = [day and day.isoformat() for day in (membership.started_on, membership.ended_on)]
    assert tuple(said) == joined


def test_one_long_period_joins_several(keeper):
    kept, removed = OrganizationFactory(outside=True), OrganizationFactory(outside=True)
    for first, last in ((2000, 2002), (2004, 2006), (2010, 2011)):
        MembershipFactory(organization=kept, started_on=DAY(first, 1, 1), ended_on=DAY(last, 1, 1))
    MembershipFactory(organization=removed, started_on=DAY(2001, 1, 1), ended_on=DAY(2005, 1, 1))
    before = dump()
    record = merge(kept=kept, removed=removed, by=keeper)
    periods = kept.memberships.order_by("started_on").values_list("started_on", "ended_on")
    assert list(periods) == [
        (DAY(2000, 1, 1), DAY(2006, 1, 1)),
        (DAY(2010, 1, 1), DAY(2011, 1, 1)),
    ]
    undo(record, by=keeper)
    assert dump() == before


def test_everything_follows_a_person(same_person, keeper):
    kept, removed = same_person
    merge(kept=kept, removed=removed, by=keeper)
    kept.refresh_from_db()
    assert {tag.name for tag in kept.tags.all()} == {"vip", "traduction"}
    assert kept.positions.count() == 2
    assert kept.consents.count() == kept.follow_ups.count() == kept.liaisons.count() == 1
    assert kept.interactions.count() == 2
    together = kept.participations.get(title="directrice")
    assert together.is_dpoh
    assert together.position.person == kept


def test_whoever_does_not_see_personal_fields_loses_none(same_person, keeper):
    kept, removed = same_person
    Person.objects.filter(pk=kept.pk).update(personal_email="autre@personnel.example")
    choices = {"personal_email": REMOVED, "notes": REMOVED, "first_name": REMOVED}
    merge(kept=kept, removed=removed, by=keeper, choices=choices)
    kept.refresh_from_db()
    assert kept.first_name == "Anna"
    assert kept.personal_email == "autre@personnel.example"
    assert kept.needs == "Sans gluten"
    assert "Préfère le courriel." in kept.notes
    assert "Parle espagnol." in kept.notes
    assert "ana@personnel.example" in kept.notes


def test_whoever_sees_personal_fields_chooses(same_person):
    kept, removed = same_person
    merge(
        kept=kept,
        removed=removed,
        by=make_user(Role.DIRECTION),
        choices={"notes": KEPT, "personal_email": REMOVED},
    )
    kept.refresh_from_db()
    assert kept.notes == "Préfère le courriel."
    assert kept.personal_email == "ana@personnel.example"


def test_archived_person_archives_nobody(keeper):
    kept, removed = PersonFactory(), PersonFactory(archived_on=DAY(2020, 1, 1))
    merge(kept=kept, removed=removed, by=keeper)
    kept.refresh_from_db()
    assert kept.archived_on is None


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.READING, Role.PRIVACY])
def test_others_may_neither_merge_nor_undo(keeper, role):
    kept, removed = OrganizationFactory(), OrganizationFactory()
    with pytest.raises(PermissionDenied):
        merge(kept=kept, removed=removed, by=make_user(role))
    record = merge(kept=kept, removed=removed, by=keeper)
    with pytest.raises(PermissionDenied):
        undo(record, by=User.objects.get(groups__name=role.value))


@pytest.mark.parametrize("pair", ["twins", "same_person"])
def test_merge_grants_no_access(request, keeper, pair):
    """Accounts stay as they are, but for whom they are; nobody acts for more than before."""
    kept, removed = request.getfixturevalue(pair)

    def accounts():
        tables = ("members_user", "members_user_groups", "members_user_user_permissions")
        rows = [row for table in tables for row in dump()[table]]
        return sorted(str(row | {"person_id": None}) for row in rows)

    def access():
        return set(Representative.objects.active().values_list("user", "organization"))

    accounts_before, access_before = accounts(), access()
    record = merge(kept=kept, removed=removed, by=keeper)
    assert accounts() == accounts_before
    assert access() < access_before
    undo(record, by=keeper)
    assert accounts() == accounts_before
    assert access() == access_before


def test_merge_publishes_nobody(same_person, keeper):
    kept, removed = same_person
    kept.positions.get().show_publicly(by=keeper, basis="par écrit")
    merge(kept=kept, removed=removed, by=keeper)
    assert Position.objects.filter(is_public=True).count() == 1


@pytest.mark.parametrize("same", [True, False])
def test_what_is_not_two_records_of_a_kind_is_refused(keeper, same):
    organization = OrganizationFactory()
    other = organization if same else PersonFactory()
    with pytest.raises(ValidationError):
        merge(kept=organization, removed=other, by=keeper)
    assert not Merge.objects.exists()


def test_failed_merge_leaves_only_a_line_in_the_log(same_person, keeper, monkeypatch, caplog):
    kept, removed = same_person
    before = dump()

    def fail(*args):
        raise RuntimeError("ana@personnel.example")

    monkeypatch.setitem(following.RULES, "members.followup.person", fail)
    with pytest.raises(RuntimeError):
        merge(kept=kept, removed=removed, by=keeper)
    assert dump() == before
    assert not Merge.objects.exists()
    (line,) = caplog.messages
    assert str(removed.pk) in line
    assert "ana@" not in line
    assert "Boucher" not in line


def test_relation_without_a_rule_stops_the_merge(twins, keeper, monkeypatch):
    kept, removed = twins
    before = dump()
    monkeypatch.delitem(following.RULES, "members.document.organization")
    with pytest.raises(LookupError):
        merge(kept=kept, removed=removed, by=keeper)
    assert dump() == before


def test_relation_that_is_left_behind_stops_the_merge(twins, keeper, monkeypatch):
    kept, removed = twins
    before = dump()
    monkeypatch.setitem(following.RULES, "members.document.organization", following.leave)
    with pytest.raises(ValidationError):
        merge(kept=kept, removed=removed, by=keeper)
    assert dump() == before


# Undoing, after the world moved on


def test_undoing_keeps_what_changed_since(twins, keeper):
    kept, removed = twins
    record = merge(kept=kept, removed=removed, by=keeper)
    kept.refresh_from_db()
    kept.mission_fr = "Une autre mission."
    kept.save()
    kept.follow_ups.get().delete()
    new = FollowUp.objects.create(what="Féliciter", organization=kept)
    told = undo(record, by=keeper)
    kept.refresh_from_db()
    assert kept.mission_fr == "Une autre mission."
    assert kept.phone == ""
    assert not Organization.objects.get(pk=removed.pk).follow_ups.exists()
    new.refresh_from_db()
    assert new.organization == kept
    assert len(told) == 2  # the mission and the follow-up


def test_undoing_leaves_out_what_hung_on_something_gone(twins, keeper):
    kept, removed = twins
    both = kept.interactions.get()
    record = merge(kept=kept, removed=removed, by=keeper)
    both.delete()
    told = undo(record, by=keeper)
    assert len(told) == 1
    assert removed.interactions.count() == 1


def test_number_taken_since_stops_the_undoing(twins, keeper):
    kept, removed = twins
    record = merge(kept=kept, removed=removed, by=keeper)
    Identifier.objects.create(organization=OrganizationFactory(), scheme="neq", value="1181440722")
    before = dump()
    with pytest.raises(ValidationError) as refusal:
        undo(record, by=keeper)
    assert refusal.value.code == "taken"
    assert dump() == before
    record.refresh_from_db()
    assert record.undone_at is None


def test_address_taken_by_the_kept_one_stops_the_undoing(twins, keeper):
    kept, removed = twins
    record = merge(kept=kept, removed=removed, by=keeper)
    kept.refresh_from_db()
    kept.slug = "eaux-vives"
    kept.save()
    before = dump()
    with pytest.raises(ValidationError):
        undo(record, by=keeper)
    assert dump() == before


def test_merges_are_undone_from_the_last(keeper):
    first, second, third = (OrganizationFactory() for _ in range(3))
    before = dump()
    one = merge(kept=second, removed=first, by=keeper)
    other = merge(kept=third, removed=second, by=keeper)
    with pytest.raises(ValidationError) as refusal:
        undo(one, by=keeper)
    assert refusal.value.code == "later"
    assert merging.where_is(Organization, first.pk) == third.pk
    assert merging.merges_into(third) == [other, one]
    undo(other, by=keeper)
    undo(one, by=keeper)
    assert dump() == before
    assert merging.where_is(Organization, first.pk) is None


def test_undone_once_and_within_thirty_days(keeper):
    kept, removed = OrganizationFactory(), OrganizationFactory()
    record = merge(kept=kept, removed=removed, by=keeper)
    Merge.objects.update(merged_at=timezone.now() - datetime.timedelta(days=31))
    with pytest.raises(ValidationError) as refusal:
        undo(record, by=keeper)
    assert refusal.value.code == "too_old"
    Merge.objects.update(merged_at=timezone.now())
    undo(record, by=keeper)
    with pytest.raises(ValidationError) as refusal:
        undo(record, by=keeper)
    assert refusal.value.code == "undone"


def test_undoing_after_the_kept_one_was_deleted_is_refused(keeper):
    kept, removed = PersonFactory(), PersonFactory()
    record = merge(kept=kept, removed=removed, by=keeper)
    kept.delete()
    with pytest.raises(ValidationError):
        undo(record, by=keeper)


def test_old_address_leads_to_the_kept_one(client, keeper):
    kept, removed = OrganizationFactory(), OrganizationFactory()
    merge(kept=kept, removed=removed, by=keeper)
    answer = client.get(reverse("members:organization-detail", args=[removed.slug]))
    assert answer.status_code == 301
    assert answer["Location"] == kept.get_absolute_url()
    assert FormerSlug.objects.get().organization == kept


def test_history_of_links_knows_that_they_moved(twins, keeper):
    from members.admin.history import events_of

    kept, removed = twins
    merge(kept=kept, removed=removed, by=keeper)
    added = [
        event.pgh_data["country_id"]
        for event in events_of(kept, related=True)
        if event.pgh_model.startswith("members.OrganizationCountry")
    ]
    assert "ML" in added


def test_names_and_numbers_are_searched_under_the_kept_one(twins, keeper):
    kept, removed = twins
    kept.memberships.update(status="active")
    removed.memberships.update(status="active")
    merge(kept=kept, removed=removed, by=keeper)
    assert list(Organization.objects.matching("living water")) == [kept]
    assert OtherName.objects.filter(organization=kept).count() == 4
