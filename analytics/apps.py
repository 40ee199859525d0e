from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = _("Analytics")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete

        from analytics import access, counts
        from analytics.beacons.membership import beacon_of
        from analytics.privacy.forgetting import forget_deleted_account
        from analytics.reading.past import read_past_audiences
        from portal import audience, navigation
        from portal.accounts import roles
        from portal.accounts.roles import Role
        from portal.models import User
        from portal.navigation import NavItem
        from streaming import past_audiences, session_members

        roles.grant(Role.OPERATOR, *access.OPERATOR_PERMISSIONS)
        navigation.register(
            NavItem(
                label=_("Dashboard"),
                url_name="analytics:dashboard",
                order=40,
                permission=access.OPERATOR_PERMISSIONS[0],
            )
        )
        audience.register(counts.read_counts)
        past_audiences.register(read_past_audiences)
        session_members.register_beacon(beacon_of)
        pre_delete.connect(forget_deleted_account, sender=User, dispatch_uid="analytics.privacy")
