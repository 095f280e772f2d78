"""Who may do and see what: the rules, as small functions with their reasons.

Which organizations a user may know of is `OrganizationQuerySet.visible_to`, so that what one may
not know of is a 404.
"""


def can_keep_directory(user):
    """Whether the user may read and change what the network keeps: its staff.

    Ten people share the work and stand in for each other; the history tells who did what.
    """
    return user.is_active and user.is_staff


def can_keep_accounts(user):
    """Whether the user may make, change and close accounts: whoever answers for the site.

    An account opens everything else, so this is not for all the staff.
    """
    return user.is_active and user.is_superuser
