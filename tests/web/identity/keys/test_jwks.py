"""Tokens of an identity provider, whose keys come from a real HTTP server."""

import asyncio
import base64
import socket
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from festival_push.domain.people.identities import identity_id
from festival_push.settings import Secret, Secrets
from festival_push.web.identity.claims import ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.keys.jwks import IdentityProvider, Jwks
from festival_push.web.identity.tokens import Tokens
from tests.support.timing import clocks
from tests.support.timing.waiting import until
from tests.support.wire.identity_provider import LocalProvider
from tests.support.wire.listener import listening
from tests.web.identity.test_tokens import NOW_S, SECRET, Clock, make_tokens, signed

TTL_MAX_S = 3600
ISSUER = "https://idp"
LIFESPAN_S = 600.0
STALE_S = 86_400.0
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture
def provider() -> Iterator[LocalProvider]:
    with LocalProvider() as running:
        yield running


def tokens_with(provider_url: str, clock: clocks.Clock | None = None, *, fetch_s: float = 60.0) -> Tokens:
    trusted = IdentityProvider(
        Jwks(provider_url, clock_s=clock or clocks.Clock(), fetch_s=fetch_s),
        issuer="https://idp",
        audience="fest",
        ttl_max_s=TTL_MAX_S,
    )
    return Tokens(secrets=Secrets(Secret(SECRET)), issuer="us", audience="fest", now=Clock(), provider=trusted)


def payload(**claims: object) -> dict[str, Any]:
    usual: dict[str, object] = {
        "iss": "https://idp", "aud": ["fest", "other"], "sub": "auth0|7", "iat": NOW_S, "exp": NOW_S + 60, "jti": "j1",
        "name": "Anna",
    }  # fmt: skip
    return {name: value for name, value in {**usual, **claims}.items() if value is not None}


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
async def test_each_kind_of_key_is_taken(provider: LocalProvider, kid: str) -> None:
    claims = await tokens_with(provider.url).verify(provider.sign(kid, payload()), TokenUse.SESSION)
    assert (claims.sub, claims.subject) == (identity_id(ISSUER, "auth0|7"), "auth0|7")
    assert (claims.name, claims.external) == ("Anna", True)


async def test_our_own_tokens_stay_good_and_ask_nobody(provider: LocalProvider) -> None:
    assert (await tokens_with(provider.url).verify(signed(), TokenUse.SESSION)).sub == "anna"
    assert provider.fetches == 0


async def test_a_session_is_what_was_signed_whatever_the_token_is_called(provider: LocalProvider) -> None:
    token = provider.sign("rsa", payload(jti=None, name=7))
    first, second, other, same_id = [
        await tokens_with(provider.url).verify(each, TokenUse.SESSION)
        for each in (
            token,
            token,
            provider.sign("rsa", payload(jti="j1")),
            provider.sign("rsa", payload(iat=NOW_S - 1)),
        )
    ]
    assert first.session == second.session
    assert len({first.session, other.session, same_id.session}) == 3  # the second and the third have one `jti`
    assert first.name is None


async def test_other_spellings_of_a_token_are_no_tokens(provider: LocalProvider) -> None:
    tokens = tokens_with(provider.url)
    for kid in ("rsa", "ec", "ed"):
        token = provider.sign(kid, payload())
        head, body, signature = token.split(".")
        await tokens.verify(token, TokenUse.SESSION)
        for other in (
            token + "=", token + "==", token + "\n", " " + token, token + "A", f"{head}=.{body}.{signature}",
            f"{head}.{body}=.{signature}", f"{head}.{body}.{signature[:4]}+{signature[4:]}", f"{token}.{signature}",
        ):  # fmt: skip
            with pytest.raises(InvalidToken):
                await tokens.verify(other, TokenUse.SESSION)


async def test_the_other_signature_of_an_elliptic_curve_is_the_same_session(provider: LocalProvider) -> None:
    tokens = tokens_with(provider.url)
    token = provider.sign("ec", payload())
    signed_text, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other_s = P256_ORDER - int.from_bytes(raw[32:], "big")
    other = base64.urlsafe_b64encode(raw[:32] + other_s.to_bytes(32, "big")).rstrip(b"=").decode()
    first = await tokens.verify(token, TokenUse.SESSION)
    assert (await tokens.verify(f"{signed_text}.{other}", TokenUse.SESSION)).session == first.session


@pytest.mark.parametrize("exp", [NOW_S + TTL_MAX_S + 1, 95_617_584_000], ids=["a second", "the year 5000"])
async def test_no_token_is_believed_for_longer_than_ours_are(provider: LocalProvider, exp: int) -> None:
    tokens = tokens_with(provider.url)
    claims = await tokens.verify(provider.sign("rsa", payload(exp=exp)), TokenUse.SESSION)
    assert claims.expires_at == (NOW_S + TTL_MAX_S) * 1000
    old = payload(iat=NOW_S - TTL_MAX_S, exp=exp)  # shown again, it begins no new time
    with pytest.raises(ExpiredToken):
        await tokens.verify(provider.sign("rsa", old), TokenUse.SESSION)


