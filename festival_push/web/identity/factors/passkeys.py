"""Passkeys (WebAuthn): what a browser is asked for, and the check of what it answers."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from festival_push.domain.rows import User
from festival_push.domain.signing_in.refusals import WrongFactor
from festival_push.domain.signing_in.rows import Factor

TIMEOUT_MS: Final = 120_000
"""How long a browser lets a person look for their passkey."""
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_ID_CHARS_MAX: Final = 1_400  # of base64url: a credential id has 1,023 bytes at most
_PART_CHARS_MAX: Final = 16_384

_Id = Annotated[str, Meta(min_length=1, max_length=_ID_CHARS_MAX, description="base64url.")]
_Part = Annotated[str, Meta(min_length=1, max_length=_PART_CHARS_MAX, description="base64url.")]


class _Sent(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Part of what a browser makes of a credential (`toJSON()`); what we don't need is ignored."""


class Attestation(_Sent, frozen=True, kw_only=True):
    """What a new passkey answers."""

    client_data_json: _Part = msgspec.field(name="clientDataJSON")
    attestation_object: _Part


class NewPasskey(_Sent, frozen=True, kw_only=True):
    """A credential that `navigator.credentials.create` made, as its `toJSON()`."""

    id: _Id
    response: Attestation


class Assertion(_Sent, frozen=True, kw_only=True):
    """What a passkey answers to a challenge."""

    client_data_json: _Part = msgspec.field(name="clientDataJSON")
    authenticator_data: _Part
    signature: _Part
    user_handle: Annotated[str, Meta(max_length=100, description="base64url.")] | None = None


class UsedPasskey(_Sent, frozen=True, kw_only=True):
    """A credential that `navigator.credentials.get` found, as its `toJSON()`."""

    id: _Id
    response: Assertion


class NewKey(msgspec.Struct, frozen=True):
    """A passkey that has proved itself; both texts are base64url."""

    credential_id: str
    public_key: str
    counter: int


class RelyingParty(msgspec.Struct, frozen=True):
    """This server, as a passkey knows it: bound to a host name, and used by pages of these origins."""

    host: str
    origins: tuple[str, ...]
    name: str

    @classmethod
    def of_origins(cls, origins: tuple[str, ...], *, name: str) -> "RelyingParty":
        """Return the relying party of these origins; the first one is our own."""
        return cls(urlsplit(origins[0]).hostname or "localhost", origins, name)

    def enrol_options(self, user: User, present: Sequence[Factor], challenge: str) -> dict[str, Any]:
        """Return the options for `navigator.credentials.create`; none of the person's passkeys is made twice."""
        options = generate_registration_options(
            rp_id=self.host,
            rp_name=self.name,
            user_id=user_handle(user),
            user_name=user.name,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(present),
            supported_pub_key_algs=_ALGORITHMS,
        )
        return options_to_json_dict(options)

    def sign_in_options(self, challenge: str, present: Sequence[Factor] = (), *, alone: bool) -> dict[str, Any]:
        """Return the options for `navigator.credentials.get`.

        Args:
            present: The person's factors; none if the passkey itself shall say whose it is.
            alone: No PIN was asked: the device must make sure that it is its owner (by a finger, a face, its own PIN).
        """
        wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
        options = generate_authentication_options(
            rp_id=self.host,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(present),
            user_verification=wanted,
        )
        return options_to_json_dict(options)

    def accept_new(self, sent: NewPasskey, challenge: str) -> NewKey:
        """Check a new passkey. Raises WrongFactor."""
        try:
            verified = verify_registration_response(
                credential=_whole(sent),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.host,
                expected_origin=list(self.origins),
                supported_pub_key_algs=_ALGORITHMS,
            )
        except Exception as error:  # it parses what a stranger sends, by four parsers, and each has errors of its own
            raise WrongFactor from error
        return NewKey(_text(verified.credential_id), _text(verified.credential_public_key), verified.sign_count)

    def accept_used(self, sent: UsedPasskey, factor: Factor, challenge: str, *, alone: bool) -> int:
        """Check a passkey's answer, and return what it has counted. Raises WrongFactor.

        The rule for the count is the domain's, where nobody else can have changed it meanwhile.
        """
        if factor.credential_id != sent.id or factor.public_key is None:
            raise WrongFactor
        try:
            verified = verify_authentication_response(
                credential=_whole(sent),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.host,
                expected_origin=list(self.origins),
                credential_public_key=_bytes(factor.public_key),
                credential_current_sign_count=0,
                require_user_verification=alone,
            )
        except Exception as error:  # as above
            raise WrongFactor from error
        return verified.new_sign_count


def user_handle(user: User) -> bytes:
    """Return the name by which a passkey knows its owner: 32 bytes that say nothing to others."""
    return sha256(f"festival-push {user.user_id}".encode()).digest()


def is_owner(sent: UsedPasskey, user: User) -> bool:
    """Return whether the passkey says that it is this person's; it may say nothing."""
    handle = sent.response.user_handle
    return not handle or handle.rstrip("=") == _text(user_handle(user))


def _descriptors(factors: Sequence[Factor]) -> list[PublicKeyCredentialDescriptor]:
    ids = (factor.credential_id for factor in factors)
    return [PublicKeyCredentialDescriptor(id=_bytes(each)) for each in ids if each is not None]


def _whole(sent: NewPasskey | UsedPasskey) -> dict[str, Any]:
    """Return the credential as the library takes it."""
    whole: dict[str, Any] = msgspec.to_builtins(sent)
    return {**whole, "rawId": sent.id, "type": "public-key"}


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except BadBase64 as error:
        raise ValueError(text) from error
