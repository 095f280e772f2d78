import re

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from members.models.entries import FindableQuerySet
from members.models.identity import FormerSlug
from members.models.memberships import Membership, MembershipDecision
from members.models.periods import LatelyQuerySet
from members.permissions import can_enter
from regions.folding import fold

POSTAL_CODE = r"^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d$"


# Addresses of pages of ours, where an organization's own would be hidden (directory/urls.py,
# space/urls.py; a test gathers them).
RESERVED_SLUGS = frozenset(
    "suggestions invitation request demande my-choice mon-choix confirm confirmer".split()
)

COLUMN_TYPES = {"countries": "varchar", "themes": "smallint"}

# How many organizations are compared to say which are similar.
COMPARED = 200


PUBLIC_NAMES = """
ARRAY(
    SELECT jsonb_build_object('kind', other.kind, 'name', other.name)
    FROM members_othername other
    WHERE other.organization_id = members_organization.id
    ORDER BY other.kind, other.name
)
"""

PUBLIC_IDENTIFIERS = """
ARRAY(
    SELECT jsonb_build_object('scheme', number.scheme, 'value', number.value)
    FROM members_identifier number
    WHERE number.organization_id = members_organization.id
    ORDER BY number.scheme
)
"""

PUBLIC_LINKS = """
ARRAY(
    SELECT jsonb_build_object('network', link.network, 'url', link.url)
    FROM members_sociallink link
    WHERE link.organization_id = members_organization.id
    ORDER BY link.network
)
"""

# Those who chose to be shown, the direction first, then the presidency; what they do there, never
# more than `Person.privacy` and `Position.privacy` call professional.
PUBLIC_PEOPLE = """
ARRAY(
    SELECT jsonb_build_object(
        'name', trim(person.first_name || ' ' || person.last_name),
        'title', place.title,
        'kinds', place.kinds,
        'email', place.email,
        'phone', place.phone,
        'extension', place.phone_extension
    )
    FROM members_position place JOIN members_person person ON person.id = place.person_id
    WHERE place.organization_id = members_organization.id
      AND place.is_public
      AND person.archived_on IS NULL
      AND daterange(place.started_on, place.ended_on, '[]') @> %s::date
    ORDER BY NOT 'direction' = ANY (place.kinds), NOT 'presidency' = ANY (place.kinds),
             person.sort_name, place.id
)
"""

# Where it takes part today, in alliances that go on.
PUBLIC_ALLIANCES = """
ARRAY(
    SELECT jsonb_build_object(
        'slug', alliance.slug,
        'name_fr', alliance.name_fr,
        'name_en', alliance.name_en,
        'acronym', alliance.acronym,
        'role', part.role,
        'since', coalesce(part.since_year, extract(year FROM part.started_on))
    )
    FROM members_alliancemembership part JOIN members_alliance alliance
        ON alliance.id = part.alliance_id
    WHERE part.organization_id = members_organization.id
      AND alliance.status <> 'ended'
      AND daterange(part.started_on, part.ended_on, '[]') @> %s::date
    ORDER BY alliance.sort_name, alliance.id
)
"""

CURRENT_MEMBERSHIP = """(
    SELECT jsonb_build_object(
        'category', period.category,
        'confirmed', period.confirmed,
        'source_url', period.source_url
    )
    FROM members_membership period
    WHERE period.organization_id = members_organization.id
      AND period.status = 'active'
      AND daterange(period.started_on, period.ended_on, '[]') @> %s::date
    LIMIT 1
)"""

# How much another organization shares with one: its countries, twice, and its themes.
CLOSENESS = """
2 * cardinality(ARRAY(
    SELECT unnest(members_directoryentry.countries) INTERSECT SELECT unnest(%s::varchar[])
))
+ cardinality(ARRAY(
    SELECT unnest(members_directoryentry.themes) INTERSECT SELECT unnest(%s::smallint[])
))
"""


