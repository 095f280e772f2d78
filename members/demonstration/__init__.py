"""What a demonstration site shows: fictional people, alliances, exchanges, dossiers, events,
a campaign, letters, accounts.

The texts are in `members/data/demonstration/`. All of it hangs on organizations whose name says
(fictif); real organizations carry none of it. Days are told from today, so that the demonstration
stays alive: the same day gives the same result.
"""

from django.db import transaction
from django.utils.translation import override

from members.demonstration import events, happening, network, space, statements, work
from members.demonstration.making import Demonstration


@transaction.atomic
def load():
    """Add all of it to the fictional organizations and the accounts, which must be there."""
    with override("fr"):
        made = Demonstration()
        network.load(made)
        work.load(made)
        space.load(made)
        events.load(made)
        happening.demonstrate_campaign(made)
        statements.load(made)
        made.past.date_history()
