"""What is done to a selection of a list, said first: to which records, and to which not and why.

A list gets such actions by `BulkActions` and its `bulk_actions`. The first page asks what to do if
the action has a choice to make, the next says what will be done, and only its button does it, to
those very records and in one transaction, through the models' own methods.
"""

from collections import defaultdict

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# How many names of each sort a page shows: the others are counted.
NAMES_SHOWN = 300


class BulkAction:
    """One thing to do to a selection.

    `name` is its key; `words` what the list of actions says. `form_class` is a form of what is to
    be chosen first, if anything; its cleaned data are the `choice` of the methods, else {}.
    """

    name = ""
    words = ""
    form_class = None

    def may(self, user):
        """Whether the user is offered it."""
        raise NotImplementedError

    def prefetched(self, records):
        """The records with what `why_not`, `told` and `do` read."""
        return records

    def why_not(self, record, choice):
        """Why the record is left as it is, in a few words; empty when it is concerned."""
        return ""

    def told(self, record, choice):
        """What will happen to this record, besides what `sentence` says of all; may be empty."""
        return ""

    def sentence(self, count, choice):
        """What will be done to `count` records."""
        raise NotImplementedError

    def done(self, count, choice):
        """That it was done to `count` records."""
        raise NotImplementedError

    def do(self, record, *, by, choice):
        """Do it to one record, by a method of its model; a ValidationError stops all."""
        raise NotImplementedError

    def sort(self, records, choice):
        """Those concerned, and {reason: those that are not}."""
        concerned, others = [], defaultdict(list)
        for record in records:
            if reason := self.why_not(record, choice):
                others[str(reason)].append(record)
            else:
                concerned.append(record)
        return concerned, dict(others)

    def __call__(self, model_admin, request, selection):
        """Answer for the list: a page, or None once it is done."""
        keys = chosen(request)
        if keys is None:
            keys = list(selection.order_by().values_list("pk", flat=True))
        form, choice = None, {}
        if self.form_class is not None:
            submitted = "step" in request.POST
            form = self.form_class(request.POST if submitted else None, prefix="choice")
            if not submitted or not form.is_valid():
                return self.page(model_admin, request, keys, form=form)
            choice = form.cleaned_data
        if request.POST.get("step") != "do":
            return self.preview(model_admin, request, keys, form, choice)
        return self.confirmed(model_admin, request, keys, form, choice)

    def preview(self, model_admin, request, keys, form, choice, error=""):
        """The page that says what will be done; with `error`, why it was not."""
        records = self.prefetched(model_admin.get_queryset(request).filter(pk__in=keys))
        concerned, others = self.sort(records, choice)
        return self.page(
            model_admin,
            request,
            keys,
            form=form,
            is_preview=True,
            error=error,
            sentence=self.sentence(len(concerned), choice),
            concerned=[(record, self.told(record, choice)) for record in concerned[:NAMES_SHOWN]],
            concerned_count=len(concerned),
            concerned_more=max(0, len(concerned) - NAMES_SHOWN),
            others=[
                (reason, records[:NAMES_SHOWN], len(records), max(0, len(records) - NAMES_SHOWN))
                for reason, records in others.items()
            ],
            others_count=sum(map(len, others.values())),
        )

    def confirmed(self, model_admin, request, keys, form, choice):
        """Do it to all those concerned, or to none."""
        record = None
        try:
            with transaction.atomic():
                # Held while they are sorted again: someone else may be changing them.
                held = model_admin.model._base_manager.filter(pk__in=keys).order_by("pk")
                keys = list(held.select_for_update().values_list("pk", flat=True))
                records = self.prefetched(model_admin.get_queryset(request).filter(pk__in=keys))
                concerned, others = self.sort(records, choice)
                for record in concerned:
                    self.do(record, by=request.user, choice=choice)
        except ValidationError as refused:
            error = _("Nothing was done. %(record)s: %(reason)s") % {
                "record": record,
                "reason": " ".join(refused.messages),
            }
            return self.preview(model_admin, request, keys, form, choice, error)
        if concerned:
            model_admin.message_user(request, self.done(len(concerned), choice), messages.SUCCESS)
        if left := sum(map(len, others.values())):
            words = ngettext(
                "%(count)d was left as it was.", "%(count)d were left as they were.", left
            )
            model_admin.message_user(request, words % {"count": left}, messages.INFO)
        return None

    def page(self, model_admin, request, keys, *, form=None, is_preview=False, **context):
        """The action's page: the choice to make, or what will be done."""
        opts = model_admin.opts
        context |= {
            **model_admin.admin_site.each_context(request),
            "title": capfirst(str(self.words)),
            "opts": opts,
            "module_name": capfirst(opts.verbose_name_plural),
            "media": model_admin.media + (form.media if form else helpers.forms.Media()),
            "action_name": self.name,
            "form": form,
            "is_preview": is_preview,
            "count": len(keys),
            "chosen": ",".join(map(str, keys)),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "list_address": request.get_full_path(),
        }
        request.current_app = model_admin.admin_site.name
        return TemplateResponse(request, "admin/bulk_action.html", context)


def chosen(request):
    """The keys that the action's own page sends back, or None when one comes from the list.

    In one field, since a form has a thousand fields at most and a list may have more rows.
    """
    sent = request.POST.get("chosen")
    if sent is None:
        return None
    return [int(key) for key in sent.split(",") if key.isascii() and key.isdecimal()]


class BulkActions:
    """A list with actions on a selection, each offered to those who may."""

    bulk_actions = []

    def get_actions(self, request):
        actions = super().get_actions(request)
        if IS_POPUP_VAR in request.GET:
            return actions
        own = {
            action.name: (action, action.name, action.words)
            for action in self.bulk_actions
            if action.may(request.user)
        }
        return own | actions
