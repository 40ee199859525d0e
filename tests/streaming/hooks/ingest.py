"""nginx with the RTMP module for tests: the real one, on the configuration of the deployment."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tests.deploy.edge import find_nginx, nginx_argv, wait_for
from tests.portal.processes import free_port

CONFIG = settings.BASE_DIR / "deploy" / "ingest" / "nginx.conf"
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
SECRET = "what-nginx-knows-and-no-stranger-does"


def is_missing() -> bool:
    """Whether there is no such nginx, where tests may be left out."""
    return (find_nginx() is None or not MODULE.exists()) and os.environ.get("CI") != "true"


@dataclass(frozen=True, kw_only=True)
class Ingest:
    port: int
    errors: Path

    @property
    def url(self) -> str:
        return f"rtmp://127.0.0.1:{self.port}/live"

    @property
    def setting(self) -> str:
        """What the portal is told of it."""
        return f"ingest nginx-rtmp rtmp://127.0.0.1:{self.port}/{{path}} {SECRET}"


def prepare(folder: Path) -> Ingest:
    return Ingest(port=free_port(), errors=folder / "ingest-errors.log")


@contextmanager
def running_ingest(ingest: Ingest, folder: Path, *, origin_port: int) -> Iterator[None]:
    """Run it; its hooks go to the origin at that port. Only addresses, ports and times are other ones."""
    hook = f"http://127.0.0.1:{origin_port}/ingest/ingest?secret={SECRET}"
    (folder / "hooks").write_text(f"on_publish {hook};\non_publish_done {hook};\non_update {hook};\n")
    text = CONFIG.read_text()
    for old, new in {
        "listen 1935": f"listen 127.0.0.1:{ingest.port}",
        "/tmp/nginx.pid": str(folder / "nginx.pid"),
        "/dev/stderr": str(ingest.errors),
        "/run/secrets/ingest_hooks": str(folder / "hooks"),
        "notify_update_timeout 3s": "notify_update_timeout 1s",
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    main = folder / "ingest.conf"
    main.write_text(text)
    process = subprocess.Popen(nginx_argv(main), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(ingest.port, process)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)
