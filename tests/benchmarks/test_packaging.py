"""What the benchmark of packaging compares with, and how it judges what it finds."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import psutil
import pytest

from benchmarks import packaging
from benchmarks.packaged_films import films, playable
from benchmarks.packaged_films.by_hand import command_alone, command_per_rung, one_command
from benchmarks.packaged_films.comparing import join_segments, parse_vmaf, ratios
from benchmarks.packaged_films.kills import FILMS, KILLS, VICTIMS, planned_kills, processes_of, strays_beside, told
from benchmarks.packaged_films.measuring import Cost, run_commands
from streaming.media.command import Tools, build_command, pipe_names
from streaming.media.package_plan import PackagingPlan
from streaming.media.plan import PlanConf, plan_vod
from tests.streaming.media.planning import LADDER, make_audio, make_probe, make_video

FILM, FOLDER = Path("/films/film.mp4"), Path("/out")
# What decides how many bits a picture gets, and how it looks.
SETTINGS = ("-c:v", "-preset", "-crf", "-maxrate", "-bufsize", "-profile:v", "-level:v", "-sc_threshold", "-g")


def plan_of(codec: str) -> PackagingPlan:
    probe = make_probe(video=make_video(codec=codec, bitrate_bps=8_000_000), audio=(make_audio(),))
    return plan_vod(probe, LADDER, conf=PlanConf())


COPIED, ENCODED = plan_of("h264"), plan_of("vp9")


def values_of(argv: Sequence[str], option: str) -> list[str]:
    return [argv[place + 1] for place, word in enumerate(argv) if word == option]


def portal_argv(plan: PackagingPlan) -> list[str]:
    """Return what the portal says to FFmpeg in all phases together."""
    tools = Tools(ffmpeg="ffmpeg", source=str(FILM), cores=2)
    return [
        word
        for phase in plan.phases
        for word in build_command(plan, phase, tools=tools, outputs=dict.fromkeys(pipe_names(plan, phase), 3)).argv
    ]


# --- Commands by hand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", SETTINGS)
@pytest.mark.parametrize("plan", [COPIED, ENCODED], ids=["own rung passed through", "every rung encoded"])
def test_the_command_by_hand_asks_the_encoder_for_what_the_portal_does(plan: PackagingPlan, option: str) -> None:
    by_hand = Counter(values_of(one_command(plan, FILM, FOLDER), option))
    portal = Counter(values_of(portal_argv(plan), option))
    if option == "-c:v":
        # Sprites and posters are extra, and a copy is said without naming a stream.
        del by_hand["copy"], portal["mjpeg"]
    assert by_hand == portal
    assert by_hand.total() == sum(not track.is_copy for track in plan.video)


def test_the_command_by_hand_decodes_once_and_writes_every_track() -> None:
    argv = one_command(ENCODED, FILM, FOLDER)
    assert values_of(argv, "-i") == [str(FILM)]
    (graph,) = values_of(argv, "-filter_complex")
    assert graph.count("[0:v]") == 1
    assert graph.count("scale=") == 3
    files = {word for word in argv if word.startswith("/out/")}
    names = [track.name for track in ENCODED.video] + [track.name for track in ENCODED.audio]
    assert files == {f"/out/{name}.mp4" for name in names}


def test_what_the_portal_copies_is_copied_by_hand_too() -> None:
    argv = one_command(COPIED, FILM, FOLDER)
    assert values_of(argv, "-c:v").count("copy") == 1
    assert values_of(argv, "-c:a") == ["copy"]
    assert values_of(argv, "-force_key_frames") == ["source", "source"]


def test_a_command_per_rung_decodes_and_encodes_sound_each_time() -> None:
    commands = command_per_rung(COPIED, FILM, FOLDER)
    assert len(commands) == len(COPIED.video) == 3
    for argv in commands:
        assert values_of(argv, "-i") == [str(FILM)]
        assert values_of(argv, "-c:v") == ["libx264"]
        assert values_of(argv, "-c:a") == ["aac"]
        assert values_of(argv, "-g") == ["100"]


def test_a_rung_alone_has_nothing_beside_it() -> None:
    track = ENCODED.video[1]
    argv = command_alone(ENCODED, track, FILM, FOLDER)
    assert [word for word in argv if word.startswith("/out/")] == [f"/out/{track.name}.mp4"]
    assert values_of(argv, "-maxrate") == [str(track.rendition.bitrate_bps)]
    assert not values_of(argv, "-c:a")


# --- Costs ------------------------------------------------------------------------------------------------------------


def test_ratios_are_of_the_best_rounds() -> None:
    ours = [Cost(wall_s=10, cpu_s=30), Cost(wall_s=12, cpu_s=20)]
    theirs = [Cost(wall_s=20, cpu_s=20), Cost(wall_s=25, cpu_s=25)]
    wall, cpu = ratios("against", ours, theirs, bar=0.92)
    assert (wall.figure, wall.is_missed) == (50, False)
    assert (cpu.figure, cpu.is_missed) == (100, True)


def test_what_is_just_above_the_bar_misses_it() -> None:
    rows = list(ratios("against", [Cost(wall_s=1.06, cpu_s=1.04)], [Cost(wall_s=1, cpu_s=1)], bar=1.05))
    assert [row.is_missed for row in rows] == [True, False]


def test_commands_side_by_side_cost_the_time_of_one_and_the_work_of_all() -> None:
    sleeping = ("sleep", "0.5")
    cost = run_commands([sleeping, sleeping, sleeping], at_once=3)
    assert cost.wall_s >= 0.5
    assert 0 < cost.cpu_s < cost.wall_s + 1
    assert run_commands([sleeping, sleeping]).wall_s >= 1


# --- Pictures ---------------------------------------------------------------------------------------------------------


def test_the_score_is_read_from_what_ffmpeg_says() -> None:
    said = "[Parsed_libvmaf_3 @ 0x5587] VMAF score: 93.812345\nframe= 1500"
    assert parse_vmaf(said) == pytest.approx(93.812345)
    with pytest.raises(ValueError, match="no score"):
        parse_vmaf("Conversion failed!")


def test_segments_are_joined_in_the_order_in_which_they_play(tmp_path: Path) -> None:
    track = tmp_path / "v"
    track.mkdir()
    for number in range(1, 12):
        (track / f"{number}.m4s").write_text(f"{number} ")
    (track / "init.mp4").write_text("init ")
    assert join_segments(tmp_path, "v", tmp_path).read_text() == "init 1 2 3 4 5 6 7 8 9 10 11 "


# --- Films ------------------------------------------------------------------------------------------------------------


def test_a_film_that_is_made_in_another_way_is_another_file() -> None:
    film = films.MINUTE
    assert film.path != replace(film, arguments=f"{film.arguments} -bf 2").path
    assert films.HOUR.path != replace(films.HOUR, origin=films.SCENE_TO_ENCODE).path
    assert films.HOUR.path == replace(films.HOUR, seconds=1).path


def test_long_films_are_as_long_as_they_say() -> None:
    assert (films.TEN_MINUTES.seconds, films.HOUR.seconds, films.SMALL_HOUR.seconds) == (600, 3600, 3600)
    assert "-stream_loop 59 " in films.HOUR.arguments


def test_a_film_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "FOLDER", tmp_path / "films")
    arguments = "-f lavfi -i testsrc2=s=64x64:r=5:d=1 -c:v mpeg4"
    origin = films.Film(name="origin", arguments=arguments, seconds=1)
    film = films.Film(name="copy", arguments="-i {origin} -c copy", seconds=1, origin=origin)
    made_at = film.ready().stat().st_mtime_ns
    assert film.ready().stat().st_mtime_ns == made_at
    assert sorted(tmp_path.joinpath("films").iterdir()) == sorted([film.path, origin.path])


# --- Memory -----------------------------------------------------------------------------------------------------------


def test_every_part_has_a_name_of_its_own() -> None:
    assert list(packaging.PARTS) == ["against-one-command", "against-many", "vmaf", "playable", "memory", "kills"]
    assert len(set(packaging.PARTS.values())) == len(packaging.PARTS)


# --- Playable ---------------------------------------------------------------------------------------------------------


def test_the_bar_is_for_all_steps_together_and_each_is_told() -> None:
    whole, *steps = playable.told("a film", (100.0, 100.5, 100.75, 101.75, 103.5), bar=3)
    assert (whole.figure, whole.is_missed) == (3.5, True)
    assert [step.figure for step in steps] == [0.5, 0.25, 1, 1.75]
    assert not any(step.is_missed for step in steps)


# --- Kills ------------------------------------------------------------------------------------------------------------


def test_everything_is_killed_equally_often_and_at_other_moments_by_another_lot() -> None:
    plan = planned_kills(Random(1))
    assert Counter(victim for victim, _ in plan) == dict.fromkeys(VICTIMS, KILLS // len(VICTIMS))
    assert len({pause_s for _, pause_s in plan}) == KILLS
    assert plan == planned_kills(Random(1)) != planned_kills(Random(2))


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Storage with as many whole packages as there are films."""
    for number in range(FILMS):
        write_package(tmp_path / "packages" / f"p{number}")
    return tmp_path


