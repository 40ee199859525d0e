"""A crowd of which the truth is known, counted by a real portal.

Two thousand people come within a minute, stay for 20 minutes on the average, and are replaced as they leave; one in
seven of those who leave does so without a word. Beside them one person comes and goes again and again, on the page of
another film. In the end Redis is killed, while everybody watches on.
"""

import asyncio
import contextlib
import json
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Origin

from benchmarks.audience_parts.people import Line, Player, Truth, line_to
from benchmarks.results import Row, percentile
from streaming.tokens import Key, Keyring
from tests.e2e.running import Portal, start_portal

PEOPLE = 2000
STAY_S, SILENT_SHARE = 20 * 60.0, 1 / 7
ARRIVING_S, SETTLING_S, WATCHED_S, AFTER_RESTART_S = 60.0, 40.0, 180.0, 45.0
# As long as what has happened may still change.
SEALED_AFTER_S = 50.0
VISITS = 20
LIVE_BAR, SEALED_BAR, PAGE_BAR_S, CHART_BAR_S = 1.0, 0.2, 2.0, 2.0


@dataclass
class Page:
    """An open page, and each number of viewers that it was told of its film, with the moment."""

    told: list[tuple[float, int]] = field(default_factory=list)

    def latest(self) -> int | None:
        return self.told[-1][1] if self.told else None

    async def waits_for(self, viewers: int, *, within_s: float = 20.0) -> float:
        """Return the moment at which it was told of so many viewers, from now on."""
        start = len(self.told)
        deadline = time.time() + within_s
        while time.time() < deadline:
            found = [moment for moment, told in self.told[start:] if told == viewers]
            if found:
                return found[0]
            await asyncio.sleep(0.01)
        raise TimeoutError(f"nobody told of {viewers} viewers")


def measure_crowd() -> Iterator[Row]:
    """Yield the rows; it takes some seven minutes."""
    secret = secrets.token_hex(32)
    data_dir = Path(tempfile.mkdtemp(prefix="nova-crowd-"))
    data_dir.chmod(0o711)
    portal = start_portal(data_dir, variables={"NOVA_PLAYBACK_KEYS": f"1:{secret}"})
    try:
        portal.wait_for("Nova is running", timeout_s=200)
        portal.wait_until_whole()
        yield from asyncio.run(_measure(portal, Keyring(Key(id=1, secret=secret.encode()))))
    finally:
        portal.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


async def _measure(portal: Portal, keyring: Keyring) -> list[Row]:
    crowded, quiet = await _two_films(portal)
    async with line_to(portal.http_port) as line, _signed_in(portal) as client:
        crowd = Crowd(line, keyring, subject=f"movie:{crowded[1]}")
        async with _page(portal, crowded[0]) as page:
            coming = asyncio.create_task(crowd.come())
            await asyncio.sleep(ARRIVING_S + SETTLING_S)
            began = time.time()
            off, visits = await asyncio.gather(_watch(page, crowd.truth), _visit(portal, client, line, keyring, quiet))
            ended = time.time()
            restart = await _restart_redis(portal, page, crowd)
            coming.cancel()
            await crowd.go()
        await asyncio.sleep(SEALED_AFTER_S)
        sealed = await _sealed(client, crowd.truth, visits.truth, began, ended)
    return [*_rows_live(off), *visits.rows(), *_rows_sealed(sealed), *restart, *_rows_kept(portal, crowd, visits)]


