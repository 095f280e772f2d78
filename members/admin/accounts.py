"""The people who may sign in: known by their e-mail address, looked after by the superusers."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import (
    BaseUserCreationForm,
)
from django.contrib.auth.forms import (
    UserChangeForm as DjangoUserChangeForm,
)
from django.utils.translation import gettext_lazy as _

from members.admin.common import StaffModelAdmin
from members.models import User
from members.permissions import can_keep_accounts


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
    """Only superusers come here: an account can open all the others' doors."""

    add_words = _("Add a user")
    form = UserChangeForm
    add_form = UserCreationForm
    add_form_template = "admin/change_form.html"
    list_display = ["email", "first_name", "last_name", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", ("first_name", "last_name"), "password"]}),
        (_("What this person may do"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
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
                    "password1",
                    "password2",
                ]
            },
        )
    ]
    readonly_fields = ["date_joined", "last_login"]

    def has_view_permission(self, request, obj=None):
        return can_keep_accounts(request.user)
