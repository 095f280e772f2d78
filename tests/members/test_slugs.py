from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import override

from members.models import FormerSlug, Organization
from members.models.organizations import RESERVED_SLUGS
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def test_name_makes_the_address():
    assert OrganizationFactory(name_fr="L’Œuvre à Val-d’Or (fictif)").slug == (
        "l-oeuvre-a-val-d-or-fictif"
    )


def test_second_organization_of_a_name_gets_a_number():
    assert OrganizationFactory(name_fr="Puits").slug == "puits"
    assert OrganizationFactory(name_fr="Puits").slug == "puits-2"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_organization_takes_the_address_of_a_page_of_ours(language):
    taken = set()
    with override(language):
        for module in ("members.space.urls", "members.directory.urls"):
            for pattern in import_module(module).urlpatterns:
                first, *rest = str(pattern.pattern).split("/")
                if module.endswith("directory.urls"):
                    if first not in ("organizations", "organismes") or len(rest) < 2:
                        continue
                    first = rest[0]
                taken.add(first)
    assert {one for one in taken if one and "<" not in one} <= RESERVED_SLUGS
    assert OrganizationFactory(name_fr="Demande").slug == "demande-2"
    with pytest.raises(ValidationError) as refused:
        OrganizationFactory.build(slug="invitation").full_clean()
    assert "slug" in refused.value.message_dict


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
