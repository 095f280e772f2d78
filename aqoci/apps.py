from django.apps import apps
from django.contrib import admin
from django.contrib.admin import apps as admin_apps


class StaffConfig(admin_apps.AdminConfig):
    """Django's admin as the staff's site, without the models that they have no use for."""

    default = False
    default_site = "aqoci.admin.StaffSite"

    def ready(self):
        super().ready()
        unused = [
            "auth.Group",
            "account.EmailAddress",
            "mfa.Authenticator",
            "usersessions.UserSession",
        ]
        admin.site.unregister([apps.get_model(label) for label in unused])
