"""What is not a passkey's answer is refused, whatever it is; and a passkey's answer only for its page and owner."""

from base64 import urlsafe_b64encode

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.rows import User
from festival_push.domain.signing_in.refusals import WrongFactor
from festival_push.domain.signing_in.rows import Factor
from festival_push.domain.values import FactorId, FactorKind, Instant, UserId
from festival_push.web.identity.factors.passkeys import (
    Assertion,
    Attestation,
    NewPasskey,
    RelyingParty,
    UsedPasskey,
    is_owner,
    user_handle,
)
from tests.support.wire.authenticator import SoftPasskey

PARTY = RelyingParty.of_origins(("https://pay.festival.example", "https://app.festival.example"), name="Festival")
ANNA = User(user_id=UserId("anna"), name="Anna", pin_hash=None, top_up_code="c", created_at=Instant(0))
CLIENT_DATA = (
    '{"type":"webauthn.create","challenge":"Y2hhbGxlbmdl","origin":"https://pay.festival.example"}'  # "challenge"
)


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=") or "AA"


def new_passkey(attestation: bytes, client_data: bytes = CLIENT_DATA.encode()) -> NewPasskey:
    return NewPasskey(
        id="AAAA",
        response=Attestation(client_data_json=text(client_data), attestation_object=text(attestation)),
    )


def used_passkey(options: dict[str, object], passkey: SoftPasskey) -> UsedPasskey:
    sent = passkey.get(options)["response"]
    return UsedPasskey(
        id=passkey.id,
        response=Assertion(
            client_data_json=sent["clientDataJSON"], authenticator_data=sent["authenticatorData"],
            signature=sent["signature"], user_handle=sent["userHandle"],
        ),
    )  # fmt: skip


DEEP = b"\x81" * 9_000
HUGE = b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"  # a list of 2^63 - 1
LONG = b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff"  # bytes, as many


@pytest.mark.parametrize(
    "attestation",
    [
        b"", DEEP, HUGE, LONG, b"\xff", b"\xf6", b"\xd9\xd9\xf7\x80",
        cbor2.dumps({}), cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b""}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": bytes(37)}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": bytes(32) + b"\x41" + bytes(200)}),
        cbor2.dumps({"fmt": "tpm", "attStmt": {"ver": 1}, "authData": bytes(37)}),
        cbor2.dumps({"fmt": ["none"], "attStmt": None, "authData": 1}),
    ],
    ids=lambda data: data[:12].hex() or "nothing",
)  # fmt: skip
def test_what_is_no_attestation_is_refused(attestation: bytes) -> None:
    with pytest.raises(WrongFactor):
        PARTY.accept_new(new_passkey(attestation), "challenge")


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_whatever_is_sent_is_refused_and_nothing_else_happens(client_data: bytes, attestation: bytes) -> None:
    with pytest.raises(WrongFactor):
        PARTY.accept_new(new_passkey(attestation, client_data), "challenge")
    factor = Factor(
        factor_id=FactorId("f"), user_id=ANNA.user_id, kind=FactorKind.PASSKEY, name="Key", credential_id="AAAA",
        public_key=text(attestation), created_at=Instant(0),
    )  # fmt: skip
    sent = UsedPasskey(
        id="AAAA",
        response=Assertion(
            client_data_json=text(client_data), authenticator_data=text(attestation), signature=text(client_data)
        ),
    )
    with pytest.raises(WrongFactor):
        PARTY.accept_used(sent, factor, "challenge", alone=False)


def test_a_passkey_serves_the_pages_of_its_host() -> None:
    assert (PARTY.host, PARTY.name) == ("pay.festival.example", "Festival")
    for origin, serves in (("https://app.festival.example", True), ("https://evil.example", False)):
        passkey = SoftPasskey(origin=origin)
        made = passkey.create(PARTY.enrol_options(ANNA, (), "challenge"))["response"]
        sent = NewPasskey(
            id=passkey.id,
            response=Attestation(client_data_json=made["clientDataJSON"], attestation_object=made["attestationObject"]),
        )
        if not serves:
            with pytest.raises(WrongFactor):
                PARTY.accept_new(sent, "challenge")
            continue
        key = PARTY.accept_new(sent, "challenge")
        assert (key.credential_id, key.counter) == (passkey.id, 1)
        factor = Factor(
            factor_id=FactorId("f"), user_id=ANNA.user_id, kind=FactorKind.PASSKEY, name="Key",
            credential_id=key.credential_id, public_key=key.public_key, created_at=Instant(0),
        )  # fmt: skip
        answer = used_passkey(PARTY.sign_in_options("again", (factor,), alone=False), passkey)
        assert PARTY.accept_used(answer, factor, "again", alone=True) == 2
        assert is_owner(answer, ANNA)


def test_a_handle_says_nothing_and_is_one_persons() -> None:
    handle = user_handle(ANNA)
    assert len(handle) == 32
    assert b"anna" not in handle
    other = UsedPasskey(
        id="A",
        response=Assertion(client_data_json="A", authenticator_data="A", signature="A", user_handle=text(b"ben")),
    )
    assert not is_owner(other, ANNA)
