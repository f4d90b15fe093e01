"""Guesses: what a guesser gets in a day, and what nobody is kept out by."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import Book
from festival_push.domain.people.people import AddUser
from festival_push.domain.rows import Row
from festival_push.domain.signing_in.guesses import (
    FAILURES_MAX,
    FREE,
    MONTH_MS,
    PAUSE_MAX_MS,
    PERIOD_MS,
    Counts,
    CountTry,
    PinWasRight,
    Shared,
    Tried,
    pause_ms,
)
from festival_push.domain.signing_in.refusals import TooManyTries
from festival_push.domain.values import Instant, Role, UserId
from tests.support.festival import ANNA, NOON, RULES, Festival

DAY_MS: Final = 24 * 3_600_000
CARL: Final = UserId("carl")
LIMIT: Final = RULES.wrong_pins_per_hour


def counts_of(account: str, address: str = "a") -> Counts:
    return Counts(account=account, shared=((Shared.ADDRESS, f"@{address}"), (Shared.EVERYONE, "*")))


def with_carl() -> Festival:
    festival = Festival.opened()
    carl = AddUser(
        user_id=CARL, role=Role.CUSTOMER, name="Carl", pin_hash="#", top_up_code="C", sign_in="Carl-1", pin_digits=4
    )
    festival.do(carl)
    return festival


def guess(festival: Festival, counts: Counts) -> int | None:
    """Guess once; how long to wait, in seconds, if that was not taken."""
    try:
        return festival.do(CountTry(counts=counts)).wait_s or None
    except TooManyTries as refused:
        return refused.retry_after


def guesses_within(within_ms: int, *, addresses: int = 1, accounts: int = 1) -> int:
    """How many guesses somebody gets who goes on the moment that they may, with one account after the other."""
    book, now, turn = Book(RULES, position=0, transfer_seq=0), NOON, 0
    while now < NOON + within_ms:
        wish = CountTry(counts=counts_of(f"x{turn % accounts}", str(turn % addresses)))
        try:
            decision = wish.decide(book, now)
            wait_s = decision.reply.wait_s
            book.apply(decision)
        except TooManyTries as refused:
            wait_s = refused.retry_after
        now = Instant(now + 1000 * wait_s)
        turn += wait_s == 0
    return turn


def test_guesses_a_day_are_few() -> None:
    """The numbers of `docs/threats.md`."""
    one_account = guesses_within(DAY_MS, addresses=100)
    one_address = guesses_within(DAY_MS, accounts=1_000)
    everywhere = guesses_within(DAY_MS, addresses=100, accounts=1_000)
    assert one_account == 39
    assert LIMIT * 24 < one_address <= LIMIT * 25
    assert LIMIT * 240 < everywhere <= LIMIT * 250


def test_an_account_takes_a_hundred_failures_a_month() -> None:
    assert guesses_within(MONTH_MS - 1, addresses=100) == FAILURES_MAX
    assert guesses_within(2 * MONTH_MS - 1, addresses=100) == 2 * FAILURES_MAX


def test_pauses_grow() -> None:
    pauses = [pause_ms(failures) for failures in range(FAILURES_MAX)]
    assert pauses[:FREE] == [0] * FREE
    assert pauses[FREE : FREE + 4] == [1_000, 2_000, 4_000, 8_000]
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSE_MAX_MS


def test_a_try_is_counted_before_the_pin_is_looked_at() -> None:
    festival = with_carl()
    for number in range(1, FREE + 1):
        tried = festival.do(CountTry(counts=counts_of("c"), names=("CARL1", "carl1")))
        assert tried.user == festival.book.users[CARL]
        assert festival.book.guesses["c"].failures == number
    with pytest.raises(TooManyTries) as refused:
        festival.do(CountTry(counts=counts_of("c"), names=("carl1",)))
    assert refused.value.retry_after == 1


def test_a_name_that_is_written_so_goes_before_one_that_is_alike() -> None:
    festival = with_carl()
    festival.book.sign_ins["CARL-1"] = festival.book.users[ANNA]  # as a migration leaves two ids that are alike
    tried = festival.do(CountTry(counts=counts_of("c"), names=("CARL-1", "carl1")))
    assert tried.user is not None
    assert tried.user.user_id == ANNA


def answer_and_rows(festival: Festival) -> tuple[int, tuple[Row, ...]]:
    """What a try of Carl's name says, and what it writes."""
    try:
        decision = festival.decided(CountTry(counts=counts_of("c"), names=("carl1",)))
    except TooManyTries as refused:
        return refused.retry_after, ()
    return decision.reply.wait_s, decision.rows