class Crowd:
    """The two thousand. Whoever leaves is replaced, so that there are always about as many."""

    def __init__(self, line: Line, keyring: Keyring, *, subject: str) -> None:
        self._line, self._keyring, self._subject = line, keyring, subject
        self.truth = Truth()
        self._people: set[asyncio.Task[None]] = set()

    async def come(self) -> None:
        began = time.time()
        for number in range(PEOPLE):
            await asyncio.sleep(max(0.0, began + ARRIVING_S * number / PEOPLE - time.time()))
            self._enter()
        while True:
            await asyncio.sleep(random.expovariate(PEOPLE / STAY_S))
            self._enter()

    def _enter(self) -> None:
        person = asyncio.create_task(self._stay())
        self._people.add(person)
        person.add_done_callback(self._people.discard)

    async def _stay(self) -> None:
        player = Player(self._line, self._keyring, self.truth, subject=self._subject)
        await player.start()
        try:
            await player.watch(random.expovariate(1 / STAY_S))
        finally:
            # Also of whoever is sent home in the end: their beacon is the last one.
            await player.leave(in_silence=random.random() < SILENT_SHARE)

    async def go(self) -> None:
        """Send everybody home."""
        people = list(self._people)
        for person in people:
            person.cancel()
        await asyncio.gather(*people, return_exceptions=True)


@dataclass
class Visits:
    """How long it took until a page and the dashboard told of somebody who came or went, in seconds."""

    truth: Truth = field(default_factory=Truth)
    page_s: list[float] = field(default_factory=list)
    chart_s: list[float] = field(default_factory=list)

    def rows(self) -> list[Row]:
        what = f"{VISITS} people come and go, until"
        return [
            Row(what=f"{what} a page tells of it, longest", figure=max(self.page_s), unit="s", bar=PAGE_BAR_S),
            Row(
                what=f"{what} the dashboard's chart has it, p95",
                figure=percentile(self.chart_s, 0.95),
                unit="s",
                bar=CHART_BAR_S,
            ),
        ]


async def _watch(page: Page, truth: Truth) -> list[float]:
    """Return how far the count on a page is off, second by second, in per cent."""
    off: list[float] = []
    until = time.time() + WATCHED_S
    while time.time() < until:
        await asyncio.sleep(1)
        off.append(100 * abs((page.latest() or 0) - truth.present) / truth.present)
    return off


async def _visit(
    portal: Portal, client: httpx.AsyncClient, line: Line, keyring: Keyring, film: tuple[str, int]
) -> Visits:
    visits, subject = Visits(), f"movie:{film[1]}"
    async with _page(portal, film[0]) as page, _dashboard(portal, client, subject) as chart:
        for _ in range(VISITS):
            player = Player(line, keyring, visits.truth, subject=subject)
            await asyncio.sleep(random.uniform(0, 2))
            waits = [asyncio.create_task(each.waits_for(1)) for each in (page, chart)]
            await player.start()
            came = player.shown_at
            visits.page_s.append(await waits[0] - came)
            visits.chart_s.append(await waits[1] - came)
            await asyncio.sleep(random.uniform(0, 2))
            waits = [asyncio.create_task(each.waits_for(0)) for each in (page, chart)]
            await asyncio.sleep(0)
            went = time.time()
            await player.leave()
            visits.page_s.append(await waits[0] - went)
            visits.chart_s.append(await waits[1] - went)
    return visits


async def _restart_redis(portal: Portal, page: Page, crowd: Crowd) -> list[Row]:
    """Kill Redis; return how right the count is some time after it is back."""
    portal.children()["redis"].kill()
    await asyncio.sleep(AFTER_RESTART_S)
    off = 100 * abs((page.latest() or 0) - crowd.truth.present) / crowd.truth.present
    what = f"{AFTER_RESTART_S:.0f} s after Redis was killed, the count is off by"
    return [Row(what=what, figure=off, unit="%", bar=LIVE_BAR)]


async def _sealed(client: httpx.AsyncClient, crowd: Truth, visits: Truth, began: float, ended: float) -> list[float]:
    """Return how far each sealed second of the whole portal is off, in per cent."""
    bounds = {"from": _iso(int(began) + 1), "to": _iso(int(ended))}
    answer = await client.get("/api/v1/audience/", params={**bounds, "resolution": "1s"})
    answer.raise_for_status()
    series = answer.json()["series"]
    off: list[float] = []
    for at, viewers, is_sealed in zip(series["at"], series["viewers"], series["is_sealed"], strict=True):
        if not is_sealed:
            raise AssertionError(f"second {at} is not sealed yet")
        true = crowd.at(at + 0.999) + visits.at(at + 0.999)
        off.append(100 * abs(viewers - true) / true)
    return off


