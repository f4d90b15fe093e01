"""Proofs of work: done when they are asked for, and bearable."""

import hashlib
import json

import pytest

from festival_push.simulate.http.proof import BITS_MAX, header_for


@pytest.mark.parametrize("bits", [0, 1, 9, 12])
def test_the_work_that_is_asked_for_is_done(bits: int) -> None:
    header = header_for(json.dumps({"code": "rate-limited", "proof": {"challenge": "q0J3", "bits": bits}}).encode())
    assert header is not None
    assert header.startswith("q0J3.")
    assert len(header) <= len("q0J3.") + 50
    assert int.from_bytes(hashlib.sha256(header.encode()).digest()) >> (256 - bits) == 0


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", json.dumps({"proof": {"challenge": "q", "bits": BITS_MAX + 1}}).encode()]
)
def test_without_work_or_with_too_much_of_it_nothing_is_sent(body: bytes) -> None:
    assert header_for(body) is None
