"""Ids and codes."""

import re

from festival_push.domain.values import Instant
from festival_push.web.parsing.ids import (
    new_id,
    new_order_id,
    new_pairing_code,
    new_top_up_code,
    new_user_id,
    new_vendor_code,
    pairing_code_hash,
    secret_hash,
    vendor_code_hash,
)

NOON = Instant(1_783_159_200_000)


def test_each_is_new_and_of_its_form() -> None:
    forms = {new_id: r"[\w-]{20}", lambda: new_order_id(NOON): r"[0-9a-f]{11}[\w-]{11}",
             new_user_id: r"[2-9a-hj-km-np-z]{12}", new_top_up_code: r"[2-9A-HJ-KM-NP-Z]{10}",
             new_vendor_code: r"([2-9A-HJ-KM-NP-Z]{4}-){3}[2-9A-HJ-KM-NP-Z]{4}"}  # fmt: skip
    for make, form in forms.items():
        made = {make() for _ in range(1_000)}
        assert len(made) == 1_000
        assert all(re.fullmatch(form, text) for text in made)


def test_a_pairing_code_is_short_and_has_no_letters_that_look_alike() -> None:
    made = [new_pairing_code() for _ in range(2_000)]
    assert all(re.fullmatch(r"[2-9A-HJ-KM-NP-Z]{6}", code) for code in made)
    assert len({*"".join(made)}) == 31
    assert len({*made}) > 1_990, "31^6 codes"


def test_a_pairing_code_may_be_typed_anyhow_and_its_hash_needs_the_servers_secret() -> None:
    code = new_pairing_code()
    hashed = pairing_code_hash(code, "secret")
    assert hashed == pairing_code_hash(f" {code[:3].lower()}-{code[3:]} ", "secret")
    assert hashed not in {pairing_code_hash(code, "other"), secret_hash(code), vendor_code_hash(code)}
    for text in ("\ud800", "", "é"):
        assert pairing_code_hash(text, "secret") != hashed
        secret_hash(text)


def test_orders_of_later_moments_have_later_ids() -> None:
    moments = [Instant(NOON + ms) for ms in (0, 1, 15, 16, 4_096, 10**9, 10**12)]
    ids = [new_order_id(moment) for moment in moments]
    assert ids == sorted(ids)


def test_a_vendor_code_may_be_typed_anyhow_but_not_be_another() -> None:
    code = new_vendor_code()
    assert vendor_code_hash(code) == vendor_code_hash(f" {code.lower().replace('-', ' ')} ")
    assert vendor_code_hash(code) != vendor_code_hash(new_vendor_code())
    assert code not in vendor_code_hash(code)
    vendor_code_hash("\ud800")
