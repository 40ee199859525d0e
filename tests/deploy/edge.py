"""The edge for tests: the real nginx on the real configuration, in front of an application that tells what it got."""

import asyncio
import datetime
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

CONFIG = settings.BASE_DIR / "deploy" / "nginx"
MEDIA = bytes(range(256)) * 64


def find_nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Upstream:
    """Stands for web and origin at once: answers with what reached it."""

    port: int = field(default_factory=free_port)
    seen: list[str] = field(default_factory=list)
    first_body_byte: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append(scope["path"])
        if scope["type"] == "websocket":
            await self._echo_socket(headers, receive, send)
        elif scope["path"].startswith("/m/"):
            await self._send_media(scope["path"], headers, send)
        elif scope["path"].startswith(("/static/", "/art/")):
            cache = [(b"cache-control", b"public, max-age=3600"), (b"content-type", b"text/css")]
            await _answer(send, 200, b"body{}" * 500, cache)
        else:
            size = await self._read_body(receive)
            told = json.dumps({"path": scope["path"], "headers": headers, "size": size}).encode()
            extra = [
                (b"content-type", b"application/json"),
                (b"x-request-id", headers.get("x-request-id", "").encode()),
            ]
            await _answer(send, 200, told, [*extra, (b"x-frame-options", b"DENY"), (b"server", b"upstream")])

    async def _read_body(self, receive: Any) -> int:
        size = 0
        while True:
            message = await receive()
            size += len(message.get("body", b""))
            if size:
                self.first_body_byte.set()
            if not message.get("more_body"):
                return size

    async def _echo_socket(self, headers: dict[str, str], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": json.dumps(headers)})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})

    async def _send_media(self, path: str, headers: dict[str, str], send: Any) -> None:
        if path.endswith("/growing.m4s"):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first part", "more_body": True})
            await asyncio.to_thread(self.let_go.wait, 10)
            await send({"type": "http.response.body", "body": b"second part"})
            return
        if asked := headers.get("range", "").removeprefix("bytes="):
            first, last = (int(part) for part in asked.split("-"))
            described = f"bytes {first}-{last}/{len(MEDIA)}".encode()
            await _answer(send, 206, MEDIA[first : last + 1], [(b"content-range", described)])
            return
        await _answer(send, 200, MEDIA, [(b"content-type", b"video/mp4")])


async def _answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    with serving(upstream, upstream.port):
        try:
            yield upstream
        finally:
            upstream.let_go.set()


@contextmanager
def serving(application: Any, port: int) -> Iterator[None]:
    """Serve an ASGI application as web and origin are served."""
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        log_config=None,
        lifespan="off",
        ws="websockets-sansio",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(port)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A running edge."""

    http_port: int
    https_port: int
    log: Path
    errors: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def log_lines(self, count: int) -> list[dict[str, Any]]:
        """Return the lines of the log once there are so many: they are written when the answers have gone out."""
        deadline = time.monotonic() + 10
        while len(lines := self.log.read_text().splitlines()) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return [json.loads(line) for line in lines]


def prepare_config(
    folder: Path,
    *,
    upstream_port: int,
    origin_port: int | None = None,
    trusted: tuple[str, ...] = (),
    media: Path | None = None,
) -> Edge:
    """Copy the configuration into `folder`; only addresses, ports and the folders it names are other ones.

    With `media`, the folder of uploads and packages, nginx serves media from there.
    """
    edge = Edge(http_port=free_port(), https_port=free_port(), log=folder / "access.log", errors=folder / "error.log")
    replaced = {
        # First: what is put in below may itself lie in /tmp.
        " /tmp/": f" {folder}/",
        "listen 8080": f"listen 127.0.0.1:{edge.http_port}",
        "listen 8443": f"listen 127.0.0.1:{edge.https_port}",
        "127.0.0.1:8081": f"127.0.0.1:{free_port()}",
        "server web:8000": f"server 127.0.0.1:{upstream_port}",
        "server origin:8001": f"server 127.0.0.1:{origin_port or upstream_port}",
        "/data/media/": f"{media}/",
        "/etc/nginx/tls": str(folder / "tls"),
        "/dev/stdout": str(edge.log),
        "/dev/stderr": str(edge.errors),
    }
    shutil.copytree(CONFIG, folder, dirs_exist_ok=True)
    for path in folder.glob("*.conf"):
        text = path.read_text()
        for old, new in replaced.items():
            text = text.replace(old, new)
        path.write_text(text)
    if media is not None:
        # As Compose mounts it.
        (folder / "media-from-files.conf").replace(folder / "media.conf")
    (folder / "trusted-proxies.conf").write_text("".join(f"set_real_ip_from {network};\n" for network in trusted))
    write_certificate(folder / "tls")
    return edge


@contextmanager
def running_edge(
    folder: Path, *, upstream_port: int, main: str = "http.conf", trusted: tuple[str, ...] = ()
) -> Iterator[Edge]:
    edge = prepare_config(folder, upstream_port=upstream_port, trusted=trusted)
    with running_nginx(folder / main, edge):
        yield edge


@contextmanager
def running_nginx(main: Path, edge: Edge) -> Iterator[None]:
    """Run nginx on a configuration that was prepared."""
    process = subprocess.Popen(nginx_argv(main), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(edge.http_port, process)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


def nginx_argv(main: Path, *options: str) -> list[str]:
    nginx = find_nginx()
    assert nginx is not None
    # As root, nginx would hand its workers to a user who cannot enter pytest's folders.
    directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [nginx, *options, "-e", "stderr", "-c", str(main), "-g", directives]


def write_certificate(folder: Path) -> None:
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def wait_for(port: int, process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process is not None and process.poll() is not None:
                raise AssertionError(f"nginx ended: {process.communicate()[1]}") from None
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
