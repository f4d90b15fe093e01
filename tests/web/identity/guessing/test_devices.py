"""Known devices: a cookie that nobody can make, which says whose device it is to us alone."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import pytest

from festival_push.domain.values import Instant
from festival_push.web.identity.guessing.devices import DEVICE_TTL_S, NAMES_MAX, Devices
from tests.web.edge import Clock

KEY: Final = b"0123456789abcdef-0123456789abcdef"
OTHER: Final = KEY[::-1]


def test_a_device_is_known_for_whom_it_has_signed_in() -> None:
    devices = Devices((KEY,), now=Clock())
    cookie = devices.after_sign_in(None, "anna-1")
    both = devices.after_sign_in(cookie, "ben")
    for name, known in (("ANNA 1", True), ("ben", True), ("cleo", False)):
        assert (devices.known(both, name) is not None) is known
    assert devices.known(cookie, "ben") is None
    first, second = devices.known(cookie, "anna1"), devices.known(both, "anna1")
    assert first is not None
    assert second is not None
    assert first.device_id == second.device_id, "it stays one device, with one count for each name"


def test_it_remembers_the_last_few() -> None:
    devices, cookie = Devices((KEY,), now=Clock()), None
    for number in range(NAMES_MAX + 1):
        cookie = devices.after_sign_in(cookie, f"name{number}")
    cookie = devices.after_sign_in(cookie, "name2")
    known = [devices.known(cookie, f"name{number}") is not None for number in range(NAMES_MAX + 1)]
    assert known == [False, True, True, True, True]
    assert cookie is not None
    assert len(cookie) <= 100


def test_it_names_nobody() -> None:
    devices = Devices((KEY,), now=Clock())
    one, other = devices.after_sign_in(None, "anna"), devices.after_sign_in(None, "anna")
    raw = [urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)) for cookie in (one, other)]
    assert raw[0][17:25] != raw[1][17:25], "two devices of one person can't be told to be so"
    assert not [each for each in raw if b"anna" in each]


def test_it_is_forgotten_after_a_year() -> None:
    clock = Clock()
    devices = Devices((KEY,), now=clock)
    cookie = devices.after_sign_in(None, "anna")
    clock.now_ms += DEVICE_TTL_S * 1000 - 1000
    assert devices.known(cookie, "anna") is not None
    clock.now_ms += 1000
    assert devices.known(cookie, "anna") is None


def test_nobody_else_can_make_one() -> None:
    now = Instant(1_800_000_000_000)
    devices, others = Devices((KEY,), now=lambda: now), Devices((OTHER,), now=lambda: now)
    assert devices.known(others.after_sign_in(None, "anna"), "anna") is None
    cookie = devices.after_sign_in(None, "anna")
    sealed = urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
    for at in range(len(sealed)):
        bent = bytearray(sealed)
        bent[at] ^= 1
        assert devices.known(urlsafe_b64encode(bytes(bent)).decode().rstrip("="), "anna") is None


def test_a_device_stays_known_when_the_secret_changes() -> None:
    before, after = Devices((OTHER,), now=Clock()), Devices((KEY, OTHER), now=Clock())
    cookie = before.after_sign_in(None, "anna")
    assert after.known(cookie, "anna") is not None
    assert after.known(cookie, "ben") is None
    renewed = after.after_sign_in(cookie, "anna")
    assert Devices((KEY,), now=Clock()).known(renewed, "anna") is not None
    assert Devices((KEY,), now=Clock()).known(cookie, "anna") is None


@pytest.mark.parametrize("cookie", [None, "", "x", "=", "é", "a" * 82, "a" * 101, "%%%%", "\ud800"])
def test_what_is_no_cookie_of_ours_is_nothing(cookie: str | None) -> None:
    devices = Devices((KEY,), now=Clock())
    assert devices.known(cookie, "anna") is None
    assert devices.known(devices.after_sign_in(cookie, "anna"), "anna") is not None
