"""Runs all checks against one stream, and says of each what was wrong."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import httpx
from defusedxml.ElementTree import fromstring

from benchmarks.live_conformance import checks_dash, checks_hls, checks_life, checks_requests
from benchmarks.live_conformance.checks_dash import read_twice
from benchmarks.live_conformance.checks_requests import Asking
from benchmarks.live_conformance.fetching import Fetcher, resolve
from benchmarks.live_conformance.lines import PlaylistWrong
from benchmarks.live_conformance.publishing import Broadcaster
from benchmarks.live_conformance.watching import Watcher, parse_master
from streaming.media.errors import MediaFault

Check = Callable[..., object]
_COME_BACK_S = 6.0
_MANIFEST = "manifest.mpd"
_WRONG = (AssertionError, PlaylistWrong, MediaFault, httpx.HTTPError, KeyError, StopIteration, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a check: `fault` is None where it holds."""

    number: str
    name: str
    fault: str | None


@dataclass(slots=True)
class Findings:
    """The verdicts so far, and what checks may ask for by the names of their parameters."""

    known: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)

    async def judge(self, *checks: Check) -> None:
        for check in checks:
            wanted = {name: self.known[name] for name in inspect.signature(check).parameters}
            number, _, name = check.__name__.partition("_")
            self.verdicts.append(
                Verdict(number=number.upper(), name=name.replace("_", " "), fault=await _fault(check, wanted))
            )


async def _fault(check: Check, wanted: Mapping[str, Any]) -> str | None:
    try:
        result = check(**wanted)
        if inspect.isawaitable(result):
            await result
    except _WRONG as error:
        return f"{type(error).__name__}: {error}" if not isinstance(error, AssertionError) else str(error)
    return None


def checks_of(module: ModuleType) -> list[Check]:
    """Return the checks of a module by their numbers."""
    return [check for name, check in sorted(vars(module).items()) if name[0] in "hd" and name[1:3].isdigit()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """How it is looked: how long, and how long nobody looks before somebody joins, in seconds.

    `slack` and `others`: see Asking.
    """

    watch_s: float = 120.0
    idle_s: float = 300.0
    slack: float = 1.0
    others: tuple[str, ...] = ()


async def check_stream(url: str, *, broadcaster: Broadcaster | None, looking: Looking) -> list[Verdict]:
    """Check the stream of a multivariant playlist. Without a broadcaster, what would be done to it is left out."""
    async with Fetcher() as fetcher:
        master = parse_master(await fetcher.get(url))
        if not master.urls:
            raise PlaylistWrong(f"{url} names no playlist")
        asking = Asking(fetcher, master, slack=looking.slack, others=looking.others)
        findings = Findings({"fetcher": fetcher, "master": master, "asking": asking, "broadcaster": broadcaster})
        await asyncio.sleep(looking.idle_s)
        await findings.judge(checks_life.h44_who_joins_a_stream_that_nobody_watched_sees_it_soon)
        watcher = Watcher(fetcher, master)
        await watcher.watch(looking.watch_s)
        findings.known["tracks"] = watcher.tracks
        await findings.judge(*checks_of(checks_hls), *checks_of(checks_requests))
        await findings.judge(checks_life.h43_what_is_not_there_is_not_answered)
        findings.known["first"], findings.known["second"] = await read_twice(fetcher, resolve(url, _MANIFEST))
        await findings.judge(*checks_of(checks_dash))
        if broadcaster is not None:
            await _check_life(findings, url, broadcaster)
    return findings.verdicts


async def _check_life(findings: Findings, url: str, broadcaster: Broadcaster) -> None:
    """Freeze the broadcaster, cut it off, let it come back, and have it stop."""
    fetcher, master = findings.known["fetcher"], findings.known["master"]
    before = Watcher(fetcher, master)
    await before.watch(0)
    findings.known["tracks"] = before.tracks
    await findings.judge(checks_life.h33_who_waits_in_vain_is_told)
    await broadcaster.cut_off()
    await broadcaster.begin()
    await _until_back(findings.known["asking"])
    after = Watcher(fetcher, master)
    await after.watch(_COME_BACK_S)
    findings.known["returned"] = after.tracks
    await findings.judge(checks_life.h42_what_comes_back_goes_on, checks_life.h41_the_end_is_told)
    answer = await fetcher.get(resolve(url, _MANIFEST))
    findings.known["ended"] = fromstring(answer.body)
    await findings.judge(checks_life.d09_what_comes_back_is_a_period_of_its_own, checks_life.d10_the_end_is_told)


async def _until_back(asking: Asking) -> None:
    """Wait until there is something new again."""
    msn, part = (await asking.playlist()).next_part
    for _ in range(5):
        if (await asking.ask(f"?_HLS_msn={msn}&_HLS_part={part}")).status == 200:
            return
    raise AssertionError("the broadcaster came back, and its stream did not")
