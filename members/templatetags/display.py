"""The functions of `members.display` as filters."""

from django import template

from members import display

register = template.Library()

register.filter("number", display.number)
register.filter("phone", display.phone)
register.filter("postal_code", display.postal_code)
register.filter("web_address", display.web_address)
