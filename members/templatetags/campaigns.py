"""When editions of campaigns are, as filters."""

from django import template

from members import campaign_words

register = template.Library()

register.filter("days", campaign_words.days)
register.filter("countdown", campaign_words.countdown)
