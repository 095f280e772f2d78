"""The members’ own space in the demonstration: who represents whom, what they ask and publish, the
events that they post.

Two fictional organizations have representatives and a proposal that waits; what the second one asks
for was changed by the staff meanwhile. A third one asks to become a member.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from members import happening, profile
from members.accounts.entry import make_account
from members.models import (
    AccessRequest,
    AdmissionCriterion,
    AdmissionFile,
    Country,
    CriterionAnswer,
    Invitation,
    Organization,
    Representative,
    SentMail,
    Theme,
)
from members.models.access import AccessRole
from members.permissions import DEMONSTRATION_DOMAIN
from regions.models import Municipality


@dataclass(frozen=True)
class Delegate:
    """Someone who signs in for organizations: a person of the demonstration, by key."""

    local: str
    person: str
    manages: tuple = ()
    edits: tuple = ()

    @property
    def email(self):
        return f"{self.local}{DEMONSTRATION_DOMAIN}"


DELEGATES = [
    Delegate("marie-soleil", "goyette", manages=("coeur-de-maree",)),
    Delegate("ousmane", "diatta", edits=("coeur-de-maree",)),
    Delegate("marie-eve", "thibodeau", manages=("puits-partages",), edits=("ruches-nord-sud",)),
]

# How many days ago each got access.
SINCE = 320


def load(made):
    """Add it to the fictional network, which must be there."""
    delegates(made)
    decided(made)
    waiting(made)
    disputed(made)
    posted(made)
    asked_for_access(made)
    candidate(made)
    # Nothing of this leaves: it was sent long ago.
    for mail in SentMail.objects.filter(state=SentMail.State.WAITING):
        mail.state, mail.sent_at, mail.delivery = SentMail.State.SENT, mail.created_at, None
        mail.save()


def delegates(made):
    """The accounts, each tied to its person, and what they represent."""
    for delegate in DELEGATES:
        person = made.people[delegate.person]
        with made.by("permanence", SINCE):
            user = made.users[delegate.local] = make_account(
                delegate.email,
                first_name=person.first_name,
                last_name=person.last_name,
                person=person,
            )
            given = [(key, AccessRole.MANAGER) for key in delegate.manages]
            given += [(key, AccessRole.EDITOR) for key in delegate.edits]
            for key, role in given:
                Representative.objects.create(
                    user=user,
                    organization=made.organizations[key],
                    role=role,
                    started_by=made.users["permanence"],
                )


def sent(made, who, organization, days, minute, message="", **values):
    """What `who` sent for an organization, so many days ago; its proposal, if any."""
    live = read(made.organizations[organization])
    with made.by(who, days, minute):
        return profile.send(
            organization=made.organizations[organization],
            values=live | values,
            start=live,
            shown=live,
            by=made.users[who],
            message=message,
        ).proposal


def read(organization):
    """Its values as they are now."""
    return profile.read(Organization.objects.for_profile().get(pk=organization.pk))


def decide(made, who, proposal, days, choices):
    """The decision of someone on the staff, so many days ago."""
    with made.by(who, days, 14 * 60 + 20):
        profile.decide(
            proposal=proposal,
            choices=choices,
            shown=read(proposal.organization),
            version=proposal.version,
            by=made.users[who],
        )


def decided(made):
    """A proposal of last season, accepted in part."""
    proposal = sent(
        made,
        "marie-soleil",
        "coeur-de-maree",
        75,
        11 * 60 + 5,
        founded_year=1993,
        acronym="CMBF",
        summary_en=(
            "Tidal Heart brings coastal people of the Bas-Saint-Laurent together with fishing "
            "communities in Cabo Verde and Senegal, to protect their shores side by side."
        ),
    )
    yes, no = (
        profile.Choice(accepts=True),
        profile.Choice(
            accepts=False,
            note="Vos lettres patentes disent 1994 : envoyez-nous un document si c’est bien 1993.",
        ),
    )
    decide(made, "communications", proposal, 72, {"summary_en": yes, "founded_year": no})


def waiting(made):
    """Free fields published at once, and what waits for the staff."""
    mission = made.organizations["coeur-de-maree"].mission_fr
    sent(
        made,
        "marie-soleil",
        "coeur-de-maree",
        11,
        15 * 60 + 40,
        "L’assemblée de novembre a adopté notre politique d’égalité : la mission en parle enfin.",
        mission_fr=mission.replace("une dizaine de jeunes", "une quinzaine de jeunes").replace(
            "la mise en marché locale.",
            "la mise en marché locale, que dirigent des coopératives de femmes.",
        ),
        themes=sorted(
            {
                *read(made.organizations["coeur-de-maree"])["themes"],
                Theme.objects.get(slug="egalite-genres").pk,
            }
        ),
        social_links=[
            ["facebook", "https://facebook.example/coeurdemaree"],
            ["instagram", "https://instagram.example/coeurdemaree"],
        ],
        volunteering_fr=(
            "Nous cherchons des bras pour les corvées de rivage, un samedi par mois de mai à "
            "octobre. Aucune expérience n’est demandée : apportez des bottes, nous avons le reste."
        ),
    )


def disputed(made):
    """A proposal on a summary that the staff changed since."""
    sent(
        made,
        "marie-eve",
        "puits-partages",
        6,
        10 * 60 + 10,
        summary_fr=(
            "Puits partagés répare et surveille des points d’eau avec des comités de villageoises "
            "d’Haïti, du Burkina Faso, du Mali et du Niger."
        ),
        countries=sorted({*read(made.organizations["puits-partages"])["countries"], "ML"}),
        postal_code="J1A2B4",
    )
    organization = Organization.objects.get(pk=made.organizations["puits-partages"].pk)
    with made.by("communications", 2, 9 * 60 + 30):
        organization.summary_fr = (
            "Puits partagés creuse, répare et surveille des points d’eau potable avec des comités "
            "élus de villageoises d’Haïti, du Burkina Faso et du Niger."
        )
        organization.save()


def posted(made):
    """An event that waits for the staff, and one that they did not accept."""
    day = timezone.localdate() + datetime.timedelta(days=24)
    post(
        made,
        "marie-soleil",
        "coeur-de-maree",
        2,
        9 * 60 + 25,
        "La salle est réservée; l’inscription ouvre la semaine prochaine.",
        title_fr="Souper-conférence : la mer en partage",
        title_en="Dinner and talk: sharing the sea",
        text_fr=(
            "Trois pêcheuses du Cap-Vert et du Bas-Saint-Laurent racontent leur métier.\n\n"
            "- **18 h** – souper\n- **19 h 30** – conférence et discussion"
        ),
        when={
            "zone": "America/Toronto",
            "all_day": False,
            "dates": [[f"{day}T18:00", f"{day}T21:00"]],
        },
        municipality=Municipality.objects.get(name="Rimouski").pk,
        venue="Salle communautaire (fictive)",
        is_free=False,
        cost_fr="25 $; 10 $ pour les étudiantes et étudiants",
        languages=["fr"],
        access=["is_step_free"],
    )
    refused = post(
        made,
        "marie-eve",
        "puits-partages",
        30,
        13 * 60 + 15,
        title_fr="Vente de garage",
        when={"zone": "America/Toronto", "all_day": True, "dates": [[f"{day}", f"{day}"]]},
    )
    with made.by("communications", 28, 10 * 60 + 40):
        happening.refuse(
            proposal=refused,
            note="Dites à quoi servent les fonds : le calendrier annonce la coopération.",
            version=refused.version,
            by=made.users["communications"],
        )


def post(made, who, organization, days, minute, message="", **values):
    """The event that `who` posted for an organization, so many days ago, as it waits."""
    holder = {"organizations": [made.organizations[organization].pk]}
    with made.by(who, days, minute):
        return happening.send(
            organization=made.organizations[organization],
            values=happening.blank() | holder | values,
            start=happening.blank(),
            by=made.users[who],
            message=message,
        ).proposal


def asked_for_access(made):
    """An invitation that waits, and two requests: one from the organization's domain, one not."""
    with made.by("marie-eve", 3, 16 * 60):
        invitation = Invitation(
            organization=made.organizations["puits-partages"],
            email="communications@puits-partages.example",
            role=AccessRole.EDITOR,
            person=made.people["sawadogo"],
        )
        invitation.stamp(made.users["marie-eve"])
        invitation.save()
    for days, name, email, title, message in (
        (
            4,
            "Nhu-Quỳnh Trần-Daigneault",
            "nq.tran@ruches-nord-sud.example",
            "Directrice",
            "Je voudrais mettre notre fiche à jour avant l’assemblée.",
        ),
        (1, "Une personne inconnue (fictif)", "ruches.benevole@courriel.example", "Bénévole", ""),
    ):
        with made.by("permanence", days, 13 * 60):
            AccessRequest.objects.create(
                organization=made.organizations["ruches-nord-sud"],
                name=name,
                email=email,
                title=title,
                message=message,
            )