def write_package(folder: Path) -> None:
    """Write a package of 20 s that has one track."""
    (folder / "v").mkdir(parents=True)
    segments = "".join(f"#EXTINF:4.00000,\n{number}.m4s\n" for number in range(1, 6))
    for number in range(1, 6):
        (folder / "v" / f"{number}.m4s").write_text("media")
    (folder / "v" / "init.mp4").write_text("header")
    (folder / "v" / "index.m3u8").write_text(f'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n{segments}#EXT-X-ENDLIST\n')
    (folder / "master.m3u8").write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv/index.m3u8\n")
    (folder / "manifest.mpd").write_text("<MPD/>")
    (folder / "index.json").write_text(json.dumps({"version": 1}))


def outcome_of(count: int = FILMS, state: str = "SUCCEEDED") -> dict[str, object]:
    return {"jobs": [[state, 2, ""]] * count, "packages": [f"packages/p{number}" for number in range(count)]}


def missed(outcome: dict[str, object], media: Path, kills: int = KILLS) -> list[str]:
    rows = told(outcome, Counter(worker=kills), media)
    return [row.what.split(",")[0].split(" (")[0] for row in rows if row.is_missed]


def test_twenty_whole_packages_and_nothing_else_meet_every_bar(media: Path) -> None:
    assert missed(outcome_of(), media) == []


