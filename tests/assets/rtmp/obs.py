"""OBS without a screen, which publishes a grey picture and silence for some seconds.

    .venv/bin/python -m tests.assets.rtmp.obs URL

Debian: obs-studio, xvfb and libgl1-mesa-dri, which draws by the processor. The address is that of the stream: the last
part of it is the key.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.e2e.running import free_ports

PROGRAM = "obs"
# From the first byte of media on; it takes as long again to come up.
_ON_AIR_S = 2.0
_PATIENCE_S = 60.0
_IDENTIFY, _REQUEST = 1, 6
_GLOBAL = """[General]
FirstRun=true
EnableAutoUpdates=false
[Basic]
Profile=nova
ProfileDir=nova
SceneCollection=nova
SceneCollectionFile=nova
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
AuthRequired=false
"""
_PROFILE = """[General]
Name=nova
[Output]
Mode=Simple
[SimpleOutput]
VBitrate=150
ABitrate=64
StreamEncoder=x264
[Video]
BaseCX=320
BaseCY=180
OutputCX=160
OutputCY=90
FPSType=1
FPSInt=15
[Audio]
SampleRate=44100
ChannelSetup=Stereo
"""
# Without a picture in it, it would ask whether that is meant.
_PLACED = {"name": "Grey", "id": 1, "visible": True, "scale": {"x": 1.0, "y": 1.0}, "pos": {"x": 0.0, "y": 0.0}}
_SCENES = {
    "name": "nova",
    "current_scene": "Scene",
    "current_program_scene": "Scene",
    "scene_order": [{"name": "Scene"}],
    "sources": [
        {"id": "color_source", "versioned_id": "color_source_v3", "name": "Grey", "settings": {"color": 0xFF888888}},
        {"id": "scene", "versioned_id": "scene", "name": "Scene", "settings": {"id_counter": 1, "items": [_PLACED]}},
    ],
}


def main(url: str) -> None:
    """Publish for a while."""
    with tempfile.TemporaryDirectory(prefix="nova-obs-") as named:
        folder = Path(named)
        (port,) = free_ports(1)
        _configure(folder, url, port)
        log = folder / "log"
        environment = {"XDG_CONFIG_HOME": str(folder), "LIBGL_ALWAYS_SOFTWARE": "1", "QT_QPA_PLATFORM": "xcb"}
        argv = ["xvfb-run", "-a", PROGRAM, "--startstreaming", "--multi"]
        with log.open("w", encoding="utf-8") as told:
            process = subprocess.Popen(argv, env=os.environ | environment, stdout=told, stderr=subprocess.STDOUT)
        try:
            _wait_for(log, "Streaming Start")
            time.sleep(_ON_AIR_S)
            _press_stop(port)
            _wait_for(log, "Streaming Stop")
        finally:
            # Asked to end, it asks whether that is meant.
            for child in psutil.Process(process.pid).children(recursive=True):
                if child.name() == PROGRAM:
                    child.kill()
            process.wait(_PATIENCE_S)


def _press_stop(port: int) -> None:
    """Say so to what OBS is steered by (obs-websocket, version 1 of its protocol)."""
    stop = {"requestType": "StopStream", "requestId": "stop"}
    with connect(f"ws://127.0.0.1:{port}", subprotocols=[Subprotocol("obswebsocket.json")]) as obs:
        obs.recv(_PATIENCE_S)
        obs.send(json.dumps({"op": _IDENTIFY, "d": {"rpcVersion": 1}}))
        obs.recv(_PATIENCE_S)
        obs.send(json.dumps({"op": _REQUEST, "d": stop}))
        obs.recv(_PATIENCE_S)


def _configure(folder: Path, url: str, port: int) -> None:
    server, _, key = url.rpartition("/")
    basic = folder / "obs-studio" / "basic"
    profile, scenes = basic / "profiles" / "nova", basic / "scenes"
    profile.mkdir(parents=True)
    scenes.mkdir()
    service = {"type": "rtmp_custom", "settings": {"server": server, "key": key, "use_auth": False}}
    (folder / "obs-studio" / "global.ini").write_text(f"{_GLOBAL}ServerPort={port}\n", encoding="utf-8")
    (profile / "basic.ini").write_text(_PROFILE, encoding="utf-8")
    (profile / "service.json").write_text(json.dumps(service), encoding="utf-8")
    (scenes / "nova.json").write_text(json.dumps(_SCENES), encoding="utf-8")


def _wait_for(log: Path, words: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while words not in log.read_text(encoding="utf-8", errors="replace"):
        if time.monotonic() > until:
            raise SystemExit(f"OBS did not say {words!r}:\n{log.read_text(encoding='utf-8', errors='replace')}")
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1])
