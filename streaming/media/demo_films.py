"""The demo's films: what is drawn and heard in each, in FFmpeg's words, and what its captions say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import ffmpeg

LANGUAGES = ("en", "th")
# A poster is two to three; a frame of a film is cut around its middle.
_POSTER_SIZE = (720, 1080)
_STILL_QUALITY = 2
_H264: Mapping[str, Any] = {"c:v": "libx264", "preset": "superfast", "crf": 28, "pix_fmt": "yuv420p"}
_AAC: Mapping[str, Any] = {"c:a": "aac", "b:a": "128k"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the captions say from one second to another, in the order of LANGUAGES."""

    from_s: int
    to_s: int
    words: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFilm:
    """A film for the demo movie of this address. `picture` and `sound` are graphs of filters that make them.

    `encoding` are options of FFmpeg's. `poster_s` is the moment that the poster shows.
    """

    movie_slug: str
    file_name: str
    duration_s: int
    frame_rate: int
    picture: str
    sound: str
    encoding: Mapping[str, Any] = field(repr=False)
    poster_s: int
    lines: tuple[Line, ...]


def build_film(film: DemoFilm, *, ffmpeg_path: str, path: str) -> list[str]:
    """Return the argv that makes a film's file."""
    picture = ffmpeg.input(film.picture, f="lavfi")
    sound = ffmpeg.input(film.sound, f="lavfi")
    options = {
        "t": film.duration_s,
        "r": film.frame_rate,
        # Two seconds, as cameras and editing suites do it that make films for the web.
        "g": film.frame_rate * 2,
        "ar": 48_000,
        # Beside a portal that has just started, on the same cores.
        "threads": 1,
        **film.encoding,
    }
    return _argv(ffmpeg.output(picture, sound, path, **options), ffmpeg_path)


def build_poster(film: DemoFilm, *, ffmpeg_path: str, source: str, path: str) -> list[str]:
    """Return the argv that makes a poster of a frame of the film."""
    width, height = _POSTER_SIZE
    frames = ffmpeg.input(source, ss=film.poster_s).video
    cut = frames.filter("crop", f"ih*{Fraction(width, height)}", "ih").filter("scale", width, height, flags="lanczos")
    options = {"frames:v": 1, "update": 1, "q:v": _STILL_QUALITY, "pix_fmt": "yuvj420p"}
    return _argv(ffmpeg.output(cut, path, **options), ffmpeg_path)


def format_captions(film: DemoFilm, language: str) -> bytes:
    """Return what an editor would upload: a WebVTT file."""
    place = LANGUAGES.index(language)
    cues = (f"00:00:{line.from_s:02}.000 --> 00:00:{line.to_s:02}.000\n{line.words[place]}" for line in film.lines)
    return "\n\n".join(("WEBVTT", *cues, "")).encode()


def _argv(output: Any, ffmpeg_path: str) -> list[str]:
    program, *arguments = output.compile(cmd=ffmpeg_path)
    return [program, "-hide_banner", "-nostdin", "-y", "-loglevel", "error", *arguments]


# A dive into the seahorse valley of the Mandelbrot set. Drawn at three eighths of its size: it is soft there anyway.
_DEPTHS = (
    "mandelbrot=size=480x201:rate=24:maxiter=350:start_scale=0.15:end_scale=0.002:end_pts=576:inner=black,"
    # From the blue of space to the white of stars.
    "format=gray,gblur=sigma=1.1,format=gbrp,lutrgb=r=(val-110)*2.2:g=(val-80)*1.6:b=(val-45)*1.5,"
    "scale=1280:536:flags=bicubic,format=yuv420p"
)
# Two tones a fifth apart, one in each ear, that swell at different rates; a signal that crosses from left to right.
_SIGNAL = (
    "aevalsrc=channel_layout=stereo:sample_rate=48000:exprs="
    "0.14*sin(2*PI*110*t)*(0.6+0.4*sin(0.7*t))+0.2*exp(-4*mod(t\\,4))*sin(2*PI*880*t)|"
    "0.14*sin(2*PI*165*t)*(0.6+0.4*sin(0.5*t))+0.2*exp(-4*mod(t+2\\,4))*sin(2*PI*660*t)"
)
# Rows of a cellular automaton that fall like rain on a window, before a sky whose light wanders.
_RAIN = (
    "cellauto=size=160x90:rate=25:rule=18:ratio=0.08:seed=11:stitch=1,format=gray,vflip,"
    "lagfun=decay=0.8,scale=320:180:flags=bicubic,format=gbrp[drops];"
    "gradients=size=320x180:rate=25:speed=0.01:nb_colors=3:seed=5:type=radial:"
    "c0=#2f7fa8:c1=#123f5e:c2=#06131f,format=gbrp[sky];"
    "[sky][drops]blend=all_mode=screen:all_opacity=0.3,scale=1280:720:flags=bicubic,format=yuv420p"
)
# Two rains, so that each ear has its own.
_DOWNPOUR = (
    "anoisesrc=color=pink:amplitude=0.18:sample_rate=48000:seed=1,tremolo=f=0.2:d=0.6[left];"
    "anoisesrc=color=brown:amplitude=0.3:sample_rate=48000:seed=2,tremolo=f=0.13:d=0.6[right];"
    "[left][right]join=inputs=2:channel_layout=stereo"
)
# A kite is a rhomb whose quarters take turns; it is drawn once.
_KITE = (
    "color=black:size=180x240:rate=25,trim=end_frame=1,format=rgba,"
    "geq=r=255:g='if(gt((X-90)*(Y-100)\\,0)\\,{a}\\,{b})':b={c}:"
    "a='255*lt(abs(X-90)/80+abs(Y-100)/if(lt(Y\\,100)\\,90\\,135)\\,1)',"
    "loop=loop=-1:size=1,setpts=N/25/TB,rotate=a='{turn}':c=none:ow=300:oh=300"
)
_KITES = (
    # An evening sky, from above to below, drawn once too.
    "gradients=size=1280x720:rate=25:nb_colors=4:x0=640:y0=0:x1=640:y1=719:"
    "c0=#2a1a5e:c1=#a23b72:c2=#f45d48:c3=#fbd46d,trim=end_frame=1,format=yuv420p,"
    "loop=loop=-1:size=1,setpts=N/25/TB[sky];"
    f"{_KITE.format(a=60, b=200, c=40, turn='0.5*sin(1.7*t)')}[red];"
    f"{_KITE.format(a=240, b=170, c=120, turn='0.4*sin(2.3*t+1)')},scale=190:190[far];"
    "[sky][far]overlay=x='540+430*cos(0.6*t+2)':y='150+110*sin(0.9*t)'[behind];"
    "[behind][red]overlay=x='500+380*sin(0.8*t)':y='230+170*sin(1.1*t+1)',format=yuv420p"
)
# Five notes up in the left ear, the same five down in the right.
_UP, _DOWN = "floor(mod(2*t\\,5))", "(4-floor(mod(2*t\\,5)))"
_CHIME = "0.25*exp(-5*mod(t\\,0.5))*sin(2*PI*t*220*pow(2\\,(2*{n}+gte({n}\\,3))/12))"
_CHIMES = f"aevalsrc=channel_layout=stereo:sample_rate=48000:exprs={_CHIME.format(n=_UP)}|{_CHIME.format(n=_DOWN)}"

