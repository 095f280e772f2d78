"""Every address of the staff's site, walked as every role: nobody does or sees what is not theirs.

The addresses are the site's own, gathered here: a new one is walked from the day it is there. What
is expected of it comes from `permissions.RULES`; of an address that is none of Django's, that it
is refused to whoever may not view the records it is about, unless `STRICTER` says more.
"""

import io
import logging
import re
import zipfile
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import transaction
from django.shortcuts import resolve_url

from members.merging import merge
from members.models import (
    AccessRequest,
    AccountEvent,
    AdmissionCriterion,
    AdmissionDecision,
    AdmissionFile,
    AdmissionQuestion,
    AllianceMembership,
    CampaignEdition,
    Consent,
    Country,
    Crisis,
    Document,
    Dossier,
    EditionLink,
    EventProposal,
    ExportRecord,
    FollowUp,
    GovernmentInteraction,
    Identifier,
    Interaction,
    Invitation,
    MembershipDecision,
    Organization,
    OtherName,
    Person,
    Position,
    ProfileProposal,
    Programme,
    ProposedEventField,
    ProposedField,
    PublishedChange,
    Representative,
    SavedList,
    SentMail,
    Signature,
    SocialLink,
    Statement,
    Tag,
    Theme,
    User,
    WelcomeItem,
    WelcomeStep,
)
from members.permissions import (
    RULES,
    Role,
    can_decide_memberships,
    can_enter,
    can_export,
    can_merge,
    can_see_personal,
    may,
    roles_of,
)
from regions.models import Municipality, Region
from tests.factories import (
    AdmissionFileFactory,
    AllianceFactory,
    EditionFactory,
    EventFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    RepresentativeFactory,
    StatementFactory,
    invitation_to,
    make_user,
)

WHO = ["nobody", "visitor", "without a role", *(role.value for role in Role), "superuser"]

# What Django's own pages do to records.
PAGES = {
    "changelist": "view",
    "add": "add",
    "change": "view",
    "history": "view",
    "delete": "delete",
}

# Addresses that are about no record: open to whoever may enter.
COMMON = {
    "index",
    "autocomplete",
    "search",
    "search_suggestions",
    "view_on_site",
    "app_list",
}
# Those that are open to all.
OPEN = {"login", "logout", "jsi18n"}

# Addresses with a rule of their own, by their beginning. The first that fits holds.
STRICTER = {
    "members_organization_import": lambda user: may(user, "add", Organization),
    "members_organization_admit": can_decide_memberships,
    # Candidates write them; staff have no form that adds one.
    "members_admissionfile_add": lambda user: False,
    "members_admissionfile_step_": lambda user: may(user, "change", AdmissionFile),
    "members_membership_suspend": can_decide_memberships,
    "members_membership_reinstate": can_decide_memberships,
    "members_membership_end": can_decide_memberships,
    "members_campaignedition_next": lambda user: may(user, "add", CampaignEdition),
    "members_campaignedition_publish": lambda user: may(user, "change", CampaignEdition),
    "members_followup_done": lambda user: may(user, "change", FollowUp),
    "members_followup_reopen": lambda user: may(user, "change", FollowUp),
    "members_position_": lambda user: may(user, "change", Position),
    "members_person_import": lambda user: may(user, "add", Position),
    # Kept from the list that it is of; changed and removed by its owner and the direction.
    "members_savedlist_add": lambda user: False,
    "members_savedlist_delete": lambda user: Role.DIRECTION in roles_of(user),
    "members_merge_": can_merge,
    # Written on the page of its exchange, and gone with it.
    "members_governmentinteraction_add": lambda user: False,
    "members_governmentinteraction_delete": lambda user: False,
    "lobbying_decision": lambda user: may(user, "change", GovernmentInteraction),
    "members_person_write": can_export,
    # Their positions end with it.
    "members_person_archive": lambda user: may(user, "change", Position),
    "members_consent_withdraw": can_see_personal,
    "members_profileproposal_close": lambda user: may(user, "change", ProfileProposal),
    "members_eventproposal_close": lambda user: may(user, "change", EventProposal),
    "members_publishedchange_seen": lambda user: may(user, "change", PublishedChange),
    "members_publishedchange_put_back": lambda user: may(user, "change", PublishedChange),
    # Read here; what is done to one has its own pages. Nobody is put: one is invited.
    "members_representative_add": lambda user: False,
    "members_representative_role": lambda user: may(user, "change", Representative),
    "members_representative_end": lambda user: may(user, "change", Representative),
    "members_invitation_renew": lambda user: may(user, "change", Invitation),
    "members_invitation_revoke": lambda user: may(user, "change", Invitation),
    "members_accessrequest_accept": lambda user: may(user, "change", AccessRequest),
    "members_accessrequest_refuse": lambda user: may(user, "change", AccessRequest),
    "members_document_download": lambda user: may(user, "view", Document),
    "members_sentmail_add": lambda user: False,
    "members_sentmail_delete": lambda user: False,
    "members_sentmail_": lambda user: may(user, "change", SentMail),
    "members_organization_freshness": lambda user: may(user, "view", SentMail),
    "members_organization_remind": lambda user: may(user, "change", SentMail),
    "members_statement_signing": lambda user: may(user, "change", Statement),
    "members_statement_close": lambda user: may(user, "change", Statement),
    "members_signature_take_back": lambda user: may(user, "change", Signature),
    "members_organization_address_": lambda user: may(user, "change", SentMail),
}

