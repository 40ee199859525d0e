"""One live stream, from the admission of its first encoder until its recording is whole.

Encoders come and go; what they send is one stream all the same. Each run of our own encoder is an epoch of it.
"""

import asyncio
from collections.abc import Callable, Iterable
from fractions import Fraction

import structlog
from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError

from portal import clock
from streaming.errors import StreamIsOver
from streaming.media.errors import MediaFault
from streaming.media.live.intake import Intake
from streaming.media.live.packager import LivePackager
from streaming.media.live.plan import LivePlan, LiveUnsupported
from streaming.media.live.ready import Ready
from streaming.media.live.source import source_format
from streaming.media.live.supervision import GiveUp, GiveUpCause, RestartPolicy, Supervisor
from streaming.models import Stream
from streaming.origin.live import telling
from streaming.origin.live.archive import Archive, CannotTakeUp, Stored
from streaming.origin.live.broadcast import Broadcast
from streaming.origin.live.encoding import FAULTS, Cause, Encoding
from streaming.origin.live.lease import keep_lease
from streaming.origin.live.means import LiveMeans
from streaming.origin.live.opening import Opening
from streaming.origin.live.publication import Publication
from streaming.origin.live.reports import Reports
from streaming.origin.live.taking_up import take_up
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.publishing import PublishedStream
from streaming.services import live, recordings
from streaming.services.ingest import AdmittedStream
from streaming.stream_metrics import Stage, count_error

log = structlog.get_logger("nova.live")

# An encoder that sends nothing for so long has lost its line, though nobody has told us.
SILENT_S = 3.0
# An encoder that has sent nothing for so long that could be encoded never will, whatever its timestamps say.
BEGINS_WITHIN_S = 25.0
# Each of them is a run of ours; a camera that is turned round does so now and then.
FORMAT_CHANGES = RestartPolicy(delays_s=(0.0, 1.0, 1.0, 2.0, 2.0, 4.0), budget=6, window_s=60.0)
_JUDGE_EVERY_S = 1.0
_MILLI = 1000


