"""Mail: written in the transaction that it tells of, delivered once that is committed.

A mail is one text, `templates/mail/<kind>.txt`: a first line « Subject: … », then paragraphs. One
that is only « words: https://… », on this site, becomes a button in the HTML that is made of the
same text; lines that begin with a dash become a list.

What the site writes is the life of the network, not commercial messages (S.C. 2010, c. 23, s. 1):
there is nothing to unsubscribe from, so that no List-Unsubscribe goes with it. Codes to sign in
are not written here, and never kept.

A mail leaves at most once. Whoever delivers it first writes down that it is leaving, in a
transaction of its own, then hands it to the server, then writes down what became of it; should they
die in between, nobody tries again by themself, since it may have left (`SentMail.interrupted`).
"""

import logging
import re
import smtplib
import time
from collections import Counter
from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from members.models import BouncedAddress, SentMail, User
from members.root import root

logger = logging.getLogger(__name__)

State = SentMail.State

# A line that is a link and nothing else.
LINK = re.compile(r"^(?P<words>[^\n]{1,120}?)\s?: (?P<url>https?://\S+)$")
# The colon of such a line, which French sets apart.
COLON = re.compile(r"(?m)(?<=\S):(?= https?://\S+$)")
# The long parts of addresses that may open something; the addresses of pages are lower-case words.
LONG = re.compile(r"(?<=[/=])[\w:.~-]{20,}(?=[/?&#\s]|$)")
WORDS = re.compile(r"[a-z]+(-[a-z0-9]+)*|[a-z0-9]+(-[a-z0-9]+)+")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"https?://\S+")

# After the server could not be reached, pages do not wait for it again during so many seconds:
# `deliver_mail` will.
AWAY_FOR = 60
_away = {"until": float("-inf")}


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
    caused it. The template has `context`, `organization` and `root`, the site's address. Nothing
    that an address or a server does raises: it is written on the mail.
    """
    mail = made(
        kind,
        to,
        language=language,
        context=context,
        organization=organization,
        key=key,
        by=by,
        reply_to=reply_to,
    )
    written = write([mail])
    leave_on_commit(written)
    return written[0] if written else None


def to_staff(kind, *, model, action="change", context=None, organization=None):
    """Write the mail to each account of the staff that may do `action` to records of `model`."""
    mails = [
        made(
            kind, user.email, language=language_of(user), context=context, organization=organization
        )
        for user in User.objects.who_may(action, model)
    ]
    leave_on_commit(write(mails))


def language_of(user):
    """The language in which to write to an account."""
    return getattr(user, "language", "fr")


# What a mail says


def made(kind, to, *, language="fr", context=None, organization=None, **fields):
    """A `SentMail`, not saved: its text in `language`, and the HTML of the same text."""
    language = language if language in ("fr", "en") else "fr"
    with override(language):
        subject, body = rendered(kind, {"organization": organization, **(context or {})})
        foot = footer(kind)
        html = in_html(subject, body, foot, language)
    mail = SentMail(
        kind=kind,
        to=to.strip()[:254],
        language=language,
        subject=masked(subject),
        text=masked(body),
        delivery={"subject": subject, "text": f"{body}\n\n-- \n{foot}\n", "html": html},
        organization=organization,
        **fields,
    )
    if not is_address(mail.to):
        mail.state, mail.delivery = State.BOUNCED, None
        mail.error = _("This is not an e-mail address.")
    if mail.reply_to and not is_address(mail.reply_to):
        mail.reply_to = ""
    return mail


def is_address(text):
    """Whether a text is one e-mail address, and nothing that could pass for another header."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def rendered(kind, context):
    """(subject, text) of a mail, in the current language; the subject is one line."""
    template = get_template(f"mail/{kind}.txt").template
    # Plain text: nothing is escaped here, all of it is where it becomes HTML.
    text = template.render(Context({"root": root(), **context}, autoescape=False))
    first, _sep, body = text.replace("\r", "").strip().partition("\n")
    subject = " ".join(first.removeprefix("Subject:").split())
    body = "\n".join(line.rstrip() for line in body.split("\n"))
    if get_language() == "fr":
        body = COLON.sub("\N{NO-BREAK SPACE}:", body)
    return subject[:300], re.sub(r"\n{3,}", "\n\n", body).strip()


def footer(kind):
    """Who writes, and why, in the current language."""
    if kind.endswith("_to_staff"):
        why = _("You receive it because your account looks after this.")
    elif kind.startswith("application"):
        why = _("You receive it because an application to the network gives this address.")
    else:
        why = _(
            "You receive it because an organization of the network gives this address, or you use "
            "it to sign in."
        )
    said = _("The AQOCI’s directory of members, %(site)s, sent you this message.")
    return f"{said % {'site': root()}} {why}"


def masked(text):
    """The text without what opens something to whoever has the address of it."""

    def hide(found):
        part = found[0]
        is_words = WORDS.fullmatch(part) and not UUID.fullmatch(part)
        return part if is_words and not re.fullmatch(r"[0-9a-f-]+", part) else "…"

    return ADDRESS.sub(lambda address: LONG.sub(hide, address[0]), text)


