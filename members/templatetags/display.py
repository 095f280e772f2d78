"""Values as people read them, as filters."""

from django import template

from members import display, documents, markdown

register = template.Library()

register.filter("markdown", markdown.html)
register.filter("number", display.number)
register.filter("duration", display.duration)
register.filter("file_size", display.file_size)
register.filter("file_kind", documents.label)
register.filter("phone", display.phone)
register.filter("postal_code", display.postal_code)
register.filter("web_address", display.web_address)
