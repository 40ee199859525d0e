"""Holds the shape of the code: the direction of imports, what pure modules may touch, and the size budget."""

import ast
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("portal", "catalog", "streaming", "analytics")
# The composition root knows every app by name, and nothing else does.
COMPOSITION_ROOT = {"portal/settings.py", "portal/asgi.py", "portal/urls.py", "portal/routing.py", "portal/api/urls.py"}
PURE = (
    "analytics/beacons/limits.py",
    "analytics/counting/audience.py",
    "analytics/counting/counter.py",
    "analytics/counting/figures.py",
    "analytics/counting/ingress.py",
    "analytics/counting/marks.py",
    "analytics/counting/presence.py",
    "analytics/counting/sections.py",
    "analytics/counting/session.py",
    "analytics/counting/tally.py",
    "analytics/reading/points.py",
    "analytics/score.py",
    "catalog/captions/ass.py",
    "catalog/captions/checks.py",
    "catalog/captions/clock_times.py",
    "catalog/captions/cues.py",
    "catalog/captions/drafts.py",
    "catalog/captions/encodings.py",
    "catalog/captions/findings.py",
    "catalog/captions/limits.py",
    "catalog/captions/markup.py",
    "catalog/captions/placing.py",
    "catalog/captions/reading.py",
    "catalog/captions/srt.py",
    "catalog/captions/timing.py",
    "catalog/captions/ttml.py",
    "catalog/captions/webvtt.py",
    "catalog/search/documents.py",
    "catalog/search/folding.py",
    "catalog/search/queries.py",
    "catalog/search/spelling.py",
    "catalog/search/tokens.py",
    "catalog/search/vectors.py",
    "portal/embedded/restarts.py",
    "streaming/devices.py",
    "streaming/delivery/cloudfront.py",
    "streaming/delivery/path_token.py",
    "streaming/hooks/json_bodies.py",
    "streaming/hooks/mediamtx.py",
    "streaming/hooks/nginx_rtmp.py",
    "streaming/hooks/notices.py",
    "streaming/hooks/ovenmediaengine.py",
    "streaming/hooks/queries.py",
    "streaming/hooks/servers.py",
    "streaming/hooks/srs.py",
    "streaming/media/bandwidth.py",
    "streaming/media/boxes.py",
    "streaming/media/codable.py",
    "streaming/media/command.py",
    "streaming/media/dash.py",
    "streaming/media/demo_films.py",
    "streaming/media/fragments.py",
    "streaming/media/hls.py",
    "streaming/media/hls_lines.py",
    "streaming/media/hls_package.py",
    "streaming/media/index_json.py",
    "streaming/media/ladder.py",
    "streaming/media/live/arrivals.py",
    "streaming/media/live/backlog.py",
    "streaming/media/live/command.py",
    "streaming/media/live/contents.py",
    "streaming/media/live/copied.py",
    "streaming/media/live/copying.py",
    "streaming/media/live/cuts.py",
    "streaming/media/live/described.py",
    "streaming/media/live/flv_writer.py",
    "streaming/media/live/health.py",
    "streaming/media/live/intake.py",
    "streaming/media/live/lane.py",
    "streaming/media/live/listing.py",
    "streaming/media/live/manifest.py",
    "streaming/media/live/packager.py",
    "streaming/media/live/pipe.py",
    "streaming/media/live/plan.py",
    "streaming/media/live/playlists.py",
    "streaming/media/live/ready.py",
    "streaming/media/live/pull_command.py",
    "streaming/media/live/recording.py",
    "streaming/media/live/recovery.py",
    "streaming/media/live/reload.py",
    "streaming/media/live/silence.py",
    "streaming/media/live/source.py",
    "streaming/media/live/supervision.py",
    "streaming/media/live/timing.py",
    "streaming/media/live/window.py",
    "streaming/media/package_index.py",
    "streaming/media/package_parts.py",
    "streaming/media/package_plan.py",
    "streaming/media/packager.py",
    "streaming/media/plan.py",
    "streaming/media/probe.py",
    "streaming/media/progress.py",
    "streaming/media/sample_entries.py",
    "streaming/media/samples.py",
    "streaming/media/segmenter.py",
    "streaming/media/streams.py",
    "streaming/media/tone_mapping.py",
    "streaming/media/tracks.py",
    "streaming/origin/addresses.py",
    "streaming/origin/conditions.py",
    "streaming/origin/live/onlookers.py",
    "streaming/origin/negotiation.py",
    "streaming/origin/ranges.py",
    "streaming/rtmp/amf0.py",
    "streaming/rtmp/bits.py",
    "streaming/rtmp/chunks.py",
    "streaming/rtmp/codecs.py",
    "streaming/rtmp/commands.py",
    "streaming/rtmp/flv.py",
    "streaming/rtmp/flv_reader.py",
    "streaming/rtmp/handshake.py",
    "streaming/rtmp/media.py",
    "streaming/rtmp/session.py",
    "streaming/stream_health.py",
)
IMPURE_MODULES = {
    "asyncio",
    "django",
    "channels",
    "datetime",
    "os",
    "pathlib",
    "random",
    "socket",
    "subprocess",
    "time",
}
# Function lengths are counted from `def` to the last line.
FUNCTION_MEDIAN, FUNCTION_P95, FUNCTION_MAX = 8, 40, 60
FILE_MEDIAN, FILE_P95, FILE_MAX = 100, 350, 500
MOST_PARAMETERS = 6
TESTS_TO_CODE = 1.2
# Each with its reason.
LONG_FILES: dict[str, str] = {}
BANNED_NAMES = {"utils", "helpers", "common", "misc"}


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()))