SECRET = "zqperso"
INSIDE = "zqinterne"


@dataclass(frozen=True)
class Address:
    """One address of the site: its route, its name, and the model it is about, if any."""

    route: str
    name: str | None
    model: type | None

    def __str__(self):
        return self.name or self.route

    @property
    def page(self):
        """Which of Django's own pages it is, or empty."""
        if self.model is None or not self.name:
            return ""
        page = self.name.removeprefix(
            f"{self.model._meta.app_label}_{self.model._meta.model_name}_"
        )
        return page if page in PAGES else ""

    def filled(self, records):
        """The address itself, with the keys of `records` ({model: record})."""
        keys = {
            "content_type_id": ContentType.objects.get_for_model(Organization).pk,
            "app_label": "members",
            "url": "nulle-part",
            "name": "person",
        }

        def fill(match):
            name = match[1] or match[2]
            if self.name == "view_on_site" and name == "object_id":
                return str(records[Organization].pk)
            if name in keys:
                return str(keys[name])
            if name in ("one", "kept"):
                return str(records[Person].pk)
            if name in ("other", "removed"):
                return str(records["double"].pk)
            return quote(str(records[self.model].pk))

        route = re.sub(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", fill, self.route)
        return "/admin/" + route.replace("^", "").replace("$", "").replace(r"\Z", "")


def addresses(patterns=None, prefix=""):
    """Every `Address` of the staff's site."""
    for pattern in admin.site.get_urls() if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, route)
        else:
            parts = route.split("/")
            registered = {
                (model._meta.app_label, model._meta.model_name): model
                for model in admin.site._registry
            }
            yield Address(route, pattern.name, registered.get(tuple(parts[:2])))


def allowed(address, user):
    """Whether `user` may open that address, by the table of rules."""
    if address.name in OPEN:
        return True
    if not can_enter(user):
        return False
    if address.name is None:  # leads to another address, or nowhere
        return True
    if address.name in STRICTER:
        return STRICTER[address.name](user)
    if address.page:
        return may(user, PAGES[address.page], address.model)
    for beginning, rule in STRICTER.items():
        if address.name.startswith(beginning):
            return rule(user)
    if address.name.endswith(("_export", "_mailing")):
        return can_export(user) and may(user, "view", address.model)
    if address.model is not None:
        return may(user, "view", address.model)
    assert address.name in COMMON, f"{address}: say in this test who may"
    return True


