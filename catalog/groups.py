"""Who watches what: the names of the catalogue's event groups."""

# Everybody who has a list of films open.
CATALOGUE = "catalogue"


def movie(movie_id: int) -> str:
    """Return the group of everybody who has the page of this movie open."""
    return f"movie.{movie_id}"
