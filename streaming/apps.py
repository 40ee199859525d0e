from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_WRITING = ("view", "add", "change")


class StreamingConfig(AppConfig):
    name = "streaming"
    verbose_name = _("Streaming")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from catalog import caption_followers, closing, progress
        from catalog.models import Movie
        from catalog.pages import playing, shelves
        from catalog.uploads import parts, receivers, sources
        from portal import navigation, welcome
        from portal.accounts import roles
        from portal.accounts.roles import Role
        from portal.navigation import NavItem
        from streaming import access, checks  # noqa: F401  # checks register themselves
        from streaming.delivery import checks as delivery_checks  # noqa: F401
        from streaming.demo import seed_channel, seed_films
        from streaming.movie_deletion import end_playback_of
        from streaming.movie_packages import tell_packages
        from streaming.player_page import FilmPlayer
        from streaming.poster_choice import tell_posters
        from streaming.progress import list_sources, report_sources
        from streaming.services.revocations import revoke_movie
        from streaming.services.sources import SourceReceiver
        from streaming.shelves import live_now
        from streaming.tasks import follow_captions_of

        nouns = ("channel", "streamkey")
        roles.grant(Role.EDITOR, *(f"streaming.{verb}_{noun}" for noun in nouns for verb in _WRITING))
        roles.grant(Role.EDITOR, "streaming.view_stream", "streaming.view_source")
        roles.grant(Role.EDITOR, "streaming.view_plannedstream", "streaming.change_plannedstream")
        roles.grant(Role.EDITOR, *access.EDITOR_PERMISSIONS)
        # Which channels are theirs, their owner says: see access.get_channels_for_studio.
        roles.grant(Role.BROADCASTER, "streaming.add_streamkey")
        roles.grant(Role.OPERATOR, *access.OPERATOR_PERMISSIONS)
        roles.grant(
            Role.OPERATOR, *(f"streaming.view_{noun}" for noun in (*nouns, "plannedstream", "stream", "source"))
        )
        welcome.register_seeder(seed_channel)
        welcome.register_seeder(seed_films)
        navigation.register(NavItem(label=_("Live"), url_name="streaming:live", order=20))
        navigation.register(
            NavItem(label=_("Studio"), url_name="streaming:studio", order=30, permission="streaming.add_streamkey")
        )
        shelves.register(live_now)
        playing.register(FilmPlayer())
        caption_followers.register(follow_captions_of)
        closing.register(revoke_movie)
        post_delete.connect(end_playback_of, sender=Movie, dispatch_uid="streaming.playback")
        receivers.register(SourceReceiver())
        progress.register(report_sources)
        sources.register(list_sources)
        parts.register(tell_packages)
        parts.register(tell_posters)