class LiveStream:
    """Takes what publications bring (their `Stage`), has it encoded, and shows it to viewers.

    Attributes:
        broadcast: what viewers are given; None until there is a plan.
        intake: counts what its encoders send. run: that of our encoder; None between two. runs: how many there were.
        is_over: nothing comes any more. What there is can be watched on.
        is_taken: another origin has taken it up.
    """

    def __init__(self, admitted: AdmittedStream, means: LiveMeans) -> None:
        self.admitted = admitted
        self.broadcast: Broadcast | None = None
        self._means = means
        self._publication: Publication | None = None
        self.intake = Intake()
        self.run: Encoding | None = None
        self.runs = 0
        self._plan: LivePlan | None = None
        # As it is fed at the moment: what a later encoder sends may be less than the first one has.
        self._plan_on_air: LivePlan | None = None
        self._packager: LivePackager | None = None
        self._supervisor = Supervisor(means.restarts)
        self._formats = Supervisor(FORMAT_CHANGES, GiveUpCause.FORMAT_KEEPS_CHANGING)
        self._archive = Archive(
            means.store,
            means.threads,
            package_hex=admitted.package_hex,
            is_kept=admitted.is_recorded,
            on_cut=self._tell_qualities,
        )
        self._is_suspended = self.is_taken = False
        self._reports = Reports(on_failure=self._report_failed)
        self._reason: Stream.EndReason | None = None
        self._changed = asyncio.Event()
        # One that another origin has held before waits for its encoder.
        self._interrupted_s = asyncio.get_running_loop().time() if admitted.is_resumed else None
        self._log = log.bind(channel=admitted.channel_slug, stream=str(admitted.stream_id))
        self._task = asyncio.create_task(self._live())
        self._lease = asyncio.create_task(keep_lease(self))

    @property
    def is_over(self) -> bool:
        return self._reason is not None

    @property
    def is_sending(self) -> bool:
        """Whether what an encoder sends is being encoded."""
        return self.run is not None and not self.run.cause.done()

    @property
    def _has_something(self) -> bool:
        """Whether there is anything that an encoder could come back to."""
        return self.broadcast is not None or self.admitted.is_resumed

    @property
    def can_be_taken_up(self) -> bool:
        """Whether another encoder may go on with it: the last one has gone, or sends nothing."""
        publication = self._publication
        return not self.is_over and (publication is None or publication.silent_for_s() > SILENT_S)

    def attach(self, publisher: PublishedStream, *, asked_s: float) -> Publication:
        """Let an encoder publish, which asked to at that moment; one that did so before is sent away."""
        self.intake.begin(asked_s)
        old, self._publication = self._publication, Publication(self, publisher)
        if old is not None:
            old.kick(telling.TAKEN_OVER)
            self._finish_run(Cause.PUBLISHER_GONE)
        self._changed.set()
        return self._publication

    # What publications tell.

    def take(self, publication: Publication, message: MediaMessage) -> None:
        """Take one message of an encoder. Never waits."""
        if publication is not self._publication or self.is_over:
            return
        self.intake.take(message, publication.last_media_s)
        opening = publication.opening
        run = self.run
        if run is None or run.cause.done():
            opening.take(message)
            if opening.is_ready or opening.is_hopeless:
                self._changed.set()
        elif opening.has_other_header(message):
            run.finish(Cause.FORMAT_CHANGED)
            opening.take(message)
        else:
            run.feed((message,))

    def leave(self, publication: Publication, reason: EndReason) -> None:
        """Learn that an encoder has gone; unless it said good-bye, it may come back."""
        if publication is not self._publication:
            return
        self._publication = None
        self._finish_run(Cause.PUBLISHER_GONE)
        if reason in telling.FINAL or not self._has_something:
            self.end(telling.END_REASONS[reason])
        else:
            self._interrupt()

    async def settle(self) -> None:
        await self._reports.settle()

    # How it ends.

    def end(
        self, reason: Stream.EndReason, *, error: str = "", words: str = telling.OVER, is_told: bool = False
    ) -> None:
        """End it; `is_told` if its row was closed by somebody else.

        The encoder is shown the words, and the studio those that the code `error` stands for.
        """
        if self.is_over:
            return
        self._log.info("live.ended", reason=str(reason), error=error)
        if not is_told:
            self._tell(live.end_stream, reason=reason, error=error)
        self._let_go(reason, words)

    def _let_go(self, reason: Stream.EndReason, words: str) -> None:
        self._reason = reason
        if self._publication is not None:
            self._publication.kick(words)
        self._finish_run(Cause.OVER)
        self._changed.set()

    def suspend(self) -> None:
        """Let go of it, so that this origin can go on with it when it has been started again."""
        if self.is_over:
            return
        if not self._has_something:
            self.end(Stream.EndReason.SHUTDOWN, words=telling.RESTARTS)
            return
        self._is_suspended = True
        self._interrupt()
        self._let_go(Stream.EndReason.SHUTDOWN, telling.RESTARTS)

    def lose(self) -> None:
        """Let go of it without a word, and touch nothing that is stored: another origin has taken it up."""
        if self.is_taken:
            return
        self.is_taken = True
        self._archive.abandon()
        self._log.warning("live.taken_elsewhere")
        if not self.is_over:
            self._let_go(Stream.EndReason.KICKED, telling.TAKEN_OVER)

    async def close(self) -> None:
        """Wait until all that it has made is stored and told."""
        await asyncio.wait({self._task})
        self._task.result()

    async def discard(self) -> None:
        """Delete what is not to be kept."""
        if not (self._is_suspended or self.is_taken):
            await self._archive.discard()

    # Its life, as one task.

    async def _live(self) -> None:
        try:
            if self.admitted.is_resumed:
                await self._take_up()
            while (publication := await self._next_publication()) is not None:
                await self._epoch(publication)
        except Exception:
            # The border of a stream: others must not notice.
            self._log.exception("live.failed")
            self.end(Stream.EndReason.INTERNAL)
        try:
            await self._finish()
        except Exception:
            # What is stored is: a worker makes a recording of it.
            self._log.exception("live.unfinished")

    async def _next_publication(self) -> Publication | None:
        """Wait for an encoder that has sent enough to begin with; None when the stream is over."""
        while not self.is_over:
            publication = self._publication
            if publication is not None and publication.opening.is_ready:
                return publication
            if publication is not None and publication.opening.is_hopeless:
                self.end(Stream.EndReason.MEDIA, error="no-key-frames", words=telling.NO_KEY_FRAMES)
                return None
            self._changed.clear()
            try:
                async with asyncio.timeout(self._patience_s()):
                    await self._changed.wait()
            except TimeoutError:
                self._lose_patience()
        return None

    def _patience_s(self) -> float | None:
        """Return how long it still waits for an encoder to come back, or to send what can be encoded."""
        left_s = []
        if self._publication is not None:
            left_s.append(BEGINS_WITHIN_S - self._publication.waits_for_s())
        if self._interrupted_s is not None:
            left_s.append(self._interrupted_s + self._means.grace_s - asyncio.get_running_loop().time())
        return max(0.0, *left_s) if left_s else None

    def _lose_patience(self) -> None:
        if self._patience_s() != 0:
            # One has come, or gone, in this very moment.
            return
        if self._publication is None:
            self.end(Stream.EndReason.DISCONNECTED)
        elif self._publication.opening.has_frames:
            self.end(Stream.EndReason.MEDIA, error="no-key-frames", words=telling.NO_KEY_FRAMES)
        else:
            self.end(Stream.EndReason.IDLE, error="no-media", words=telling.NO_MEDIA)

    async def _epoch(self, publication: Publication) -> None:
        """Encode until something ends the run."""
        opening = publication.opening
        try:
            plan = await self._plan_for(opening)
            if plan is None or self._packager is None:
                return
            plan = plan.behind(Fraction(opening.shown_s).limit_denominator(_MILLI))
            run = self.run = await Encoding.start(
                plan, self._received, publication.begin_again, start_encoder=self._means.start_encoder
            )
        except (OSError, DatabaseError, InterfaceError):
            count_error(Stage.ENCODING, "cannot-start")
            # No room for a process, or no database to read the ladder from: what has come is kept for the next try.
            self._log.exception("live.cannot_start")
            await self._pause(self._supervisor, uptime_s=0.0)
            return
        try:
            # The time of the first frame, as well as we know it: that of its arrival.
            held_s = min(opening.held_s, publication.age_s())
            self._packager.begin_epoch(
                wall_clock_s=Fraction(clock.now().timestamp()) - Fraction(held_s) + plan.skip_s,
                # Sound that is made up comes late: what the packager makes up itself does not.
                silent=() if plan.has_sound else {plan.audio.name},
                copied_rate=plan.frame_rate if plan.copies else None,
            )
            self._archive.note_run()
            self.runs += 1
            run.feed(opening.take_all())
            if self.is_over or publication is not self._publication:
                # It has gone while the encoder was started. What it has sent is shown all the same.
                run.finish(Cause.PUBLISHER_GONE)
            self._on_air(opening, plan)
            cause = await self._until_over(run, publication)
        finally:
            await run.stop()
            self._flush(self._packager)
            self.run = None
        self._log.info("live.run_over", cause=str(cause), uptime_s=round(run.uptime_s, 1))
        if cause in FAULTS:
            count_error(Stage.ENCODING, cause.replace(" ", "-"))
        if cause in (Cause.BEHIND, Cause.NOT_COPYABLE):
            self._do_otherwise(run)
            opening.shown_s = run.shown_again_s if cause is Cause.NOT_COPYABLE else 0.0
        elif cause is Cause.FORMAT_CHANGED:
            await self._pause(self._formats, uptime_s=run.uptime_s)
        elif cause in (Cause.ENCODER_ENDED, Cause.FAULT, Cause.STUCK):
            await self._pause(self._supervisor, uptime_s=run.uptime_s)

    async def _plan_for(self, opening: Opening) -> LivePlan | None:
        """Decide what is made of what comes; the tracks of a stream never change. None if nothing can be made of it."""
        source = source_format(opening.messages())
        try:
            if self._plan is not None:
                return self._plan.fed_by(source)
            plan: LivePlan = await database_sync_to_async(self._means.plan, thread_sensitive=False)(source)
        except LiveUnsupported as error:
            self._log.warning("live.unsupported", code=str(error.code))
            self.end(Stream.EndReason.MEDIA, error=str(error.code), words=telling.words_of(error))
            return None
        self._plan = plan
        self._archive.begin(plan, self._means.timing)
        self._begin(plan)
        return plan

    async def _take_up(self) -> None:
        """Go on with what another origin, or this one before a restart, has made of the stream."""
        try:
            until_s = (self._interrupted_s or 0.0) + self._means.grace_s
            stored = await take_up(self._archive, self._means.timing, until_s=until_s, is_over=lambda: self.is_over)
        except CannotTakeUp as error:
            # What there is becomes a recording; its encoder comes back to a stream of its own.
            self._log.error("live.cannot_take_up", error=str(error))
            self.end(Stream.EndReason.SHUTDOWN, words=telling.RESTARTS)
            return
        if stored is None:
            return
        self._plan = stored.plan
        runs = stored.recording.runs
        self._begin(stored.plan).take_up(stored.recording.stand(), runs[-1].epoch if runs else None)
        self._show_again(stored)
        self._log.info("live.taken_up", segments=stored.recording.next_msn(stored.plan.tracks[0]) - 1)

    def _show_again(self, stored: Stored) -> None:
        assert self.broadcast is not None
        self.broadcast.take_up(stored.recording, stored.index)
        if self.broadcast.is_playable:
            # Nobody may have been told yet.
            self._tell(live.mark_playable)

    def _begin(self, plan: LivePlan) -> LivePackager:
        self._packager = LivePackager(plan.outputs, self._means.timing)
        self.broadcast = Broadcast(plan.outputs, timing=self._means.timing, dvr_s=self.admitted.dvr_s)
        return self._packager

    def _on_air(self, opening: Opening, plan: LivePlan) -> None:
        if self._interrupted_s is None:
            self._tell(live.mark_active, facts=telling.facts_of(opening))
        else:
            self._interrupted_s = None
            self._tell(live.resume_stream)
        self._plan_on_air = plan
        self._tell_qualities()
        self._log.info("live.on_air", tracks=plan.tracks, notes=plan.notes)

    def _tell_qualities(self) -> None:
        plan = self._plan_on_air
        if plan is not None and not self.is_over:
            warnings = [*map(str, plan.notes), *([recordings.CUT] if self._archive.is_cut else [])]
            self._tell(live.report_qualities, qualities=telling.qualities_of(plan), warnings=warnings)

    async def _until_over(self, run: Encoding, publication: Publication) -> Cause:
        while True:
            patience_s = max(0.05, SILENT_S - publication.silent_for_s())
            await asyncio.wait({run.cause}, timeout=min(patience_s, _JUDGE_EVERY_S))
            if run.cause.done():
                return run.cause.result()
            run.judge()
            if publication.silent_for_s() >= SILENT_S:
                run.finish(Cause.SILENT)
                self._interrupt()

    def _do_otherwise(self, run: Encoding) -> None:
        """Let the next run do less, or encode what this one could not pass on; the broadcaster is told with it."""
        if self._plan is not None:
            self._plan = self._plan.encoded(run.note) if run.note else self._plan.lighter() or self._plan
        self._log.warning("live.does_otherwise", note=run.note, preset=self._plan.preset if self._plan else None)

    async def _pause(self, supervisor: Supervisor, *, uptime_s: float) -> None:
        """Wait before the encoder is started again, or give up."""
        decision = supervisor.ended(at=asyncio.get_running_loop().time(), uptime=uptime_s)
        if not isinstance(decision, GiveUp):
            await asyncio.sleep(decision.after_s)
            return
        self._log.error("live.given_up", cause=str(decision.cause))
        if decision.cause is GiveUpCause.FORMAT_KEEPS_CHANGING:
            self.end(Stream.EndReason.MEDIA, error=str(decision.cause), words=telling.FORMATS)
        else:
            self.end(Stream.EndReason.INTERNAL, error=str(decision.cause))

    async def _finish(self) -> None:
        """Bring out what there is, and make a recording of it, unless somebody is to go on with it."""
        try:
            if self._is_suspended:
                # Whoever takes it up has the lease: the row waits for nobody else.
                self._lease.cancel()
                await self._archive.suspend()
            elif not self.is_taken:
                await self._finish_recording()
            await self._reports.settle()
        finally:
            self._lease.cancel()

    async def _finish_recording(self) -> None:
        if self.broadcast is not None:
            self.broadcast.end()
        # Before anything is written: perhaps another origin goes on with it.
        self._tell(recordings.keep_for_finishing)
        await self._reports.settle()
        index = None if self.is_taken else await self._archive.finish()
        if index is not None:
            self._tell(recordings.finish_recording, index=index, is_cut=self._archive.is_cut)

    # What the encoder brings.

    def _received(self, name: str, content: bytes) -> None:
        run = self.run
        if self._packager is None or (run and run.is_unreadable):
            return
        try:
            self._show(self._packager.feed(name, content))
        except MediaFault as error:
            # An encoder sends as it likes: where that cannot be passed on it is encoded, and all is well.
            tell = self._log.warning if run is not None and run.is_copying else self._log.error
            tell("live.output_unreadable", track=name, error=str(error))
            if run is not None:
                run.fail(error)

    def _flush(self, packager: LivePackager) -> None:
        try:
            self._show(packager.end_epoch())
        except MediaFault as error:
            self._log.error("live.output_unreadable", error=str(error))

    def _show(self, made: Iterable[Ready]) -> None:
        """Let viewers have it, and store what is to stay."""
        assert self.broadcast is not None
        if self.is_taken:
            return
        made = tuple(made)
        was_playable = self.broadcast.is_playable
        if made:
            self._archive.add(made)
            self.broadcast.add(made)
            if self.run is not None:
                self.run.made(made)
            self._archive.forget_before(self.broadcast.oldest_needed_msn)
        if self.broadcast.is_playable and not was_playable:
            self._tell(live.mark_playable)

    def _interrupt(self) -> None:
        if self._interrupted_s is None:
            self._interrupted_s = asyncio.get_running_loop().time()
            self._log.warning("live.interrupted")
            self._tell(live.interrupt_stream)
        self._changed.set()

    def _finish_run(self, cause: Cause) -> None:
        if self.run is not None:
            self.run.finish(cause)

    def _tell(self, service: Callable[..., object], **arguments: object) -> None:
        who = {"stream_id": self.admitted.stream_id, "lease_owner": self.admitted.lease_owner}
        self._reports.tell(service, at=clock.now(), **who, **arguments)

    def _report_failed(self, error: Exception) -> None:
        if isinstance(error, StreamIsOver):
            # Its row was closed or deleted under it: nobody can see it any more.
            self.end(Stream.EndReason.KICKED, is_told=True)
            return
        if isinstance(error, live.HeldElsewhere):
            self.lose()
            return
        self._log.error("live.report_failed", error=type(error).__name__, exc_info=error)
