"""Fills a new database with what the staff keep, and times the server at making their pages.

`python -m tests.bench.workshop SIZE ROUNDS [explain]`: see `tests.bench.pages`, whose clock it is.
Someone of the direction is signed in, who sees all there is to see; then a member's representative.
"""

import datetime
import json
import sys
import time

from tests.bench import pages  # before what follows: it sets Django up

# isort: split
from django.test import override_settings
from django.utils import timezone

from members import freshness
from members.models import SentMail, User
from tests import workshop_population
from tests.bench.workshop_addresses import addresses, space_addresses
from tests.signing_in import session_cookie


def main(size, rounds, explain=False):
    """Fill the database if it is empty, then measure; prints what was found as JSON."""
    pages.require_own_database()
    pages.fill(size, others=fill)
    json.dump(measure(rounds, explain), sys.stdout)


def fill():
    """What the staff keep, for the organizations that were just made."""
    started = time.monotonic()

    def progress(done):
        seconds = time.monotonic() - started
        pages.say(f"\r{done:,} organizations have people, {seconds:.0f} s", end="")

    workshop_population.populate(progress)
    pages.say("")


def signed_in(email):
    """The headers of whoever has that address."""
    name, value = session_cookie(User.objects.get(email=email))
    return {"Cookie": f"{name}={value}"}


def measure(rounds, explain):
    """What to report of each page: queries, and times in milliseconds."""
    staff = signed_in("equipe0@example.org")
    representative = signed_in(workshop_population.REPRESENTATIVE)
    clock = pages.Pages(rounds, explain)
    found = {}
    asked_for = [(staff, *page) for page in addresses(rounds).items()]
    asked_for += [(representative, *page) for page in space_addresses(rounds).items()]
    for headers, page, paths in asked_for:
        pages.say(f"  {page}…")
        for path in paths[: pages.WARM_UP]:
            pages.seconds_for(path, headers=headers)
        times = [pages.seconds_for(path, headers=headers)[0] for path in paths]
        asked = [pages.statements_of(path, headers) for path in paths[: pages.WARM_UP]]
        if explain:
            clock.explain_slowest(page, asked)
        found[page] = {**pages.summary(times), "queries": max(map(len, asked))}
    return {**clock.machine(), "pages": found, "reminders": reminders()}


@override_settings(
    SITE_URL="https://membres.example.org",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
)
def reminders():
    """{mails, seconds}: to write a reminder to every member and hand it to a server that takes no
    time. The mails are taken away afterwards."""
    pages.say("  reminders…")
    SentMail.objects.all().delete()
    in_a_year = timezone.now() + datetime.timedelta(days=400)
    started = time.monotonic()
    sent = freshness.remind(now=in_a_year, limit=sys.maxsize)
    seconds = time.monotonic() - started
    SentMail.objects.all().delete()
    return {"mails": len(sent.reminders), "seconds": seconds}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), "explain" in sys.argv[3:])
