from django.urls import re_path

from catalog.artwork import delivery

# The edition and the name of one file that was made of a picture.
FILE_PATH = r"(?P<edition>[0-9a-f]{16})/(?P<name>[0-9]{2,4}\.(?:avif|webp|jpg)|(?:social|whole)\.jpg)"

app_name = "artwork"
urlpatterns = [
    re_path(
        r"^cards/(?P<movie_id>[1-9][0-9]{0,17})/(?P<digest>[0-9a-f]{16})\.jpg$",
        delivery.show_card,
        name="card",
    ),
    re_path(
        rf"^movies/(?P<movie_id>[1-9][0-9]{{0,17}})/{FILE_PATH}$",
        delivery.show_rendition,
        name="rendition",
    ),
]
