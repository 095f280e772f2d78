"""A list as it is filtered: saved under a name, run again, counted without being shown."""

import copy
from urllib.parse import urlencode

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import (
    IS_FACETS_VAR,
    IS_POPUP_VAR,
    TO_FIELD_VAR,
    IncorrectLookupParameters,
)
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR, ChangeList
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.urls import reverse

# What an address of a list says besides its filters.
PASSING = (PAGE_VAR, ALL_VAR, ERROR_FLAG, IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR)


# Up to how many rows the choices of the filters are counted without being asked: counting those of
# a hundred thousand exchanges takes ten times as long as showing the list.
COUNTED_AT_ONCE = 2000


class StaffList(ChangeList):
    """A list whose rows may be left unread, for who only wants to know which they are.

    Its filters say how many records each choice would give; of a long list, when one asks.
    """

    def get_results(self, request):
        if getattr(request, "rows_unread", False):
            self.result_count = self.full_result_count = 0
            self.result_list = self.queryset.none()
            self.can_show_all, self.multi_page = True, False
            return
        super().get_results(request)
        if self.result_count > COUNTED_AT_ONCE:
            self.is_facets_optional = True
            self.add_facets = IS_FACETS_VAR in request.GET


def found_once(request, model, text):
    """The keys of the records of `model` that `text` finds, the best first; None for all of them.

    The counts of each filter ask again: what the text finds is looked for once a request.
    """
    kept = request.__dict__.setdefault("keys_found", {})
    if (model, text) not in kept:
        kept[model, text] = model.objects.keys_matching(text)
    return kept[model, text]


def among(keys):
    """The condition's right-hand side for a long list of keys: one parameter, however many."""
    return RawSQL("SELECT unnest(%s::bigint[])", [keys])


class SavesLists:
    """Offers to save a list as it is filtered."""

    may_be_saved = True

    def get_changelist(self, request, **kwargs):
        return StaffList

    def changelist_view(self, request, extra_context=None):
        context = {}
        if self.may_be_saved:
            saved = {"model": self.opts.label_lower, "query": filters_of(request.GET)}
            context["save_address"] = f"{reverse('admin:members_savedlist_add')}?{urlencode(saved)}"
        return super().changelist_view(request, {**context, **(extra_context or {})})


def filters_of(parameters):
    """The filters and the order of a list, as a query string without its pages."""
    kept = parameters.copy()
    for name in PASSING:
        kept.pop(name, None)
    return kept.urlencode()


def rows_of(model_admin, request, query):
    """The records that a list shows with that query string; None when it cannot be read.

    What its filters ask of the vocabulary is asked once for all the lists of one model.
    """
    asked = copy.copy(request)
    asked.GET = QueryDict(query)
    asked.rows_unread = True
    known = request.__dict__.setdefault("conditions_by_list", {})
    asked.filter_conditions = known.setdefault(model_admin.model, {})
    try:
        return model_admin.get_changelist_instance(asked).queryset
    except (IncorrectLookupParameters, DisallowedModelAdminLookup):
        return None


def what_holds(model_admin, request, query):
    """The part of the query string that the list still understands."""
    kept = QueryDict(mutable=True)
    for name, values in QueryDict(query).lists():
        if rows_of(model_admin, request, urlencode([(name, value) for value in values])) is None:
            continue
        kept.setlist(name, values)
    return kept.urlencode()
