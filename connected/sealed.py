"""Values that travel through others' hands and come back: nobody else reads, makes or changes them.

AES-SIV (RFC 5297), which needs no nonce: alike values give alike text.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.utils.encoding import force_bytes

# So that the length tells nothing of what is inside.
_BLOCK: Final = 64


class Broken(ValueError):
    """Not made here, or changed on its way."""


def seal(value: Any, purpose: str) -> str:
    """``value``, of what JSON knows, as letters, digits, ``-`` and ``_``."""
    text = json.dumps(value, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _BLOCK)
    return urlsafe_b64encode(_cipher(settings.SECRET_KEY, purpose).encrypt(text, None)).decode().rstrip("=")


def unseal(sealed: str, purpose: str) -> Any:
    """What :func:`seal` was given for the same purpose; raises :class:`Broken`."""
    try:
        raw = urlsafe_b64decode(sealed.encode("ascii") + b"=" * (-len(sealed) % 4))
    except (UnicodeEncodeError, NotBase64):
        raise Broken(sealed) from None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return json.loads(_cipher(key, purpose).decrypt(raw, None))
        except InvalidTag:
            continue
    raise Broken(sealed)


def _cipher(key: str | bytes, purpose: str) -> AESSIV:
    """One for each purpose: what is sealed for one opens nothing for another."""
    return AESSIV(hashlib.blake2b(purpose.encode(), key=hashlib.sha512(force_bytes(key)).digest()).digest())
