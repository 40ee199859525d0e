"""Who may see and change which movie: the only doors from an address to a movie."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from catalog.models import Caption, Credit, Genre, Movie, Person, Tag, Upload
from catalog.viewpoints import Viewpoint
from portal.errors import NotAllowed, NotFound
from portal.models import User

EDITOR_PERMISSIONS = (
    "catalog.add_movie",
    "catalog.change_movie",
    "catalog.view_movie",
    "catalog.add_genre",
    "catalog.change_genre",
    "catalog.view_genre",
    "catalog.add_person",
    "catalog.change_person",
    "catalog.delete_person",
    "catalog.view_person",
    "catalog.add_tag",
    "catalog.change_tag",
    "catalog.view_tag",
    "catalog.view_upload",
)
OPERATOR_PERMISSIONS = (
    "catalog.view_movie",
    "catalog.view_genre",
    "catalog.view_person",
    "catalog.view_tag",
    "catalog.view_upload",
)


def get_movie_for_viewing(user: User | AnonymousUser, slug: str, *, viewpoint: Viewpoint) -> Movie:
    """Return a movie whose page `user` may open, with its genres and windows.

    `slug` is one of its addresses; a former one too, as `movie.slug` then shows.

    Raises NotFound, for what does not exist and for what `user` may not know of.
    """
    movies = Movie.objects.visible_to(user, viewpoint).prefetch_related("genres", "windows", "artwork")
    movie = movies.filter(slugs__slug=slug).first()
    if movie is None:
        raise NotFound()
    return movie


def get_movie_for_sharing(movie_id: int, *, viewpoint: Viewpoint) -> Movie:
    """Return a movie whose page viewers may open, for what is the same to all. Raises NotFound."""
    movie = Movie.objects.open_to_viewers(viewpoint).filter(pk=movie_id).first()
    if movie is None:
        raise NotFound()
    return movie


def get_movie_for_editing(user: User | AnonymousUser, slug: str, *, viewpoint: Viewpoint) -> Movie:
    """Return a movie that `user` may change.

    Raises NotFound, or NotAllowed to those who may see the movie but not change it.
    """
    movie = get_movie_for_viewing(user, slug, viewpoint=viewpoint)
    if not user.has_perm("catalog.change_movie"):
        raise NotAllowed()
    return movie


def get_genre(slug: str) -> Genre:
    """Return a genre; everybody may know of all of them. Raises NotFound."""
    genre = Genre.objects.filter(slug=slug).first()
    if genre is None:
        raise NotFound()
    return genre


def get_person_for_viewing(user: User | AnonymousUser, slug: str, *, viewpoint: Viewpoint) -> Person:
    """Return a person who is named by a film that stands in lists; any person to those who run the catalogue.

    Who is in hidden films alone would tell of them. Raises NotFound.
    """
    person = people_visible_to(user, viewpoint=viewpoint).filter(slug=slug).first()
    if person is None:
        raise NotFound()
    return person


def people_visible_to(user: User | AnonymousUser, *, viewpoint: Viewpoint) -> QuerySet[Person]:
    """Return the people of whom `user` may know; see get_person_for_viewing."""
    if sees_hidden_movies(user) and not viewpoint.is_preview:
        return Person.objects.all()
    shown = Movie.objects.shown(viewpoint)
    return Person.objects.filter(Exists(Credit.objects.filter(person=OuterRef("pk"), movie__in=shown)))


def tags_visible_to(user: User | AnonymousUser, *, viewpoint: Viewpoint) -> QuerySet[Tag]:
    """Return the tags with their `movie_count`: of all movies, or of those that viewers find.

    Viewers are not told of tags that they would find nothing by: these could tell of a hidden movie.
    """
    if sees_hidden_movies(user) and not viewpoint.is_preview:
        return Tag.objects.annotate(movie_count=Count("movies"))
    listed = Movie.objects.listed(viewpoint)
    return Tag.objects.annotate(movie_count=Count("movies", filter=Q(movies__in=listed))).filter(movie_count__gt=0)


def get_tag_for_viewing(user: User | AnonymousUser, slug: str, *, viewpoint: Viewpoint) -> Tag:
    """Return a tag of which `user` may know, with its `movie_count`. Raises NotFound."""
    tag = tags_visible_to(user, viewpoint=viewpoint).filter(slug=slug).first()
    if tag is None:
        raise NotFound()
    return tag


def require_permission(user: User | AnonymousUser, permission: str) -> None:
    """Raise NotAllowed if `user` lacks a permission such as "catalog.change_genre"."""
    if not user.has_perm(permission):
        raise NotAllowed()


def get_caption_for_viewing(movie: Movie, caption_id: int) -> Caption:
    """Return captions of a movie that the caller got through one of these doors, without their text.

    Raises NotFound.
    """
    caption = movie.captions.without_text().filter(pk=caption_id).first()
    if caption is None:
        raise NotFound()
    return caption


def get_caption_for_playing(user: User | AnonymousUser, slug: str, caption_id: int, *, viewpoint: Viewpoint) -> Caption:
    """Return captions with their text, which is for those who can watch the movie at that moment.

    A film that is announced has a page, but nothing of it is shown yet. Raises NotFound.
    """
    movies = Movie.objects.all()
    if not sees_hidden_movies(user) or viewpoint.is_preview:
        movies = movies.watchable(viewpoint)
    caption = Caption.objects.filter(pk=caption_id, movie__in=movies.filter(slugs__slug=slug)).first()
    if caption is None:
        raise NotFound()
    return caption


def require_may_add_movies(user: User | AnonymousUser) -> None:
    """Raise NotAllowed if `user` may not."""
    if not user.has_perm("catalog.add_movie"):
        raise NotAllowed()


def sees_hidden_movies(user: User | AnonymousUser) -> bool:
    """Tell whether `user` may see movies that viewers may not."""
    return user.has_perm("catalog.view_movie")


def may_upload(user: User | AnonymousUser) -> bool:
    """Tell whether `user` may upload films, as those may who add movies, or change them."""
    return user.has_perm("catalog.add_movie") or user.has_perm("catalog.change_movie")


def require_may_upload(user: User | AnonymousUser) -> None:
    """Raise NotAllowed if `user` may not."""
    if not may_upload(user):
        raise NotAllowed()


def get_upload_of(user: User, upload_id: UUID) -> Upload:
    """Return an upload of one's own. Raises NotFound, for other people's as well."""
    upload = Upload.objects.filter(pk=upload_id, owner=user).select_related("movie").first()
    if upload is None:
        raise NotFound()
    return upload
