"""Read models of the dashboards: each is one frozen dataclass, read with a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from catalog.models import Genre, Movie
from catalog.trail import ACTION_LABELS
from portal.models import AuditEntry, User

_SHOWN_CHANGES = 8
_SHOWN_NAMES = 5
_CATALOGUE = ("catalog.movie", "catalog.genre")
_FAILED = "user.sign_in_failed"
FAILURES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A kind of movie that an editor may want to look at, how many there are, and the list of just those."""

    label: str | Promise
    reason: str | Promise
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestChange:
    """One change of the catalogue; `who` is "" for the system."""

    at: datetime
    who: str
    what: str | Promise
    subject: str
    history_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailures:
    """Refused sign-ins of the last day, and the names that were tried most, each with its number."""

    count: int
    names: tuple[tuple[str, int], ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the first page of the admin tells a person. None where it is not for them to know."""

    attention: tuple[Attention, ...] | None
    changes: tuple[LatestChange, ...] | None
    failures: SignInFailures | None


def read_desk(user: User | AnonymousUser, *, at: datetime) -> Desk:
    """Read the desk: four queries at most, and those of the permissions."""
    runs_catalogue = user.has_perm("catalog.view_movie")
    return Desk(
        attention=_attention() if runs_catalogue else None,
        changes=_latest_changes() if runs_catalogue else None,
        failures=_sign_in_failures(at) if user.has_perm("portal.view_auditentry") else None,
    )


def _attention() -> tuple[Attention, ...]:
    """Return the kinds of which there are any, the most urgent first."""
    has_genre = Exists(Genre.objects.filter(movies=OuterRef("pk")))
    counts = Movie.objects.annotate(has_genre=has_genre).aggregate(
        hidden=Count("pk", filter=Q(visibility=Movie.Visibility.HIDDEN)),
        drafts=Count("pk", filter=Q(visibility=Movie.Visibility.DRAFT)),
        without_synopsis=Count("pk", filter=Q(synopsis="")),
        without_genre=Count("pk", filter=Q(has_genre=False)),
    )
    kinds = (
        Attention(
            label=_("Hidden"),
            reason=_("Taken away from viewers. Is that still right?"),
            count=counts["hidden"],
            url=_movies(visibility__exact="HIDDEN"),
        ),
        Attention(
            label=_("Drafts"),
            reason=_("Viewers have never seen these."),
            count=counts["drafts"],
            url=_movies(visibility__exact="DRAFT"),
        ),
        Attention(
            label=_("Without a synopsis"),
            reason=_("Their pages tell nobody what they are about."),
            count=counts["without_synopsis"],
            url=_movies(missing="synopsis"),
        ),
        Attention(
            label=_("Without a genre"),
            reason=_("They stand on no shelf of the home page but the newest."),
            count=counts["without_genre"],
            url=_movies(missing="genres"),
        ),
    )
    return tuple(kind for kind in kinds if kind.count)


def _latest_changes() -> tuple[LatestChange, ...]:
    entries = AuditEntry.objects.filter(object_type__in=_CATALOGUE).order_by("-at", "-id")[:_SHOWN_CHANGES]
    return tuple(
        LatestChange(
            at=entry.at,
            who=entry.actor_label,
            what=ACTION_LABELS.get(entry.action, entry.action),
            subject=entry.object_label,
            history_url=reverse(f"admin:{entry.object_type.replace('.', '_')}_history", args=[entry.object_id]),
        )
        for entry in entries
    )


def _sign_in_failures(at: datetime) -> SignInFailures:
    failed = AuditEntry.objects.filter(action=_FAILED, at__gt=at - FAILURES_WITHIN, at__lte=at)
    names = failed.values_list("object_label").annotate(tries=Count("pk")).order_by("-tries", "object_label")
    return SignInFailures(
        count=failed.count(),
        names=tuple(names[:_SHOWN_NAMES]),
        url=f"{reverse('admin:portal_auditentry_changelist')}?{urlencode({'action__icontains': _FAILED})}",
    )


def _movies(**filters: str) -> str:
    return f"{reverse('admin:catalog_movie_changelist')}?{urlencode(filters)}"
