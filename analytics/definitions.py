"""What every figure means: the page of definitions shows it, and each number leads to its `#<id>`.

Formulas are in the names of stored figures (analytics/models), so that whoever doubts a number can count again.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One figure. `formula` is "" where the definition says it all; `source` names whom it follows, "" for our own."""

    id: str
    name: str | Promise
    definition: str | Promise
    formula: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Figures of one kind."""

    name: str | Promise
    definitions: tuple[Definition, ...]


_MUX, _CMCD, _BITMOVIN, _STUDIO = "Mux Data", "CMCD v2 (CTA-5004-A)", "Bitmovin Analytics", "YouTube Studio"

_NOW = Chapter(
    name=_("Who watches"),
    definitions=(
        Definition(
            id="viewers",
            name=_("Viewers"),
            definition=_(
                "People who watch at a moment; one who watches with two players counts once. Somebody watches who has "
                "seen a picture, whose player plays, seeks, or has waited for media for less than a minute, and of "
                "whom it was heard within 25 seconds, or 50 while so many watch that players tell less often. Who "
                "pauses does not."
            ),
            formula="count(distinct viewer_key)",
            source=_BITMOVIN,
        ),
        Definition(
            id="sessions",
            name=_("Sessions"),
            definition=_("Players of those viewers. For load they matter, and not the people."),
            formula="count(session)",
        ),
        Definition(
            id="viewers-per-day",
            name=_("Viewers over days"),
            definition=_(
                "People who began to watch, each once a day. Nobody is recognised from one day to the next, so days "
                "are added up, and who comes on two of them counts twice."
            ),
            formula="sum(viewers)",
        ),
        Definition(
            id="peak",
            name=_("Peak"),
            definition=_(
                "The most viewers in any second that is sealed. While a later second has more, that is shown, and "
                "marked as provisional."
            ),
            formula="max(viewers)",
        ),
        Definition(
            id="average-viewers",
            name=_("Average viewers"),
            definition=_("The mean over all seconds that have figures; what nobody counted is left out."),
            formula="viewers_sum / seconds",
            source=_STUDIO,
        ),
        Definition(
            id="joins",
            name=_("Joins"),
            definition=_("Viewers who began to watch."),
        ),
        Definition(
            id="leaves",
            name=_("Leaves"),
            definition=_(
                "Viewers who stopped watching. Whose player says so leaves at once; of whom nothing is heard any "
                "more leaves after 25 seconds, or 50 while so many watch that players tell less often, and once the "
                "second is sealed, 5 seconds after they were last heard of."
            ),
        ),
        Definition(
            id="sealed",
            name=_("Sealed and provisional"),
            definition=_(
                "A second is provisional for 45 seconds, as players may still tell of it. Then it is counted anew "
                "from all sessions, sealed, and changes no more."
            ),
        ),
        Definition(
            id="resolution",
            name=_("Resolution"),
            definition=_(
                "Seconds up to an hour, minutes up to two days, hours beyond. Of a minute and an hour the average "
                "and the peak are shown. What is no longer kept by the second is shown by the minute, and then by the "
                "hour. Where nothing was counted the line has a gap."
            ),
        ),
    ),
)

_WATCHED = Chapter(
    name=_("What was watched"),
    definitions=(
        Definition(
            id="views",
            name=_("Views"),
            definition=_("Attempts to play: Play was pressed, or it began by itself. Each is one session."),
            formula="views",
            source=_BITMOVIN,
        ),
        Definition(
            id="plays",
            name=_("Plays"),
            definition=_("Views in which at least one picture was seen."),
            formula="plays",
            source=_BITMOVIN,
        ),
        Definition(
            id="watch-time",
            name=_("Watch time"),
            definition=_(
                "How long pictures were wanted and shown, waiting for media included. Over a period it is "
                "viewer-seconds; over days it is added up from sessions that are over."
            ),
            formula="sum(viewers) · 1 s; sum(watch_ms)",
            source=_MUX,
        ),
        Definition(
            id="view-duration",
            name=_("Average view duration"),
            definition=_(
                "Over a period the watch time by those who joined in it; over days the watch time by the plays."
            ),
            formula="watch_s / joins; watch_ms / plays",
            source=_STUDIO,
        ),
        Definition(
            id="retention",
            name=_("Retention"),
            definition=_(
                "How often each hundredth of a film was watched, repetitions included, and in how many sessions at "
                "all. It is shown from 30 plays on: of fewer it would tell of single people."
            ),
            formula="sum of retention edges up to the hundredth",
        ),
    ),
)

_WELL = Chapter(
    name=_("How well it was watched"),
    definitions=(
        Definition(
            id="startup-time",
            name=_("Startup time"),
            definition=_(
                "From the wish to play to the first picture. How long the page took before that is not in it."
            ),
            formula="startup_ms / plays; msd",
            source=_CMCD,
        ),
        Definition(
            id="exits-before-start",
            name=_("Exits before the start"),
            definition=_("The share of views that were left before a picture was seen, without a failure."),
            formula="exits / views",
            source=_MUX,
        ),
        Definition(
            id="failures",
            name=_("Failures"),
            definition=_(
                "The share of views that an error ended, before or after the first picture. What was meant to be "
                "refused, such as a film that is not open to the viewer, is no failure."
            ),
            formula="failures / views",
            source=_MUX,
        ),
        Definition(
            id="drops",
            name=_("Views dropped"),
            definition=_(
                "The share of views that ended without a word of their player, as when a browser is killed or a line "
                "is lost for good: nothing was heard of it any more."
            ),
            formula="drops / views",
            source=_MUX,
        ),
        Definition(
            id="errors",
            name=_("Errors"),
            definition=_("Errors that players told of, those too from which they recovered."),
        ),
        Definition(
            id="rebuffering",
            name=_("Rebuffering now"),
            definition=_(
                "Sessions that wait for media in the middle of playback; shown as their share of all sessions."
            ),
            source=_CMCD,
        ),
        Definition(
            id="rebuffer-ratio",
            name=_("Rebuffering"),
            definition=_(
                "The share of the watch time that was spent waiting for media. Waiting after a seek is not in it."
            ),
            formula="stall_ms / watch_ms",
            source=_MUX,
        ),
        Definition(
            id="rebuffer-frequency",
            name=_("Rebuffering frequency"),
            definition=_(
                "How often playback stopped to wait for media, for each minute watched; of a single player, how often "
                "at all."
            ),
            formula="stall_count / (watch_ms / 60000)",
            source=_MUX,
        ),
        Definition(
            id="shown-bitrate",
            name=_("Bit rate shown"),
            definition=_(
                "Bits of media a second of the quality on the screen, its sound included, by what players received "
                "of it. On the average of sessions at a moment, and of a session by the time it was shown."
            ),
            formula="bitrate_ms / watch_ms",
            source=_CMCD,
        ),
        Definition(
            id="quality-switches",
            name=_("Changes of quality"),
            definition=_("How often the quality rose and fell in a session."),
            formula="switches_up, switches_down",
            source=_MUX,
        ),
        Definition(
            id="qualities",
            name=_("Qualities"),
            definition=_(
                "How many players show each quality, of the twenty that most show; over a minute or an hour, "
                "player-seconds."
            ),
        ),
        Definition(
            id="upscaling",
            name=_("Upscaling"),
            definition=_(
                "How much larger the player shows the picture than it is: 50 % for half as large again. On the "
                "average of time, and at most."
            ),
            formula="(player size − picture size) / picture size",
            source=_MUX,
        ),
        Definition(
            id="latency",
            name=_("Latency"),
            definition=_(
                "How far what is shown is behind the encoder, on the average of sessions. Of live streams only."
            ),
            formula="ltc",
            source=_CMCD,
        ),
        Definition(
            id="dropped-frames",
            name=_("Dropped frames"),
            definition=_("Pictures that a device was too slow to show."),
            formula="dfa",
            source=_CMCD,
        ),
        Definition(
            id="ingress",
            name=_("Received from the encoder"),
            definition=_("Bits of media a second that came from the encoder of a stream."),
        ),
        Definition(
            id="egress",
            name=_("Sent to viewers"),
            definition=_("Bits of media a second that players received, by what they tell."),
        ),
        Definition(
            id="health",
            name=_("Health"),
            definition=_(
                "What is to be said of what an encoder sends: its bit rate, pictures a second, key frames, and picture "
                "and sound together. It is as good as the worst of what was found, and each finding says what helps."
            ),
            source=_STUDIO,
        ),
    ),
)

_SCORE = Chapter(
    name=_("The score"),
    definitions=(
        Definition(
            id="score",
            name=_("Viewer experience score"),
            definition=_(
                "How good a session was for its viewer, from 0 to 100; then the mean over sessions that are over. "
                "Success counts most, then smoothness, startup and quality. A session without a picture has the score "
                "of its success alone. Scores of different versions are never shown in one line."
            ),
            formula=(
                "nova_score v1 = P / 100 · (T(Sm, Su; 0.6) + T(Sm, Q; 0.7) + T(Su, Q; 0.6)) / 3; "
                "T(a, b; w) = a^w · b^(1−w)"
            ),
            source=_MUX,
        ),
        Definition(
            id="score-success",
            name=_("Success"),
            definition=_(
                "100 if a picture was seen and nothing failed, 50 for who left before the first picture, 0 for a "
                "failure. Who left within a second has no score."
            ),
            formula="P",
            source=_MUX,
        ),
        Definition(
            id="score-startup",
            name=_("Startup"),
            definition=_("Half is lost after a wait of 8 seconds for the first picture."),
            formula="Su = 100 · 8 / (8 + seconds)",
            source=_MUX,
        ),
        Definition(
            id="score-smoothness",
            name=_("Smoothness"),
            definition=_("The mean of how often and how long playback stopped to wait for media."),
            formula="Sm = (100 / sqrt(1 + (stall_count / 2)²) + 100 · e^(−10 · stall_ms / watch_ms)) / 2",
            source=_MUX,
        ),
        Definition(
            id="score-quality",
            name=_("Picture quality"),
            definition=_("How far pictures were shown larger than they are; not known of sound alone."),
            formula="Q = 100 · e^(−0.33 · (0.15 · upscale_most + 0.85 · upscale_average))",
            source=_MUX,
        ),
    ),
)

CHAPTERS = (_NOW, _WATCHED, _WELL, _SCORE)
DEFINITIONS = tuple(definition for chapter in CHAPTERS for definition in chapter.definitions)
