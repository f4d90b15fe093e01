"""One's own second factors: adding an app or a passkey, removing one, recovery codes; and the organiser's reset."""

import asyncio
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.refusals import NotFound
from festival_push.domain.signing_in.factors import EnrolFactor, is_organiser
from festival_push.domain.signing_in.lost_factors import RemoveFactor, RenewRecoveryCodes, ResetFactors
from festival_push.domain.signing_in.refusals import WrongFactor
from festival_push.domain.signing_in.rows import Factor
from festival_push.domain.values import FactorId, FactorKind, UserId, rfc3339
from festival_push.web.api.people.second_step import PROOF_REFUSES, Again, opened, relying_party, require_again
from festival_push.web.api.views import View
from festival_push.web.identity.claims import Claims, TokenUse
from festival_push.web.identity.factors.challenges import ENROLMENT_TTL_S, SignedText
from festival_push.web.identity.factors.passkeys import NewPasskey
from festival_push.web.identity.factors.recovery import new_recovery_codes, recovery_hash
from festival_push.web.identity.factors.totp import Totp, app_url, new_secret, step_of
from festival_push.web.parsing.fields import Body, Name
from festival_push.web.parsing.problems import ProblemError, Unauthorized
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.endpoint import ADMIN, USER, Call, Endpoints, json_response
from festival_push.web.routing.pictures import Picture, draw

ENDPOINTS: Final = Endpoints()

_OVER: Final = "enrolment-over"
_NAMES: Final = {FactorKind.TOTP: "Authenticator app", FactorKind.PASSKEY: "Passkey"}


class ConfirmTotp(Body, frozen=True, kw_only=True):
    """The enrolment that was begun, and the code that the app shows now."""

    enrolment: SignedText
    totp: Totp
    name: Name | UnsetType = UNSET


class ConfirmPasskey(Body, frozen=True, kw_only=True):
    """The enrolment that was begun, and the passkey that the browser has made."""

    enrolment: SignedText
    passkey: NewPasskey
    name: Name | UnsetType = UNSET


class ResetBody(Body, frozen=True, kw_only=True):
    """Nothing to say."""


class FactorView(View, frozen=True, kw_only=True):
    """A second factor, as its owner sees it."""

    factor_id: FactorId
    kind: FactorKind
    name: str
    created_at: str
    last_used_at: str | UnsetType = UNSET


class FactorsView(View, frozen=True, kw_only=True):
    """The caller's second factors, the oldest first."""

    items: tuple[FactorView, ...]
    recovery_codes_left: int
    required: bool  # they are an organiser, and need one here


class TotpBegun(View, frozen=True, kw_only=True):
    """What an app needs; nothing is stored until its first code is confirmed."""

    enrolment: str
    secret: str  # for apps that scan nothing
    url: str
    qr: Annotated[str, Meta(description="The url as a QR code: SVG.")]


class PasskeyBegun(View, frozen=True, kw_only=True):
    """What to ask the browser for; nothing is stored until the passkey is confirmed."""

    enrolment: str
    options: Annotated[dict[str, Any], Meta(description="Options for `navigator.credentials.create`.")]


class EnrolledView(View, frozen=True, kw_only=True):
    """The new second factor; with the first one come recovery codes, which are shown only now."""

    factor_id: FactorId
    kind: FactorKind
    name: str
    recovery_codes: tuple[str, ...] | UnsetType = UNSET


class RecoveryCodesView(View, frozen=True, kw_only=True):
    """New recovery codes, which are shown only now."""

    recovery_codes: tuple[str, ...]


@ENDPOINTS.get("/v1/me/factors", USER, unproven=True, query=NoQuery, answers={200: FactorsView})
async def list_factors(call: Call) -> Response:
    """GET /v1/me/factors."""
    call.query(NoQuery)
    reads, user = call.services.reads, call.user().user
    present = await reads.factors(user.user_id)
    view = FactorsView(
        items=tuple(map(_factor_view, present)),
        recovery_codes_left=await reads.recovery_codes_left(user.user_id),
        required=is_organiser(user) and call.services.rules.organisers_prove,
    )
    return json_response(view)


@ENDPOINTS.post("/v1/me/factors/totp", USER, unproven=True, body=Again, answers={200: TotpBegun}, refuses=PROOF_REFUSES)
async def begin_totp(call: Call) -> Response:
    """POST /v1/me/factors/totp: a secret for an app that shows codes."""
    await require_again(call, await call.body(Again))
    services, user, secret = call.services, call.user().user, new_secret()
    issued = services.tokens.issue(
        user.user_id, TokenUse.ENROLMENT, ENROLMENT_TTL_S, version=user.session_version,
        sealed=services.sealer.seal(secret, user.user_id),
    )  # fmt: skip
    url = app_url(secret, name=user.name, issuer=services.settings.festival.name)
    qr = await asyncio.to_thread(draw, Picture(url, "svg"))  # not by `Pictures`, which keeps what it has drawn
    return json_response(TotpBegun(enrolment=issued.token, secret=secret, url=url, qr=qr.decode()))


@ENDPOINTS.post(
    "/v1/me/factors/totp/confirm",
    USER,
    unproven=True,
    body=ConfirmTotp,
    answers={201: EnrolledView},
    refuses=(*EnrolFactor.REFUSES, WrongFactor, (409, _OVER)),
)
async def confirm_totp(call: Call) -> Response:
    """POST /v1/me/factors/totp/confirm: 201 for a right code; with the first factor all other sessions end."""
    body = await call.body(ConfirmTotp)
    name = _name(FactorKind.TOTP, body.name)
    claims = await _enrolment(call, body.enrolment)
    services = call.services
    secret = None if claims.sealed is None else services.sealer.open(claims.sealed, claims.sub)
    step = None if secret is None else step_of(secret, body.totp, services.now())
    if step is None:
        raise WrongFactor
    return await _enrol(call, claims, FactorKind.TOTP, name, counter=step, secret=claims.sealed)


