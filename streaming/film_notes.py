"""What viewers are told of a movie's film."""

from django.db.models import Exists
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from streaming.models import Package, PackagingJob


def note_of_film(movie_id: int) -> str | Promise:
    """Tell that a film is on its way, as long as there is none that could be played."""
    playable = Package.objects.playable().filter(movie=movie_id)
    jobs = PackagingJob.objects.unfinished().filter(~Exists(playable), source__movie=movie_id)
    return gettext_lazy("This film is being prepared.") if jobs.exists() else ""
