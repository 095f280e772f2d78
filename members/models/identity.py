"""What an organization is known by besides its name: former addresses, other names, numbers, and
its pages on social networks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.identifiers import (
    SCHEMES,
    check_identifier,
    display_identifier,
    normalize_identifier,
    org_id,
)


class FormerSlug(models.Model):
    """An address that an organization's page had: it leads to the page for ever.

    Written by a database trigger whenever a slug changes; another organization can never take it.
    """

    slug = models.SlugField(_("former address"), max_length=120, unique=True)
    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="former_slugs",
        verbose_name=_("organization"),
    )

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self):
        return self.slug


class OtherName(models.Model):
    """A name by which people also look for an organization; kept when it changes its name."""

    class Kind(models.TextChoices):
        FORMER = "former", _("former name")
        WORKING = "working", _("working name")
        ACRONYM = "acronym", _("other acronym")

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="other_names",
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.FORMER)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="other_name_is_once_on_its_organization",
                violation_error_message=_("This organization already has that other name."),
            ),
            models.CheckConstraint(
                name="other_name_is_not_empty",
                condition=~Q(name__regex=r"^\s*$"),
                violation_error_message=_("Give the other name."),
            ),
            models.CheckConstraint(
                name="other_name_kind_is_known",
                condition=Q(kind__in=["former", "working", "acronym"]),
                violation_error_message=_("This kind of name does not exist."),
            ),
        ]

    def __str__(self):
        return self.name


class Identifier(models.Model):
    """A number by which a public register knows the organization; one organization a number."""

    class Scheme(models.TextChoices):
        NEQ = "neq", _("Québec enterprise number (NEQ)")
        CHARITY = "charity", _("charity registration number")
        CORPORATION = "corporation", _("federal corporation number")

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="identifiers",
        verbose_name=_("organization"),
    )
    scheme = models.CharField(_("register"), max_length=20, choices=Scheme)
    value = models.CharField(_("number"), max_length=30)
    verified_on = models.DateField(_("checked on"), null=True, blank=True)
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["scheme"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value"],
                name="identifier_belongs_to_one_organization",
                violation_error_message=_("Another organization has this number."),
            ),
            models.UniqueConstraint(
                fields=["organization", "scheme"],
                name="organization_has_one_identifier_a_register",
                violation_error_message=_("This organization already has a number there."),
            ),
            *(
                models.CheckConstraint(
                    name=f"identifier_{scheme}_is_well_formed",
                    condition=~Q(scheme=scheme) | Q(value__regex=rule.pattern),
                    violation_error_message=rule.message,
                )
                for scheme, rule in SCHEMES.items()
            ),
            models.CheckConstraint(
                name="identifier_scheme_is_known",
                condition=Q(scheme__in=list(SCHEMES)),
                violation_error_message=_("This register does not exist."),
            ),
        ]

    def __str__(self):
        return display_identifier(self.scheme, self.value)

    def clean(self):
        if self.scheme in SCHEMES:
            self.value = normalize_identifier(self.scheme, self.value)
            check_identifier(self.scheme, self.value)

    def save(self, **kwargs):
        self.value = normalize_identifier(self.scheme, self.value)
        super().save(**kwargs)

    @property
    def org_id(self):
        """This number in the org-id list."""
        return org_id(self.scheme, self.value)


class SocialLink(models.Model):
    """The organization's own page on a social network; one a network."""

    class Network(models.TextChoices):
        FACEBOOK = "facebook", "Facebook"
        INSTAGRAM = "instagram", "Instagram"
        LINKEDIN = "linkedin", "LinkedIn"
        YOUTUBE = "youtube", "YouTube"
        TIKTOK = "tiktok", "TikTok"
        BLUESKY = "bluesky", "Bluesky"
        MASTODON = "mastodon", "Mastodon"
        X = "x", "X"
        OTHER = "other", _("other network")

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="social_links",
        verbose_name=_("organization"),
    )
    network = models.CharField(_("network"), max_length=20, choices=Network)
    url = models.URLField(_("address"), max_length=300)

    class Meta:
        verbose_name = _("social link")
        verbose_name_plural = _("social links")
        ordering = ["network"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network"],
                name="organization_has_one_link_a_network",
                violation_error_message=_("This organization already has a page on that network."),
            ),
            models.CheckConstraint(
                name="social_link_network_is_known",
                condition=Q(
                    network__in=[
                        "facebook",
                        "instagram",
                        "linkedin",
                        "youtube",
                        "tiktok",
                        "bluesky",
                        "mastodon",
                        "x",
                        "other",
                    ]
                ),
                violation_error_message=_("This network is not one of ours."),
            ),
            models.CheckConstraint(
                name="social_link_is_a_web_address",
                condition=Q(url__regex=r"^https?://"),
                violation_error_message=_("A page’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return f"{self.get_network_display()} {self.url}"
