"""Hooks as the servers send them; those of nginx were recorded, the others are written after the servers' documents."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from streaming.hooks.notices import Hook

KEY = "0a1b2c3d-a-key-that-nobody-has"
SECRET = "a-secret-that-a-server-and-we-share"
QUERY = {"secret": SECRET}


def nginx_form(*, call: str = "publish", args: str = "", **overrides: str) -> bytes:
    fields = {
        "app": "live",
        "flashver": "FMLE/3.0 (compatible; Lavf62.12",
        "swfurl": "",
        "tcurl": "rtmp://127.0.0.1:1935/live",
        "pageurl": "",
        "addr": "203.0.113.7",
        "clientid": "3",
        "call": call,
        "name": KEY,
        "type": "live",
    }
    form = urlencode(fields | overrides)
    # What the encoder puts behind a question mark is added as it is.
    return f"{form}&{args}".encode() if args else form.encode()


def nginx(**fields: str) -> Hook:
    return Hook(query=QUERY, headers={}, body=nginx_form(**fields))


def mediamtx(**overrides: Any) -> Hook:
    body = {
        "user": "",
        "password": "",
        "token": "",
        "ip": "203.0.113.7",
        "action": "publish",
        "path": f"live/{KEY}",
        "protocol": "rtmp",
        "id": "6f9e4a1c-38a4-4f0e-9d67-0b5f8a8b7a55",
        "query": "",
        "userAgent": "",
    }
    return Hook(query=QUERY, headers={}, body=json.dumps(body | overrides).encode())


def srs(**overrides: Any) -> Hook:
    body = {
        "server_id": "vid-0xk989d",
        "service_id": "382k456r",
        "action": "on_publish",
        "client_id": "9308h583",
        "ip": "203.0.113.7",
        "vhost": "__defaultVhost__",
        "app": "live",
        "tcUrl": "rtmp://127.0.0.1:1935/live",
        "stream": KEY,
        "param": "",
        "stream_url": "/live/show",
        "stream_id": "vid-124q9y3",
    }
    return Hook(query=QUERY, headers={}, body=json.dumps(body | overrides).encode())


def ome(*, secret: str = SECRET, client: dict[str, Any] | None = None, **request: Any) -> Hook:
    body = json.dumps(
        {
            "client": {"address": "203.0.113.7", "port": 29291, "real_ip": "192.0.2.43"} | (client or {}),
            "request": {
                "direction": "incoming",
                "protocol": "rtmp",
                "status": "opening",
                "url": f"rtmp://ingest.example.com:1935/app/{KEY}",
                "time": "2026-05-12T13:45:00.000Z",
            }
            | request,
        }
    ).encode()
    signature = base64.urlsafe_b64encode(hmac.new(secret.encode(), body, hashlib.sha1).digest()).decode()
    return Hook(query={}, headers={"x-ome-signature": signature}, body=body)
