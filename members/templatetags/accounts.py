from django import template
from django.utils.translation import gettext as _

from members.accounts.browsers import in_words

register = template.Library()


@register.filter
def browser(user_agent):
    """The browser and its system, from what it says of itself."""
    return in_words(user_agent) or _("a browser that does not say its name")
