"""A token for the path of a CDN's addresses, which any edge that knows HMAC-SHA-256 can check.

    https://cdn.example.com/exp=1795219991~package=<32 hex digits>~hmac=<64 hex digits>/packages/<32 hex digits>/<name>

The fields stand in this order, with these names. `hmac` is HMAC-SHA-256, in small hexadecimal digits, with the bytes of
the secret as it is written in the settings (UTF-8), over all that stands before `~hmac=`. The edge lets a request pass
if the MAC is right (compared in constant time), `exp`, in seconds of Unix time, is later than now, and the folder
behind `/packages/` is that of `package`. It takes the token out before it looks into its cache or asks its origin, so
all viewers share what it keeps.
"""

import hmac


def make_path_token(*, package: str, expires_s: int, secret: str) -> str:
    """Return the token for all files of a package, until `expires_s`, in seconds of Unix time."""
    said = f"exp={expires_s}~package={package}"
    mac = hmac.digest(secret.encode(), said.encode(), "sha256").hex()
    return f"{said}~hmac={mac}"
