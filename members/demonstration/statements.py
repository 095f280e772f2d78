"""The fictional position and open letter: one public, one open to the members for them to sign."""

from django.utils import timezone

from members.demonstration.making import listed, rows
from members.models import Statement, Theme


def load(made):
    """Add them, with what fictional organizations signed; some wrote, and the staff noted it."""
    themes = {theme.slug: theme for theme in Theme.objects.all()}
    for row in rows("statements"):
        statement = Statement(
            kind=row["kind"],
            dossier=made.dossiers[row["dossier"]],
            alliance=made.alliances[row["alliance"]],
            **{
                f"{name}_{language}": row[f"{name}_{language}"]
                for name in ("title", "text", "addressed_to")
                for language in ("fr", "en")
            },
        )
        with made.by("communications", row["opened"], 9 * 60):
            statement.full_clean(exclude=["slug"])
            statement.save()
            statement.themes.set(themes[slug] for slug in listed(row["themes"]))
            statement.countries.set(listed(row["countries"]))
            statement.open_signing(until=made.past.day(row["until"]))
        for place, item in enumerate(listed(row["signed"])):
            key, days = item.split(":")
            sign(made, statement, key, days, 10 * 60 + 7 * place)
        if row["published"]:
            with made.by("communications", row["issued"], 10 * 60):
                statement.issued_on = timezone.localdate()
                statement.is_published = True
                statement.full_clean()
                statement.save()


def sign(made, statement, key, days, minute):
    """An organization signs so many days ago: its manager, or the staff for it."""
    organization = made.organizations[key]
    manager = organization.representatives.managers().select_related("user").first()
    if manager is None:
        with made.by("permanence", days, minute):
            statement.note_signature(organization, on=timezone.localdate())
        return
    local = manager.user.email.split("@")[0]
    with made.by(local, days, minute):
        statement.sign(organization, by=manager.user, title="Direction générale")
