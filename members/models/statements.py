"""Positions and open letters, who signed them, and what the news makes urgent."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Concat, ExtractYear
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.periods import Dated, HasPeriod, PeriodQuerySet, period_constraints
from members.models.slugs import free_slug
from regions.folding import Fold

# What the words of the public's search are looked for in.
SEARCHED = ("title_fr", "title_en", "text_fr", "text_en", "addressed_to_fr", "addressed_to_en")


def in_one(names):
    """The texts of these columns as one, a space between them; what is empty is nothing."""
    text = TextField()
    parts = [Coalesce(F(name), Value(""), output_field=text) for name in names]
    spaced = [piece for part in parts for piece in (part, Value(" "))]
    return Concat(*spaced, output_field=text)


# What is read of a statement beside its row: as SQL, because composing these subqueries takes
# Django longer than the whole list.
THEMES = """
ARRAY(
    SELECT theme_id FROM members_statement_themes
    WHERE statement_id = members_statement.id ORDER BY theme_id
)
"""

COUNTRIES = """
ARRAY(
    SELECT country_id FROM members_statement_countries
    WHERE statement_id = members_statement.id ORDER BY country_id
)
"""

SIGNATURES = """(
    SELECT count(*) FROM members_signature
    WHERE statement_id = members_statement.id AND withdrawn_at IS NULL
)"""


# The latest that each organization signed and the public sees: what `of_row` makes statements of.
SIGNED = f"""
ARRAY(
    SELECT jsonb_build_object(
        'kind', members_statement.kind,
        'slug', members_statement.slug,
        'title_fr', members_statement.title_fr,
        'title_en', members_statement.title_en,
        'addressed_to_fr', members_statement.addressed_to_fr,
        'addressed_to_en', members_statement.addressed_to_en,
        'issued_on', members_statement.issued_on,
        'signing_from', members_statement.signing_from,
        'signing_until', members_statement.signing_until,
        'theme_ids', {THEMES},
        'country_codes', {COUNTRIES},
        'signatures_count', {SIGNATURES}
    )
    FROM members_statement JOIN members_signature signature
        ON signature.statement_id = members_statement.id
    WHERE signature.organization_id = members_organization.id
      AND signature.withdrawn_at IS NULL AND members_statement.is_published
    ORDER BY members_statement.issued_on DESC, members_statement.id DESC
    LIMIT %s
)
"""


def with_signed(organizations, most):
    """`organizations` with `signed_rows`, the latest public statements that each signed, at most
    `most`: in the same query."""
    rows = RawSQL(SIGNED, [most], ArrayField(models.JSONField()))
    return organizations.annotate(signed_rows=rows)


class StatementQuerySet(models.QuerySet):
    def published(self):
        """Those that the public sees."""
        return self.filter(is_published=True)

    def open_for_signing(self, on=None):
        """Those that organizations may sign that local day (today if None), published or not."""
        on = on or timezone.localdate()
        return self.filter(signing_from__lte=on, signing_until__gte=on)

    def not_signed_by(self, organization):
        """Those that the organization did not sign, or took back."""
        signatures = Signature.objects.standing().filter(statement=OuterRef("pk"))
        return self.exclude(Exists(signatures.filter(organization=organization)))

    def matching(self, question):
        """Those that have all the words and phrases of a `search.Question`, accents or not, in
        what the public reads of them; none of those that it excludes."""
        if not question:
            return self
        found = self
        for word in question.words:
            found = found.filter(words__contains=f" {word}")
        for phrase in question.phrases:
            found = found.filter(words__contains=f" {' '.join(phrase)} ")
        for word in question.excluded:
            found = found.exclude(words__contains=f" {word} ")
        return found

    def with_topics(self):
        """With the lists `theme_ids` and `country_codes`, in the same query."""
        return self.annotate(
            theme_ids=RawSQL(THEMES, [], ArrayField(models.SmallIntegerField())),
            country_codes=RawSQL(COUNTRIES, [], ArrayField(CharField())),
        )

    def with_signatures_count(self):
        """With `signatures_count`, how many organizations sign, in the same query."""
        return self.annotate(signatures_count=RawSQL(SIGNATURES, [], models.IntegerField()))

    def for_cards(self):
        """All that `statement_cards.statement_card` reads, the latest first: one query.

        Neither the texts, which are long, nor the dossier, which is the staff’s.
        """
        shown = self.with_topics().with_signatures_count().latest_first()
        return shown.defer("text", "text_fr", "text_en", "words", "dossier")

    def for_page(self):
        """What the page of one reads: one query. Not the dossier, which is the staff’s."""
        shown = self.with_topics().with_signatures_count()
        return shown.select_related("alliance", "edition__campaign").defer("words", "dossier")

    def for_choices(self):
        """A light row of each, for counting what a choice would give, the latest first: `pk`,
        `kind`, `year` (None without a date), `theme_ids`, `country_codes`."""
        return (
            self.with_topics()
            .annotate(year=ExtractYear("issued_on"))
            .latest_first()
            .values("pk", "kind", "year", "theme_ids", "country_codes")
        )

    def latest_first(self):
        return self.order_by(F("issued_on").desc(nulls_first=True), "-pk")


class Statement(Dated):
    """A public position or open letter: its text, or where it is, and the organizations that sign.

    Members sign from `signing_from` to `signing_until`, local days both included, which may be
    before it is published. The dossier it belongs to is the staff's: no public page says it.
    """

    class Kind(models.TextChoices):
        POSITION = "position", pgettext_lazy("statement", "position")
        LETTER = "letter", _("open letter")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.POSITION)
    title = models.CharField(_("title"), max_length=250)
    slug = models.SlugField(_("address"), max_length=140, unique=True, blank=True)
    text = models.TextField(_("text"), max_length=20_000, blank=True)
    url = models.URLField(
        _("where it is published"),
        max_length=500,
        blank=True,
        help_text=_("When the text is elsewhere: the page that has it."),
    )
    addressed_to = models.CharField(_("addressed to"), max_length=300, blank=True)
    issued_on = models.DateField(_("date"), null=True, blank=True)
    is_published = models.BooleanField(
        _("public"), default=False, help_text=_("Members may sign it before it is.")
    )
    dossier = models.ForeignKey(
        "members.Dossier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("dossier"),
        help_text=_("For the staff: no public page says it."),
    )
    alliance = models.ForeignKey(
        "members.Alliance",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("alliance"),
    )
    edition = models.ForeignKey(
        "members.CampaignEdition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("edition of a campaign"),
    )
    themes = models.ManyToManyField(
        "members.Theme", related_name="statements", blank=True, verbose_name=_("themes")
    )
    countries = models.ManyToManyField(
        "members.Country", related_name="statements", blank=True, verbose_name=_("countries")
    )
    signing_from = models.DateField(_("open for signing from"), null=True, blank=True)
    signing_until = models.DateField(_("open for signing until"), null=True, blank=True)
    source_url = models.URLField(
        _("source"), max_length=500, blank=True, help_text=_("The page these facts rest on.")
    )

    # All that `matching` looks at, each word between spaces.
    words = models.GeneratedField(
        expression=Concat(Value(" "), Fold(in_one(SEARCHED)), Value(" "), output_field=TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = [F("issued_on").desc(nulls_first=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                name="statement_has_a_french_title",
                condition=Q(title_fr__isnull=False) & Q(title_fr__regex=r"\S"),
                violation_error_message=_("Give the title in French."),
            ),
            models.CheckConstraint(
                name="statement_kind_is_known",
                condition=Q(kind__in=["position", "letter"]),
                violation_error_message=_("This kind of statement does not exist."),
            ),
            models.CheckConstraint(
                name="statement_signing_has_both_days_in_order",
                condition=Q(signing_from__isnull=True, signing_until__isnull=True)
                | Q(signing_from__isnull=False, signing_until__gte=F("signing_from")),
                violation_error_message=_(
                    "To sign, give the first and the last day, in that order."
                ),
            ),
            models.CheckConstraint(
                name="public_statement_has_a_date_and_a_text",
                condition=Q(is_published=False)
                | (
                    Q(issued_on__isnull=False)
                    & (~Q(url="") | (Q(text_fr__isnull=False) & Q(text_fr__regex=r"\S")))
                ),
                violation_error_message=_(
                    "To be public, it needs a date, and a text in French or the page that has it."
                ),
            ),
            models.CheckConstraint(
                name="statement_addresses_are_web_addresses",
                condition=(Q(url="") | Q(url__regex=r"^https?://"))
                & (Q(source_url="") | Q(source_url__regex=r"^https?://")),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("members:statement-detail", args=[self.slug])

    def save(self, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, self.title_fr, "prise-de-position")
        super().save(**kwargs)

    @classmethod
    def of_row(cls, row):
        """A statement as `for_cards` gives it, of a row of `with_signed`: to be shown only."""
        days = ("issued_on", "signing_from", "signing_until")
        counted = ("theme_ids", "country_codes", "signatures_count")
        plain = {name: value for name, value in row.items() if name not in counted}
        plain |= {name: row[name] and datetime.date.fromisoformat(row[name]) for name in days}
        statement = cls(**plain)
        for name in counted:
            setattr(statement, name, row[name])
        return statement

    def is_open(self, on=None):
        """Whether organizations may sign it that local day (today if None)."""
        on = on or timezone.localdate()
        return bool(self.signing_from and self.signing_from <= on <= self.signing_until)

    @property
    def days_left(self):
        """How many days there are to sign it after today: 0 on the last one."""
        return (self.signing_until - timezone.localdate()).days

    @transaction.atomic
    def open_signing(self, *, until):
        """Organizations may sign it until that local day, included; from today if not already.

        The day it was opened stays when only the last day moves. Raises ValidationError for a day
        that is past.
        """
        today = timezone.localdate()
        if until < today:
            raise ValidationError({"until": _("This day is past: choose today or a later one.")})
        held = Statement.objects.select_for_update().get(pk=self.pk)
        self.signing_from = min(held.signing_from or today, today)
        self.signing_until = until
        self.save(update_fields=["signing_from", "signing_until", "updated_at"])

    @transaction.atomic
    def close_signing(self):
        """Nobody may sign it from now on; the signatures stay. Opened today, it never was."""
        held = Statement.objects.select_for_update().get(pk=self.pk)
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        if not held.signing_from or held.signing_from > yesterday:
            self.signing_from = self.signing_until = None
        else:
            self.signing_from = held.signing_from
            self.signing_until = min(held.signing_until, yesterday)
        self.save(update_fields=["signing_from", "signing_until", "updated_at"])

    @transaction.atomic
    def sign(self, organization, *, by, title=""):
        """An organization signs; return its `Signature`, the one it has if it signed already.

        `by` acts for it, `title` is what they do there. Raises `SigningClosed` out of the days.
        """
        held = Statement.objects.select_for_update().get(pk=self.pk)
        if not held.is_open():
            raise SigningClosed
        there = held.signatures.standing().filter(organization=organization).first()
        return there or Signature.objects.create(
            statement=held,
            organization=organization,
            signed_at=timezone.now(),
            signed_by=by,
            signed_name=by.get_full_name() or by.email,
            signed_title=" ".join(title.split())[:150],
        )

    @transaction.atomic
    def note_signature(self, organization, *, on, name="", title=""):
        """An organization signed otherwise than in its space, that local day; return its
        `Signature`. `name` and `title` are of whoever said so for it, if known.

        The staff write it down, before or after the last day. Raises ValidationError if it has
        signed already, or if the day has not come.
        """
        Statement.objects.select_for_update().get(pk=self.pk)
        if on > timezone.localdate():
            raise ValidationError({"on": _("This day has not come yet.")})
        if self.signatures.standing().filter(organization=organization).exists():
            raise ValidationError({"organization": _("This organization has signed already.")})
        noon = datetime.datetime.combine(on, datetime.time(12), timezone.get_default_timezone())
        return Signature.objects.create(
            statement=self,
            organization=organization,
            signed_at=min(noon, timezone.now()),
            signed_name=" ".join(name.split())[:150],
            signed_title=" ".join(title.split())[:150],
        )


class SigningClosed(Exception):
    """The statement is not open for signing, or no longer."""


class SignatureQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def last_title_of(self, user):
        """What the user said they do when they last signed; empty if they never did."""
        signed = self.filter(signed_by=user).exclude(signed_title="").order_by("-signed_at", "-pk")
        return signed.values_list("signed_title", flat=True).first() or ""


class Signature(models.Model):
    """An organization signs a statement: who did it for it, and when. The public sees neither name
    nor title, only the organization and the day."""

    statement = models.ForeignKey(
        Statement, models.PROTECT, related_name="signatures", verbose_name=_("statement")
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        related_name="signatures",
        verbose_name=_("organization"),
    )
    signed_at = models.DateTimeField(_("signed on"), default=timezone.now)
    signed_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="signatures",
        verbose_name=_("signed by"),
    )
    signed_name = models.CharField(_("name of who signed"), max_length=150, blank=True)
    signed_title = models.CharField(_("what they do there"), max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(_("taken back on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "organization"],
                condition=Q(withdrawn_at__isnull=True),
                name="organization_signs_a_statement_once",
                violation_error_message=_("This organization has signed already."),
            ),
            models.CheckConstraint(
                name="signature_is_taken_back_by_someone",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                violation_error_message=_("Say who took it back, and when."),
            ),
        ]

    def __str__(self):
        return f"{self.organization}, {timezone.localtime(self.signed_at):%Y-%m-%d}"

    @transaction.atomic
    def take_back(self, *, by):
        """The organization no longer signs; who said so and when is kept. Twice is once.

        Return the signature. Raises `SigningClosed` when the days to sign are over, but for the
        staff.
        """
        from members.permissions import may

        if not self.statement.is_open() and not may(by, "change", Signature):
            raise SigningClosed
        Signature.objects.standing().filter(pk=self.pk).update(
            withdrawn_at=timezone.now(), withdrawn_by=by
        )
        self.refresh_from_db()
        return self


class Crisis(Dated, HasPeriod):
    """A country that the news is about: it leads its page and the home page while it lasts."""

    country = models.ForeignKey(
        "members.Country", models.PROTECT, related_name="crises", verbose_name=_("country")
    )
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), max_length=3000)
    url = models.URLField(
        _("to know more"), max_length=500, blank=True, help_text=_("A page that says more.")
    )

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")
        ordering = [F("started_on").desc(nulls_last=True), "-pk"]
        constraints = [
            *period_constraints("crisis", _("It ends before it starts.")),
            models.CheckConstraint(
                name="crisis_has_its_day",
                condition=Q(started_on__isnull=False),
                violation_error_message=_("Give the day since when."),
            ),
            models.CheckConstraint(
                name="crisis_is_said_in_french",
                condition=Q(title_fr__isnull=False)
                & Q(title_fr__regex=r"\S")
                & Q(text_fr__isnull=False)
                & Q(text_fr__regex=r"\S"),
                violation_error_message=_("Give the title and the text in French."),
            ),
            models.CheckConstraint(
                name="crisis_link_is_a_web_address",
                condition=Q(url="") | Q(url__regex=r"^https?://"),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return self.title
