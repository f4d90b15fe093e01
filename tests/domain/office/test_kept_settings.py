"""Settings that money depends on: other ones than at the last start are a deed of the system."""

import json

import msgspec

from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.kept_settings import NoteSettings
from festival_push.domain.office.rows import KeptSettings
from festival_push.domain.values import SYSTEM_ACTOR
from tests.support.festival import RULES, Festival


def test_only_what_has_changed_since_the_last_start_is_told() -> None:
    festival = Festival()
    first = festival.decided(NoteSettings())
    assert (first.deeds, len(first.rows)) == ((), 1)
    again = festival.decided(NoteSettings())
    assert (again.deeds, again.rows) == ((), ())
    festival.book.rules = msgspec.structs.replace(RULES, platform_fee_bp=900, second_person_above=5_000)
    (deed,) = festival.decided(NoteSettings()).deeds
    assert (deed.actor, deed.act) == (SYSTEM_ACTOR, DeedKind.CHANGE_SETTINGS)
    assert json.loads(deed.before) == {"platformFeeBp": 250, "secondPersonAbove": 0}
    assert json.loads(deed.after) == {"platformFeeBp": 900, "secondPersonAbove": 5_000}
    assert festival.decided(NoteSettings()).deeds == ()


def test_limits_of_orders_are_no_money() -> None:
    festival = Festival()
    festival.do(NoteSettings())
    festival.book.rules = msgspec.structs.replace(RULES, order_lines_max=3)
    assert festival.decided(NoteSettings()).rows == ()


def test_an_update_to_a_version_with_more_settings_is_no_change_and_setting_one_is() -> None:
    festival = Festival()
    (kept,) = festival.decided(NoteSettings()).rows
    assert isinstance(kept, KeptSettings)
    assert "payout" not in kept.state
    festival.book.rules = msgspec.structs.replace(RULES, payout_fee=150, stall_reserve_ms=3_600_000)
    (deed,) = festival.decided(NoteSettings()).deeds
    assert json.loads(deed.before) == {"payoutFee": None, "stallReserveMs": None}
    assert json.loads(deed.after) == {"payoutFee": 150, "stallReserveMs": 3_600_000}
