"""The settings of payouts: what is wrong is named before the server starts, not when the bank refuses a file."""

import pytest

from festival_push.settings import SettingsError, load_settings

PREFIX = "FESTIVAL_PUSH_PAYOUTS__"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("IBAN", "DE02120300000000202052", "wrong digit"), ("IBAN", "our account", "is not an IBAN"),
        ("BIC", "BANK", "is not a BIC"), ("UNTIL", "tomorrow", "is no time"),
        ("UNTIL", "2026-08-31T23:59:00", "needs an offset"), ("NAME", "x" * 71, "at most 70"),
        ("DONATIONS_FOR", "x" * 141, "at most 140"), ("MIN", "-1", "a whole number"), ("FEE", "1.5", "a whole number"),
        ("STALL_RESERVE_HOURS", "721", "a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(key: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=rf"{PREFIX}{key} \(.*{said}"):
        load_settings(None, {f"{PREFIX}{key}": value})


def test_what_is_set_becomes_a_rule() -> None:
    environ = {
        f"{PREFIX}MIN": "500", f"{PREFIX}FEE": "150", f"{PREFIX}UNTIL": "2026-08-31T23:59:00+02:00",
        f"{PREFIX}IBAN": "DE02 1203 0000 0000 2020 51", f"{PREFIX}BIC": "bylademm",
        f"{PREFIX}DONATIONS_FOR": "the lifeboats", f"{PREFIX}STALL_RESERVE_HOURS": "6",
    }  # fmt: skip
    rules = load_settings(None, environ).rules()
    assert (rules.payout_min, rules.payout_fee, rules.donations, rules.stall_reserve_ms) == (500, 150, True, 21_600_000)
    assert rules.payouts_until == 1_788_213_540_000


def test_nothing_is_asked_of_guests_by_default() -> None:
    rules = load_settings(None, {}).rules()
    found = (rules.payout_min, rules.payout_fee, rules.payouts_until, rules.donations, rules.stall_reserve_ms)
    assert found == (0, 0, None, False, 0)