class OrganizationQuerySet(FindableQuerySet, LatelyQuerySet):
    taker = "organization"

    def members(self, on=None):
        """Organizations whose membership is in good standing that day (a date, today if None)."""
        return self.filter(entry__listed__has_day=on or timezone.localdate())

    def visible_to(self, user):
        """What `user` may know of: staff everything, others the current members, and
        representatives their own, suspended or not."""
        if user is None or not user.is_authenticated:
            return self.members()
        if can_enter(user):
            return self
        own = self.model.objects.represented_by(user).order_by().values("pk")
        return self.filter(Q(entry__listed__has_day=timezone.localdate()) | Q(pk__in=own))

    def represented_by(self, user, *, managed=False):
        """Those that `user` may act for today; with `managed`, as a manager only."""
        if user is None or not user.is_authenticated:
            return self.none()
        own = self.model.representatives.rel.related_model.objects.active().filter(user=user)
        own = own.managers() if managed else own
        return self.filter(pk__in=own.order_by().values("organization"))

    def in_order_of_score(self):
        return self.by_name(first="-score")

    def with_public_relations(self):
        """With what its page shows besides its columns, in the same query.

        `public_names`: [{kind, name}]; `public_identifiers`: [{scheme, value}]; `public_links`:
        [{network, url}]; `public_people`: [{name, title, kinds, email, phone, extension}], those
        who chose to be shown; `public_alliances`: [{slug, name_fr, name_en, acronym, role, since}],
        those that go on and the year; `current_membership`: {category, confirmed, source_url}, or
        None.
        """
        # As SQL, because composing six subqueries takes Django longer than the whole page.
        today = timezone.localdate()
        return self.annotate(
            public_links=RawSQL(PUBLIC_LINKS, [], ArrayField(models.JSONField())),
            public_people=RawSQL(PUBLIC_PEOPLE, [today], ArrayField(models.JSONField())),
            public_names=RawSQL(PUBLIC_NAMES, [], ArrayField(models.JSONField())),
            public_identifiers=RawSQL(PUBLIC_IDENTIFIERS, [], ArrayField(models.JSONField())),
            public_alliances=RawSQL(PUBLIC_ALLIANCES, [today], ArrayField(models.JSONField())),
            current_membership=RawSQL(CURRENT_MEMBERSHIP, [today], models.JSONField()),
        )

    def for_profile(self):
        """With all that its public page and the forms of its profile read, in one query."""
        return self.select_related("entry", "municipality", "logo").with_public_relations()

    def in_regions(self, codes):
        """Those whose head office is in one of the regions, by code."""
        return self.filter(entry__region__in=codes)

    def active_in_regions(self, codes):
        """Those that say they act in one of the regions, wherever their head office is."""
        return self.filter(entry__active_regions__overlap=list(codes))

    def on_themes(self, ids):
        """Those that work on one of the themes, by id."""
        return self.filter(entry__themes__overlap=list(ids))

    def in_countries(self, codes):
        """Those that work in one of the countries, by ISO code."""
        return self.filter(entry__countries__overlap=list(codes))

    def in_alliances(self, ids):
        """Those that take part today in one of the alliances, by id."""
        participations = self.model.alliance_memberships.rel.related_model.objects.current()
        having = participations.filter(alliance__in=ids).order_by().values("organization")
        return self.filter(pk__in=having)

    def by_name(self, first=None):
        """In the order of names, in the current language: articles and accents do not count.

        `first` is an order that goes before, such as "-score".
        """
        name = "entry__sort_en" if get_language() == "en" else "entry__sort_fr"
        return self.order_by(*([first] if first else []), name, "pk")

    def recently_changed(self):
        """The last changed first."""
        return self.order_by("-updated_at", "pk")


