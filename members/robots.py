"""Public forms that programs should leave alone: two traps, and no puzzle for anybody."""

import time

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# A person takes longer than this to fill in a form, in seconds, and less than that.
QUICKEST, SLOWEST = 2, 24 * 3600
SALT = "members.robots.made"


class NotRobot(forms.Form):
    """A field that nobody sees, and the time when the page was made, signed."""

    # Named like what programs look for; it stands in the page, out of sight and out of the way.
    subject = forms.CharField(
        required=False,
        label=gettext_lazy("Leave this field empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    made = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_trapped(self):
        """Whether only a program can have sent it."""
        return bool(self.data.get("subject"))

    @property
    def shown(self):
        """The fields that a person sees."""
        return [field for field in self.visible_fields() if field.name != "subject"]

    @staticmethod
    def stamp():
        """The time of a page that is made now, signed."""
        return signing.dumps(time.time(), salt=SALT)

    def clean(self):
        """Refuse what was sent sooner than one reads, or from a page that is not ours."""
        cleaned = super().clean()
        try:
            made = signing.loads(self.data.get("made", ""), salt=SALT, max_age=SLOWEST)
        except signing.BadSignature:
            made = None
        if not isinstance(made, float) or time.time() - made < QUICKEST:
            raise ValidationError(
                _("Nothing was sent yet: look at what you wrote, then send it again."),
                code="robot",
            )
        return cleaned
