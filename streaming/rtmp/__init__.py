"""RTMP ingest: a pure protocol core and its asyncio shell.

Pure (no I/O, no clock): `handshake`, `amf0`, `chunks`, `flv`, `codecs`, `commands`, `session`.
Shell: `connection`, `server`. Limits on what a stranger may send are all in `limits`.
"""
