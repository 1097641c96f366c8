"""Values that travel through others' hands and come back: nobody else reads, makes or changes them.

A synthetic-IV construction (Rogaway and Shrimpton 2006, "A Provable-Security Treatment of the Key-Wrap
Problem") over HMAC-SHA256 and SHAKE-256, both of the standard library: the mark is a keyed hash of the text,
the text is covered by a stream that the mark and a second key give. Alike values give alike text.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any, Final

from django.conf import settings
from django.utils.encoding import force_bytes

_MARK: Final = 16
# So that the length tells nothing of what is inside.
_BLOCK: Final = 64


class Broken(ValueError):
    """Not made here, or changed on its way."""


def seal(value: Any, purpose: str) -> str:
    """``value``, of what JSON knows, as letters, digits, ``-`` and ``_``."""
    text = json.dumps(value, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _BLOCK)
    key = settings.SECRET_KEY
    mark = _mark(key, purpose, text)
    return urlsafe_b64encode(mark + _covered(key, purpose, mark, text)).decode().rstrip("=")


def unseal(sealed: str, purpose: str) -> Any:
    """What :func:`seal` was given for the same purpose; raises :class:`Broken`."""
    try:
        raw = urlsafe_b64decode(sealed.encode("ascii") + b"=" * (-len(sealed) % 4))
    except (UnicodeEncodeError, NotBase64):
        raise Broken(sealed) from None
    mark, covered = raw[:_MARK], raw[_MARK:]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        text = _covered(key, purpose, mark, covered)
        if hmac.compare_digest(mark, _mark(key, purpose, text)):
            return json.loads(text)
    raise Broken(sealed)


def _mark(key: str | bytes, purpose: str, text: bytes) -> bytes:
    return hmac.digest(_key(key, purpose, "mark"), text, hashlib.sha256)[:_MARK]


def _covered(key: str | bytes, purpose: str, mark: bytes, text: bytes) -> bytes:
    """The text under its stream; of what is covered, the text."""
    stream = hashlib.shake_256(_key(key, purpose, "cover") + mark).digest(len(text))
    return bytes(one ^ other for one, other in zip(text, stream, strict=True))


def _key(key: str | bytes, purpose: str, use: str) -> bytes:
    return hmac.digest(force_bytes(key), f"connected.sealed/{use}/{purpose}".encode(), hashlib.sha256)