def candidate(made):
    """An application that was sent, and of which the staff have begun to check the answers."""
    with made.by("permanence", 19, 11 * 60 + 30):
        file = AdmissionFile.begin("fanny@lanternes-du-nord.example", "fr")
        file.submit(
            facts={
                "contact_name": "Fanny Brindamour-Sylla",
                "contact_role": "Coordonnatrice",
                "name_fr": "Les Lanternes du Nord (fictif)",
                "name_en": "Northern Lanterns (fictional)",
                "acronym": "LDN",
                "founded_year": 2022,
                "municipality": Municipality.objects.get(name="Rouyn-Noranda"),
                "website": "https://lanternes-du-nord.example",
                "email": "bonjour@lanternes-du-nord.example",
                "phone": "+18195550190",
                "summary_fr": (
                    "Les Lanternes du Nord jumellent des bibliothèques d’Abitibi-Témiscamingue et "
                    "de Guinée."
                ),
                "mission_fr": (
                    "Faire lire ensemble des jeunes d’ici et de Guinée, et équiper des "
                    "bibliothèques que tiennent des comités de parents."
                ),
                "why": "Apprendre des autres membres, et porter avec eux la voix des petits "
                "organismes de région.",
            },
            themes=list(Theme.objects.filter(slug="education-formation")),
            countries=list(Country.objects.filter(code="GN")),
            answers=[
                CriterionAnswer(
                    criterion=criterion,
                    asked=criterion.text,
                    said="yes",
                    explanation="Voir les lettres patentes, délivrées en mars 2022 (fictif).",
                )
                for criterion in AdmissionCriterion.objects.active()
            ],
        )
    with made.by("permanence", 12, 10 * 60):
        first = file.answers.first()
        file.check_answers({first: ("met", "")}, by=made.users["permanence"])
