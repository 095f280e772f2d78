"""Filters of the staff's lists, with how many records each choice would give."""

from django.contrib import admin
from django.db.models import Count


class CountedFilter(admin.SimpleListFilter):
    """A filter whose choices are conditions on the row: all are counted in one query.

    Filters that are not in use look at the same rows: one query counts them all together.

    A condition under None is the choice that holds until another is made; without one, a first
    choice, « all », filters nothing. A folded filter shows its title only, until it is used.
    """

    folded = False

    def conditions(self):
        """{value in the address: (words, Q)}."""
        raise NotImplementedError

    def lookups(self, request, model_admin):
        # Counting makes Django build all filters again for each one: ask the database once.
        kept = request.__dict__.setdefault("filter_conditions", {})
        if type(self) not in kept:
            kept[type(self)] = self.conditions()
        self.known = kept[type(self)]
        return [(value, words) for value, (words, _condition) in self.known.items()]

    def queryset(self, request, queryset):
        """The rows of the choice; an unknown value is ignored."""
        _words, condition = self.known.get(self.value()) or self.known.get(None) or ("", None)
        return queryset if condition is None else queryset.filter(condition)

    def get_facet_queryset(self, changelist):
        """The counts {place__c: number}; filters that are not in use share theirs."""
        if not self.shares_counts():
            return super().get_facet_queryset(changelist)
        kept = changelist.__dict__
        if "shared_counts" not in kept:
            filters = [
                spec
                for spec in changelist.filter_specs
                if isinstance(spec, CountedFilter) and spec.shares_counts()
            ]
            kept["shared_counts"] = changelist.queryset.order_by().aggregate(
                **{
                    f"{spec.parameter_name}__{key}": count
                    for spec in filters
                    for key, count in spec.get_facet_counts(
                        changelist.pk_attname, changelist.queryset
                    ).items()
                }
            )
        return {
            f"{place}__c": kept["shared_counts"][f"{self.parameter_name}__{place}__c"]
            for place in range(len(self.lookup_choices))
        }

    def shares_counts(self):
        """Whether the rows that it counts are those of the list: it takes none away."""
        own_way = type(self).get_facet_queryset is not CountedFilter.get_facet_queryset
        return not own_way and None not in self.known and self.value() not in self.known

    def get_facet_counts(self, pk_attname, filtered_qs):
        return {
            f"{place}__c": Count(pk_attname, filter=self.known[value][1])
            for place, (value, _words) in enumerate(self.lookup_choices)
        }

    def choices(self, changelist):
        if None not in self.known:
            yield from super().choices(changelist)
            return
        counts = self.get_facet_queryset(changelist) if changelist.add_facets else None
        chosen = self.value() if self.value() in self.known else None
        for place, (value, words) in enumerate(self.lookup_choices):
            yield {
                "selected": value == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": f"{words} ({counts[f'{place}__c']})" if counts else words,
            }