@cache
def source_files() -> tuple[Path, ...]:
    files = tracked(*(f"{app}/*.py" for app in APPS), "scripts/*.py", "manage.py", "benchmarks/*.py")
    return tuple(path for path in files if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in source_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}:{node.lineno} {node.name}", node


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_from_its_left(app: str) -> None:
    forbidden = set(APPS[APPS.index(app) + 1 :])
    found = [
        f"{name_of(path)} imports {module}"
        for path in source_files()
        if path.relative_to(ROOT).parts[0] == app and name_of(path) not in COMPOSITION_ROOT
        for module in imported_modules(path)
        if module.split(".")[0] in forbidden
    ]
    assert found == []


def test_the_composition_root_is_where_it_is_said_to_be() -> None:
    assert [name for name in COMPOSITION_ROOT if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_touches_no_framework_process_or_clock(name: str) -> None:
    touched = {module.split(".")[0] for module in imported_modules(ROOT / name)} & IMPURE_MODULES
    assert touched == set()


def test_functions_are_short() -> None:
    lengths = {name: (node.end_lineno or node.lineno) - node.lineno + 1 for name, node in functions()}
    assert {name: length for name, length in lengths.items() if length > FUNCTION_MAX} == {}
    assert statistics.median(lengths.values()) <= FUNCTION_MEDIAN
    assert percentile(list(lengths.values()), 0.95) <= FUNCTION_P95


def test_files_are_short() -> None:
    lengths = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in source_files()}
    lengths = {name: lines for name, lines in lengths.items() if lines}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_MAX and name not in LONG_FILES} == {}
    assert statistics.median(lengths.values()) <= FILE_MEDIAN
    assert percentile(list(lengths.values()), 0.95) <= FILE_P95


def test_functions_take_few_parameters() -> None:
    crowded = [
        name
        for name, node in functions()
        if len(
            [
                a
                for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if a.arg not in {"self", "cls"}
            ]
        )
        > MOST_PARAMETERS
    ]
    assert crowded == []


def test_tasks_are_declared_with_the_application_at_hand() -> None:
    """A bare `shared_task` belongs to whatever application there is: without ours, to one that knows no broker."""
    bare = [
        name_of(path)
        for path in source_files()
        if name_of(path) != "portal/celery.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "celery"
        and "shared_task" in {n.name for n in node.names}
    ]
    assert bare == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(path) for path in source_files() if path.stem in BANNED_NAMES] == []


def test_only_the_clock_reads_the_clock() -> None:
    readers = [
        name_of(path)
        for path in source_files()
        if name_of(path) != "portal/clock.py" and path.relative_to(ROOT).parts[0] in APPS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("datetime", "now"), ("datetime", "utcnow"), ("timezone", "now"), ("time", "time")}
    ]
    assert readers == []


def test_there_is_about_as_much_test_as_code() -> None:
    code = sum(path.read_text().count("\n") for path in source_files() if path.relative_to(ROOT).parts[0] in APPS)
    tests = sum(path.read_text().count("\n") for path in tracked("tests/*.py"))
    assert tests / code >= TESTS_TO_CODE


def test_no_empty_file_is_kept_but_package_markers() -> None:
    empty = [name_of(path) for path in source_files() if not path.read_text().strip() and path.name != "__init__.py"]
    assert empty == []
