"""Statements as lists show them: for `members/partials/statement_cards.html`."""

from django.core.cache import caches
from django.utils.translation import get_language

from members.models import Statement
from members.pages import in_language

# How many the home page, then the page of an alliance or of a topic, and an organization's show.
LATEST = 3
OF_TOPIC = 6
OF_ORGANIZATION = 6


def statement_card(statement, words):
    """One statement as lists show it, from a row of `for_cards`; `words` is the vocabulary."""
    language = get_language()
    title, lang = in_language(statement, "title", language)
    addressed_to, addressed_to_lang = in_language(statement, "addressed_to", language)
    return {
        "title": title,
        "lang": lang,
        "url": statement.get_absolute_url(),
        "kind": statement.get_kind_display(),
        "date": statement.issued_on,
        "addressed_to": addressed_to,
        "addressed_to_lang": addressed_to_lang,
        "themes": [words.by_key["theme"][str(key)].name for key in statement.theme_ids],
        "countries": [words.by_key["country"][code].name for code in statement.country_codes],
        "count": statement.signatures_count,
        "open_until": statement.signing_until if statement.is_open() else None,
    }


def statement_cards(statements, words, most=None):
    """The cards of published statements (any queryset of them), the latest first: one query.

    At most `most` of them, if given.
    """
    return [statement_card(one, words) for one in statements.published().for_cards()[:most]]


def latest_statements(words, version):
    """The cards of the latest published statements, read once for each version of the directory."""
    latest = caches["counts"].get_or_set(
        f"statements:{version}", lambda: list(Statement.objects.published().for_cards()[:LATEST])
    )
    return [statement_card(one, words) for one in latest]


def signed_statements(organization, words):
    """The cards of the latest published statements that an organization, read by `with_signed`,
    signed."""
    return [statement_card(Statement.of_row(row), words) for row in organization.signed_rows]