@pytest.fixture
def records(db, settings, tmp_path):
    """One record of each model, {model: record}, with words to recognize where they must not be."""
    settings.STORAGES = settings.STORAGES | {
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    colleague = make_user(Role.PERMANENCE, email="collegue@example.org")
    organization = OrganizationFactory(
        name_fr="Eau vive (fictif)", town="Montréal", themes=["sante"], countries=["HT"]
    )
    person = PersonFactory(
        first_name="Ana",
        last_name="Trémblay",
        pronoun=f"{SECRET} pronoun",
        personal_email=f"{SECRET}@maison.example",
        personal_phone="+14185550142",
        personal_address=f"{SECRET} address",
        needs=f"{SECRET} needs",
        notes=f"{SECRET} notes",
    )
    # Both moments are in the history.
    Person.objects.update(needs=f"{SECRET} other needs", personal_phone="+14185550143")
    person.refresh_from_db()
    position = PositionFactory(person=person, organization=organization, title="Directrice")
    alliance = AllianceFactory(name_fr="Coalition Mers")
    dossier = Dossier.objects.create(name=f"{INSIDE} dossier", aim=f"{INSIDE} aim")
    interaction = InteractionFactory(
        subject=f"{INSIDE} subject",
        notes=f"{INSIDE} notes",
        about=[organization],
        people=[person],
        dossier=dossier,
        alliance=alliance,
    )
    membership = organization.memberships.get()
    proposal = ProfileProposal.objects.create(organization=organization, proposed_by=colleague)
    posted = EventProposal.objects.create(organization=organization, proposed_by=colleague)
    application = AdmissionFileFactory(
        name_fr="Candidat (fictif)",
        why=f"{INSIDE} why",
        said="no",
        contact_name=f"{INSIDE} contact",
    )
    edition = EditionFactory()
    event = EventFactory(by=[organization])
    statement = StatementFactory(open=True, dossier=dossier)
    made = [
        Programme.objects.create(name_fr="Programme (fictif)"),
        edition.campaign,
        edition,
        EditionLink.objects.create(
            edition=edition, label_fr="Affiche", url="https://exemple.example/affiche"
        ),
        event,
        event.dates.get(),
        statement,
        statement.sign(organization, by=colleague),
        Crisis.objects.create(
            country_id="HT", title_fr="Crise", text_fr="Voir.", started_on="2026-01-01"
        ),
        application,
        application.answers.first(),
        AdmissionQuestion.objects.create(
            file=application, text=f"{INSIDE} question", asked_by=colleague
        ),
        AdmissionDecision.objects.create(
            file=application, body="board", conditions=f"{INSIDE} conditions"
        ),
        WelcomeItem.objects.create(file=application, text=f"{INSIDE} welcome"),
        AdmissionCriterion.objects.first(),
        WelcomeStep.objects.first(),
        organization,
        person,
        position,
        alliance,
        dossier,
        interaction,
        membership,
        interaction.participations.get(),
        MembershipDecision.objects.create(membership=membership, kind="admission"),
        OtherName.objects.create(organization=organization, name="Vieux-Pont"),
        Identifier.objects.create(organization=organization, scheme="neq", value="1181440711"),
        SocialLink.objects.create(
            organization=organization, network="facebook", url="https://reseau.example/eau"
        ),
        proposal,
        ProposedField.objects.create(
            proposal=proposal, name="acronym", seen="", proposed="EV", proposed_by=colleague
        ),
        posted,
        ProposedEventField.objects.create(
            proposal=posted, name="title_fr", seen="", proposed="Soirée", proposed_by=colleague
        ),
        PublishedChange.objects.create(
            organization=organization,
            before={"email": "avant@example.org"},
            after={"email": ""},
            published_by=colleague,
        ),
        Consent.objects.create(person=person, purpose="newsletter", evidence=f"{SECRET} evidence"),
        AllianceMembership.objects.create(alliance=alliance, organization=organization),
        GovernmentInteraction.objects.create(
            interaction=interaction, particulars=f"{INSIDE} particulars"
        ),
        FollowUp.objects.create(
            what=f"{INSIDE} follow-up", organization=organization, assigned_to=colleague
        ),
        Document.objects.create(
            title=f"{INSIDE} document",
            name="note.pdf",
            file=ContentFile(b"%PDF-1.4", "note.pdf"),
            content_type="application/pdf",
            size=8,
            digest="0" * 64,
            organization=organization,
        ),
        Tag.objects.create(name="À inviter"),
        SentMail.objects.create(
            kind="reminder",
            to="eau@example.org",
            subject="Rappel",
            text="Bonjour,",
            round_on="2026-01-01",
            step=1,
            organization=organization,
        ),
        SavedList.objects.create(
            name="Montréal", model="members.organization", owner=colleague, is_shared=True
        ),
        ExportRecord.objects.create(
            user=colleague,
            model="members.person",
            format="csv",
            columns=["first_name"],
            count=1,
            is_personal=True,
            reason="Envoi",
        ),
        AccountEvent.objects.create(user=colleague, kind="signed_in", means="passkey"),
        merge(
            kept=person,
            removed=PersonFactory(
                last_name="Tremblay", personal_email=f"{SECRET}@ancienne.example"
            ),
            by=colleague,
        ),
        RepresentativeFactory(organization=organization, started_by=colleague),
        invitation_to(organization, colleague),
        AccessRequest.objects.create(
            organization=organization, name="Léa Fictive", email="lea@example.org"
        ),
        Theme.objects.get(slug="sante"),
        Country.objects.get(code="HT"),
        Region.objects.get(code="06"),
        Municipality.objects.get(name="Montréal"),
        colleague,
    ]
    double = PersonFactory(first_name="Ana", last_name="Trémblay", notes=f"{SECRET} double")
    return {type(record): record for record in made} | {"double": double}


def someone(who):
    """The user of one of WHO."""
    if who == "nobody":
        return None
    if who == "visitor":
        return User.objects.create_user("visiteuse@example.org")
    if who == "superuser":
        return User.objects.create_superuser("chef@example.org")
    return make_user(*(role for role in Role if role.value == who), email="moi@example.org")


@pytest.fixture(params=WHO)
def visit(request, client, records, caplog):
    """Asks the site as one of WHO, and takes back whatever it did: visit(method, path, data)."""
    caplog.set_level(logging.CRITICAL, "django")  # refusals are what is asked for
    user = someone(request.param)
    client.raise_request_exception = False
    if user:
        client.force_login(user)
    signed_in = {name: cookie.value for name, cookie in client.cookies.items()}

    def visit(method, path, data=None, check=lambda: None):
        client.cookies = SimpleCookie(signed_in)
        with transaction.atomic():
            response = getattr(client, method)(path, data or {})
            response.text_read = text_of(response)
            check()
            transaction.set_rollback(True)
        return response

    visit.user = user
    if user is None:
        from django.contrib.auth.models import AnonymousUser

        visit.user = AnonymousUser()
    return visit


def text_of(response):
    """All that an answer says, whatever its format; the parts of a workbook are unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    texts = [content, *(str(value).encode() for value in response.headers.values())]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            texts += [parts.read(name) for name in parts.namelist()]
    return b"\n".join(texts).decode("utf-8", "replace")


def refused(response):
    """Whether an answer lets nothing be seen or done."""
    if response.status_code == 302:
        return response.url.startswith((resolve_url(settings.LOGIN_URL), "/admin/login/"))
    return response.status_code in (403, 404, 405)


def leaks(user, text):
    """The words of `text` that `user` must not see."""
    words = []
    if not can_see_personal(user):
        words += re.findall(rf"{SECRET}[ \w@.]*|555-014[23]|418555014[23]", text)
    if not may(user, "view", Interaction):
        words += re.findall(rf"{INSIDE}[ \w]*", text)
    return words


def nothing(wrong):
    """Fail with every fault, one a line."""
    assert not wrong, "\n".join(str(fault) for fault in wrong)


def test_every_model_of_the_site_has_a_rule():
    assert {model._meta.label_lower for model in admin.site._registry} <= RULES.keys()


def test_cast_has_every_model_of_the_site(records):
    assert admin.site._registry.keys() <= records.keys()
    assert {apps.get_model(label) for label in RULES} <= records.keys()


def test_every_page_opens_for_those_who_may_and_for_nobody_else(visit, records):
    wrong = []
    for address in addresses():
        path = address.filled(records)
        response = visit("get", path)
        status = response.status_code
        if status == 500:
            wrong.append((str(address), 500))
        elif not allowed(address, visit.user):
            if not refused(response):
                wrong.append((str(address), status, "open to who may not"))
        elif (address.page and refused(response)) or (address.model and status == 403):
            wrong.append((str(address), status, "closed to who may"))
        wrong += [(str(address), leak) for leak in leaks(visit.user, response.text_read)]
    nothing(wrong)


def test_nothing_is_done_without_the_right(visit, records):
    """An empty form is sent everywhere: it may be refused in words, never be a fault."""
    wrong = []

    def rows(model):
        return {row["pk"]: row for row in model._base_manager.values("pk", *columns(model))}

    for address in addresses():
        if address.name in OPEN:
            continue
        user, model = visit.user, address.model
        action = {"change": "change", "changelist": "change"}.get(address.page)
        may_do = allowed(address, user) and (action is None or may(user, action, model))
        before = rows(model) if model else {}
        after = {}
        response = visit(
            "post",
            address.filled(records),
            {"post": "yes"},
            lambda model=model, after=after: after.update(rows(model)) if model else None,
        )
        if response.status_code == 500:
            wrong.append((str(address), 500))
        elif not may_do and before != after:
            wrong.append((str(address), response.status_code, "done without the right"))
        elif not allowed(address, user) and not refused(response):
            wrong.append((str(address), response.status_code, "answered without the right"))
        wrong += [(str(address), leak) for leak in leaks(user, response.text_read)]
    nothing(wrong)


def columns(model):
    """The columns that say whether a row was changed."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name != "last_login"
    ]