def test_nobody_who_is_unknown_is_counted_in_another_way() -> None:
    known, unknown = with_carl(), Festival.opened()
    for wait_ms in [0] * 7 + [1_000, 1_500, 3_000, 0, 9_000, 3_600_000] * 3:
        told = []
        for festival in (known, unknown):
            festival.now = Instant(festival.now + wait_ms)
            told.append(answer_and_rows(festival))
        assert told[0] == told[1]


def test_the_right_pin_clears_the_account_and_takes_the_try_back() -> None:
    festival = with_carl()
    counts = counts_of("c")
    guess(festival, counts_of("d"))
    for _ in range(3):
        guess(festival, counts)
    before = [festival.book.guesses[key] for key in ("@a", "*")]
    festival.do(CountTry(counts=counts))
    festival.do(PinWasRight(counts=counts, user_id=CARL, pin_digits=6))
    assert [festival.book.guesses[key].free_at for key in ("@a", "*")] == [row.free_at for row in before]
    assert (festival.book.guesses["c"].failures, festival.book.guesses["d"].failures) == (0, 1)
    assert festival.book.users[CARL].pin_digits == 6, "how long it is, is noted"


def test_an_address_that_is_used_up_says_when_it_has_something_again() -> None:
    festival = Festival.opened()
    for number in range(LIMIT):
        assert guess(festival, counts_of(f"x{number}")) is None
    tried = festival.do(CountTry(counts=counts_of("y")))
    assert tried == Tried(user=None, wait_s=PERIOD_MS // LIMIT // 1000, empty=Shared.ADDRESS)
    assert "y" not in festival.book.guesses, "nothing was counted"
    assert guess(festival, counts_of("y", "another")) is None
    worked = Counts(account="y", shared=((Shared.PROVEN, "proven"),))
    assert guess(festival, worked) is None, "work lets it through"
    assert guess(festival, Counts(account="device")) is None, "a known device is not concerned"


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    festival = Festival.opened()
    for number in range(LIMIT + FREE):
        guess(festival, counts_of("x" if number < FREE else f"x{number}"))
    assert guess(festival, counts_of("x")) is not None
    festival.now = Instant(NOON - 2 * DAY_MS)
    assert guess(festival, counts_of("x")) is None


@given(st.lists(st.tuples(st.integers(0, 7_200_000), st.integers(0, 2), st.integers(0, 1)), max_size=60))
def test_no_order_of_guesses_gets_more_than_the_limits(steps: list[tuple[int, int, int]]) -> None:
    """In no hour more than two budgets of an address, one of before and the one that came back; and no try is taken
    while its account rests."""
    festival = Festival.opened()
    taken: list[tuple[int, str]] = []
    rests: dict[str, int] = {}
    failures: dict[str, int] = {}
    for wait_ms, account, address in steps:
        festival.now = Instant(festival.now + wait_ms)
        name = f"x{account}"
        if guess(festival, counts_of(name, str(address))) is None:
            assert festival.now >= rests.get(name, 0)
            failures[name] = failures.get(name, 0) + 1
            rests[name] = festival.now + pause_ms(failures[name])
            taken.append((festival.now, str(address)))
    for began, where in taken:
        within = [at for at, of in taken if of == where and began <= at < began + PERIOD_MS]
        assert len(within) <= 2 * LIMIT
