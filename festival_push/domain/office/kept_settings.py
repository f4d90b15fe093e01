"""The settings that money depends on: a server that starts with others than the last one leaves a deed."""

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind, State, state_text
from festival_push.domain.office.rows import KeptSettings
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import SYSTEM_ACTOR, Instant, Rules, rfc3339

_NAME = "rules"


class NoteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Compare the settings of a server that starts with those of the one before, and keep them."""

    def needs(self) -> Needs:
        return Needs(settings=(_NAME,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Keep them, and tell what has changed since the last start. There is nothing to tell at the first one."""
        draft = Draft(book, now, actor=SYSTEM_ACTOR)
        state = _state(book.rules)
        known = book.settings.get(_NAME)
        kept = KeptSettings(name=_NAME, state=state_text(state))
        if known == kept:
            return draft.decision(None)
        draft.put(kept)
        if known is None:
            return draft.decision(None)
        before = msgspec.json.decode(known.state, type=dict[str, str | int | bool | None])
        names = sorted(name for name in before.keys() | state.keys() if before.get(name) != state.get(name))
        was, is_now = {name: before.get(name) for name in names}, {name: state.get(name) for name in names}
        draft.deed(DeedKind.CHANGE_SETTINGS, "settings", _NAME, before=was, after=is_now)
        return draft.decision(None)


def _state(rules: Rules) -> State:
    return {
        "currency": rules.currency.code,
        "currencyDigits": rules.currency.digits,
        "timezone": str(rules.timezone),
        "dayBeginsMin": rules.day_begins_min,
        "platformFeeBp": rules.platform_fee_bp,
        "amountMax": rules.amount_max,
        "balanceMax": rules.balance_max,
        "cancelMs": rules.cancel_ms,
        "secondPersonAbove": rules.second_person_above,
        "cashierDailyMax": rules.cashier_daily_max,
        **{name: value for name, value in _where_set(rules).items() if value},
    }


def _where_set(rules: Rules) -> State:
    """Return what is kept only where it is set, so that a server that was updated tells of no change."""
    return {
        "cashierPayoutDailyMax": rules.cashier_payout_daily_max,
        "payoutMin": rules.payout_min,
        "payoutFee": rules.payout_fee,
        "payoutsUntil": None if rules.payouts_until is None else rfc3339(rules.payouts_until),
        "stallReserveMs": rules.stall_reserve_ms,
    }