def test_every_action_on_a_selection_is_for_those_who_may(visit, records, rf):
    """Each is sent for one record, and for one whom the list does not offer it."""
    wrong = []
    for model, pages in admin.site._registry.items():
        request = rf.get("/")
        request.user = visit.user
        offered = pages.get_actions(request) if may(visit.user, "view", model) else {}
        every = {name for _function, name, _words in pages._get_base_actions()}
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for name in every:
            record = records[model]
            data = {"action": name, "_selected_action": record.pk, "post": "yes"}
            gone = []

            def look(model=model, record=record, gone=gone):
                found = model._base_manager.filter(pk=record.pk).values(*columns(model)).first()
                gone.append(found)

            before = model._base_manager.filter(pk=record.pk).values(*columns(model)).first()
            response = visit("post", path, data, look)
            if response.status_code == 500:
                wrong.append((model.__name__, name, 500))
            if name not in offered and gone != [before]:
                wrong.append((model.__name__, name, "done without the right"))
            wrong += [
                (model.__name__, name, leak) for leak in leaks(visit.user, response.text_read)
            ]
    nothing(wrong)


def personal_questions():
    """(address, data) of what would tell a personal value by whether something is found."""
    person = "/admin/members/person/"
    yield person, {"q": SECRET}
    yield person, {"q": "418 555-0143"}
    yield "/admin/recherche/", {"q": SECRET}
    yield "/admin/recherche/", {"q": "418 555-0143"}
    for field in Person.personal_fields():
        yield person, {f"{field}__contains": "a"}
        yield person, {f"{field}__isnull": "0"}
        yield person, {f"{field}__gt": "0"}
    yield person, {"consents__evidence__contains": SECRET}
    yield person, {"consents": "1"}
    yield "/admin/members/position/", {"person__notes__contains": SECRET}
    yield "/admin/members/organization/", {"positions__person__notes__contains": SECRET}
    yield "/admin/members/alliance/", {"memberships__liaison__notes__contains": SECRET}


