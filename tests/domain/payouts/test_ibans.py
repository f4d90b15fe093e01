"""IBANs: as people type them, as they are kept, and what of them is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schwifty import IBAN

from festival_push.domain.payouts.ibans import WrongIban, bic_of, in_sepa, masked, parse_bic, parse_iban

GERMAN = "DE89370400440532013000"
_COUNTRIES = ("DE", "NL", "FR", "AT", "BE", "ES", "IT", "PL", "CH", "GB", "SE", "FI", "PT", "TR")


@pytest.mark.parametrize(
    "typed",
    [
        GERMAN, "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "DE89-3704-0044-0532-0130-00",
        "IBAN DE89 3704 0044 0532 0130 00", "iban: DE89370400440532013000", " DE89\u00a03704\u200b0044 0532 0130 00\n",
    ],
)  # fmt: skip
def test_an_iban_is_kept_in_one_form_however_it_is_typed(typed: str) -> None:
    assert parse_iban(typed) == GERMAN


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("DE89370400440532013001", "wrong digit"), ("DE98370400440532013000", "wrong digit"),
        ("DE8937040044053201300", "too few or too many"), ("DE893704004405320130000", "too few or too many"),
        ("", "not an IBAN"), ("-", "not an IBAN"), ("IBAN", "not an IBAN"), ("4111 1111 1111 1111", "not an IBAN"),
        ("ZZ89370400440532013000", "not an IBAN"), ("DE8937040044053201300\u0664", "not an IBAN"),
        ("DE89 3704 0044 0532 O130 00", "not an IBAN"), ("D" * 35, "not an IBAN"), ("DE89=3704", "not an IBAN"),
    ],
)  # fmt: skip
def test_what_is_no_iban_says_why(typed: str, said: str) -> None:
    with pytest.raises(WrongIban, match=said):
        parse_iban(typed)


@given(country=st.sampled_from(_COUNTRIES), random=st.randoms(use_true_random=False))
def test_every_countrys_iban_survives_and_a_changed_digit_never_does(country: str, random: object) -> None:
    iban = str(IBAN.random(country, random=random))  # type: ignore[arg-type]  # hypothesis makes it so that it can shrink
    assert parse_iban(IBAN(iban).formatted.lower()) == iban
    index = next(place for place in range(len(iban) - 1, 3, -1) if iban[place].isdigit())
    wrong = iban[:index] + str((int(iban[index]) + 1) % 10) + iban[index + 1 :]
    with pytest.raises(WrongIban):
        parse_iban(wrong)
    assert len(masked(iban)) == 7


def test_a_masked_iban_tells_its_country_and_its_end_alone() -> None:
    assert masked(GERMAN) == "DE…3000"


def test_some_accounts_are_out_of_reach_of_sepa() -> None:
    assert in_sepa(GERMAN)
    assert in_sepa("CH9300762011623852957")
    assert not in_sepa("TR330006100519786457841326")


def test_a_bank_is_known_by_the_iban() -> None:
    assert bic_of(GERMAN) == "COBADEFFXXX"
    assert parse_bic(" cobadeff ") == "COBADEFF"
    with pytest.raises(ValueError, match="is not a BIC"):
        parse_bic("COBA")
