"""Looks at a source with ffprobe."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from catalog.uploads import containers
from streaming.media.probe import build_keyframes_command, build_probe_command, parse_keyframes, parse_probe
from streaming.media.progress import FailureCode, explain_failure
from streaming.media.streams import ProbeResult, Reason, UnsupportedSource
from streaming.runtime.executor import ProgramFailed, run
from streaming.runtime.limits import Limits

_LIMITS = Limits(wall_s=60, silence_s=30, memory_bytes=4 * 1024**3)
# Of a film with 32 tracks it says some 100 KiB; of a minute of packets, two or three MiB.
_LONGEST_ANSWER = 32 * 1024 * 1024
_ANSWER = "answer"
# What is said of anything at all: ffprobe believes a file's name where its content says nothing.
_SAID_OF_NO_FILM = frozenset({FailureCode.TRUNCATED, FailureCode.DAMAGED, FailureCode.UNKNOWN})


def probe_file(path: Path, *, ffprobe: str, keep_running: Callable[[], bool]) -> ProbeResult:
    """Return what a file holds, the spacing of its key frames included.

    Raises:
        UnsupportedSource: nothing in it can be packaged.
        ProgramFailed: ffprobe was stopped, hung, or could not read the file.
    """
    try:
        document = _ask(build_probe_command(ffprobe=ffprobe, source=str(path)), keep_running)
    except ProgramFailed as error:
        cause = explain_failure(error.result.exit_code, error.result.stderr_tail).code
        if cause in _SAID_OF_NO_FILM and not _begins_like_a_film(path):
            raise UnsupportedSource(Reason.UNREADABLE, "it begins like no container that is known here") from error
        raise
    found = parse_probe(document)
    if found.video is None:
        return found
    command = build_keyframes_command(
        ffprobe=ffprobe, source=str(path), video_index=found.video.index, duration_s=found.duration_s
    )
    return parse_probe(document, keyframes=parse_keyframes(_ask(command, keep_running)))


def _begins_like_a_film(path: Path) -> bool:
    with path.open("rb") as film:
        return containers.recognise(film.read(containers.HEAD_LENGTH)) is not None


def _ask(command: Sequence[str], keep_running: Callable[[], bool]) -> dict[str, Any]:
    answer = bytearray()

    def take(received: bytes) -> None:
        answer.extend(received)
        if len(answer) > _LONGEST_ANSWER:
            raise UnsupportedSource(Reason.CONTRADICTORY, "ffprobe found more than there can be")

    run(partial(_argv, command), sinks={_ANSWER: take}, limits=_LIMITS, keep_running=keep_running)
    document: dict[str, Any] = json.loads(answer or b"{}")
    return document


def _argv(command: Sequence[str], pipes: Mapping[str, int]) -> list[str]:
    program, *rest = command
    return [program, "-o", f"pipe:{pipes[_ANSWER]}", *rest]
