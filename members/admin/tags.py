"""Tags: their page, how they look wherever they are shown, and the filter of the lists that have
them."""

from django.contrib import admin
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.admin.vocabulary import FoldedSearch
from members.models import Alliance, Organization, Person, Tag

# What may bear a tag: how many do, and the parameters by which their list hides nothing.
TAGGED = {
    Organization: (
        ngettext_lazy("%(count)d organization", "%(count)d organizations", "count"),
        {"membership": "all"},
    ),
    Person: (
        ngettext_lazy("%(count)d person", "%(count)d people", "count"),
        {"period": "all"},
    ),
    Alliance: (ngettext_lazy("%(count)d alliance", "%(count)d alliances", "count"), {}),
}


def pills(tags):
    """Tags as their names in colour (safe HTML, css/tags.css); "" when there are none."""
    items = format_html_join(
        "", '<li class="tag {}">{}</li>', ((tag.colour, tag.name) for tag in tags)
    )
    return format_html('<ul class="tags">{}</ul>', items) if items else ""


def bearers(model, tag):
    """The numbers of the records of `model` that bear `tag`."""
    through = model.tags.through
    return through.objects.filter(tag=tag).values(f"{model._meta.model_name}_id")


def how_many(model):
    """How many records of `model` bear the tag of the row."""
    counted = (
        model.tags.through.objects.filter(tag=OuterRef("pk"))
        .order_by()
        .values("tag")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


class TagFilter(CountedFilter):
    """The records that bear a tag; for the lists of what has `tags`."""

    title = _("tag")
    parameter_name = "tag"
    folded = True

    def __init__(self, request, params, model, model_admin):
        self.model = model
        super().__init__(request, params, model, model_admin)

    def conditions(self):
        # A subquery each: a join would give a record once for each of its tags.
        return {
            str(tag.pk): (tag.name, Q(pk__in=bearers(self.model, tag))) for tag in Tag.objects.all()
        }


@admin.register(Tag)
class TagAdmin(FoldedSearch, StaffModelAdmin):
    add_words = _("Add a tag")
    list_display = ["shown", "description", "uses"]
    searched = ["name", "description"]
    fields = [("name", "colour"), "description"]

    def get_queryset(self, request):
        """With how many organizations, people and alliances bear each tag."""
        counts = {f"{model._meta.model_name}_count": how_many(model) for model in TAGGED}
        tags = super().get_queryset(request).annotate(**counts)
        return tags.annotate(total=sum(F(name) for name in counts))

    @admin.display(description=_("tag"), ordering="name")
    def shown(self, tag):
        return format_html('<span class="tag {}">{}</span>', tag.colour, tag.name)

    @admin.display(description=_("used by"), ordering="total")
    def uses(self, tag):
        """Each of the lists that has some, which shows them."""
        shown = []
        for model, (words, parameters) in TAGGED.items():
            count = getattr(tag, f"{model._meta.model_name}_count")
            if count:
                shown.append(self.use(tag, model, words % {"count": count}, parameters))
        return format_html_join(", ", "{}", ((use,) for use in shown)) or None

    def use(self, tag, model, words, parameters):
        """The words, as a link if that list can show the records of one tag."""
        listed = self.admin_site._registry.get(model)
        if listed is None or TagFilter not in listed.list_filter:
            return words
        known = {name for name in map(parameter, listed.list_filter) if name}
        query = {"tag": tag.pk} | {k: v for k, v in parameters.items() if k in known}
        address = reverse(f"admin:members_{model._meta.model_name}_changelist", query=query)
        return format_html('<a href="{}">{}</a>', address, words)


def parameter(of):
    """The parameter of a list's filter, or None."""
    return getattr(of, "parameter_name", None)
