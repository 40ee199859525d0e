"""A real S3 server on this machine, and buckets in it."""

import gc
import json
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moto.server import ThreadedMotoServer
from pytest_django import Settings

from portal.media_storage import media_storage
from streaming.runtime.bucket_store import BucketStore
from streaming.runtime.segment_store import default_store

REGION = "eu-west-1"


class ObjectServer:
    """Can go away; back again, it has what it had and is where it was."""

    def __init__(self) -> None:
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.stop()
        socket: Any = self._server._server
        socket.server_close()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()


@contextmanager
def object_server() -> Iterator[ObjectServer]:
    server = ObjectServer()
    yield server
    server.stop()


def use_bucket(server_url: str, settings: Settings, *, data_dir: Path) -> BucketStore:
    """Let films and packages be in a new bucket, and return its store."""
    name = f"films-{secrets.token_hex(8)}"
    address = f"s3://{name}/films/here?endpoint={server_url}&region={REGION}"
    entry = media_storage(address, folder=Path("unused"), key_id="key", secret="secret")
    settings.STORAGES = {**settings.STORAGES, "default": entry}
    settings.NOVA_DATA_DIR = data_dir
    store = default_store()
    assert isinstance(store, BucketStore)
    store._client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return store


def forbid(store: BucketStore, action: str) -> None:
    """Let the bucket refuse what has that name, as "s3:PutObject", to anybody."""
    bucket = store._storage.bucket_name
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    store._client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def forget_cut_connections() -> None:
    """Have connections collected whose answers nobody has read to the end, before they are taken for another test's.

    Botocore leaves them to the collector where a server goes away, or whoever reads has had enough.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
