"""The roles, and the one table of what each may do."""

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group

from members import permissions
from members.models import Organization, Person, SavedList, Theme, User
from members.permissions import RULES, Role, can_change_list, may, roles_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_each_role_is_a_group_that_a_migration_made():
    assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in Role}


def test_every_rule_is_about_a_model_that_exists():
    for label in RULES:
        assert apps.get_model(label)._meta.label_lower == label


def test_staff_without_a_role_may_do_nothing():
    user = make_user()
    assert not permissions.can_enter(user)
    assert not may(user, "view", Organization)


def test_role_means_nothing_outside_the_staff():
    user = make_user(Role.DIRECTION)
    user.is_staff = False
    assert roles_of(user) == frozenset()


def test_closed_account_may_do_nothing():
    user = make_user(Role.DIRECTION)
    user.is_active = False
    assert roles_of(user) == frozenset()


def test_visitor_has_no_role():
    assert roles_of(AnonymousUser()) == frozenset()


def test_roles_add_up():
    user = make_user(Role.READING, Role.COMMUNICATIONS)
    assert may(user, "change", Organization)
    assert not may(user, "change", Person)
    assert permissions.can_see_advocacy(user)


def test_group_that_is_no_role_opens_nothing():
    user = make_user()
    user.groups.add(Group.objects.create(name="autre"))
    assert roles_of(user) == frozenset()


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.DIRECTION, True),
        (Role.PRIVACY, True),
        (Role.PERMANENCE, False),
        (Role.COMMUNICATIONS, False),
        (Role.READING, False),
    ],
)
def test_personal_fields_are_for_those_who_answer_for_them(role, sees):
    user = make_user(role)
    assert permissions.can_see_personal(user) is sees
    assert permissions.can_export(user, personal=True) is sees


def test_reading_changes_nothing():
    user = make_user(Role.READING)
    for label in RULES.keys() - {"members.savedlist"}:
        model = apps.get_model(label)
        assert not any(may(user, action, model) for action in ("add", "change", "delete")), label


def test_a_field_of_a_person_without_a_class_is_personal(monkeypatch):
    monkeypatch.delitem(Person.privacy, "language")
    assert "language" in Person.personal_fields()


def test_every_field_of_a_person_has_a_class():
    names = {field.name for field in [*Person._meta.fields, *Person._meta.many_to_many]}
    assert names - {"id", "sort_name"} == set(Person.privacy)


def test_saved_list_is_its_owner_s_and_the_direction_s():
    owner, other = make_user(Role.READING), make_user(Role.PERMANENCE)
    kept = SavedList.objects.create(name="Haïti", model="members.organization", owner=owner)
    assert can_change_list(owner, kept)
    assert not can_change_list(other, kept)
    assert can_change_list(make_user(Role.DIRECTION), kept)


# Accounts


def test_direction_gives_roles_but_not_the_keys_of_the_site(client):
    client.force_login(make_user(Role.DIRECTION))
    account = make_user(Role.READING)
    permanence = Group.objects.get(name=Role.PERMANENCE)
    data = {
        "email": account.email,
        "language": "fr",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [permanence.pk],
    }
    answer = client.post(f"/admin/members/user/{account.pk}/change/", data)
    assert answer.status_code == 302
    account = User.objects.get(pk=account.pk)
    assert account.roles == {Role.PERMANENCE}
    assert not account.is_superuser


def test_direction_does_not_change_the_account_of_who_answers_for_the_site(client):
    client.force_login(make_user(Role.DIRECTION))
    account = User.objects.create_superuser("site@example.org")
    page = f"/admin/members/user/{account.pk}/"
    assert client.post(f"{page}change/", {"email": "autre@example.org"}).status_code == 403
    account.refresh_from_db()
    assert account.email == "site@example.org"


def test_vocabulary_is_looked_after_by_those_who_publish(client):
    theme = Theme.objects.first()
    assert may(make_user(Role.COMMUNICATIONS), "change", type(theme))
    assert not may(make_user(Role.PRIVACY), "change", type(theme))
