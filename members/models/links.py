"""The rows that tie one record to another without more, for their history.

Their tables have no model of ours and migrations pass over them: a proxy carries the triggers.
Such a row has no history of its own to point to; it is found by what it ties.
"""

import pghistory

from members.models.accounts import User
from members.models.advocacy import Dossier
from members.models.alliances import Alliance
from members.models.campaigns import CampaignEdition
from members.models.engagement import Interaction
from members.models.events import Event
from members.models.organizations import Organization
from members.models.people import Person
from members.models.statements import Statement


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class OrganizationTheme(Organization.themes.through):
    """An organization works on a theme."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class OrganizationCountry(Organization.countries.through):
    """An organization works in a country."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class OrganizationActiveRegion(Organization.active_regions.through):
    """An organization acts in a region of Québec."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class OrganizationTag(Organization.tags.through):
    """An organization has a tag."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class PersonTag(Person.tags.through):
    """A person has a tag."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class AllianceTag(Alliance.tags.through):
    """An alliance has a tag."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class InteractionOrganization(Interaction.organizations.through):
    """An organization takes part in an exchange."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class InteractionStaff(Interaction.staff.through):
    """Someone of the staff takes part in an exchange."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class DossierAlliance(Dossier.alliances.through):
    """An alliance works on a dossier."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class DossierInstitution(Dossier.institutions.through):
    """An institution is addressed by a dossier."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class UserRole(User.groups.through):
    """Someone of the staff has a role."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class AllianceTheme(Alliance.themes.through):
    """An alliance works on a theme."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class EditionOrganization(CampaignEdition.organizations.through):
    """An organization takes part in a campaign’s edition."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class EventOrganization(Event.organizations.through):
    """An organization holds an event."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class EventAlliance(Event.alliances.through):
    """An alliance holds an event."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class EventTheme(Event.themes.through):
    """An event is on a theme."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class EventCountry(Event.countries.through):
    """An event is about a country."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class StatementTheme(Statement.themes.through):
    """A statement is on a theme."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class StatementCountry(Statement.countries.through):
    """A statement is about a country."""

    class Meta:
        proxy = True
