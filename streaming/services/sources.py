"""Writes about sources: what was uploaded becomes one, once."""

from datetime import datetime

from catalog.models import Upload
from portal import audit
from streaming.models import Source
from streaming.services import jobs, packages


class SourceReceiver:
    """Takes finished uploads; see `catalog.uploads.receivers`."""

    def receive(self, upload: Upload, *, at: datetime) -> None:
        """Keep a source for the upload, with the movie and the state that it has now."""
        state = Source.State.VERIFYING if upload.awaits_verification else Source.State.WAITING
        source, is_new = Source.objects.update_or_create(
            pk=upload.pk,
            defaults={"movie": upload.movie, "state": state},
            create_defaults={
                "movie": upload.movie,
                "state": state,
                "file_name": upload.file_name,
                "size_bytes": upload.size_bytes,
                "container": upload.container,
                "sha256": upload.sha256,
                "storage_key": upload.storage_key,
                "created_at": at,
            },
        )
        if is_new:
            audit.record("source.received", source, by=upload.owner, at=at, after={"file_name": source.file_name})
        packages.move_to_movie(source=source, at=at)
        if state == Source.State.WAITING and not source.jobs.exists():
            jobs.enqueue_job(source_id=source.pk, by=upload.owner, at=at)

    def discard(self, upload: Upload, *, at: datetime) -> None:
        """Mark the source, if there is one, as gone; nothing more is made of it."""
        source = Source.objects.filter(pk=upload.pk).exclude(state=Source.State.DISCARDED).first()
        if source is not None:
            # Jobs are locked before their sources, here as where a package is published.
            jobs.cancel_jobs_of(source_id=source.pk, at=at)
            source.state = Source.State.DISCARDED
            source.save(update_fields=["state"])
            audit.record("source.discarded", source, by=None, at=at)
