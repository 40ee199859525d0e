from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog import access, demo
        from catalog.pages.missing import suggest_films
        from portal import navigation, suggestions, welcome
        from portal.accounts import roles
        from portal.accounts.roles import Role
        from portal.navigation import NavItem

        roles.grant(Role.EDITOR, *access.EDITOR_PERMISSIONS)
        roles.grant(Role.OPERATOR, *access.OPERATOR_PERMISSIONS)
        welcome.register_seeder(demo.seed)
        suggestions.register(suggest_films)
        navigation.register(NavItem(label=_("Films"), url_name="catalog:movie-list", order=10))
