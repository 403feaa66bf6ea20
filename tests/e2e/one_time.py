"""The codes of an authenticator app (RFC 6238), so that a test can hold the phone."""

from __future__ import annotations

import base64
import hashlib
import hmac

STEP_S, DIGITS = 30, 6


def code_at(secret: str, time_s: float) -> str:
    """Return the code that an app shows at a time.

    Examples
    --------
    >>> code_at("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", 59)
    '287082'
    """
    text = secret.replace(" ", "").upper()
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    digest = hmac.new(key, int(time_s // STEP_S).to_bytes(8), hashlib.sha1).digest()
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
