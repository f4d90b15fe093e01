"""Settings of payment providers: presets, what is refused at the start, and what is warned about."""

from pathlib import Path
from typing import Final

import pytest

from festival_push.settings import PRESETS, FundsEvents, Settings, SettingsError, load_settings, suspicious_funds

PREFIX: Final = "FESTIVAL_PUSH_FUNDS__PAY__"


def load(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_settings(path, {f"{PREFIX}{name}": value for name, value in environ.items()})


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_what_is_not_given(tmp_path: Path, preset: str) -> None:
    found = load(tmp_path, f'[funds.pay]\npreset = "{preset}"').funds["pay"]
    assert found == PRESETS[preset]
    changed = load(tmp_path, f'[funds.pay]\npreset = "{preset}"\nid = "x"\nevents.paid = ["y"]\nevent = "e"').funds[
        "pay"
    ]
    assert (changed.id, changed.events.paid) == ("x", ("y",))
    assert (changed.amount, changed.events.refunded) == (found.amount, found.events.refunded)


def test_a_preset_may_be_named_in_the_environment(tmp_path: Path) -> None:
    found = load(tmp_path, "", PRESET="stripe", EVENTS__DISPUTED='["lost"]').funds["pay"]
    assert (found.auth, found.events.disputed) == ("stripe", ("lost",))


def test_without_a_preset_everything_is_as_it_was(tmp_path: Path) -> None:
    found = load(tmp_path, "[funds.pay]").funds["pay"]
    assert (found.auth, found.event, found.events) == ("standard-webhooks", "", FundsEvents())
    assert (found.status, found.paid_statuses) == ("status", ("succeeded", "paid", "completed"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('currency = ""', r"funds\.pay\.only_currency: name the currency"),
        ('only_currency = "USD"', r"only_currency in .*: must be festival\.currency, EUR"),
        ('only_currency = "eur"', "only_currency"),
        ('event = "type"', r"funds\.pay\.events\.paid: name the events"),
        ('events.paid = ["a"]', r"funds\.pay\.event: say where"),
        ('event = "type"\nevents.paid = ["A"]\nevents.refunded = ["a"]', "a has two meanings"),
        ('preset = "paypal"', r"preset in .*: must be none or standard or stripe or zeffy"),
        ('auth = "none"', "must be bearer or standard-webhooks or stripe"),
        ("amount_digits = 5", "amount_digits"),
        ('events.lost = ["a"]', "there is no such setting"),
    ],
)
def test_what_could_never_be_read_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(tmp_path, f"[funds.pay]\n{text}")


@pytest.mark.parametrize("secret", ["whsec_not base64", "whsec_", "whsec_ab-cd_ef", "whsec_é"])
def test_a_signing_secret_is_base64_or_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SettingsError, match=r"PAY__SECRETS .*base64") as caught:
        load(tmp_path, "[funds.pay]", SECRETS=f'["{secret}"]')
    assert secret == "whsec_" or secret not in str(caught.value)
    for auth in ("stripe", "bearer"):  # there the whole text is the key
        assert load(tmp_path, f'[funds.pay]\nauth = "{auth}"', SECRETS=f'["{secret}"]').funds["pay"].auth == auth


@pytest.mark.parametrize("secret", ["whsec_b3RoZXI=", "whsec_b3RoZXI", "a plain text"])
def test_padding_may_be_left_out_and_a_text_is_a_key(tmp_path: Path, secret: str) -> None:
    assert load(tmp_path, "[funds.pay]", SECRETS=f'["{secret}"]').funds["pay"].secrets


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ('status = "type"\npaid_statuses = ["payment_intent.succeeded"]', "paid_statuses"),
        ('id = "data.object.id"\nstatus = "data.object.status"', "event"),
        ('id = "resource.id"\nstatus = "status"', "event"),
    ],
)
def test_a_status_where_the_type_is_meant_is_warned_about(tmp_path: Path, text: str, setting: str) -> None:
    ((keys, said),) = suspicious_funds(load(tmp_path, f"[funds.pay]\n{text}"))
    assert keys == ("funds", "pay", setting)
    assert "preset" in said


@pytest.mark.parametrize("text", ["", 'preset = "stripe"', 'preset = "zeffy"', 'preset = "standard"'])
def test_nothing_is_suspicious_in_what_is_shipped(tmp_path: Path, text: str) -> None:
    assert not list(suspicious_funds(load(tmp_path, f"[funds.pay]\n{text}")))
