"""« Become a member »: the page of words, the steps, and where an application stands.

All of it opens without an account; what is someone's, by a link that nobody guesses. Nothing here
is kept by a cache, found by a search engine, or told to another site.
"""

import functools

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import admissions
from members.accounts.limits import limited
from members.joining.forms import (
    STEPS,
    AnswerForm,
    DocumentsForm,
    NotRobot,
    SendForm,
    StartForm,
    WithdrawForm,
)
from members.models import AdmissionFile, NotKept

# How often: links, by visitor and by address; files, by visitor.
LINKS, FILES = "20/h/ip,5/h/key", "60/h/ip"

ORDER = [*STEPS, "documents", "send"]


def unlisted(view):
    """For pages that nobody else should keep, list or learn the address of.

    `same-origin`, since with `no-referrer` browsers would no longer say from where a form comes.
    """

    @login_not_required
    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return wrapped


def candidates(view):
    """For the pages that a link opens: the view gets its file, or a page says how to have one."""

    @unlisted
    @functools.wraps(view)
    def wrapped(request, token, **kwargs):
        file = admissions.file_of(token)
        if file is None:
            return render(request, "joining/no_link.html", status=404)
        return view(request, file, **kwargs)

    return wrapped


def page_of(file, name="file", *args, query=""):
    """The address of one of the file's pages."""
    return reverse(f"joining:{name}", args=[admissions.token(file), *args]) + query


def to(file, name="file", query=""):
    return HttpResponseRedirect(page_of(file, name, query=query))


# For all


@login_not_required
@require_safe
def home(request):
    """What is asked, what is done with it, how long it takes and who decides."""
    response = render(
        request,
        "joining/home.html",
        {
            "criteria": admissions.criteria(),
            "contact_email": settings.CONTACT_EMAIL,
            "privacy_officer_title": settings.PRIVACY_OFFICER_TITLE,
            "privacy_officer_email": settings.PRIVACY_OFFICER_EMAIL,
        },
    )
    response["Cache-Control"] = "no-cache"
    return response


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    """The address first: a link is sent there, and the answer is the same for all."""
    form = StartForm(request.POST or None)
    if request.method == "POST":
        if form.is_trapped:
            return HttpResponseRedirect(reverse("joining:link-sent"))
        if form.is_valid():
            email = form.cleaned_data["email"]
            if limited(request, "joining-link", LINKS, key=email.lower()):
                form.add_error(
                    None,
                    _(
                        "Several links were asked for in the last hour. Look in your mailbox, and "
                        "among unwanted mail; or try again later."
                    ),
                )
                return render(
                    request,
                    "joining/start.html",
                    {"form": form, "made": NotRobot.stamp()},
                    status=429,
                )
            admissions.begin(email=email, language=get_language())
            return HttpResponseRedirect(reverse("joining:link-sent"))
    return render(request, "joining/start.html", {"form": form, "made": NotRobot.stamp()})


@unlisted
@require_safe
def link_sent(request):
    return render(request, "joining/link_sent.html", {"days": AdmissionFile.LINK_DAYS})


# The draft


def forms_of(file):
    """The forms of all steps with what was kept of each: {key: form}."""
    return {key: form_class.of(file) for key, form_class in STEPS.items()}


def steps_of(file, forms, current):
    """The list of steps: [{key, title, url, state, is_current}]."""
    found = [(key, form.title, form.state) for key, form in forms.items()]
    found.append(("documents", _("Documents"), "done" if file.documents.exists() else "new"))
    found.append(("send", _("Read again and send"), "new"))
    return [
        {
            "key": key,
            "title": title,
            "state": state,
            "url": page_of(file, key),
            "is_current": key == current,
        }
        for key, title, state in found
    ]


