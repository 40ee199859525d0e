"""A client of resumable uploads that can be interrupted anywhere: tus 1.0, in the words of the protocol."""

import base64
import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

TUS = {"Tus-Resumable": "1.0.0"}
PIECE_TYPE = "application/offset+octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class TusClient:
    """One who is signed in to the portal at `url`."""

    url: str
    token: str

    @classmethod
    def sign_in(cls, url: str, *, username: str, password: str) -> "TusClient":
        answer = httpx.post(
            f"{url}/api/v1/auth/token/", json={"username": username, "password": password}, timeout=30
        ).raise_for_status()
        return cls(url=url, token=answer.json()["access"])

    def begin(self, *, size_bytes: int, said: Mapping[str, str]) -> str:
        """Announce a file; return the address of its upload."""
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
        headers = {"Upload-Length": str(size_bytes), "Upload-Metadata": metadata}
        answer = httpx.post(f"{self.url}/api/v1/uploads/", headers=self._headers(headers), timeout=30)
        return answer.raise_for_status().headers["Location"]

    def offset(self, upload: str) -> int:
        """Return where to go on."""
        answer = httpx.head(upload, headers=self._headers({}), timeout=30)
        return int(answer.raise_for_status().headers["Upload-Offset"])

    def send(self, upload: str, piece: bytes, *, offset: int) -> int:
        """Send a piece; return where the next one begins."""
        answer = httpx.patch(upload, content=piece, headers=self._piece_headers(offset), timeout=60)
        return int(answer.raise_for_status().headers["Upload-Offset"])

    def remove(self, upload: str) -> None:
        """Delete an upload that no movie has, and its bytes; wait while it is being compared with its checksum."""
        given_up_at = time.monotonic() + 30
        while True:
            answer = httpx.delete(upload, headers=self._headers({}), timeout=30)
            if answer.status_code != HTTPStatus.LOCKED or time.monotonic() > given_up_at:
                break
            time.sleep(0.1)
        answer.raise_for_status()

    def send_without_listening(
        self, upload: str, piece: bytes, *, offset: int, sent: int
    ) -> http.client.HTTPConnection:
        """Send a piece, or only its first `sent` bytes, and return the connection on which nobody has answered yet."""
        parts = urlsplit(upload)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.putrequest("PATCH", parts.path)
        for name, value in self._piece_headers(offset).items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(piece)))
        connection.endheaders()
        connection.send(piece[:sent])
        return connection

    def _piece_headers(self, offset: int) -> dict[str, str]:
        return self._headers({"Upload-Offset": str(offset), "Content-Type": PIECE_TYPE})

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **TUS, **more}
