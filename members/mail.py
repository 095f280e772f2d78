"""Mail: written in the transaction that it tells of, delivered once that is committed.

A mail is one text, `templates/mail/<kind>.txt`: a first line « Subject: … », then paragraphs. One
that is only « words: https://… » is a link, drawn as a button in the HTML that is made of the same
text. What the site writes is the life of the network, not commercial messages (S.C. 2010, c. 23):
no unsubscription goes with it.
"""

import logging
import re
import smtplib
from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.models import SentMail, User

logger = logging.getLogger(__name__)

# A line that is a link and nothing else.
LINK = re.compile(r"^(?P<words>[^\n]{1,120}?)\s?: (?P<url>https?://\S+)$")
# What opens something to whoever has it: the last long part of an address.
SECRET = re.compile(r"(https?://\S*/)[\w:=-]{24,}(?=/|\s|$)")


def root():
    """Where the site answers, for addresses in mails. Raises ImproperlyConfigured without any."""
    if settings.SITE_URL:
        return settings.SITE_URL
    if settings.DEBUG or settings.DEMONSTRATION:
        return "http://localhost:8000"
    raise ImproperlyConfigured("Set the SITE_URL environment variable: mails lead to the site.")


def send(
    kind,
    to,
    *,
    language="fr",
    context=None,
    organization=None,
    key=None,
    by=None,
    reply_to="",
):
    """Write the mail `kind` in `language`; it leaves when this transaction is committed.

    Return its `SentMail`, or None if a mail with that `key` was written already. `by` is whoever
    caused it. The template has `context`, `organization` and `root`, the site's address.
    """
    with override(language):
        subject, body = rendered(kind, {"organization": organization, **(context or {})})
        html = in_html(subject, body, language)
    mail = SentMail(
        kind=kind,
        to=to,
        language=language,
        subject=subject,
        text=masked(body),
        delivery={"text": body, "html": html},
        organization=organization,
        key=key,
        by=by,
        reply_to=reply_to,
    )
    if key is None:
        mail.save()
    else:
        # Two that write it at once: the second waits for the first, and writes nothing.
        SentMail.objects.bulk_create([mail], ignore_conflicts=True)
        mail = SentMail.objects.filter(key=key, created_at=mail.created_at).first()
        if mail is None:
            return None
    transaction.on_commit(lambda: deliver(mail.pk), robust=True)
    return mail


def to_staff(kind, *, model, action="change", context=None, organization=None):
    """Write the mail to each account of the staff that may do `action` to records of `model`."""
    for user in User.objects.who_may(action, model):
        send(kind, user.email, language=user.language, context=context, organization=organization)


def rendered(kind, context):
    """(subject, text) of a mail, in the current language; the subject is one line."""
    template = get_template(f"mail/{kind}.txt").template
    # Plain text: nothing is escaped here, all of it is where it becomes HTML.
    text = template.render(Context({"root": root(), **context}, autoescape=False))
    first, _sep, body = text.strip().partition("\n")
    subject = " ".join(first.removeprefix("Subject:").split())
    body = re.sub(r"\n{3,}", "\n\n", body.replace("\r", "")).strip()
    return subject[:300], f"{body}\n\n{footer()}\n"


def footer():
    """Who writes, in the current language."""
    return "\n".join(
        [
            "– ",
            _("AQOCI, directory of members"),
            root(),
            _("This message was sent by the site, for the life of the network."),
        ]
    )


def masked(text):
    """The text without the ends of addresses that open something."""
    return SECRET.sub(r"\1…", text)


def in_html(subject, text, language):
    """The same text in HTML: paragraphs, and buttons for the lines that are links."""
    blocks = []
    for paragraph in text.strip().split("\n\n"):
        if found := LINK.match(paragraph.strip()):
            blocks.append({"link": found["url"], "words": found["words"]})
        else:
            lines = [linked(escape(line)) for line in paragraph.split("\n")]
            blocks.append({"html": "<br>\n".join(lines)})
    return render_to_string(
        "mail/layout.html", {"subject": subject, "blocks": blocks, "language": language}
    )


def linked(text):
    """Escaped text whose addresses are links."""
    return re.sub(r"(https?://[^\s<]+)", r'<a href="\1">\1</a>', text)


def deliver(pk):
    """Hand one mail to the server, if nobody else is doing it; write down what became of it.

    Return whether it left. Never raises for what a server or an address does.
    """
    with transaction.atomic():
        waiting = SentMail.objects.to_deliver().select_for_update(skip_locked=True)
        mail = waiting.filter(pk=pk).first()
        if mail is None or mail.delivery is None:
            return False
        try:
            message(mail).send()
        except smtplib.SMTPRecipientsRefused as error:
            answer = next(iter(error.recipients.values()), (0, b""))
            lasting = 500 <= answer[0] < 600
            mail.state = SentMail.State.BOUNCED if lasting else SentMail.State.FAILED
            mail.error = f"{answer[0]} {answer[1]!r}"[:300]
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("Mail %s did not leave: %s", mail.pk, error)
            mail.state, mail.error = SentMail.State.FAILED, str(error)[:300]
        else:
            mail.state, mail.error, mail.sent_at = SentMail.State.SENT, "", timezone.now()
        if mail.state in (SentMail.State.SENT, SentMail.State.BOUNCED):
            mail.delivery = None
        mail.save()
        return mail.state == SentMail.State.SENT


def message(mail):
    """The message that leaves for a `SentMail`."""
    reply_to = mail.reply_to or settings.CONTACT_EMAIL
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    made = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.delivery["text"],
        to=[mail.to],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": make_msgid(str(mail.pk), domain or None),
        },
    )
    made.attach_alternative(mail.delivery["html"], "text/html")
    return made
