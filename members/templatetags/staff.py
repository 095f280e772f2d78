"""What staff may do, asked by templates of `members.permissions`."""

from django import template

from members.permissions import may

register = template.Library()


@register.filter
def may_change(user, record):
    """Whether `user` may change that record; no when there is no record."""
    return bool(record) and may(user, "change", record)
