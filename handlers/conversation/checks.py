"""Can this flow be run again over its answers, and has its code changed?"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any


def code_hash(name: str, flow: Callable[..., Any], *, is_beside: bool = False) -> str:
    """A hash of the flow's code."""
    return blake2b(name.encode() + flow.__code__.co_code, digest_size=8).hexdigest()