@pytest.mark.parametrize("sub", ["auth0|a/b", "/", ".", "..", "x" * 255, "anna", "a b", "é"])
async def test_a_subject_is_taken_as_it_is_and_is_no_id_of_ours(provider: LocalProvider, sub: str) -> None:
    claims = await tokens_with(provider.url).verify(provider.sign("rsa", payload(sub=sub)), TokenUse.SESSION)
    assert (claims.subject, claims.sub) == (sub, identity_id(ISSUER, sub))


async def test_a_provider_decides_nothing_but_who_it_is(provider: LocalProvider) -> None:
    token = provider.sign("rsa", payload(screen=True, sid="s", until=NOW_S * 2, ticket="t", audience=":display"))
    claims = await tokens_with(provider.url).verify(token, TokenUse.SESSION)
    assert (claims.screen, claims.session, claims.ticket) == (False, claims.jti, None)
    assert claims.session_expires_at == (NOW_S + 60) * 1000
    with pytest.raises(InvalidToken):
        await tokens_with(provider.url).verify(token, TokenUse.DISPLAY)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://idp.evil"},
        {"iss": "us"},
        {"aud": "other"},
        {"aud": []},
        {"aud": {"fest": 1}},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\n"},
        {"sub": "a\0b"},
        {"sub": "x" * 256},
        {"iat": None},
        {"exp": NOW_S},
    ],
    ids=str,
)
async def test_wrong_claims_are_refused(provider: LocalProvider, claims: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        await tokens_with(provider.url).verify(provider.sign("ec", payload(**claims)), TokenUse.SESSION)


async def test_a_key_is_no_secret_and_no_other_algorithm_is_taken(provider: LocalProvider) -> None:
    shared = base64.urlsafe_b64encode(b"k" * 32).rstrip(b"=").decode()
    provider.further_keys = [{"kty": "oct", "kid": "oct", "k": shared, "use": "sig"}]
    tokens = tokens_with(provider.url)
    rs_key = provider.keys["rsa"][1]
    for token in (
        jwt.encode(payload(), b"k" * 32, algorithm="HS256", headers={"kid": "oct"}),
        jwt.encode(payload(), rs_key, algorithm="RS512", headers={"kid": "rsa"}),
        jwt.encode(payload(), rs_key, algorithm="RS256", headers={"kid": "ec"}),  # another's key id
        jwt.encode(payload(), rs_key, algorithm="RS256"),  # none
        provider.sign("rsa", payload(), kid="unknown"),
        provider.sign("rsa", payload())[:-3],
    ):
        with pytest.raises(InvalidToken):
            await tokens.verify(token, TokenUse.SESSION)


async def test_invented_key_ids_do_not_make_us_ask_again_and_again(provider: LocalProvider) -> None:
    clock = clocks.Clock()
    tokens = tokens_with(provider.url, clock)
    for number in range(20):
        with pytest.raises(InvalidToken):
            await tokens.verify(provider.sign("rsa", payload(), kid=f"invented-{number}"), TokenUse.SESSION)
    assert provider.fetches == 1
    clock.now_s += 31
    await asyncio.gather(
        *(
            tokens.verify(provider.sign("rsa", payload(), kid=f"more-{number}"), TokenUse.SESSION)
            for number in range(20)
        ),
        return_exceptions=True,
    )
    assert provider.fetches == 2


async def test_a_new_key_is_found_and_a_withdrawn_one_forgotten(provider: LocalProvider) -> None:
    clock = clocks.Clock()
    tokens = tokens_with(provider.url, clock)
    await tokens.verify(provider.sign("rsa", payload()), TokenUse.SESSION)
    provider.keys["new"] = provider.keys.pop("ec")
    clock.now_s += 31
    await tokens.verify(provider.sign("new", payload()), TokenUse.SESSION)
    withdrawn = provider.sign("rsa", payload(jti="j2"))
    del provider.keys["rsa"]
    clock.now_s += 601
    with pytest.raises(InvalidToken):
        await tokens.verify(withdrawn, TokenUse.SESSION)


async def test_a_token_that_was_verified_is_refused_once_its_key_is_withdrawn(provider: LocalProvider) -> None:
    clock = clocks.Clock()
    tokens = tokens_with(provider.url, clock)
    assert tokens.provider is not None
    gone: list[frozenset[str]] = []
    tokens.provider.jwks.on_withdrawn = gone.append
    token = provider.sign("rsa", payload())
    key = (await tokens.verify(token, TokenUse.SESSION)).key
    ticket = tokens.issue("anna", TokenUse.TICKET, 60, key=key).token
    del provider.keys["rsa"]
    clock.now_s += LIFESPAN_S - 1
    for known in (token, ticket):
        await tokens.verify(known, TokenUse.SESSION, TokenUse.TICKET)
    clock.now_s += 1
    for known in (token, ticket):
        with pytest.raises(InvalidToken):
            await tokens.verify(known, TokenUse.SESSION, TokenUse.TICKET)
    assert gone == [frozenset({key})]


async def test_another_key_of_the_same_name_does_not_vouch_for_what_the_first_has_signed(
    provider: LocalProvider,
) -> None:
    clock = clocks.Clock()
    tokens = tokens_with(provider.url, clock)
    token = provider.sign("ec", payload())
    await tokens.verify(token, TokenUse.SESSION)
    provider.keys["ec"] = ("ES256", ec.generate_private_key(ec.SECP256R1()))
    clock.now_s += LIFESPAN_S
    with pytest.raises(InvalidToken):
        await tokens.verify(token, TokenUse.SESSION)
    await tokens.verify(provider.sign("ec", payload()), TokenUse.SESSION)


async def test_a_key_that_hangs_on_no_provider_any_more_is_refused() -> None:
    tokens = make_tokens()
    with pytest.raises(InvalidToken):
        await tokens.verify(tokens.issue("anna", TokenUse.TICKET, 60, key="k").token, TokenUse.TICKET)


async def test_the_keys_are_kept_fresh_while_nobody_calls(
    provider: LocalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("festival_push.web.identity.keys.jwks._LIFESPAN_S", 0.02)
    tokens = Tokens(
        secrets=Secrets(Secret(SECRET)), issuer="us", audience="fest", now=Clock(),
        provider=IdentityProvider(Jwks(provider.url), issuer=ISSUER, audience="fest", ttl_max_s=TTL_MAX_S),
    )  # fmt: skip
    assert tokens.provider is not None
    gone: list[frozenset[str]] = []
    tokens.provider.jwks.on_withdrawn = gone.append
    key = (await tokens.verify(provider.sign("rsa", payload()), TokenUse.SESSION)).key
    del provider.keys["rsa"]
    running = asyncio.create_task(tokens.provider.jwks.run())
    try:
        await until(lambda: gone == [frozenset({key})])
    finally:
        running.cancel()


async def test_a_provider_that_is_gone_for_a_day_vouches_for_nobody(provider: LocalProvider) -> None:
    clock = clocks.Clock()
    tokens = tokens_with(provider.url, clock)
    token = provider.sign("rsa", payload())
    await tokens.verify(token, TokenUse.SESSION)
    provider.status = 500
    clock.now_s += STALE_S - 1
    await tokens.verify(token, TokenUse.SESSION)
    clock.now_s += 1
    with pytest.raises(InvalidToken):
        await tokens.verify(token, TokenUse.SESSION)
    provider.status = 200
    clock.now_s += LIFESPAN_S
    await tokens.verify(token, TokenUse.SESSION)


@pytest.mark.parametrize(
    ("status", "answer"), [(500, None), (200, b"nonsense"), (200, b"[]"), (200, b'{"keys":[]}'), (302, b"")]
)
async def test_known_keys_outlive_a_provider_in_trouble(
    provider: LocalProvider, status: int, answer: bytes | None
) -> None:
    clock = clocks.Clock()
    tokens = tokens_with(provider.url, clock)
    await tokens.verify(provider.sign("rsa", payload()), TokenUse.SESSION)
    provider.status, provider.answer = status, answer
    clock.now_s += 10_000
    await tokens.verify(provider.sign("rsa", payload(jti="j2")), TokenUse.SESSION)
    assert provider.fetches == 2


async def test_a_provider_that_never_answers_is_not_waited_for_to_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        tokens = tokens_with(f"http://127.0.0.1:{deaf.getsockname()[1]}/", fetch_s=0.05)
        with LocalProvider() as elsewhere, pytest.raises(InvalidToken):
            await asyncio.wait_for(tokens.verify(elsewhere.sign("rsa", payload()), TokenUse.SESSION), 120)


async def test_a_provider_whose_answer_never_ends_is_not_waited_for_either() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.005)

    async with listening(drip) as port:  # its end lets go of the thread that reads
        tokens = tokens_with(f"http://127.0.0.1:{port}/", fetch_s=0.1)
        with LocalProvider() as elsewhere, pytest.raises(InvalidToken):
            await asyncio.wait_for(tokens.verify(elsewhere.sign("rsa", payload()), TokenUse.SESSION), 60)
