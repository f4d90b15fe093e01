"""Proofs of work: what is accepted, and how often."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import msgspec
import pytest

from festival_push.web.identity import proofs as module
from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.proofs import PROOF_CHARS_MAX, TTL_S, Proofs
from tests.support.timing.waiting import until
from tests.support.wire.proofs import idle_proof_for, proof_for
from tests.web.edge import Clock
from tests.web.identity.test_redis_limits import limiter_on

SECRET = "0123456789abcdef-0123456789abcdef"
ADDRESS, ROUTE = "203.0.113.7", "/v1/auth/login"
BITS = 6


class Office:
    """Proofs with a clock that is moved by hand."""

    def __init__(self, secret: str = SECRET, *, clock: Clock | None = None, bits: int = BITS) -> None:
        self.clock = clock or Clock()
        limiter = LocalRateLimiter(clock_s=lambda: self.clock() / 1000)
        self.proofs = Proofs(secret, limiter=limiter, now=self.clock, bits=bits)

    def work(self) -> dict[str, object]:
        work: dict[str, object] = msgspec.to_builtins(self.proofs.challenge(ADDRESS, ROUTE))
        return work

    async def accepts(self, proof: str, address: str = ADDRESS, route: str = ROUTE) -> bool:
        return await self.proofs.accept(proof, address, route)


async def test_work_is_accepted_once_however_it_is_sent_again() -> None:
    office = Office()
    work = office.work()
    assert work["bits"] == BITS
    proof = proof_for(work)
    assert await office.accepts(proof)
    other = proof_for(work, first_nonce=10**6)
    assert other != proof
    for again in (proof, other):
        assert not await office.accepts(again)
    assert await office.accepts(proof_for(office.work()))


async def test_one_proof_sent_fifty_times_at_once_is_accepted_once() -> None:
    office = Office()
    proof = proof_for(office.work())
    assert sum(await asyncio.gather(*(office.accepts(proof) for _ in range(50)))) == 1


async def test_a_challenge_is_for_its_address_and_route_and_server() -> None:
    office = Office()
    assert not await office.accepts(proof_for(office.work()), address="203.0.113.8")
    assert not await office.accepts(proof_for(office.work()), route="/v1/auth/register")
    stranger = Office("another-secret-0123456789-abcdefg")
    assert not await office.accepts(proof_for(stranger.work()))
    assert await office.accepts(proof_for(office.work()))


async def test_a_challenge_works_for_two_minutes() -> None:
    office = Office()
    early, late = proof_for(office.work()), proof_for(office.work())
    office.clock.now_ms += (TTL_S - 1) * 1000
    assert await office.accepts(early)
    office.clock.now_ms += 1000
    assert not await office.accepts(late)


async def test_a_proof_is_remembered_for_longer_than_its_challenge_lives_on_a_late_clock() -> None:
    office = Office()
    proof = proof_for(office.work())
    office.clock.now_ms += 1000
    assert await office.accepts(proof)
    late = Clock()  # of another process, which shares what is remembered
    other = Proofs(SECRET, limiter=office.proofs._limiter, now=late, bits=BITS)
    office.clock.now_ms += (TTL_S + 5) * 1000
    late.now_ms += (TTL_S - 1) * 1000
    assert not await other.accept(proof, ADDRESS, ROUTE)


async def test_a_proof_that_one_process_has_accepted_is_used_for_all(redis_url: str) -> None:
    async with limiter_on(redis_url) as one, limiter_on(redis_url) as other:
        await until(lambda: one.shared and other.shared)
        here, there = (Proofs(SECRET, limiter=limiter, now=Clock(), bits=BITS) for limiter in (one, other))
        proof = proof_for(msgspec.to_builtins(here.challenge(ADDRESS, ROUTE)))
        assert await there.accept(proof, ADDRESS, ROUTE)
        assert not await here.accept(proof, ADDRESS, ROUTE)


async def test_a_changed_challenge_is_not_ours() -> None:
    office = Office()
    for place in range(33):
        work = office.work()
        sealed = bytearray(urlsafe_b64decode(str(work["challenge"])))
        sealed[place] ^= 1
        assert not await office.accepts(proof_for({**work, "challenge": urlsafe_b64encode(sealed).decode()})), place


@pytest.mark.parametrize(
    "proof", ["", ".", "x", "a.b", "." * PROOF_CHARS_MAX, "=" * 44 + ".1", "é" * 44 + ".1", "A" * 44 + ".1", "☃"]
)
async def test_what_is_no_proof(proof: str) -> None:
    assert not await Office(bits=0).accepts(proof)


async def test_a_long_nonce_is_refused_and_a_challenge_alone_too() -> None:
    office = Office(bits=0)
    challenge = office.work()["challenge"]
    assert not await office.accepts(f"{challenge}.{'1' * PROOF_CHARS_MAX}")
    assert not await office.accepts(f"{challenge}")
    assert not await office.accepts(f"{challenge}1")
    assert await office.accepts(f"{challenge}.")


async def test_who_did_not_work_costs_one_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    office, hashes = Office(), 0
    idle = idle_proof_for(office.work())

    def counting(text: bytes) -> object:
        nonlocal hashes
        hashes += 1
        return sha256(text)

    monkeypatch.setattr(module, "sha256", counting)
    monkeypatch.setattr(module, "blake2b", None)
    monkeypatch.setattr(office.proofs, "_limiter", None)
    assert not await office.accepts(idle)
    assert hashes == 1


async def test_work_for_a_challenge_of_a_secret_that_was_replaced_is_accepted_while_it_is_known() -> None:
    before = Office()
    new = SECRET[::-1]
    limiter = LocalRateLimiter(clock_s=lambda: before.clock() / 1000)
    both = Proofs(new, older=[SECRET], limiter=limiter, now=before.clock, bits=BITS)
    proof = proof_for(before.work())
    assert await both.accept(proof, ADDRESS, ROUTE)
    assert not await both.accept(proof, ADDRESS, ROUTE)
    assert not await Proofs(new, limiter=limiter, now=before.clock, bits=BITS).accept(
        proof_for(before.work()), ADDRESS, ROUTE
    )
