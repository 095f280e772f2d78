"""The people who may sign in: known by their e-mail address, looked after by the superusers."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from members.accounts.keeping import take_factors_away, tell_of_new_address
from members.admin.common import StaffModelAdmin
from members.models import User
from members.permissions import can_change_account, can_keep_accounts


@admin.register(User)
class UserAdmin(StaffModelAdmin):
    """Only the direction comes here: an account can open all the others' doors.

    There is no password: a code goes to the address each time its owner comes in.
    """

    add_words = _("Add a user")
    list_display = ["email", "first_name", "last_name", "is_staff", "roles_given", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    actions = ["take_factors_away"]
    fieldsets = [
        (None, {"fields": ["email", ("first_name", "last_name"), "language"]}),
        (_("What this person may do"), {"fields": ["is_active", "is_staff", "groups"]}),
        (_("Who and when"), {"fields": [("date_joined", "last_login")]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "email",
                    ("first_name", "last_name"),
                    "language",
                    "is_staff",
                    "groups",
                ]
            },
        )
    ]
    readonly_fields = ["date_joined", "last_login"]

    def has_view_permission(self, request, obj=None):
        return can_keep_accounts(request.user)

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return can_keep_accounts(request.user)
        return can_change_account(request.user, obj)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request, obj=None):
        """Only those who answer for the site see, and say, who else does."""
        if obj is None:
            return self.add_fieldsets
        if not request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        superuser = (_("Answers for the site"), {"fields": ["is_superuser"]})
        return [*super().get_fieldsets(request, obj), superuser]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Roles as boxes to tick."""
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["queryset"] = Group.objects.order_by("name")
            kwargs["help_text"] = _("Without a role, an account opens nothing here.")
            field = db_field.formfield(**kwargs)
            field.label = _("Roles")
            return field
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        """An address that changes is told to both: whoever reads it opens the account."""
        super().save_model(request, obj, form, change)
        former = form.initial.get("email", "")
        if change and former != obj.email:
            tell_of_new_address(obj, former, by=request.user)

    @admin.action(description=_("Take the second factor away from who lost it"))
    def take_factors_away(self, request, queryset):
        """For whoever lost their device and their recovery codes; never for oneself."""
        accounts = [
            account
            for account in queryset.exclude(pk=request.user.pk)
            if can_change_account(request.user, account)
        ]
        for account in accounts:
            take_factors_away(account, by=request.user)
        if accounts:
            names = ", ".join(str(account) for account in accounts)
            words = _("No second factor is left to %(names)s, who will add another one.")
            self.message_user(request, words % {"names": names}, messages.SUCCESS)
        else:
            self.message_user(request, _("Nothing was taken away."), messages.WARNING)

    @admin.display(description=_("roles"))
    def roles_given(self, user):
        if user.is_superuser:
            return _("all")
        return ", ".join(sorted(group.name for group in user.groups.all())) or "—"
