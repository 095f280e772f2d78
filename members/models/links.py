"""The rows that tie organizations to themes, countries and regions, for their history.

Their tables have no model of ours and migrations pass over them: a proxy carries the triggers.
Such a row has no history of its own to point to; it is found by what it ties.
"""

import pghistory

from members.models.organizations import Organization


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
