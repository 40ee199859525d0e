"""The address under which a process on this machine reaches what listens on a host of the settings."""


def local_url(host: str, port: int) -> str:
    """Return the URL of a server that listens on `host`, which may mean every interface."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
