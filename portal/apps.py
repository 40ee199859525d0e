from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalAppConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import checks  # noqa: F401  # they register themselves
        from portal.accounts import roles
        from portal.api import schema  # noqa: F401  # its classes register themselves with drf-spectacular

        post_migrate.connect(roles.sync_groups, dispatch_uid="portal.accounts.roles")
