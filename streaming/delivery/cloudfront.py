"""Queries that CloudFront checks: a custom policy, its signature, and which key of ours has made it.

After "Create a signed URL using a custom policy" of the CloudFront developer guide. The policy names a folder with a
wildcard, so one query is good for all files of a package, and CloudFront leaves it out of its cache key. RSA with
SHA-256, which the guide takes beside SHA-1 where the query says so.
"""

import json
from base64 import b64encode
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

# CloudFront takes no other size.
_KEY_BITS = 2048
# What cannot stand in a query, and what CloudFront reads in its place.
_IN_QUERIES = bytes.maketrans(b"+=/", b"-_~")


class NotACloudFrontKey(ValueError):
    """It is no RSA key of 2048 bits."""


@lru_cache(maxsize=4)
def read_key(pem: str) -> RSAPrivateKey:
    """Read a private key, which takes a while: the same one is read once. Raises NotACloudFrontKey."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError) as error:
        # Its words are left out: they may quote what was read.
        raise NotACloudFrontKey("it is no private key without a password") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size != _KEY_BITS:
        raise NotACloudFrontKey(f"it is no RSA key of {_KEY_BITS} bits")
    return key


def format_policy(resource: str, *, expires_s: int) -> str:
    """Write a policy, without a blank, for all addresses that `resource` covers; `*` in it stands for anything."""
    condition = {"DateLessThan": {"AWS:EpochTime": expires_s}}
    return json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":"))


def sign_query(resource: str, *, expires_s: int, key: RSAPrivateKey, key_id: str) -> str:
    """Return the query, without its question mark, that opens `resource` until `expires_s`, in seconds of Unix time."""
    policy = format_policy(resource, expires_s=expires_s).encode()
    signature = key.sign(policy, PKCS1v15(), SHA256())
    return f"Policy={_for_query(policy)}&Signature={_for_query(signature)}&Key-Pair-Id={key_id}&Hash-Algorithm=SHA256"


def _for_query(content: bytes) -> str:
    return b64encode(content).translate(_IN_QUERIES).decode()
