"""Signing what is sent, by the Standard Webhooks specification, version 1.0.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence

PREFIX = "whsec_"


def written(key: bytes) -> str:
    """A key as it is given to a receiver: ``whsec_`` and base64."""
    return PREFIX + b64encode(key).decode()


def sign(key: bytes, message: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 HMAC-SHA256 of message id, Unix seconds and body, parted by full stops."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(keys: Sequence[bytes], message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; with several keys, as while a secret is exchanged, a signature of each."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, message, timestamp, body) for key in keys),
    }
