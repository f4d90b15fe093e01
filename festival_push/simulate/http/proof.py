"""Proofs of work: many people behind one address get in by doing a little for it."""

import hashlib
from itertools import count
from typing import Final

import msgspec

BITS_MAX: Final = 22  # some seconds; more is not worth it


class Proof(msgspec.Struct, frozen=True):
    """The work that a 429 asks for."""

    challenge: str
    bits: int


class _Refusal(msgspec.Struct, frozen=True):
    proof: Proof | None = None


def header_for(content: bytes) -> str | None:
    """Do the work that a refusal asks for; return the header's value, None if it asks for none that can be done."""
    try:
        proof = msgspec.json.decode(content, type=_Refusal).proof
    except msgspec.DecodeError:
        return None
    if proof is None or not 0 <= proof.bits <= BITS_MAX:
        return None
    start = hashlib.sha256(f"{proof.challenge}.".encode())
    for nonce in count():
        digest = start.copy()
        digest.update(b"%d" % nonce)
        if int.from_bytes(digest.digest()) >> (256 - proof.bits) == 0:
            return f"{proof.challenge}.{nonce}"
    return None