# Each is another case: two that are passed through, one of them in the shape of the cinema; one of an older codec, of
# which every picture has to be made anew.
DEMO_FILMS = (
    DemoFilm(
        movie_slug="meridian",
        file_name="meridian-demo.mp4",
        duration_s=24,
        frame_rate=24,
        picture=_DEPTHS,
        sound=_SIGNAL,
        encoding={**_H264, **_AAC, "movflags": "+faststart"},
        poster_s=21,
        lines=(
            Line(from_s=1, to_s=5, words=("Relay Meridian, night shift.", "สถานีถ่ายทอดเมอริเดียน กะกลางคืน")),
            Line(from_s=6, to_s=11, words=("We have a signal.\nIt is very old.", "เราได้รับสัญญาณ\nมันเก่ามาก")),
            Line(from_s=12, to_s=15, words=("That is my own voice.", "นั่นเสียงของฉันเอง")),
            Line(from_s=16, to_s=19, words=("It says: do not answer.", "มันบอกว่า อย่าตอบ")),
            Line(from_s=20, to_s=23, words=("…Meridian, answering.", "…เมอริเดียน ขอตอบกลับ")),
        ),
    ),
    DemoFilm(
        movie_slug="a-short-history-of-rain",
        file_name="a-short-history-of-rain-demo.mkv",
        duration_s=22,
        frame_rate=25,
        picture=_RAIN,
        sound=_DOWNPOUR,
        encoding={"c:v": "mpeg2video", "q:v": 5, "pix_fmt": "yuv420p", "c:a": "ac3", "b:a": "192k"},
        poster_s=14,
        lines=(
            Line(from_s=1, to_s=6, words=("First there was no word for it.", "แรกเริ่มยังไม่มีคำเรียกมัน")),
            Line(from_s=7, to_s=12, words=("Then there were forty.", "แล้วก็มีถึงสี่สิบคำ")),
            Line(
                from_s=13,
                to_s=18,
                words=("Somebody put out a bowl\nand began to count.", "มีคนวางชามไว้กลางแจ้ง\nแล้วเริ่มนับ"),
            ),
            Line(from_s=18, to_s=21, words=("He is counting still.", "เขายังนับอยู่จนวันนี้")),
        ),
    ),
    DemoFilm(
        movie_slug="paper-tigers-of-yaowarat",
        file_name="paper-tigers-of-yaowarat-demo.mp4",
        duration_s=22,
        frame_rate=25,
        picture=_KITES,
        sound=_CHIMES,
        encoding={**_H264, **_AAC, "movflags": "+faststart"},
        poster_s=4,
        lines=(
            Line(from_s=1, to_s=5, words=("Let out more string, Ploy.", "ปล่อยเชือกอีกสิ พลอย")),
            Line(from_s=7, to_s=12, words=("There is no more, Grandmother!", "หมดแล้วค่ะคุณยาย!")),
            Line(from_s=13, to_s=16, words=("There is always more string.", "เชือกมีอีกเสมอแหละ")),
            Line(from_s=17, to_s=21, words=("[The drone gives up.]", "[โดรนยอมแพ้]")),
        ),
    ),
)