def test_a_kill_too_few_is_told(media: Path) -> None:
    assert missed(outcome_of(), media, kills=KILLS - 1) == ["processes killed"]


def test_a_job_that_failed_is_told_with_its_cause(media: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = outcome_of()
    outcome["jobs"] = [["SUCCEEDED", 1, ""]] * (FILMS - 1) + [["FAILED", 5, "worker-lost"]]
    assert missed(outcome, media) == ["jobs that succeeded"]
    assert "worker-lost" in capsys.readouterr().err


def test_a_package_that_nobody_has_is_stray(media: Path) -> None:
    write_package(media / "packages" / "left-behind")
    assert missed(outcome_of(), media) == ["stray files and folders after clean-up"]
    kept = [media / "packages" / f"p{number}" for number in range(FILMS)]
    assert strays_beside(media / "packages", kept) == ["left-behind"]


def test_a_package_with_a_hole_is_not_whole(media: Path) -> None:
    (media / "packages" / "p3" / "v" / "2.m4s").unlink()
    assert missed(outcome_of(), media) == ["whole packages"]


def test_processes_are_known_by_the_folder_of_their_portal(tmp_path: Path) -> None:
    with psutil.Popen(["sleep", "60"], env={"NOVA_DATA_DIR": str(tmp_path), "PATH": "/bin:/usr/bin"}) as process:
        try:
            assert [found.pid for found in processes_of(tmp_path)] == [process.pid]
            assert processes_of(tmp_path / "another") == []
        finally:
            process.kill()


def test_the_plans_are_those_that_the_tests_are_about() -> None:
    assert [track.is_copy for track in COPIED.video] == [True, False, False]
    assert not any(track.is_copy for track in ENCODED.video)
    assert ENCODED.segment_s == Fraction(4)