class Organization(models.Model):
    """Any organization the network knows: member, former member, ally, public institution.

    Whether it belongs to the network is said by its memberships, not here.
    """

    class Kind(models.TextChoices):
        COOPERATION = "cooperation", _("international cooperation organization")
        ALLY = "ally", _("ally")
        INSTITUTION = "institution", _("public institution")
        ASSOCIATION = "association", _("the association itself")

    class ConfirmedBy(models.TextChoices):
        """How an organization said that its profile is true."""

        STAFF = "staff", _("told to the staff")
        SPACE = "space", _("in its space")
        LINK = "link", _("by the link of a mail")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.COOPERATION)
    name = models.CharField(_("name"), max_length=200)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    slug = models.SlugField(
        _("address"),
        max_length=120,
        unique=True,
        blank=True,
        help_text=_("The end of its page’s address. The former one will lead here for ever."),
    )

    summary = models.CharField(_("summary"), max_length=400, blank=True)
    mission = models.TextField(_("mission"), max_length=4000, blank=True)
    themes = models.ManyToManyField(
        "members.Theme",
        related_name="organizations",
        blank=True,
        verbose_name=_("themes"),
    )
    countries = models.ManyToManyField(
        "members.Country",
        related_name="organizations",
        blank=True,
        verbose_name=_("countries of action"),
    )

    address = models.CharField(_("street address"), max_length=200, blank=True)
    postal_code = models.CharField(
        _("postal code"),
        max_length=7,
        blank=True,
        validators=[
            RegexValidator(
                POSTAL_CODE.replace(r"\d[ABCEGHJ-NPRSTV-Z]\d$", r" ?\d[ABCEGHJ-NPRSTV-Z]\d$"),
                _("A postal code is written like H2X 1Y6."),
                flags=re.IGNORECASE,
            )
        ],
    )
    municipality = models.ForeignKey(
        "regions.Municipality",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organizations",
        verbose_name=_("municipality of the head office"),
    )
    region = models.ForeignKey(
        "regions.Region",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organizations",
        verbose_name=_("region of the head office"),
        help_text=_("Follows the municipality when there is one."),
    )
    active_regions = models.ManyToManyField(
        "regions.Region",
        related_name="active_organizations",
        blank=True,
        verbose_name=_("regions of action"),
        help_text=_("Regions of Québec where it acts, besides its head office’s."),
    )

    website = models.URLField(_("website"), max_length=300, blank=True)
    email = models.EmailField(_("public e-mail address"), blank=True)
    phone = PhoneNumberField(_("public phone number"), blank=True)
    phone_extension = models.CharField(
        _("extension"),
        max_length=8,
        blank=True,
        validators=[RegexValidator(r"^\d{1,8}$")],
    )

    volunteering = models.TextField(
        _("opening text of volunteer offers"),
        max_length=1500,
        blank=True,
        help_text=_("How to give a hand: to whom it speaks, and what to do."),
    )
    logo = models.ForeignKey(
        "members.Logo",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo"),
    )

    founded_year = models.PositiveSmallIntegerField(
        _("founded in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1600), MaxValueValidator(2100)],
    )
    closed_year = models.PositiveSmallIntegerField(
        _("closed in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1600), MaxValueValidator(2100)],
    )

    source_url = models.URLField(
        _("source"),
        max_length=500,
        blank=True,
        help_text=_("The page these facts rest on."),
    )
    as_of = models.PositiveSmallIntegerField(
        _("year of the source"),
        null=True,
        blank=True,
        help_text=_("Empty when the page is undated."),
        validators=[MinValueValidator(1600), MaxValueValidator(2100)],
    )
    last_confirmed_on = models.DateField(
        _("last confirmed on"),
        null=True,
        blank=True,
        help_text=_("The day the organization last said that all of this is true."),
    )

    tags = models.ManyToManyField(
        "members.Tag", related_name="organizations", blank=True, verbose_name=_("tags")
    )

    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["entry__sort_fr", "pk"]
        indexes = [models.Index(fields=["-updated_at", "id"], name="organization_recent")]
        constraints = [
            models.CheckConstraint(
                name="organization_has_a_french_name",
                condition=Q(name_fr__regex=r"\S") & Q(name_fr__isnull=False),
                violation_error_message=_("Give the name in French."),
            ),
            models.CheckConstraint(
                name="organization_closed_after_it_was_founded",
                condition=Q(founded_year__isnull=True)
                | Q(closed_year__isnull=True)
                | Q(closed_year__gte=F("founded_year")),
                violation_error_message=_("The organization closed before it was founded."),
            ),
            models.CheckConstraint(
                name="organization_years_are_plausible",
                condition=(Q(founded_year__isnull=True) | Q(founded_year__range=(1600, 2100)))
                & (Q(closed_year__isnull=True) | Q(closed_year__range=(1600, 2100)))
                & (Q(as_of__isnull=True) | Q(as_of__range=(1600, 2100))),
                violation_error_message=_("A year lies between 1600 and 2100."),
            ),
            models.CheckConstraint(
                name="organization_postal_code_is_canadian",
                condition=Q(postal_code="") | Q(postal_code__regex=POSTAL_CODE),
                violation_error_message=_("A postal code is written like H2X 1Y6."),
            ),
            models.CheckConstraint(
                name="organization_website_is_a_web_address",
                condition=Q(website="") | Q(website__regex=r"^https?://"),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
            models.CheckConstraint(
                name="organization_source_is_a_web_address",
                condition=Q(source_url="") | Q(source_url__regex=r"^https?://"),
                violation_error_message=_("A source’s address begins with http:// or https://."),
            ),
            models.CheckConstraint(
                name="organization_extension_goes_with_a_phone",
                condition=Q(phone_extension="")
                | (~Q(phone="") & Q(phone_extension__regex=r"^[0-9]+$")),
                violation_error_message=_("An extension is digits, and goes with a phone number."),
            ),
            models.CheckConstraint(
                name="organization_has_the_region_of_its_municipality",
                condition=Q(municipality__isnull=True) | Q(region__isnull=False),
                violation_error_message=_("A municipality comes with its region."),
            ),
            models.CheckConstraint(
                name="organization_kind_is_known",
                condition=Q(kind__in=["cooperation", "ally", "institution", "association"]),
                violation_error_message=_("This kind of organization does not exist."),
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind="association"),
                name="association_itself_is_one",
                violation_error_message=_("The association itself is already there."),
            ),
            models.CheckConstraint(
                name="organization_slug_is_not_empty",
                condition=~Q(slug=""),
                violation_error_message=_("The page needs an address."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("members:organization-detail", args=[self.slug])

    def clean(self):
        self.normalize()
        if self.slug in RESERVED_SLUGS:
            raise ValidationError(
                {"slug": _("This address is that of another page: choose another one.")}
            )

    def save(self, **kwargs):
        self.normalize()
        super().save(**kwargs)

    def normalize(self):
        """Write each value the one way it is stored: spacing, postal code, the town's region.

        A new organization gets the address that its name makes, unless it has one.
        """
        for field in (
            "name_fr",
            "name_en",
            "acronym",
            "summary_fr",
            "summary_en",
            "address",
        ):
            setattr(self, field, " ".join((getattr(self, field) or "").split()))
        for field in ("mission_fr", "mission_en", "volunteering_fr", "volunteering_en"):
            setattr(self, field, (getattr(self, field) or "").replace("\r\n", "\n").strip())
        self.postal_code = re.sub(r"\s", "", self.postal_code).upper()
        if self.municipality_id:
            self.region_id = self.municipality.region_id
        if not self.slug:
            self.slug = free_slug(self.name_fr)

    @cached_property
    def identifiers_by_scheme(self):
        """Its public numbers as {scheme: Identifier}."""
        return {identifier.scheme: identifier for identifier in self.identifiers.all()}

    def similar(self, counts):
        """Other members that share its countries and themes, the closest first.

        A country shared counts twice as much as a theme, since themes are few. Only those that
        share its rarest country (that others have), or else theme, are compared, COMPARED at most:
        `counts` says how many have each (as `facets.Counts.by`).
        """
        entry = self.entry
        for group, column in (("country", "countries"), ("theme", "themes")):
            members = {key: counts[group].get(str(key), 0) for key in getattr(entry, column)}
            shared = [key for key, number in members.items() if number > 1]
            if shared:
                rarest = min(shared, key=members.get)
                break
        else:
            return Organization.objects.none()
        compared = RawSQL(
            "(SELECT organization_id FROM members_directoryentry"
            f" WHERE {column} @> ARRAY[%s]::{COLUMN_TYPES[column]}[]"
            " AND listed @> %s AND organization_id <> %s LIMIT %s)",
            [rarest, timezone.localdate(), self.pk, COMPARED],
        )
        return (
            Organization.objects.filter(pk__in=compared)
            .select_related("entry")
            .annotate(
                closeness=RawSQL(CLOSENESS, [entry.countries, entry.themes], models.IntegerField())
            )
            .by_name(first="-closeness")
        )

    @property
    def org_id(self):
        """Its identifier in the org-id list: the charity's, else the NEQ's, else the federal
        corporation's; empty if it has none."""
        for scheme in ("charity", "neq", "corporation"):
            if identifier := self.identifiers_by_scheme.get(scheme):
                return identifier.org_id
        return ""

    @transaction.atomic
    def confirm(self, *, by=None, on=None, source=ConfirmedBy.STAFF, address=""):
        """Record that the organization says its profile is true, on that day (today if None).

        The history says how it was told: `source`, with the `address` whose link it was, and `by`.
        """
        said = {"confirmed_by": str(source), "confirmed_address": address}
        if by is not None:
            said["user"] = by.pk
        with pghistory.context(**said):
            self.last_confirmed_on = on or timezone.localdate()
            self.save(update_fields=["last_confirmed_on", "updated_at"])

    @transaction.atomic
    def admit(self, *, by, on, decision, category=""):
        """Make the organization a member from the day `on`; return the `Membership`.

        A former member is readmitted: a new membership, the former ones stay. `decision` is an
        unsaved `MembershipDecision`. Raises ValidationError if it would overlap another membership,
        or if it is the association itself.
        """
        if self.kind == self.Kind.ASSOCIATION:
            raise ValidationError(_("The association is not a member of itself."))
        kinds = MembershipDecision.Kind
        kind = kinds.READMISSION if self.memberships.exists() else kinds.ADMISSION
        membership = Membership(organization=self, started_on=on, category=category, confirmed=True)
        membership.full_clean()
        membership.save()
        decision.record(membership, kind, by)
        return membership


def free_slug(name):
    """An address for `name` that no organization has or has had."""
    base = slug_base(name)
    used = set(Organization.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    used |= set(FormerSlug.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return numbered_slug(name, used)


def slug_base(name):
    """The address that `name` makes, when nobody has it."""
    return slugify(fold(name))[:110].strip("-") or "organisme"


def numbered_slug(name, used):
    """An address for `name` that is not among `used`: a second « Carrefour » is carrefour-2."""
    base = slug_base(name)
    slug, number = base, 1
    while slug in used or slug in RESERVED_SLUGS:
        number += 1
        slug = f"{base}-{number}"
    return slug