def shared(file, forms, current=""):
    """What the pages of a draft all show; `forms` are `forms_of` it."""
    place = ORDER.index(current) if current in ORDER else 0
    return {
        "file": file,
        "home": page_of(file),
        "steps": steps_of(file, forms, current),
        "number": place + 1,
        "count": len(ORDER),
        "previous": page_of(file, ORDER[place - 1]) if place else "",
        "next": page_of(file, ORDER[place + 1]) if place + 1 < len(ORDER) else "",
        "days": AdmissionFile.LINK_DAYS,
    }


@candidates
@require_safe
def file(request, file):
    """Where it stands: the steps of a draft, or what has happened since it was sent."""
    if file.is_draft:
        return render(request, "joining/draft.html", shared(file, forms_of(file)))
    questions = list(file.questions.all())
    return render(
        request,
        "joining/stands.html",
        {
            "file": file,
            "moments": moments(file),
            "waiting": [
                (
                    question,
                    page_of(file, "answer", question.pk),
                    AnswerForm(auto_id=f"q{question.pk}_%s"),
                )
                for question in questions
                if not question.answered_at and file.is_open
            ],
            "answered": [
                (question, page_of(file, "answer", question.pk))
                for question in questions
                if question.answered_at or not file.is_open
            ],
            "documents": file.documents.order_by("added_at", "pk"),
            "withdraw": page_of(file, "withdraw") if file.is_open else "",
            "contact_email": settings.CONTACT_EMAIL,
        },
    )


def moments(file):
    """What has happened to an application that was sent, in words for its author.

    [(words, when or None, whether it is done)], in order. What staff recommend is not told.
    """
    decisions = {one.body: one for one in file.decisions.all()}
    found = [(_("Sent"), file.submitted_at, True)]
    if file.reviewed_at or not file.is_closed:
        found.append(
            (_("Read by the staff of the association"), file.reviewed_at, file.reviewed_at)
        )
    for body, words in (
        ("board", _("Decision of the board of directors")),
        ("assembly", _("Decision of the general assembly")),
    ):
        decision = decisions.get(body)
        if decision and decision.favourable:
            found.append((_("%(what)s: in favour") % {"what": words}, decision.decided_on, True))
        elif decision and file.is_closed:
            found.append(
                (_("%(what)s: not in favour") % {"what": words}, decision.decided_on, True)
            )
        elif not file.is_closed:
            found.append((words, None, False))
    if file.is_closed:
        words = {
            "admitted": _("Your organization is a member."),
            "refused": _("Your organization is not admitted."),
            "withdrawn": _("You withdrew this application."),
        }
        found.append((words[file.state], file.closed_at, True))
    return found


@candidates
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, file, key):
    """One step. What is typed is kept whatever it is; then the next one, or what is wrong."""
    form_class = STEPS[key]
    if request.method == "POST":
        texts = form_class(file).texts(request.POST)
        if not file.keep(key, texts):
            # Sent meanwhile, in another window: what was typed here is given back.
            return render(
                request,
                "joining/too_late.html",
                {"file": file, "home": page_of(file), "said": typed(form_class, file, texts)},
                status=409,
            )
        if "stay" in request.POST:
            return to(file, key, query="?saved=1#add")
        if "later" in request.POST:
            return to(file, query="?saved=1")
        form = form_class.of(file)
        if form.is_valid():
            return to(file, ORDER[ORDER.index(key) + 1])
        return to(file, key, query="?saved=1")
    if not file.is_draft:
        return to(file)
    forms = forms_of(file)
    return render(
        request,
        form_class.template,
        {**shared(file, forms, key), "form": forms[key], "saved": "saved" in request.GET},
    )


def typed(form_class, file, texts):
    """What was typed in a step, to be read and copied."""
    file.typed = {form_class.key: texts}
    return form_class.of(file).said