def _rows_live(off: list[float]) -> list[Row]:
    return [Row(what=f"a crowd of {PEOPLE}, the live count is off by", figure=fmean(off), unit="%", bar=LIVE_BAR)]


def _rows_sealed(off: list[float]) -> list[Row]:
    what = f"a crowd of {PEOPLE}, {len(off)} sealed seconds are off by"
    return [Row(what=what, figure=fmean(off), unit="%", bar=SEALED_BAR)]


def _rows_kept(portal: Portal, crowd: Crowd, visits: Visits) -> list[Row]:
    code = "from analytics.models import PlaybackSession as P; print(*P.objects.values_list('session', flat=True))"
    stored = {name.replace("-", "") for name in portal.manage("shell", "-v", "0", "-c", code).split()}
    told = crowd.truth.sessions | visits.truth.sessions
    return [
        Row(what=f"of {len(told)} sessions, lost though Redis was killed", figure=len(told - stored), unit="", bar=0),
        Row(what="sessions that nobody had", figure=len(stored - told), unit="", bar=0),
        Row(what="beacons refused", figure=crowd.truth.refused + visits.truth.refused, unit="", bar=0),
        Row(what="beacons that were told again", figure=crowd.truth.delayed, unit=""),
    ]


async def _two_films(portal: Portal) -> list[tuple[str, int]]:
    """Return the slugs and ids of two films."""
    code = (
        "from catalog.models import Movie; from django.utils import timezone;"
        "print(*(f'{m.slug} {m.pk}' for m in Movie.objects.filter(visibility='PUBLISHED').order_by('pk')[:2]))"
    )
    words = (await asyncio.to_thread(portal.manage, "shell", "-v", "0", "-c", code)).split()
    return [(words[0], int(words[1])), (words[2], int(words[3]))]


@contextlib.asynccontextmanager
async def _signed_in(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's client, with a session."""
    async with httpx.AsyncClient(base_url=portal.url, timeout=30) as client:
        await client.get("/accounts/login/")
        form = {"name": "admin", "password": portal.password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = await client.post("/accounts/login/", data=form, headers={"Referer": f"{portal.url}/accounts/login/"})
        if answer.status_code != 302:
            raise AssertionError(f"nobody was signed in: {answer.status_code}")
        yield client


@contextlib.asynccontextmanager
async def _page(portal: Portal, slug: str) -> AsyncIterator[Page]:
    """Follow a film as its page does; a socket that ends is opened again, as pages do."""
    page = Page()

    def hear(message: dict[str, Any]) -> None:
        if message["type"] in ("snapshot", "viewer_count.changed") and message["data"]["viewers"] is not None:
            page.told.append((time.time(), message["data"]["viewers"]))

    async with _followed(portal, f"/ws/movies/{slug}/", hear):
        yield page


@contextlib.asynccontextmanager
async def _dashboard(portal: Portal, client: httpx.AsyncClient, subject: str) -> AsyncIterator[Page]:
    """Follow one film on the dashboard."""
    page = Page()

    def hear(message: dict[str, Any]) -> None:
        if message["type"] == "audience.sampled":
            found = [each["viewers"] for each in message["data"]["subjects"] if each["subject"] == subject]
            page.told.append((time.time(), found[0] if found else 0))

    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    async with _followed(portal, "/ws/dashboard/", hear, cookies):
        yield page


@contextlib.asynccontextmanager
async def _followed(portal: Portal, path: str, hear: Any, cookies: str = "") -> AsyncIterator[None]:
    headers = {"Cookie": cookies} if cookies else {}
    uri = f"{portal.url.replace('http', 'ws', 1)}{path}"

    async def follow() -> None:
        async for socket in connect(uri, origin=Origin(portal.url), additional_headers=headers):
            with contextlib.suppress(OSError, EOFError):
                async for text in socket:
                    hear(json.loads(text))
            await asyncio.sleep(0.5)

    following = asyncio.create_task(follow())
    await asyncio.sleep(1)
    try:
        yield
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


def _iso(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
