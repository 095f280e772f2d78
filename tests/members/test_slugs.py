import pytest
from django.db import DatabaseError, transaction

from members.models import FormerSlug, Organization
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def test_name_makes_the_address():
    assert OrganizationFactory(name_fr="L’Œuvre à Val-d’Or (fictif)").slug == (
        "l-oeuvre-a-val-d-or-fictif"
    )


def test_second_organization_of_a_name_gets_a_number():
    assert OrganizationFactory(name_fr="Puits").slug == "puits"
    assert OrganizationFactory(name_fr="Puits").slug == "puits-2"


def test_former_address_leads_to_the_page(client):
    organization = OrganizationFactory(slug="avant")
    organization.slug = "apres"
    organization.save()
    for prefix, suffix in [("/organismes/", "/"), ("/en/organizations/", "/")]:
        response = client.get(f"{prefix}avant{suffix}")
        assert response.status_code == 301
        assert response["Location"] == f"{prefix}apres{suffix}"


def test_former_address_is_kept_even_by_a_bare_update():
    organization = OrganizationFactory(slug="avant")
    Organization.objects.filter(pk=organization.pk).update(slug="apres")
    assert FormerSlug.objects.get().slug == "avant"


def test_nobody_else_takes_a_former_address():
    organization = OrganizationFactory(slug="avant")
    Organization.objects.filter(pk=organization.pk).update(slug="apres")
    with pytest.raises(DatabaseError), transaction.atomic():
        OrganizationFactory(slug="avant")
    assert OrganizationFactory(name_fr="Avant").slug == "avant-2"


def test_an_organization_may_take_its_own_address_back():
    organization = OrganizationFactory(slug="avant")
    for slug in ("apres", "avant"):
        Organization.objects.filter(pk=organization.pk).update(slug=slug)
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["apres"]