def test_no_question_tells_what_is_personal(visit, records):
    """Finding someone by a value is reading it."""
    if not can_enter(visit.user) or can_see_personal(visit.user):
        return
    told = []
    for path, data in personal_questions():
        response = visit("get", path, data)
        if response.status_code == 200 and "Trémblay" in response.text_read:
            told.append((path, data))
    nothing(told)


def test_what_completes_a_field_tells_nothing_more(visit, records):
    wrong = []
    for model, pages in admin.site._registry.items():
        inlines = [(inline.model, inline.autocomplete_fields) for inline in pages.inlines]
        for owner, names in [(model, pages.autocomplete_fields), *inlines]:
            for name in names:
                field = owner._meta.get_field(name)
                data = {
                    "app_label": owner._meta.app_label,
                    "model_name": owner._meta.model_name,
                    "field_name": name,
                    "term": "",
                }
                response = visit("get", "/admin/autocomplete/", data)
                status = response.status_code
                if status == 500:
                    wrong.append((owner.__name__, name, 500))
                elif not may(visit.user, "view", field.related_model) and status == 200:
                    wrong.append((owner.__name__, name, "open to who may not"))
                wrong += [
                    (owner.__name__, name, leak) for leak in leaks(visit.user, response.text_read)
                ]
    nothing(wrong)
