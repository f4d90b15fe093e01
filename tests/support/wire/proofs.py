"""Proofs of work, as a client makes them."""

import itertools
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def zero_bits(text: str) -> int:
    """How many zero bits the SHA-256 of a text begins with."""
    return 256 - int.from_bytes(sha256(text.encode()).digest(), "big").bit_length()


def proof_for(work: Mapping[str, Any], *, first_nonce: int = 0) -> str:
    """What the header `Proof-Of-Work` says, for the `proof` of a 429."""
    texts = (f"{work['challenge']}.{nonce}" for nonce in itertools.count(first_nonce))
    return next(text for text in texts if zero_bits(text) >= work["bits"])


def idle_proof_for(work: Mapping[str, Any]) -> str:
    """The same without the work."""
    texts = (f"{work['challenge']}.{nonce}" for nonce in itertools.count())
    return next(text for text in texts if zero_bits(text) < work["bits"])
