"""Mail of development and demonstrations: printed, and kept for a page that exists only there."""

import email
import email.policy
import time
import uuid
from pathlib import Path

from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.mail.backends.console import EmailBackend

from members.permissions import DEMONSTRATION_DOMAIN

KEPT = 100


def folder():
    return Path(settings.MAILBOX_FOLDER)


class MailboxBackend(EmailBackend):
    """Prints each message, and keeps the last hundred as files."""

    def write_message(self, message):
        super().write_message(message)
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        # Names in the order of time; the end tells apart what several processes write.
        name = f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"
        unfinished = folder() / f"{name}.unfinished"
        unfinished.write_bytes(message.message().as_bytes())
        unfinished.rename(folder() / f"{name}.eml")
        for path in sorted(folder().glob("*.eml"))[:-KEPT]:
            path.unlink(missing_ok=True)


def messages():
    """The messages kept, the latest first."""
    found = []
    for path in sorted(folder().glob("*.eml"), reverse=True):
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # another process made room meanwhile
            continue
        found.append(email.message_from_bytes(content, policy=email.policy.default))
    return found


def text_of(message):
    """What a message says, as text."""
    part = message.get_body(("plain",))
    return part.get_content().strip() if part else ""


def demonstration_codes():
    """[(account, present code of its authenticator)] of a demonstration; each serves once."""
    if not settings.DEMONSTRATION:
        return []
    kept = Authenticator.objects.filter(
        type=Authenticator.Type.TOTP, user__email__iendswith=DEMONSTRATION_DOMAIN
    ).select_related("user")
    counter = int(time.time()) // mfa.TOTP_PERIOD
    return [
        (
            authenticator.user,
            totp.format_hotp_value(totp.hotp_value(decrypt(authenticator.data["secret"]), counter)),
        )
        for authenticator in kept.order_by("user_id")
    ]
