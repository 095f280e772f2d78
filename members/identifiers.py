"""Public numbers of an organization: how they are written, checked and turned into an org-id.

Rules: STANDARDS of the registers named below. Nothing here touches the database.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Scheme:
    """A register: what its numbers look like, and its code in the org-id list (org-id.guide)."""

    pattern: str
    message: str
    org_id_prefix: str
    has_check_digit: bool = False


SCHEMES = {
    # Registraire des entreprises du Québec: ten digits; no published check digit. Prefixes: 11
    # legal person, 22 sole proprietorship, 33 partnership, 88 public body.
    "neq": Scheme(
        r"^(11|22|33|88)\d{8}$",
        _("A NEQ has ten digits and begins with 11, 22, 33 or 88."),
        "CA_QC-QBC",
    ),
    # Canada Revenue Agency: a business number (nine digits, Luhn) and the programme account.
    "charity": Scheme(
        r"^\d{9}RR\d{4}$",
        _("A charity number is nine digits, RR, then four digits."),
        "CA-CRA_ACR",
        has_check_digit=True,
    ),
    # Corporations Canada: digits, a hyphen and one digit.
    "corporation": Scheme(
        r"^\d{4,7}-\d$",
        _("A federal corporation number is four to seven digits, a hyphen, then one digit."),
        "CA-CC",
    ),
}


def normalize_identifier(scheme, value):
    """`value` as it is stored: no spaces, capitals, hyphens only where the register has them."""
    value = re.sub(r"\s", "", value).upper()
    value = re.sub(r"[‐-―−]", "-", value)
    return value if scheme == "corporation" else value.replace("-", "")


def luhn_is_valid(digits):
    """Whether a string of digits passes the Luhn check (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def check_identifier(scheme, value):
    """Raise ValidationError, saying which rule fails, unless `value` is well formed."""
    rule = SCHEMES[scheme]
    if not re.fullmatch(rule.pattern, value, re.ASCII):
        raise ValidationError(rule.message, code="pattern")
    if rule.has_check_digit and not luhn_is_valid(value[:9]):
        raise ValidationError(
            _("The first nine digits do not pass the business number’s check (Luhn)."),
            code="check_digit",
        )


def org_id(scheme, value):
    """The identifier in the org-id list: for a charity, the first nine digits only.

    For example CA-CRA_ACR-887802981 or CA_QC-QBC-1181440711.
    """
    return f"{SCHEMES[scheme].org_id_prefix}-{value[:9] if scheme == 'charity' else value}"


def display_identifier(scheme, value):
    """The number as people read it: `88780 2981 RR 0001`; others as they are stored."""
    if scheme == "charity":
        return f"{value[:5]} {value[5:9]} RR {value[11:]}"
    return value
