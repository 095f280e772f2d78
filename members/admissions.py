"""What happens to an application for membership, with the letters that it makes leave.

Each is a change of the file (`AdmissionFile`) and its mail, done whole or not at all. The contact
is written to in the language that they chose, at the address by which the file is known.
"""

import datetime

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from members import actions, mail
from members.models import AdmissionCriterion, AdmissionFile, Document, Representative, SentMail

# Links are signed for this use, and for no other.
SIGNER = signing.Signer(salt="members.admissions.link")

# How many documents one file has, and their bytes together.
MAX_DOCUMENTS = 20
MAX_BYTES = 80 * 1000 * 1000


# Links


def token(file):
    """What opens the file for whoever has it; no two files have the same."""
    return SIGNER.sign(file.link_key)


def file_of(token):
    """The file that a token opens; None if it is not one of ours, or serves no longer."""
    try:
        key = SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return AdmissionFile.objects.filter(link_key=key, link_until__gt=timezone.now()).first()


def link(file):
    """The whole address of the file's page, in the contact's language; it serves from now on."""
    file.renew_link()
    with override(file.language):
        return f"{mail.root()}{reverse('joining:file', args=[token(file)])}"


# What the candidate does


@transaction.atomic
def begin(*, email, language):
    """Write to an address the links of its applications; without one in progress, begin a draft.

    Whoever asks learns nothing: only the mail says what is there.
    """
    files = list(AdmissionFile.objects.of_address(email))
    if not files:
        files = [AdmissionFile.begin(email, language)]
    context = {
        "is_new": not files[0].saved_once,
        "is_draft": files[-1].is_draft,
        "links": [(str(file) if file.saved_once else "", link(file)) for file in files],
        "days": AdmissionFile.LINK_DAYS,
    }
    return mail.send("application_link", files[0].contact_email, language=language, context=context)


@transaction.atomic
def add_documents(*, file, checked, by=None):
    """Keep files that were checked (`members.documents.Checked`) with an application.

    Those that are there already are not added again. Returns the `Document`s added; None, and
    nothing is kept, when there would be too many.
    """
    file.hold()
    known = list(file.documents.values_list("digest", "size"))
    digests = {digest for digest, _size in known}
    new = [one for one in checked if one.digest not in digests]
    total = sum(size for _digest, size in known) + sum(one.size for one in new)
    if len(known) + len(new) > MAX_DOCUMENTS or total > MAX_BYTES:
        return None
    added = []
    for one in new:
        document = Document(admission=file)
        document.keep(one, by=by)
        added.append(document)
    return added


@transaction.atomic
def submit(*, file, facts, themes, countries, answers):
    """Send an application; False if it was sent already. The contact and the staff are told."""
    if not file.submit(facts=facts, themes=themes, countries=countries, answers=answers):
        return False
    write(file, "application_received", key=f"application-received-{file.pk}")
    tell_staff(file, "sent")
    return True


@transaction.atomic
def answer(*, question, text, checked=()):
    """Answer a question, with documents if any; False, and nothing is done, if these are too many.

    Raises ValidationError if the file is closed.
    """
    added = add_documents(file=question.file, checked=checked)
    if added is None:
        return False
    names = "\n".join(f"– {document.name}" for document in added)
    question.reply("\n".join(part for part in (text, names) if part) or "–")
    tell_staff(question.file, "answered")
    return True


@transaction.atomic
def withdraw(*, file, reason=""):
    """Take an application back. Raises ValidationError if it is closed."""
    file.withdraw(reason=reason)
    tell_staff(file, "withdrawn")


# What the staff do


@transaction.atomic
def ask(*, file, text, by):
    """Ask the candidate for something, by mail and on its page."""
    question = file.ask(text, by=by)
    write(file, "application_question", by=by, question=text)
    return question


