from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.Model):
    """What organizations work on: a short list of the network's own.

    Each theme is mapped to United Nations Sustainable Development Goals (1–17) and to OECD-DAC
    five-digit purpose codes, so that nobody has to choose one by hand.
    """

    id = models.SmallAutoField(primary_key=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    other_names = models.CharField(
        _("also searched as"),
        max_length=300,
        blank=True,
        help_text=_("Words in French or English that should find this theme."),
    )
    sdgs = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(17)]),
        verbose_name=_("Sustainable Development Goals"),
        default=list,
        blank=True,
    )
    dac_codes = ArrayField(
        models.CharField(max_length=5, validators=[RegexValidator(r"^\d{5}$")]),
        verbose_name=_("OECD-DAC purpose codes"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["name_fr"]

    def __str__(self):
        return self.name


class Country(models.Model):
    """A country or territory of ISO 3166-1, by its alpha-2 code."""

    code = models.CharField(
        _("code"),
        max_length=2,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z]{2}$")],
    )
    name = models.CharField(_("name"), max_length=80)
    other_names = models.CharField(
        _("also searched as"),
        max_length=300,
        blank=True,
        help_text=_("Words in French or English that should find this country."),
    )

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name_fr"]
        constraints = [
            models.CheckConstraint(
                name="country_code_is_two_capitals",
                condition=models.Q(code__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("A country’s code is two capital letters (ISO 3166-1)."),
            ),
        ]

    def __str__(self):
        return self.name
