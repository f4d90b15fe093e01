"""Codes as RFC 6238 has them, one step early or late."""

import pyotp
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.values import Instant
from festival_push.web.identity.factors.totp import app_url, new_secret, step_of

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"


def test_the_codes_are_those_of_the_rfc() -> None:
    for now_s, code in ((59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")):
        assert step_of(RFC_SECRET, code, Instant(now_s * 1000)) == now_s // 30


@given(st.integers(90_000, 2**42), st.integers(-3, 3))
def test_a_code_counts_one_step_early_or_late(now: int, off: int) -> None:
    step = now // 30_000 + off
    code = pyotp.TOTP(RFC_SECRET).generate_otp(step)
    found = step_of(RFC_SECRET, code, Instant(now))
    if abs(off) <= 1:
        assert found is not None
        assert pyotp.TOTP(RFC_SECRET).generate_otp(found) == code
    else:  # but for one code in 333,333, which is that of two steps
        assert found in {None, *range(now // 30_000 - 1, now // 30_000 + 2)}


def test_secrets_are_long_and_new() -> None:
    assert len({new_secret() for _ in range(20)}) == 20
    assert len(new_secret()) == 32  # base32 of 160 bits


def test_an_app_reads_whose_it_is_and_where() -> None:
    url = app_url(RFC_SECRET, name="Zoë & Söhne", issuer="Fest: Süd")
    assert url == (
        f"otpauth://totp/Fest%3A%20S%C3%BCd:Zo%C3%AB%20%26%20S%C3%B6hne?secret={RFC_SECRET}&issuer=Fest%3A%20S%C3%BCd"
    )