@transaction.atomic
def decide(*, file, decision, by):
    """Record what a body decided; the candidate is told of it once, when it is in favour.

    A refusal has a letter of its own (`refuse`).
    """
    file.decide(decision, by=by)
    if decision.favourable:
        write(
            file,
            "application_decision",
            by=by,
            key=f"application-decision-{file.pk}-{decision.body}",
            is_board=decision.body == decision.Body.BOARD,
            decided_on=decision.decided_on,
            conditions=decision.conditions,
        )


@transaction.atomic
def admit(*, file, on, by, category=""):
    """Make the candidate a member from the day `on`, and invite its contact to its own space.

    Returns the `Membership`. Raises ValidationError, and nothing is done, as `AdmissionFile.admit`.
    """
    membership = file.admit(by=by, on=on, category=category)
    write(file, "application_admitted", by=by, member_from=on)
    try:
        actions.invite(
            organization=file.organization,
            email=file.contact_email,
            role=Representative.Role.MANAGER,
            by=by,
            language=file.language,
        )
    except ValidationError as error:
        # A former member that comes back may have its people still.
        if error.code != "represents":
            raise
    return membership


@transaction.atomic
def refuse(*, file, letter, by):
    """Close an application with its reasoned letter, which leaves as it is written here."""
    file.refuse(letter, by=by)
    write(file, "application_refused", by=by, letter=letter)


def letter_of_refusal(file):
    """The letter as it is proposed to staff, in the contact's language: they write the reasons."""
    with override(file.language):
        against = [one for one in file.decisions.all() if not one.favourable]
        decided = against[0] if against else None
        lines = [
            _("Hello,"),
            _("Thank you for the interest of %(name)s in the AQOCI, and for the time given to it.")
            % {"name": name_in(file)},
        ]
        if decided:
            lines.append(
                _("On %(day)s, the %(body)s decided not to admit your organization.")
                % {
                    "day": date_format(decided.decided_on, "DATE_FORMAT"),
                    "body": decided.get_body_display(),
                }
            )
        lines.append(_("The reasons are these:"))
        lines += [
            f"– {answer.asked}"
            for answer in file.answers.all()
            if answer.finding == answer.Finding.NOT_MET
        ] or ["– …"]
        lines.append(
            _("You may write to us about this decision, and apply again when things have changed.")
        )
        return "\n\n".join(lines)


def name_in(file):
    """The organization's name in the contact's language."""
    with override(file.language):
        return file.name


def write(file, kind, *, by=None, key=None, **context):
    """Write to the contact of a file, with the link of its page."""
    mail.send(
        kind,
        file.contact_email,
        language=file.language,
        context={"name": name_in(file), "link": link(file), **context},
        organization=file.organization,
        by=by,
        key=key,
    )


def tell_staff(file, what):
    """Write to those who deal with applications that one was sent, answered or withdrawn."""
    address = reverse("admin:members_admissionfile_change", args=[file.pk])
    mail.to_staff(
        "application_to_staff",
        model=AdmissionFile,
        context={"name": file.name, "what": what, "link": f"{mail.root()}{address}"},
        organization=file.organization,
    )


def criteria():
    """The criteria as they are published, in their order."""
    return AdmissionCriterion.objects.active()


def forget_drafts(*, now=None):
    """Delete the drafts that nobody touched for sixty days, with their documents; how many.

    So are the mails that had led to drafts, which hold nothing but an address.
    """
    forgotten = 0
    for draft in AdmissionFile.objects.forgotten(now):
        with transaction.atomic():
            draft.hold()
            still = AdmissionFile.objects.forgotten(now).filter(pk=draft.pk)
            forgotten += bool(still.delete()[1].get("members.AdmissionFile"))
    before = (now or timezone.now()) - datetime.timedelta(days=AdmissionFile.LINK_DAYS)
    SentMail.objects.filter(
        kind=SentMail.Kind.APPLICATION_LINK, organization__isnull=True, created_at__lt=before
    ).delete()
    return forgotten
