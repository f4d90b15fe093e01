"""Our own tokens: what each is good for, how long, and what is none."""

import base64
import hmac
import json
import re
from collections.abc import Sequence

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.values import Instant
from festival_push.settings import Secret, Secrets
from festival_push.web.identity.claims import Claims, ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.tokens import SKEW_S, Tokens

SECRET = "0123456789abcdef-0123456789abcdef"
NEW_SECRET = "fedcba9876543210-fedcba9876543210"
NOW_S = 1_800_000_000


class Clock:
    """Wall time in milliseconds that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ms = NOW_S * 1000

    def __call__(self) -> Instant:
        return Instant(self.now_ms)


def make_tokens(
    clock: Clock | None = None, *, secret: str = SECRET, older: Sequence[str] = (), audience: str = "fest"
) -> Tokens:
    secrets = Secrets(*map(Secret, (secret, *older)))
    return Tokens(secrets=secrets, issuer="us", audience=audience, now=clock or Clock())


def signed(claims: dict[str, object] | None = None, *, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """A token as somebody who knows the secret could make it; None takes a claim away."""
    usual: dict[str, object] = {
        "iss": "us", "aud": "fest", "sub": "anna", "iat": NOW_S, "exp": NOW_S + 60, "jti": "1",
    }  # fmt: skip
    payload = {name: value for name, value in {**usual, **(claims or {})}.items() if value is not None}
    return jwt.encode(payload, secret, algorithm=algorithm)


async def test_a_token_says_who_and_how_long() -> None:
    tokens = make_tokens()
    issued = tokens.issue("anna", TokenUse.SESSION, 3600)
    claims = await tokens.verify(issued.token, TokenUse.SESSION)
    assert (claims.sub, claims.jti, claims.expires_at) == ("anna", issued.jti, issued.expires_at)
    assert claims.expires_at == (NOW_S + 3600) * 1000
    assert claims.session == claims.jti
    assert not claims.external


@pytest.mark.parametrize("audience", list(TokenUse))
@pytest.mark.parametrize("other", list(TokenUse))
async def test_no_token_stands_in_for_another(audience: TokenUse, other: TokenUse) -> None:
    tokens = make_tokens()
    issued = tokens.issue("anna", audience, 60)
    for _ in range(2):  # the second time from memory
        if audience is other:
            await tokens.verify(issued.token, other)
        else:
            with pytest.raises(InvalidToken):
                await tokens.verify(issued.token, other)


async def test_a_ticket_hangs_on_its_session_and_ends_with_it() -> None:
    tokens = make_tokens()
    session_end = Instant((NOW_S + 30) * 1000)
    issued = tokens.issue(
        "d1", TokenUse.TICKET, 60, until=session_end, session="s1", session_expires_at=session_end, screen=True
    )
    claims = await tokens.verify(issued.token, TokenUse.TICKET)
    assert (claims.session, claims.session_expires_at, claims.screen) == ("s1", session_end, True)
    assert issued.expires_at == session_end


async def test_it_ends_on_the_second_also_when_it_is_known_already() -> None:
    clock = Clock()
    tokens = make_tokens(clock)
    issued = tokens.issue("anna", TokenUse.SESSION, 60)
    clock.now_ms += 59_999
    await tokens.verify(issued.token, TokenUse.SESSION)
    clock.now_ms += 1
    with pytest.raises(ExpiredToken) as caught:
        await tokens.verify(issued.token, TokenUse.SESSION)
    assert caught.value.claims.sub == "anna"


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_a_clock_ahead_of_ours_is_forgiven_for_a_minute(claim: str) -> None:
    tokens = make_tokens()
    await tokens.verify(signed({claim: NOW_S + SKEW_S, "exp": NOW_S + 900}), TokenUse.SESSION)
    with pytest.raises(InvalidToken):
        await tokens.verify(signed({claim: NOW_S + SKEW_S + 1, "exp": NOW_S + 900}), TokenUse.SESSION)


@pytest.mark.parametrize("claim", ["exp", "iat", "sub", "aud", "iss", "jti"])
async def test_every_claim_is_required(claim: str) -> None:
    with pytest.raises(InvalidToken):
        await make_tokens().verify(signed({claim: None}), TokenUse.SESSION)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "them"},
        {"iss": "u"},
        {"aud": "fest:qr"},
        {"aud": ["fest"]},
        {"aud": "other"},
        {"sub": ""},
        {"sub": "a b"},
        {"sub": "a\n"},
        {"sub": 7},
        {"sub": "x" * 129},
        {"exp": "soon"},
        {"exp": 1e300},
        {"exp": float("inf")},
        {"exp": -1},
        {"iat": True},
        {"nbf": "x"},
        {"until": "x"},
        {"aud": {}},
        {"jti": ""},
        {"jti": 3},
    ],
    ids=str,
)
async def test_a_signed_token_with_odd_claims_is_none(claims: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        await make_tokens().verify(signed(claims), TokenUse.SESSION)


async def test_a_holder_of_the_secret_cannot_pretend_to_be_a_provider() -> None:
    assert not (await make_tokens().verify(signed({"external": True}), TokenUse.SESSION)).external


async def test_another_secret_or_algorithm_is_refused() -> None:
    tokens = make_tokens()
    part = [
        base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
        for value in (
            {"alg": "none", "typ": "JWT"},
            {"iss": "us", "aud": "fest", "sub": "anna", "iat": NOW_S, "exp": NOW_S + 60, "jti": "1"},
        )
    ]
    for token in (
        signed(secret=SECRET[::-1]),
        signed(algorithm="HS512", secret=SECRET * 3),
        ".".join([*part, ""]),
        ".".join(part),
        "",
        ".",
        "..",
        "a.b.c",
        "é.é.é",
        "x" * 5000,
        signed()[:-2],
        signed().replace(".", ".."),
    ):
        with pytest.raises(InvalidToken):
            await tokens.verify(token, TokenUse.SESSION)


@given(st.text(max_size=100), st.integers(0, 10_000))
async def test_no_text_is_a_token_and_none_breaks_anything(text: str, at: int) -> None:
    right = signed()
    at %= len(right)
    for token in (text, right[:at] + text + right[at + 1 :]):
        if token != right:
            with pytest.raises(InvalidToken):
                await make_tokens().verify(token, TokenUse.SESSION)


async def test_a_secret_is_replaced_while_what_the_old_one_signed_stays_good() -> None:
    old, both, new = make_tokens(), make_tokens(secret=NEW_SECRET, older=[SECRET]), make_tokens(secret=NEW_SECRET)
    for use in (TokenUse.SESSION, TokenUse.DISPLAY):
        before, after = old.issue("anna", use, 60).token, both.issue("anna", use, 60).token
        for token in (before, after):
            await both.verify(token, use)
        await new.verify(after, use)
        for tokens, token in ((old, after), (new, before)):
            with pytest.raises(InvalidToken):
                await tokens.verify(token, use)


async def test_tokens_of_before_secrets_had_names_are_good_by_any_of_them() -> None:
    await make_tokens(secret=NEW_SECRET, older=[SECRET]).verify(signed(), TokenUse.SESSION)
    with pytest.raises(InvalidToken):
        await make_tokens(secret=NEW_SECRET).verify(signed(), TokenUse.SESSION)


@pytest.mark.parametrize("kid", ["", "unknown", 7, None])
async def test_a_token_that_names_another_secret_is_refused_whoever_signed_it(kid: object) -> None:
    claims = {"iss": "us", "aud": "fest", "sub": "anna", "iat": NOW_S, "exp": NOW_S + 60, "jti": "1"}
    token = jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, algorithm="HS256", headers={"kid": "x"})
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": kid}).encode()).rstrip(b"=").decode()
    signed_text = f"{head}.{token.split('.')[1]}"
    mac = hmac.digest(SECRET.encode(), signed_text.encode(), "sha256")
    forged = f"{signed_text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    with pytest.raises(InvalidToken):
        await make_tokens().verify(forged, TokenUse.SESSION)


def test_the_name_of_a_secret_does_not_say_what_it_is() -> None:
    header = jwt.get_unverified_header(make_tokens().issue("anna", TokenUse.SESSION, 60).token)
    assert re.fullmatch(r"[0-9a-f]{12}", header["kid"])
    assert header["kid"] == jwt.get_unverified_header(make_tokens().issue("b", TokenUse.TICKET, 60).token)["kid"]


async def test_a_renewed_token_is_of_the_same_session() -> None:
    tokens = make_tokens()
    expires_at = Instant((NOW_S + 60) * 1000)
    issued = tokens.issue("anna", TokenUse.SESSION, 60, session="s1", session_expires_at=expires_at)
    claims = await tokens.verify(issued.token, TokenUse.SESSION)
    assert (claims.session, claims.session_expires_at) == ("s1", expires_at)
    assert claims.jti != "s1"


@pytest.mark.parametrize("older", [[], ["x" * 31]], ids=["alone", "beside"])
def test_no_secret_is_short(older: list[str]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        make_tokens(secret=SECRET if older else "", older=older)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        make_tokens(secret="x" * 31)


async def test_what_is_verified_is_known_again_and_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("festival_push.web.identity.tokens._CACHED_MAX", 6)
    tokens = make_tokens()
    decoded: list[str] = []
    decode = tokens._decode_ours

    def count(token: str) -> Claims:
        decoded.append(token)
        return decode(token)

    monkeypatch.setattr(tokens, "_decode_ours", count)
    known = [tokens.issue(f"guest-{number}", TokenUse.SESSION, 60).token for number in range(20)]
    for token in known:
        for _ in range(2):
            await tokens.verify(token, TokenUse.SESSION)
        assert len(tokens._verified) + len(tokens._verified_before) < 6
    assert decoded == known
    for token in (known[-1], known[-2], known[0]):
        await tokens.verify(token, TokenUse.SESSION)
    assert decoded == [*known, known[0]]
