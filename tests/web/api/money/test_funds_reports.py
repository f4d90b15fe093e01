"""Provider webhooks: the mapping finds what it names, amounts are exact, garbage names its field."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.settings import FundsProvider
from festival_push.web.api.money.funds_reports import BadReport, FundsReport, Meaning, read_report

ZEFFY: Final = FundsProvider()
BODY: Final[dict[str, Any]] = {
    "id": "pay_1",
    "amount": "12.50",
    "currency": "EUR",
    "status": "succeeded",
    "user_id": "anna",
    "top_up_code": "ab34cd56",
    "donor_email": "anna@example.org",
    "donor_name": "Anna",
    "created_at": "2026-07-04T18:30:00Z",
}


def read(mapping: FundsProvider = ZEFFY, **changes: object) -> FundsReport | Meaning:
    return read_changed(changes, mapping)


def read_changed(changes: dict[str, object], mapping: FundsProvider = ZEFFY) -> FundsReport | Meaning:
    """Read the example with some fields changed; `...` leaves one out."""
    body = {name: value for name, value in {**BODY, **changes}.items() if value is not ...}
    return read_report(json.dumps(body).encode(), mapping, "EUR")


def test_the_default_mapping_reads_every_field() -> None:
    report = read()
    assert isinstance(report, FundsReport)
    assert (report.external_id, report.amount, report.user_id) == ("pay_1", 1250, "anna")
    assert (report.top_up_code, report.donor_name, report.donor_email) == ("ab34cd56", "Anna", "anna@example.org")


@pytest.mark.parametrize(("text", "amount"), [("0.1", 10), ("12.50", 1250), ("1", 100), ("1000000.01", 100000001)])
def test_a_json_number_is_read_as_it_is_written(text: str, amount: int) -> None:
    body = json.dumps({**BODY, "amount": "?"}).replace('"?"', text).encode()
    report = read_report(body, ZEFFY, "EUR")
    assert isinstance(report, FundsReport)
    assert report.amount == amount


@given(st.integers(1, 10**12))
def test_major_units_lose_nothing_on_the_way(cents: int) -> None:
    text = f"{cents // 100}.{cents % 100:02d}"
    for amount in (f'"{text}"', text):
        body = json.dumps({**BODY, "amount": "?"}).replace('"?"', amount).encode()
        report = read_report(body, ZEFFY, "EUR")
        assert isinstance(report, FundsReport)
        assert report.amount == cents


def test_another_mapping_reads_nested_fields_and_minor_units() -> None:
    mapping = FundsProvider(
        amount_unit="minor", id="data.object.id", amount="data.object.amount", currency="data.object.currency",
        status="type", paid_statuses=("charge.succeeded",), user_id="data.object.metadata.user",
    )  # fmt: skip
    charge = {"id": "ch_1", "amount": 1250, "currency": "eur", "metadata": {"user": "anna"}}
    body = {"type": "charge.succeeded", "data": {"object": charge}}
    report = read_report(json.dumps(body).encode(), mapping, "EUR")
    assert isinstance(report, FundsReport)
    assert (report.external_id, report.amount, report.user_id) == ("ch_1", 1250, "anna")
    assert report.donor_name is None


@pytest.mark.parametrize("status", ["failed", "refunded", "pending", "", "SUCCEEDED!"])
def test_what_is_not_paid_is_no_report(status: str) -> None:
    if status:
        assert read(status=status) is Meaning.IGNORED
    else:
        with pytest.raises(BadReport):
            read(status=status)


def test_a_status_is_compared_without_case() -> None:
    assert isinstance(read(status="Succeeded"), FundsReport)


def test_without_a_status_in_the_mapping_everything_is_paid() -> None:
    assert isinstance(read(FundsProvider(status=""), status=...), FundsReport)


@pytest.mark.parametrize("field", ["id", "amount", "currency", "status"])
@pytest.mark.parametrize("value", [..., None, True, False, [], {}, "", [1], {"a": 1}])
def test_a_required_field_that_is_not_there_is_named(field: str, value: object) -> None:
    with pytest.raises(BadReport) as caught:
        read_changed({field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(
    "amount",
    ["0", "0.00", "-1", "1.005", "12.500", "1e3", "NaN", "Infinity", "1,50", "ten", "9" * 40, 0, -5, 1.005, 1e30, " 5"],
)
def test_an_impossible_amount_is_named(amount: object) -> None:
    with pytest.raises(BadReport) as caught:
        read(amount=amount)
    assert caught.value.field == "amount"


def test_another_currency_is_named() -> None:
    with pytest.raises(BadReport) as caught:
        read(currency="USD")
    assert (caught.value.field, caught.value.meaning, caught.value.external_id) == ("currency", "paid", "pay_1")
    assert isinstance(read(currency="eur"), FundsReport)


@pytest.mark.parametrize("owner", [..., None, "", " ", "a b", "ann\0a", "x" * 256, "\ud800", ["anna"], {}, True])
def test_an_owner_that_cannot_be_is_nobody(owner: object) -> None:
    report = read(user_id=owner)
    assert isinstance(report, FundsReport)
    assert report.user_id is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (..., None), (None, None), ("", None), (" ", None), ("\ud800", None), (["anna"], None), ({}, None),
        (True, None),
        ("ab 34-cd", "ab 34-cd"), ("ab\x0034", "ab34"), ("x" * 256, "x" * 200),
    ],
)  # fmt: skip
def test_a_code_is_kept_as_it_was_typed(sent: object, kept: str | None) -> None:
    report = read(top_up_code=sent)
    assert isinstance(report, FundsReport)
    assert report.top_up_code == kept


def test_an_id_may_be_a_number() -> None:
    report = read(id=17, user_id=42)
    assert isinstance(report, FundsReport)
    assert (report.external_id, report.user_id) == ("17", "42")
    assert type(report.external_id) is str


@pytest.mark.parametrize("external_id", ["a\nb", "a b", "é", "\ud800", "x" * 256, "\0"])
def test_an_id_that_could_not_be_kept_is_named(external_id: str) -> None:
    with pytest.raises(BadReport) as caught:
        read(id=external_id)
    assert caught.value.field == "id"


def test_a_donor_is_shown_without_what_can_not_be_seen() -> None:
    report = read(donor_name="An\u202ena\r\n\ud800", donor_email=["x"])
    assert isinstance(report, FundsReport)
    assert (report.donor_name, report.donor_email) == ("Anna", None)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff\xfe", b"[{},{}]", b"[[{}]]", b'{"amount":NaN}', b"[" * 60_000,
        b'{"a":' * 60_000, b'{"id":"p","id":"q"}', b'{"amount":-Infinity}', b"{'id':1}", b"9" * 60_000,
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadReport) as caught:
        read_report(body, ZEFFY, "EUR")
    assert caught.value.field == ""


def test_a_name_that_stands_twice_is_refused_at_any_depth() -> None:
    body = json.dumps({**BODY, "extra": "?"}).replace('"?"', '{"a":1,"a":2}').encode()
    with pytest.raises(BadReport):
        read_report(body, ZEFFY, "EUR")


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise(body: bytes) -> None:
    with pytest.raises(BadReport):
        read_report(body, ZEFFY, "EUR")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(BODY, _JSON)))
def test_any_values_are_a_report_or_name_their_field(changes: dict[str, object]) -> None:
    try:
        report = read_changed(changes)
    except BadReport as error:
        named = error.field
    else:
        named = ""
        assert isinstance(report, Meaning) or report.amount >= 1
    assert named in {"", *BODY}