@ENDPOINTS.post(
    "/v1/me/factors/passkeys", USER, unproven=True, body=Again, answers={200: PasskeyBegun}, refuses=PROOF_REFUSES
)
async def begin_passkey(call: Call) -> Response:
    """POST /v1/me/factors/passkeys: what the browser needs to make a passkey."""
    await require_again(call, await call.body(Again))
    services, user = call.services, call.user().user
    issued = services.tokens.issue(user.user_id, TokenUse.ENROLMENT, ENROLMENT_TTL_S, version=user.session_version)
    present = await services.reads.factors(user.user_id)
    options = relying_party(call).enrol_options(user, present, issued.jti)
    return json_response(PasskeyBegun(enrolment=issued.token, options=options))


@ENDPOINTS.post(
    "/v1/me/factors/passkeys/confirm",
    USER,
    unproven=True,
    body=ConfirmPasskey,
    answers={201: EnrolledView},
    refuses=(*EnrolFactor.REFUSES, WrongFactor, (409, _OVER)),
)
async def confirm_passkey(call: Call) -> Response:
    """POST /v1/me/factors/passkeys/confirm: 201; with the first factor all other sessions end."""
    body = await call.body(ConfirmPasskey)
    name = _name(FactorKind.PASSKEY, body.name)
    claims = await _enrolment(call, body.enrolment)
    if claims.sealed is not None:
        raise WrongFactor  # it was begun for an app
    made = relying_party(call).accept_new(body.passkey, claims.jti)
    return await _enrol(
        call, claims, FactorKind.PASSKEY, name, counter=made.counter,
        credential_id=made.credential_id, public_key=made.public_key,
    )  # fmt: skip


@ENDPOINTS.post(
    "/v1/me/factors/{factorId}/remove",
    USER,
    unproven=True,
    body=Again,
    answers={204: None},
    refuses=(*PROOF_REFUSES, *RemoveFactor.REFUSES),
)
async def remove_factor(call: Call) -> Response:
    """POST /v1/me/factors/{factorId}/remove: no DELETE, because it carries a PIN."""
    body = await call.body(Again)
    factor_id = FactorId(call.id("factorId"))
    await require_again(call, body)
    return await call.run(RemoveFactor(user_id=call.actor_id, factor_id=factor_id), lambda _: None, status=204)


@ENDPOINTS.post(
    "/v1/me/factors/recovery-codes",
    USER,
    unproven=True,
    body=Again,
    answers={201: RecoveryCodesView},
    refuses=(*PROOF_REFUSES, NotFound),
)
async def renew_recovery_codes(call: Call) -> Response:
    """POST /v1/me/factors/recovery-codes: new ones; the earlier ones are void."""
    await require_again(call, await call.body(Again))
    codes = new_recovery_codes()
    command = RenewRecoveryCodes(user_id=call.actor_id, hashes=tuple(map(recovery_hash, codes)))
    return await call.run(command, lambda _: RecoveryCodesView(recovery_codes=codes), status=201)


@ENDPOINTS.post("/v1/admin/users/{userId}/factors/reset", ADMIN, body=ResetBody, answers={204: None})
async def reset_factors(call: Call) -> Response:
    """POST /v1/admin/users/{userId}/factors/reset: for somebody else who has lost theirs; all their sessions end."""
    await call.body(ResetBody)
    command = ResetFactors(actor_id=call.actor_id, user_id=UserId(call.id("userId")))
    return await call.run(command, lambda _: None, status=204)


async def _enrolment(call: Call, token: str) -> Claims:
    """Return the claims of the caller's enrolment. Raises ProblemError 409 `enrolment-over`: a 401 would sign them
    out."""
    user = call.user().user
    try:
        claims = await opened(call, token, TokenUse.ENROLMENT)
    except Unauthorized:
        claims = None
    if claims is None or claims.sub != user.user_id or claims.ver != user.session_version:
        raise ProblemError(409, _OVER, "This took too long, or something has changed meanwhile: begin again.")
    return claims


async def _enrol(
    call: Call,
    claims: Claims,
    kind: FactorKind,
    name: str,
    *,
    counter: int,
    secret: str | None = None,
    credential_id: str | None = None,
    public_key: str | None = None,
) -> Response:
    codes = new_recovery_codes()
    command = EnrolFactor(
        user_id=call.actor_id,
        factor_id=FactorId(claims.jti),
        kind=kind,
        name=name,
        secret=secret,
        credential_id=credential_id,
        public_key=public_key,
        counter=counter,
        recovery_hashes=tuple(map(recovery_hash, codes)),
        session=call.user().jti,
    )
    committed = await call.services.committer.submit(command)
    is_first = committed.reply.factors == 1
    view = EnrolledView(
        factor_id=command.factor_id, kind=kind, name=command.name, recovery_codes=codes if is_first else UNSET
    )
    return json_response(view, 201)


def _name(kind: FactorKind, name: str | UnsetType) -> str:
    return _NAMES[kind] if name is UNSET else clean_name(name)


def _factor_view(factor: Factor) -> FactorView:
    return FactorView(
        factor_id=factor.factor_id,
        kind=factor.kind,
        name=factor.name,
        created_at=rfc3339(factor.created_at),
        last_used_at=UNSET if factor.last_used_at is None else rfc3339(factor.last_used_at),
    )
