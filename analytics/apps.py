from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = _("Analytics")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analytics.access import OPERATOR_PERMISSIONS
        from analytics.pages import sources
        from portal import navigation
        from portal.accounts import roles
        from portal.accounts.roles import Role
        from portal.navigation import NavItem
        from streaming import past_audiences

        roles.grant(Role.OPERATOR, *OPERATOR_PERMISSIONS)
        navigation.register(
            NavItem(label=_("Dashboard"), url_name="analytics:dashboard", order=40, permission=OPERATOR_PERMISSIONS[0])
        )
        past_audiences.register(sources.read_stream_audiences)
