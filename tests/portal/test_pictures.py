"""How pictures stand in pages: formats, widths, and what is fetched before all else."""

from dataclasses import dataclass

from django.template import Context, Template

from portal.pictures import NARROW_SCREEN, WIDE_SCREEN, Picture, Source, cover_picture, stage_picture

POSTER = Picture(
    src="/p/360.jpg",
    srcset="/p/180.jpg 180w, /p/360.jpg 360w",
    width=360,
    height=540,
    sources=(
        Source(type="image/avif", srcset="/p/360.avif 360w"),
        Source(type="image/webp", srcset="/p/360.webp 360w"),
    ),
    placeholder="data:image/png;base64,AAAA",
)
BACKDROP = Picture(
    src="/b/1280.jpg",
    srcset="/b/1280.jpg 1280w",
    width=1280,
    height=720,
    sources=(Source(type="image/avif", srcset="/b/1280.avif 1280w"),),
)


@dataclass
class Film:
    poster: Picture | None = None
    backdrop: Picture | None = None
    art_key: str = "night-ferry"


def render(source: str, **context: object) -> str:
    return Template("{% load nova %}" + source).render(Context(context))


def test_a_picture_offers_every_format_the_best_first_and_one_that_all_understand() -> None:
    html = render('{% picture poster "15rem" %}', poster=POSTER)
    assert html.index("image/avif") < html.index("image/webp") < html.index('src="/p/360.jpg"')
    assert html.count('sizes="15rem"') == 3
    assert 'width="360"' in html
    assert 'height="540"' in html


def test_it_waits_until_it_is_nearly_in_view_unless_it_is_the_first() -> None:
    later, first = (render("{% picture p is_first=first %}", p=POSTER, first=first) for first in (False, True))
    assert 'loading="lazy"' in later
    assert "fetchpriority" not in later
    assert 'loading="lazy"' not in first
    assert 'fetchpriority="high"' in first


def test_a_card_is_offered_no_more_than_it_can_show() -> None:
    html = render('{% picture p "15rem" widest=200 %}', p=POSTER)
    assert "/p/180.jpg 180w" in html
    assert "360w" not in html
    assert 'src="/p/360.jpg"' in html


def test_what_is_said_of_a_picture_is_escaped() -> None:
    html = render("{% picture p sizes %}", p=POSTER, sizes='"><script>')
    assert "<script>" not in html


def test_a_placeholder_lies_below_it_without_any_style() -> None:
    html = render("{% picture p %}", p=POSTER)
    assert html.index('class="picture-blur"') < html.index("<picture>")
    assert "style=" not in html
    assert "picture-blur" not in render("{% picture p %}", p=BACKDROP)


def test_the_stage_shows_the_backdrop_on_wide_screens_and_the_poster_on_narrow_ones() -> None:
    art = stage_picture(BACKDROP, POSTER)
    assert [(source.media, source.srcset.split("/")[1]) for source in art.sources] == [
        (WIDE_SCREEN, "b"),
        (WIDE_SCREEN, "b"),
        (NARROW_SCREEN, "p"),
        (NARROW_SCREEN, "p"),
    ]
    assert art.src == "/p/360.jpg"


def test_one_picture_is_fetched_early_for_each_kind_of_window() -> None:
    assert [(source.media, source.type) for source in stage_picture(BACKDROP, POSTER).preloads] == [
        (NARROW_SCREEN, "image/avif"),
        (WIDE_SCREEN, "image/avif"),
    ]
    covers = stage_picture(cover_picture("a", "wide"), cover_picture("a"))
    assert [(source.media, source.srcset) for source in covers.preloads] == [
        (WIDE_SCREEN, cover_picture("a", "wide").src),
        (NARROW_SCREEN, cover_picture("a").src),
    ]
    assert [source.srcset for source in cover_picture("a").preloads] == [cover_picture("a").src]


def test_a_film_without_pictures_has_covers_on_its_stage() -> None:
    html = render('{% include "components/_stage_art.html" %}', movie=Film())
    assert "is-art" in html
    assert html.count("/art/covers/wide/") == 1
    assert html.count("/art/covers/poster/") == 1


def test_a_film_with_a_backdrop_alone_has_it_on_every_screen() -> None:
    html = render('{% include "components/_stage_art.html" %}', movie=Film(backdrop=BACKDROP))
    assert "is-art" not in html
    assert "/art/covers/" not in html


def test_the_head_names_the_picture_of_the_stage() -> None:
    html = render('{% include "components/_stage_preload.html" %}', movie=Film(backdrop=BACKDROP, poster=POSTER))
    assert html.count('rel="preload"') == 2
    assert 'imagesrcset="/b/1280.avif 1280w"' in html
    assert html.count('fetchpriority="high"') == 2


def test_a_poster_says_its_title_only_where_no_picture_does() -> None:
    with_cover, with_poster = (
        render('{% include "components/_poster.html" %}', movie=film) for film in (Film(), Film(poster=POSTER))
    )
    assert "poster-title" in with_cover
    assert "poster-title" not in with_poster
