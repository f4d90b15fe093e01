"""Deeds: each is chained to the one before, and any change of any of them shows."""

import hashlib
import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import (
    FIRST_PREVIOUS,
    Deed,
    DeedKind,
    KeptDeed,
    chained,
    changes,
    deed_hash,
    state_text,
    subject_of,
)
from festival_push.domain.values import SYSTEM_ACTOR, Actor, Instant, user_actor
from tests.support.festival import ADMIN, ANNA, NOON, Festival, top_up

texts = st.text(max_size=30)
states = st.dictionaries(texts, texts | st.booleans() | st.integers(-(2**53), 2**53) | st.none(), max_size=4)
deeds = st.builds(
    Deed,
    actor=texts.map(Actor),
    act=st.sampled_from(DeedKind),
    subject=texts,
    before=states.map(state_text),
    after=states.map(state_text),
)
FIELDS: Final = KeptDeed.__struct_fields__


def chain_of(told: list[Deed]) -> list[KeptDeed]:
    """These deeds, one after the other."""
    chain: list[KeptDeed] = []
    for seq, deed in enumerate(told, 1):
        previous = chain[-1].hash if chain else FIRST_PREVIOUS
        chain.append(chained(deed, seq=seq, at=Instant(seq * 1000), request_id=None, previous=previous))
    return chain


def holds(chain: list[KeptDeed], head: tuple[int, str]) -> bool:
    """What the audit asks, said once more and plainly."""
    seq, newest = 0, FIRST_PREVIOUS
    for deed in chain:
        if (deed.seq, deed.previous, deed.hash) != (seq + 1, newest, deed_hash(deed)):
            return False
        seq, newest = deed.seq, deed.hash
    return (seq, newest) == head


@given(told=st.lists(deeds, min_size=1, max_size=6), data=st.data())
def test_any_edit_of_any_deed_is_found(told: list[Deed], data: st.DataObject) -> None:
    chain = chain_of(told)
    head = (chain[-1].seq, chain[-1].hash)
    assert holds(chain, head)
    index = data.draw(st.integers(0, len(chain) - 1))
    field = data.draw(st.sampled_from(FIELDS))
    before = getattr(chain[index], field)
    other: Any = data.draw(
        (st.integers(0, 10**9) if isinstance(before, int) else texts).filter(lambda it: it != before)
    )
    if field == "act":
        other = data.draw(st.sampled_from(DeedKind).filter(lambda act: act is not before))
    edited = msgspec.structs.replace(chain[index], **{field: other})
    assert not holds([*chain[:index], edited, *chain[index + 1 :]], head)
    # Nor does it help to make its hash anew: the next deed, or the head, has the old one.
    resealed = msgspec.structs.replace(edited, hash=deed_hash(edited))
    if field != "hash":
        assert not holds([*chain[:index], resealed, *chain[index + 1 :]], head)


@given(told=st.lists(deeds, min_size=1, max_size=6), data=st.data())
def test_a_cut_a_gap_and_a_swap_are_found(told: list[Deed], data: st.DataObject) -> None:
    chain = chain_of(told)
    head = (chain[-1].seq, chain[-1].hash)
    index = data.draw(st.integers(0, len(chain) - 1))
    assert not holds(chain[:index], head)
    assert not holds([*chain[:index], *chain[index + 1 :]], head)
    if index:
        assert not holds([*chain[: index - 1], chain[index], chain[index - 1], *chain[index + 1 :]], head)


@given(deeds)
def test_anybody_can_compute_the_hash(deed: Deed) -> None:
    """As docs/api.md says, with nothing of ours."""
    kept = chained(deed, seq=3, at=Instant(7), request_id="request-1", previous="a" * 64)
    fields = [3, 7, deed.actor, deed.act.value, deed.subject, deed.before, deed.after, "request-1", "a" * 64]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    assert kept.hash == hashlib.sha256(text.encode()).hexdigest()


def test_a_state_is_bounded_and_in_order() -> None:
    assert state_text({"b": 1, "a": None}) == '{"a":null,"b":1}'
    assert json.loads(state_text({"text": "x" * 1_000})) == {"text": "x" * 199 + "…"}
    with pytest.raises(AssertionError):
        state_text({f"n{number}": number for number in range(33)})


def test_only_what_differs_is_told() -> None:
    one = chained(
        Deed(actor=SYSTEM_ACTOR, act=DeedKind.SUSPEND, subject="user:anna", before="{}", after="{}"),
        seq=1, at=Instant(1), request_id=None, previous=FIRST_PREVIOUS,
    )  # fmt: skip
    other = msgspec.structs.replace(one, seq=2)
    assert changes(one, other, "seq", "subject") == ({"seq": 1}, {"seq": 2})


def test_a_draft_tells_deeds_by_the_one_who_acts() -> None:
    draft = Draft(Festival.opened().book, NOON, user=ADMIN)
    draft.deed(DeedKind.SUSPEND, "user", ANNA, before={"suspended": False}, after={"suspended": True})
    draft.deed(DeedKind.CHANGE_SETTINGS, "settings", "rules", actor=SYSTEM_ACTOR)
    first, second = draft.decision(None).deeds
    assert first == Deed(
        actor=user_actor(ADMIN), act=DeedKind.SUSPEND, subject="user:anna", before='{"suspended":false}',
        after='{"suspended":true}',
    )  # fmt: skip
    assert (second.actor, second.subject) == (SYSTEM_ACTOR, subject_of("settings", "rules"))


def test_money_moves_by_somebody_only() -> None:
    festival = Festival.opened()
    decision = festival.decided(top_up(ANNA, 500, number=1))
    assert [transfer.actor for transfer in decision.transfers] == [user_actor(ADMIN)]
    (deed,) = decision.deeds
    assert (deed.act, deed.subject, deed.actor) == (DeedKind.TOP_UP, "user:anna", user_actor(ADMIN))
    assert (json.loads(deed.before), json.loads(deed.after)) == (
        {"balance": 0}, {"amount": 500, "balance": 500, "method": "cash", "transactionId": "t1"},
    )  # fmt: skip
