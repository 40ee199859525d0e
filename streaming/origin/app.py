"""The origin's ASGI application: raw ASGI, since what it serves is bytes, and many of them."""

from portal.own_answers import answer_own
from portal.telemetry.asgi import Application, Receive, Scope, Send
from streaming.origin import clock, verdict
from streaming.origin.delivery import MediaDelivery
from streaming.origin.hooks import PREFIX as HOOKS


def build_application(media: MediaDelivery, hooks: Application | None = None) -> Application:
    """Return what answers HTTP requests; the origin speaks no other protocol on this port.

    `hooks` answers ingest servers; None: there are none.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(("/m/", "/packages/")):
            await media(scope, receive, send)
        elif hooks is not None and scope["path"].startswith(HOOKS):
            await hooks(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"} and scope["path"] == verdict.PATH:
            await verdict.send_verdict(scope, send, media.gate, media.live)
        elif scope["method"] in {"GET", "HEAD"} and scope["path"] == clock.PATH:
            await clock.send_time(scope, send)
        else:
            await answer_own(scope, send)

    return application
