"""What becomes of an event or an answer that tells of somebody who was erased."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.people.erased import ERASED_NAME, concerns, erased_event, erased_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.text(min_size=1))
def test_what_does_not_have_the_name_stays_and_the_shape_always_does(value: Any, name: str) -> None:
    cleared = erased_json(value, name)
    assert type(cleared) is type(value)
    if name not in str(value):
        assert erased_json(cleared, name) == cleared
    assert erased_json(5, name) == 5


def test_a_name_goes_where_it_stands_as_words_of_its_own() -> None:
    told = {"message": "An asks An, and Andy: An!", "items": [{"name": "An"}], "total": 5}
    assert erased_json(told, "An") == {
        "message": f"{ERASED_NAME} asks {ERASED_NAME}, and Andy: {ERASED_NAME}!",
        "items": [{"name": ERASED_NAME}],
        "total": 5,
    }
    assert erased_json("a.c and abc", "a.c") == f"{ERASED_NAME} and abc"


def test_what_people_wrote_goes_and_what_the_program_says_stays() -> None:
    assert erased_json({"notes": "for Ann", "iban": "DE1", "note": None, "reason": "purchase"}, "x") == {
        "notes": "(erased)", "iban": "(erased)", "note": None, "reason": "purchase",
    }  # fmt: skip
    assert erased_event("customer-message", {"orderId": "o", "message": "here"}, "x")["message"] == "(erased)"
    frozen = {"code": "wallet-frozen", "params": {"reason": "her phone"}, "message": "Frozen: her phone"}
    assert erased_event("new-notification", frozen, "x") == {
        "code": "wallet-frozen", "params": {"reason": "(erased)"}, "message": "(erased)",
    }  # fmt: skip
    ready = {"code": "order-ready", "params": {"number": 5}, "message": "Number 5 is ready"}
    assert erased_event("new-notification", ready, "x") == ready


def test_an_event_tells_of_somebody_by_any_id_of_theirs_wherever_it_stands() -> None:
    ids = {"anna", "o1"}
    assert concerns({"a": [{"userId": "anna"}]}, ids)
    assert concerns({"orderId": "o1"}, ids)
    assert concerns({"debit": "user:anna"}, ids)
    assert not concerns({"userId": "annabel", "orderId": "o11", "name": "user"}, ids)
