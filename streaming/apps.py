from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal import welcome


class StreamingConfig(AppConfig):
    name = "streaming"
    verbose_name = _("Streaming")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from streaming.demo import seed_channel

        welcome.register_seeder(seed_channel)