@candidates
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request, file):
    """The documents of a draft: kept as soon as they are sent."""
    if not file.is_draft:
        return to(file)
    form = DocumentsForm()
    if request.method == "POST":
        form = DocumentsForm(request.POST, request.FILES)
        if limited(request, "joining-files", FILES):
            form.add_error(None, _("Many files were sent in the last hour: try again later."))
        elif form.is_valid():
            try:
                kept = admissions.add_documents(file=file, checked=form.cleaned_data["files"])
            except NotKept as error:
                form.add_error("files", str(error))
            else:
                if kept is not None:
                    return to(file, "documents", query="?saved=1")
                form.add_error("files", too_many())
    return render(
        request,
        "joining/documents.html",
        {
            **shared(file, forms_of(file), "documents"),
            "form": form,
            "documents": [
                (document, page_of(file, "remove-document", document.pk))
                for document in file.documents.order_by("added_at", "pk")
            ],
            "saved": "saved" in request.GET,
        },
    )


def too_many():
    """That an application has too many documents, in words."""
    return _("An application has %(count)d documents at most, of %(size)d MB together.") % {
        "count": admissions.MAX_DOCUMENTS,
        "size": admissions.MAX_BYTES // 1_000_000,
    }


@candidates
@require_POST
def remove_document(request, file, pk):
    """Take a document out of a draft; one that is gone already is gone."""
    if file.is_draft:
        file.documents.filter(pk=pk).delete()
    return to(file, "documents")


@candidates
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def send(request, file):
    """All that was typed, to be read again; sending checks every step once more."""
    if request.method == "POST":
        file.hold()  # what another window keeps meanwhile is sent too
    if not file.is_draft:
        return to(file)
    forms = forms_of(file)
    lacking = [one for one in forms.values() if one.state != "done"]
    form = SendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and not lacking:
        try:
            send_whole(file, forms)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return to(file)
    return render(
        request,
        "joining/send.html",
        {
            **shared(file, forms, "send"),
            "form": form,
            "parts": [
                (one.title, page_of(file, one.key), one.said, one.state, one.faults)
                for one in forms.values()
            ],
            "lacking": [(one.title, page_of(file, one.key)) for one in lacking],
            "documents": file.documents.order_by("added_at", "pk"),
            "documents_url": page_of(file, "documents"),
            "refused": request.method == "POST",
        },
    )


def send_whole(file, forms):
    """Send what the valid forms of all steps say."""
    facts = {}
    for form in forms.values():
        facts |= form.facts
    with override(facts["language"]):
        answers = forms["criteria"].answers
    admissions.submit(file=file, facts=facts, answers=answers, **forms["themes"].relations)


# Once it is sent


@candidates
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, file, pk):
    """The answer to a question; a second one is added to the first."""
    question = get_object_or_404(file.questions, pk=pk)
    if not file.is_open:
        return to(file)
    question.file = file
    form = AnswerForm()
    if request.method == "POST":
        form = AnswerForm(request.POST, request.FILES)
        if limited(request, "joining-files", FILES):
            form.add_error(None, _("Many files were sent in the last hour: try again later."))
        elif form.is_valid():
            try:
                done = admissions.answer(
                    question=question,
                    text=form.cleaned_data["text"],
                    checked=form.cleaned_data["files"],
                )
            except NotKept as error:
                form.add_error("files", str(error))
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                if done:
                    return to(file, query="#questions")
                form.add_error("files", too_many())
    return render(
        request,
        "joining/answer.html",
        {"file": file, "home": page_of(file), "question": question, "form": form},
    )


@candidates
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, file):
    """Take it back, once it is sure."""
    if not file.is_open:
        return to(file)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            admissions.withdraw(file=file, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return to(file)
    return render(
        request, "joining/withdraw.html", {"file": file, "home": page_of(file), "form": form}
    )


@candidates
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, file):
    """Delete a draft with its documents, once it is sure."""
    if not file.is_draft:
        return to(file)
    if request.method == "POST":
        AdmissionFile.objects.drafts().filter(pk=file.pk).delete()
        return render(request, "joining/erased.html")
    return render(request, "joining/erase.html", {"file": file, "home": page_of(file)})
