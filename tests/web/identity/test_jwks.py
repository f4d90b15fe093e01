"""Tokens of an identity provider, whose keys come from a real HTTP server."""

import asyncio
import base64
import re
import socket
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from festival_push.settings import Secret
from festival_push.web.identity.claims import InvalidToken, TokenUse
from festival_push.web.identity.jwks import IdentityProvider, Jwks
from festival_push.web.identity.tokens import Tokens
from tests.support.wire.identity_provider import LocalProvider
from tests.support.wire.listener import listening
from tests.web.identity.test_tokens import NOW_S, SECRET, Clock, signed


class Monotonic:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def provider() -> Iterator[LocalProvider]:
    with LocalProvider() as running:
        yield running


def tokens_with(provider_url: str, clock: Monotonic | None = None, *, fetch_s: float = 60.0) -> Tokens:
    trusted = IdentityProvider(
        Jwks(provider_url, clock_s=clock or Monotonic(), fetch_s=fetch_s), issuer="https://idp", audience="fest"
    )
    return Tokens(secret=Secret(SECRET), issuer="us", audience="fest", now=Clock(), provider=trusted)


def payload(**claims: object) -> dict[str, Any]:
    usual: dict[str, object] = {
        "iss": "https://idp", "aud": ["fest", "other"], "sub": "auth0|7", "iat": NOW_S, "exp": NOW_S + 60, "jti": "j1",
        "name": "Anna",
    }  # fmt: skip
    return {name: value for name, value in {**usual, **claims}.items() if value is not None}


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
async def test_each_kind_of_key_is_taken(provider: LocalProvider, kid: str) -> None:
    claims = await tokens_with(provider.url).verify(provider.sign(kid, payload()), TokenUse.SESSION)
    assert (claims.sub, claims.name, claims.jti, claims.external) == ("auth0|7", "Anna", "j1", True)


async def test_our_own_tokens_stay_good_and_ask_nobody(provider: LocalProvider) -> None:
    assert (await tokens_with(provider.url).verify(signed(), TokenUse.SESSION)).sub == "anna"
    assert provider.fetches == 0


async def test_a_provider_without_token_ids_gets_stable_ones(provider: LocalProvider) -> None:
    token = provider.sign("rsa", payload(jti=None, name=7))
    first, second = [await tokens_with(provider.url).verify(token, TokenUse.SESSION) for _ in range(2)]
    assert first.jti == second.jti
    assert first.name is None


@pytest.mark.parametrize("sub", ["auth0|a/b", "/", ".", "..", "x" * 129])
async def test_an_id_that_no_path_can_hold_is_replaced_by_one_that_does(provider: LocalProvider, sub: str) -> None:
    tokens = tokens_with(provider.url)
    first, second, other = [
        (await tokens.verify(provider.sign("rsa", payload(sub=each, jti=None)), TokenUse.SESSION)).sub
        for each in (sub, sub, sub + "/")
    ]
    assert re.fullmatch(r"sub-[0-9a-f]{40}", first)
    assert first == second != other


async def test_a_provider_decides_nothing_but_who_it_is(provider: LocalProvider) -> None:
    token = provider.sign("rsa", payload(screen=True, sid="s", until=NOW_S * 2, ticket="t", audience=":display"))
    claims = await tokens_with(provider.url).verify(token, TokenUse.SESSION)
    assert (claims.screen, claims.session, claims.ticket) == (False, "j1", None)
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
        {"sub": "a b"},
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
    clock = Monotonic()
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
    clock = Monotonic()
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


@pytest.mark.parametrize(
    ("status", "answer"), [(500, None), (200, b"nonsense"), (200, b"[]"), (200, b'{"keys":[]}'), (302, b"")]
)
async def test_known_keys_outlive_a_provider_in_trouble(
    provider: LocalProvider, status: int, answer: bytes | None
) -> None:
    clock = Monotonic()
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


@pytest.mark.parametrize("url", ["http://idp.example/jwks", "ftp://127.0.0.1/", "file:///etc/passwd", "", "127.0.0.1"])
def test_keys_come_by_https_or_from_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="jwks_url"):
        Jwks(url)


def test_an_issuer_is_required() -> None:
    with pytest.raises(ValueError, match="jwks_issuer"):
        IdentityProvider(Jwks("https://idp.example/jwks"), issuer="", audience="fest")
