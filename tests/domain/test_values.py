"""Ids, instants and the days of the festival."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.values import (
    FEES,
    HELD,
    PAYOUTS,
    Instant,
    UserId,
    desk_account,
    is_system_account,
    provider_account,
    rfc3339,
    user_account,
)


@given(st.integers(0, 4_102_444_800_000))
def test_an_instant_is_written_in_utc_with_milliseconds_and_read_back_the_same(instant: int) -> None:
    text = rfc3339(Instant(instant))
    assert len(text) == 24
    assert text.endswith("Z")
    read = datetime.fromisoformat(text)
    assert read.tzinfo == UTC
    assert round(read.timestamp() * 1000) == instant


@pytest.mark.parametrize("account_id", [HELD, FEES, PAYOUTS, provider_account("zeffy"), desk_account("user")])
def test_nobody_owns_a_system_account(account_id: str) -> None:
    assert is_system_account(user_account(UserId("x"))) is False
    assert is_system_account(account_id) is True  # type: ignore[arg-type]  # the parameter lost its NewType


@given(st.text())
def test_no_user_id_names_a_system_account(user_id: str) -> None:
    assert not is_system_account(user_account(UserId(user_id)))
