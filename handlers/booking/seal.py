"""Is a scanned ticket one that Kepu made?

A ticket's address is random, but whoever guesses one should not even be looked up: the picture
carries the address with a seal that only this Kepu's key makes.
"""

import base64
import hmac
import re

SEAL_BYTES = 12  # 96 bits: nobody tries so many at a door
_PURPOSE = b"kepu ticket"  # cookies are signed with another key of the same secret
_SCANNED = re.compile(r"/tickets/([0-9a-f]{32})\?s=([A-Za-z0-9_-]{16})")


def key_of(secret: str) -> bytes:
    """The key of the seals, from the key that the operator keeps."""
    return hmac.digest(secret.encode(), _PURPOSE, "sha256")


def sealed(public_id: str, key: bytes) -> str:
    """The path of a ticket, sealed."""
    return f"/tickets/{public_id}?s={_seal(public_id, key)}"


def opened(scanned: str, key: bytes) -> str | None:
    """The public id in a scanned address; None when its seal is missing or not ours."""
    found = _SCANNED.search(scanned)
    if found is None or not scanned.endswith(found[0]):
        return None
    public_id, seal = found.groups()
    return public_id if hmac.compare_digest(seal, _seal(public_id, key)) else None


def _seal(public_id: str, key: bytes) -> str:
    digest = hmac.digest(key, public_id.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:SEAL_BYTES]).decode()
