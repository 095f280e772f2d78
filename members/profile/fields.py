"""The fields of a profile: the one table that says which publish at once and which staff review.

Each knows how to read its value from an organization, write it back, and say it in words. A value
is plain JSON, written in one way only, so that two are the same when they are equal:

- text, phone number in E.164, web address: a string, empty when there is none;
- year, municipality, logo: a number (of the logo and the municipality, their key), or None;
- themes (keys), countries and regions (codes): a sorted list;
- other names, public numbers, social links: a sorted list of [kind, text].
"""

from dataclasses import dataclass, field
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members import display, terms
from members.identifiers import SCHEMES, display_identifier, normalize_identifier
from members.models import Identifier, Logo, OtherName, SocialLink
from regions.folding import fold
from regions.models import Municipality

# The steps of the form, in order.
STEPS = {
    "identity": _("Names and numbers"),
    "presentation": _("Presentation"),
    "contact": _("Place and contact"),
    "themes": _("Themes and countries"),
    "logo": _("Logo"),
}


class Lexicon:
    """The words for the keys that values hold, read when they are first asked for."""

    @cached_property
    def vocabulary(self):
        """The names of regions, themes and countries: one query."""
        return terms.read()

    @cached_property
    def towns(self):
        """{key: `Municipality`}: one query."""
        return Municipality.objects.in_bulk()

    def town(self, key):
        """The municipality of that key; None without one, or if it is no more."""
        return self.towns.get(key) if key is not None else None

    @cached_property
    def logos(self):
        """The `Logo`s that were asked for, by key."""
        return {}

    def logo(self, key):
        """The `Logo` of that key, or None if it is no more; one query the first time."""
        if key is not None and key not in self.logos:
            self.logos[key] = Logo.objects.filter(pk=key).first()
        return self.logos.get(key)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a profile: a text, unless a subclass says otherwise.

    `is_free`: it publishes at once, and staff are told; otherwise they review it. `shape` says how
    differences are shown: "line" and "text" word by word, "several" and "rows" by what came and
    went, "image" side by side. `lang` is the language of what it holds, if it has one. `why` is the
    reason to fill it.
    """

    name: str
    label: str | Promise
    step: str
    is_free: bool = False
    shape: str = "line"
    lang: str = ""
    why: str | Promise = ""
    # Other fields of the organization by which Django names what is wrong with this one.
    also: tuple = field(default=())

    def read(self, organization):
        """Its value, from an organization read by `for_profile`."""
        return getattr(organization, self.name) or ""

    def clean(self, value):
        """A value as it is stored: of a text, spaces and line ends as the organization has them."""
        if self.shape == "text":
            return value.replace("\r\n", "\n").strip()
        return " ".join(value.split())

    def write(self, organization, value):
        """Give the organization the value, before it is checked and saved."""
        setattr(organization, self.name, value)

    def relate(self, organization, value):
        """Write the rows that hang on a saved organization. Raises ValidationError."""

    def words(self, value, lexicon):
        """The value as people read it: a list of texts, empty when there is nothing."""
        return [display.typographic(value)] if value else []


class Phone(Field):
    def read(self, organization):
        return organization.phone.as_e164 if organization.phone else ""

    def words(self, value, lexicon):
        return [display.phone(value)] if value else []


class PostalCode(Field):
    def clean(self, value):
        return "".join(value.split()).upper()

    def words(self, value, lexicon):
        return [display.postal_code(value)] if value else []


class Address(Field):
    """A web or mail address, which keeps its signs as they are."""

    def words(self, value, lexicon):
        return [value] if value else []


class Year(Field):
    def read(self, organization):
        return organization.founded_year

    def clean(self, value):
        return value

    def words(self, value, lexicon):
        return [str(value)] if value else []


class Town(Field):
    def read(self, organization):
        return organization.municipality_id

    def clean(self, value):
        return value

    def write(self, organization, value):
        organization.municipality_id = value

    def words(self, value, lexicon):
        town = lexicon.town(value)
        return [town.name if town else str(value)] if value else []


class Several(Field):
    """Keys of another table, kept in the entry under the same name."""

    def read(self, organization):
        return sorted(getattr(organization.entry, self.name))

    def clean(self, value):
        return sorted(set(value))

    def write(self, organization, value):
        pass

    def relate(self, organization, value):
        getattr(organization, self.name).set(value)

    def words(self, value, lexicon):
        group = {"themes": "theme", "countries": "country", "active_regions": "region"}[self.name]
        known = lexicon.vocabulary.by_key[group]
        names = (known[str(key)].name if str(key) in known else str(key) for key in value)
        return sorted(names, key=fold)


@dataclass(frozen=True, kw_only=True)
class Rows(Field):
    """Rows of `model` that hang on the organization: [[what `kind` says, what `text` says], …].

    `read_from` is the annotation that has them; `once` is what may be there once: "kind" or "text".
    """

    model: type
    kind: str
    text: str
    read_from: str
    once: str

    def read(self, organization):
        rows = getattr(organization, self.read_from)
        return sorted([row[self.kind], row[self.text]] for row in rows)

    def clean(self, value):
        rows = {(kind, " ".join(text.split())) for kind, text in value}
        return sorted([kind, text] for kind, text in rows if text)

    def write(self, organization, value):
        pass

    def relate(self, organization, value):
        """Rows that are no longer there go, the others stay, changed where they differ."""
        place = 0 if self.once == "kind" else 1
        there = {
            getattr(row, self.kind if place == 0 else self.text): row
            for row in self.model.objects.filter(organization=organization)
        }
        wanted = {pair[place]: pair for pair in value}
        if len(wanted) != len(value):
            raise ValidationError(_("The same thing is there twice."))
        for key, row in there.items():
            if key not in wanted:
                row.delete()
        for key, (kind, text) in wanted.items():
            row = there.get(key) or self.model(organization=organization)
            if [getattr(row, self.kind), getattr(row, self.text)] != [kind, text]:
                self.change(row, kind, text)
                row.full_clean()
                row.save()

    def change(self, row, kind, text):
        setattr(row, self.kind, kind)
        setattr(row, self.text, text)

    def kinds(self):
        """{kind: what it is called}."""
        return dict(self.model._meta.get_field(self.kind).flatchoices)

    def words(self, value, lexicon):
        kinds = self.kinds()
        return [f"{kinds.get(kind, kind)} – {self.said(kind, text)}" for kind, text in value]

    def said(self, kind, text):
        return text


class Numbers(Rows):
    def clean(self, value):
        return super().clean(
            [[kind, normalize_identifier(kind, text)] for kind, text in value if text.strip()]
        )

    def change(self, row, kind, text):
        """A number that changes is no longer one that somebody checked."""
        super().change(row, kind, text)
        row.verified_on, row.source_url = None, ""

    def said(self, kind, text):
        return display_identifier(kind, text) if kind in SCHEMES else text


class Picture(Field):
    def read(self, organization):
        return organization.logo_id

    def clean(self, value):
        return value

    def write(self, organization, value):
        organization.logo_id = value

    def words(self, value, lexicon):
        if value is None:
            return []
        logo = lexicon.logo(value)
        return [logo.alt(get_language()) if logo else _("an image that is no more")]


# What is free publishes at once; all the rest goes to the staff.
FIELDS = {
    field.name: field
    for field in (
        # Names and numbers
        Field(name="name_fr", label=_("name in French"), step="identity", lang="fr"),
        Field(name="name_en", label=_("name in English"), step="identity", lang="en"),
        Field(
            name="acronym",
            label=_("acronym"),
            step="identity",
            why=_("Many people know you by it, and search for it."),
        ),
        Rows(
            name="other_names",
            label=_("other names"),
            step="identity",
            shape="rows",
            why=_("A former or working name by which people still look for you."),
            model=OtherName,
            kind="kind",
            text="name",
            read_from="public_names",
            once="text",
        ),
        Year(name="founded_year", label=_("founded in"), step="identity"),
        Numbers(
            name="identifiers",
            label=_("public numbers"),
            step="identity",
            shape="rows",
            why=_("Funders and other registers recognize you by these numbers."),
            model=Identifier,
            kind="scheme",
            text="value",
            read_from="public_identifiers",
            once="kind",
        ),
        # Presentation
        Field(
            name="summary_fr",
            label=_("summary in French"),
            step="presentation",
            lang="fr",
            why=_("It is what people read in the list, and what search engines show."),
        ),
        Field(
            name="summary_en",
            label=_("summary in English"),
            step="presentation",
            lang="en",
            why=_("Without it, people who read English see the French one."),
        ),
        Field(
            name="mission_fr",
            label=_("mission in French"),
            step="presentation",
            shape="text",
            lang="fr",
            why=_("Its words are those by which people find you."),
        ),
        Field(
            name="mission_en",
            label=_("mission in English"),
            step="presentation",
            shape="text",
            lang="en",
            why=_("Its words are those by which people find you in English."),
        ),
        Field(
            name="volunteering_fr",
            label=_("opening text of volunteer offers, in French"),
            step="presentation",
            is_free=True,
            shape="text",
            lang="fr",
            why=_("Says to people who want to help where to begin."),
        ),
        Field(
            name="volunteering_en",
            label=_("opening text of volunteer offers, in English"),
            step="presentation",
            is_free=True,
            shape="text",
            lang="en",
        ),
        # Place and contact
        Town(
            name="municipality",
            label=_("municipality of the head office"),
            step="contact",
            also=("region",),
            why=_("It puts you on the map, and in the lists of your region."),
        ),
        Field(name="address", label=_("street address"), step="contact"),
        PostalCode(name="postal_code", label=_("postal code"), step="contact"),
        Several(
            name="active_regions",
            label=_("regions of action"),
            step="contact",
            shape="several",
            why=_("People find you where you act, not only where your office is."),
        ),
        Address(
            name="website",
            label=_("website"),
            step="contact",
            is_free=True,
            why=_("The first thing that visitors click."),
        ),
        Address(
            name="email",
            label=_("public e-mail address"),
            step="contact",
            is_free=True,
            why=_("The public and journalists write to it."),
        ),
        Phone(
            name="phone",
            label=_("public phone number"),
            step="contact",
            is_free=True,
            why=_("Some people would rather call."),
        ),
        Field(name="phone_extension", label=_("extension"), step="contact", is_free=True),
        Rows(
            name="social_links",
            label=_("social networks"),
            step="contact",
            is_free=True,
            shape="rows",
            model=SocialLink,
            kind="network",
            text="url",
            read_from="public_links",
            once="kind",
        ),
        # Themes and countries
        Several(
            name="themes",
            label=_("themes"),
            step="themes",
            shape="several",
            why=_("People filter the directory by theme: without one, they never see you there."),
        ),
        Several(
            name="countries",
            label=_("countries of action"),
            step="themes",
            shape="several",
            why=_("Journalists look for who works in a country."),
        ),
        # Logo
        Picture(
            name="logo",
            label=_("logo"),
            step="logo",
            shape="image",
            why=_("People recognize you at a glance."),
        ),
    )
}

FREE = frozenset(name for name, field in FIELDS.items() if field.is_free)
REVIEWED = frozenset(FIELDS) - FREE


def read(organization):
    """{field: value} of an organization read by `for_profile`."""
    return {name: field.read(organization) for name, field in FIELDS.items()}


def ordered(names):
    """Names of fields in the table's order; those that it no longer has come last."""
    places = {name: place for place, name in enumerate(FIELDS)}
    return sorted(names, key=lambda name: places.get(name, len(places)))
