"""What an attacker tries on the members’ space, public pages and the staff’s: nothing comes of it.

Session fixation, open redirects and codes are in `test_accounts.py`, uploads in `test_logos.py` and
`test_documents.py`, guessed addresses in `test_space_doors.py` and `test_roles.py`.
"""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import OtherName, Position, SocialLink
from members.permissions import Role
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    RepresentativeFactory,
    make_user,
)
from tests.signing_in import SigningClient

pytestmark = pytest.mark.django_db

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"
TEXTS = (
    "name_fr",
    "name_en",
    "summary_fr",
    "summary_en",
    "mission_fr",
    "mission_en",
    "volunteering_fr",
    "volunteering_en",
    "address",
)


@pytest.fixture
def representative():
    """Whoever represents an organization whose every text is hostile."""
    organization = OrganizationFactory(
        **dict.fromkeys(TEXTS, HOSTILE), acronym="<script>alert(3)</script>", town="Sherbrooke"
    )
    OtherName.objects.create(organization=organization, name=HOSTILE)
    SocialLink.objects.create(
        organization=organization,
        network="facebook",
        url="https://f.example/?a=%22%3E<script>alert(4)</script>",
    )
    person = PersonFactory(
        at=organization, first_name="<script>alert(5)", last_name="</script>", title=HOSTILE
    )
    keeper = make_user(Role.DIRECTION)
    Position.objects.get(person=person).show_publicly(by=keeper, basis=HOSTILE)
    return RepresentativeFactory(
        organization=organization, user__first_name=HOSTILE[:100], manager=True
    )


def safe(response):
    """Whether what was typed is only text on that page."""
    html = response.content.decode()
    assert response.status_code == 200
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "49" not in html.partition("{{ 7")[0][-40:]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_texts_of_a_member_are_only_text_in_public(client, representative, language):
    organization = representative.organization
    start = "/en/organizations" if language == "en" else "/organismes"
    for path in (f"{start}/", f"{start}/{organization.slug}/", "/"):
        safe(client.get(path))
    assert client.get(f"{start}/?q=%3Cscript%3Ealert(1)%3C/script%3E").status_code == 200


def test_texts_of_a_member_are_only_text_in_its_space(client, representative):
    client.force_login(representative.user)
    slug = representative.organization.slug
    for name in ("state", "access", "people", "preview", "send"):
        safe(client.get(reverse(f"space:{name}", args=[slug])))
    for step in ("identity", "presentation", "contact", "themes", "logo"):
        safe(client.get(reverse("space:edit", args=[slug, step])))


def test_texts_of_a_member_are_only_text_for_the_staff(client, representative):
    client.force_login(make_user(Role.PERMANENCE))
    organization = representative.organization
    change = reverse("admin:members_organization_change", args=[organization.pk])
    for path in (
        change,
        change.replace("change", "history"),
        reverse("admin:members_organization_changelist") + "?membership=all",
        reverse("admin:members_representative_changelist"),
        reverse("admin:index"),
    ):
        safe(client.get(path))


def test_address_that_is_a_program_is_refused(representative):
    organization = representative.organization
    for field in ("website", "source_url"):
        setattr(organization, field, "javascript:alert(1)")
        with pytest.raises(Exception, match=r"http|URL|adresse"):
            organization.full_clean()
        setattr(organization, field, "")


def test_form_of_another_site_changes_nothing(representative):
    """CSRF: a POST without our token is refused, and says so in words."""
    client = SigningClient(enforce_csrf_checks=True)
    client.force_login(representative.user)
    slug = representative.organization.slug
    for path in (
        reverse("space:confirm", args=[slug]),
        reverse("space:send", args=[slug]),
        reverse("space:invite", args=[slug]),
    ):
        assert client.post(path, {"email": "a@b.example"}).status_code == 403
    representative.organization.refresh_from_db()
    assert representative.organization.last_confirmed_on is None


def test_no_page_is_shown_in_the_frame_of_another_site(client, representative):
    client.force_login(representative.user)
    for path in (
        "/",
        reverse("account_login"),
        reverse("space:state", args=[representative.organization.slug]),
        reverse("space:request-access"),
        reverse("joining:start"),
    ):
        answer = client.get(path)
        assert answer["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path


def test_another_host_gets_no_page(settings):
    settings.ALLOWED_HOSTS = ["annuaire.example"]
    client = Client(raise_request_exception=False)
    assert client.get("/", headers={"host": "piege.example"}).status_code == 400
    assert client.get("/", headers={"host": "annuaire.example"}).status_code == 200


def test_pages_of_the_space_are_kept_nowhere(client, representative):
    client.force_login(representative.user)
    answer = client.get(reverse("space:state", args=[representative.organization.slug]))
    assert "no-store" in answer["Cache-Control"]