def in_html(subject, text, foot, language):
    """The same text in HTML: paragraphs, lists, and buttons for the lines that are links."""
    blocks = []
    for paragraph in text.split("\n\n"):
        for line in paragraph.strip("\n").split("\n"):
            is_first = line == paragraph.strip("\n").split("\n")[0]
            found = LINK.match(line.strip())
            if found and is_ours(found["url"]):
                blocks.append({"link": found["url"], "words": found["words"].strip()})
            elif line.startswith(("– ", "- ")):
                item = linked(line[2:])
                if blocks and "points" in blocks[-1]:
                    blocks[-1]["points"].append(item)
                else:
                    blocks.append({"points": [item]})
            elif blocks and "lines" in blocks[-1] and not is_first:
                blocks[-1]["lines"].append(linked(line))
            else:
                blocks.append({"lines": [linked(line)]})
    return render_to_string(
        "mail/layout.html",
        {"subject": subject, "blocks": blocks, "foot": linked(foot), "language": language},
    )


def is_ours(url):
    """Whether an address is of this site: what others write never looks like our button."""
    return url == root() or url.startswith(f"{root()}/")


def linked(text):
    """The text escaped, where the addresses of this site are links."""

    def link(found):
        url = found[0].rstrip(".,;)»")
        rest = found[0][len(url) :]
        if not is_ours(url):
            return escape(found[0])
        return f'<a href="{escape(url)}" style="color:#0b5d56">{escape(url)}</a>{escape(rest)}'

    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        parts += [escape(text[end : found.start()]), link(found)]
        end = found.end()
    return "".join([*parts, escape(text[end:])])


# How it leaves


def write(mails):
    """Save mails, in the current transaction; return those whose `key` was not used already.

    Two that write the same key at once: the second waits for the first, and writes nothing.
    """
    made_ids = [mail.message_id for mail in mails]
    SentMail.objects.bulk_create(mails, ignore_conflicts=True)
    keys = dict(SentMail.objects.filter(message_id__in=made_ids).values_list("message_id", "pk"))
    written = [mail for mail in mails if mail.message_id in keys]
    for mail in written:
        mail.pk = keys[mail.message_id]
    return written


def leave_on_commit(mails):
    """Have mails leave once this transaction is committed; at once if there is none."""
    keys = [mail.pk for mail in mails if mail.delivery is not None]
    if keys:
        transaction.on_commit(lambda: deliver_unless_away(keys), robust=True)


def deliver_unless_away(keys):
    """Deliver, for a page that someone waits for: not if the server was away a moment ago."""
    if time.monotonic() >= _away["until"]:
        deliver(keys)


def deliver(keys):
    """Hand mails to the server, over one connection; return how many now are in each state.

    Those that someone else is delivering, or that left, are passed over. When the server cannot be
    reached, the others are left to wait. Outside a transaction: what it writes must hold before it
    speaks to the server. Raises nothing for what a server or an address does.
    """
    done, connection = Counter(), get_connection()
    try:
        for key in keys:
            mail = taken(key)
            if mail is None:
                continue
            try:
                connection.open()
            except Exception as error:
                fail(mail, error)
                done[mail.state] += 1
                _away["until"] = time.monotonic() + AWAY_FOR
                break
            hand_over(mail, connection)
            done[mail.state] += 1
    finally:
        with suppress(Exception):
            connection.close()
    return done


# One statement, so that of two that want a mail one gets it, and each mail costs one question less.
TAKE = """
UPDATE members_sentmail SET state = %s, tried_at = %s, tries = tries + 1
WHERE id = %s AND state IN (%s, %s)
RETURNING *
"""


def taken(key):
    """The mail, ours to deliver from now; None if it is not, or no longer, to be delivered."""
    values = [State.LEAVING, timezone.now(), key, State.WAITING, State.FAILED]
    return next(iter(SentMail.objects.raw(TAKE, values)), None)


def hand_over(mail, connection):
    """Hand one mail to the server; write down what became of it."""
    try:
        connection.send_messages([message(mail)])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (0, b""))
        said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        if 500 <= code < 600:
            mail.bounce(f"{code} {said}")
        else:
            fail(mail, f"{code} {said}")
    except Exception as error:
        fail(mail, error)
        with suppress(Exception):  # it may be half-open; the next one opens another
            connection.close()
    else:
        mail.state, mail.error, mail.sent_at = State.SENT, "", timezone.now()
        mail.delivery = None
        mail.save(update_fields=["state", "error", "sent_at", "delivery"])


def fail(mail, error):
    """Write down why a mail did not leave; it is tried again later."""
    logger.warning("Mail %s did not leave: %s", mail.pk, error)
    mail.state = State.FAILED
    mail.error = " ".join(str(error).split())[:300] or type(error).__name__
    mail.save(update_fields=["state", "error"])


def message(mail):
    """The message that leaves for a `SentMail`; the same one has the same number, for ever."""
    reply_to = mail.reply_to or settings.CONTACT_EMAIL
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    made = EmailMultiAlternatives(
        subject=mail.delivery["subject"],
        body=mail.delivery["text"],
        to=[mail.to],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Auto-Submitted": "auto-generated",
            "Content-Language": "en-CA" if mail.language == "en" else "fr-CA",
            "Message-ID": f"<{mail.message_id}@{domain}>",
        },
    )
    made.attach_alternative(mail.delivery["html"], "text/html")
    return made


def bounced(address, *, by):
    """Record, as staff say, that an address does not work; reminders go to the next one."""
    with transaction.atomic():
        last = SentMail.objects.filter(to__iexact=address, state=State.SENT).recent_first().first()
        reason = _("Said by the staff.")
        if last:
            last.bounce(reason, by=by)
        BouncedAddress.mark(address, reason=reason, by=by)
