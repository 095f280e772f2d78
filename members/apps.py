from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("directory")

    def ready(self):
        # Their checks and receivers are registered.
        from members import checks  # noqa: F401
        from members.accounts import factors, log  # noqa: F401
