"""The people who may sign in: known by their e-mail address, looked after by the superusers."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import (
    BaseUserCreationForm,
)
from django.contrib.auth.forms import (
    UserChangeForm as DjangoUserChangeForm,
)
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from members.admin.common import StaffModelAdmin
from members.models import User
from members.permissions import can_change_account, can_keep_accounts


class UserCreationForm(BaseUserCreationForm):
    class Meta:
        model = User
        fields = ["email"]
        field_classes = {}


class UserChangeForm(DjangoUserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {}


@admin.register(User)
class UserAdmin(StaffModelAdmin, DjangoUserAdmin):
    """Only the direction comes here: an account can open all the others' doors."""

    add_words = _("Add a user")
    form = UserChangeForm
    add_form = UserCreationForm
    add_form_template = "admin/change_form.html"
    list_display = ["email", "first_name", "last_name", "is_staff", "roles_given", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", ("first_name", "last_name"), "password"]}),
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
                    "is_staff",
                    "groups",
                    "password1",
                    "password2",
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
        if obj is None or not request.user.is_superuser:
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

    @admin.display(description=_("roles"))
    def roles_given(self, user):
        if user.is_superuser:
            return _("all")
        return ", ".join(sorted(group.name for group in user.groups.all())) or "—"
