"""People of an identity provider: nobody who was here before, until the operator says so; and gone with their key."""

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from festival_push.domain.people.identities import LinkIdentity, UnlinkIdentity
from festival_push.domain.values import Role, UserId
from festival_push.settings import Auth
from festival_push.web.api.people.sessions import ENDPOINTS
from tests.support.timing.waiting import until
from tests.support.wire.identity_provider import LocalProvider
from tests.web.edge import START_MS, Edge, open_edge, problem_of, settings_for
from tests.web.identity.keys.test_jwks import P256_ORDER
from tests.web.world import World, open_world, settings_of

ISSUER = "https://idp"
SESSIONS = "/v1/me/sessions"


@pytest.fixture
def provider() -> Iterator[LocalProvider]:
    with LocalProvider() as running:
        yield running


@pytest.fixture
async def edge(tmp_path: Path, provider: LocalProvider) -> AsyncIterator[Edge]:
    settings = settings_for(jwks_url=provider.url)
    async with open_edge(tmp_path, settings=settings, endpoints=ENDPOINTS) as edge:
        yield edge


def claims(sub: str, *, now_s: int = START_MS // 1000, **more: Any) -> dict[str, Any]:
    return {"iss": ISSUER, "aud": "festival-push", "sub": sub, "iat": now_s, "exp": now_s + 600, **more}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def who(edge: Edge, token: str) -> UserId:
    """Whom a token signs in: the id that their stream ticket is for."""
    answer = await edge.client.post("/v1/auth/stream-tickets", headers=bearer(token))
    assert answer.status_code == 201, answer.text
    middle = answer.json()["ticket"].split(".")[1]
    found: dict[str, Any] = httpx2.Response(200, content=base64.urlsafe_b64decode(middle + "==")).json()
    return UserId(found["sub"])


@pytest.mark.parametrize("role", list(Role))
async def test_a_subject_that_is_spelt_like_a_local_persons_id_is_somebody_else(
    edge: Edge, provider: LocalProvider, role: Role
) -> None:
    await edge.add("organiser", role)
    met = await who(edge, provider.sign("rsa", claims("organiser", name="Mallory")))
    assert met != "organiser"
    person = await edge.services.reads.person(met)
    assert person is not None
    assert (person.name, person.user_type, person.user.pin_hash) == ("Mallory", Role.CUSTOMER, None)
    assert met == await who(edge, provider.sign("ec", claims("organiser")))  # another token, the same person
    assert met != await who(edge, provider.sign("rsa", claims("organiser2")))


async def test_the_operator_links_and_unlinks_a_person(edge: Edge, provider: LocalProvider) -> None:
    await edge.add("boss", Role.ADMIN)
    submit = edge.services.committer.submit
    await submit(LinkIdentity(user_id=UserId("boss"), issuer=ISSUER, subject="idp|7"))
    token = provider.sign("rsa", claims("idp|7"))
    assert await who(edge, token) == "boss"
    assert await who(edge, provider.sign("rsa", claims("boss"))) != "boss"
    await submit(UnlinkIdentity(user_id=UserId("boss"), issuer=ISSUER, subject="idp|7"))
    problem_of(await edge.client.get(SESSIONS, headers=bearer(token)), 401, "session-ended")
    assert await who(edge, provider.sign("rsa", claims("idp|7", jti="next"))) != "boss"  # at once, by another token


async def test_a_sign_out_holds_however_the_token_is_spelt(edge: Edge, provider: LocalProvider) -> None:
    token = provider.sign("ec", claims("7"))
    await who(edge, token)
    assert (await edge.client.post("/v1/auth/logout", headers=bearer(token))).status_code == 204
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other_s = (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    other = signed + "." + base64.urlsafe_b64encode(raw[:32] + other_s).rstrip(b"=").decode()
    problem_of(await edge.client.get(SESSIONS, headers=bearer(token)), 401, "session-ended")
    problem_of(await edge.client.get(SESSIONS, headers=bearer(other)), 401, "session-ended")
    for spelling in (token + "=", token + "==", token + "====", other + "=="):
        problem_of(await edge.client.get(SESSIONS, headers=bearer(spelling)), 401, "unauthorized")


async def test_sessions_of_a_provider_are_listed_and_end_with_all_others(edge: Edge, provider: LocalProvider) -> None:
    first, second = (provider.sign("rsa", claims("7", jti=jti)) for jti in ("one", "two"))
    for token in (first, second):
        agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"}
        assert (await edge.client.get(SESSIONS, headers=bearer(token) | agent)).status_code == 200
    items = (await edge.client.get(SESSIONS, headers=bearer(second))).json()["items"]
    assert [(item["device"], item["external"]) for item in items] == [("Chrome, Windows", True)] * 2
    assert [item["current"] for item in items].count(True) == 1
    problem_of(await edge.client.post("/v1/auth/renew", headers=bearer(second)), 409, "session-not-renewable")
    answer = await edge.client.post(f"{SESSIONS}/end-all", json={"keepThis": True}, headers=bearer(second))
    assert answer.json() == {"ended": 1}
    problem_of(await edge.client.get(SESSIONS, headers=bearer(first)), 401, "session-ended")
    assert (await edge.client.get(SESSIONS, headers=bearer(second))).status_code == 200


async def test_a_provider_cannot_end_a_session_of_ours_by_naming_its_token_alike(
    edge: Edge, provider: LocalProvider
) -> None:
    await edge.add("anna")
    person = await edge.services.reads.person(UserId("anna"))
    assert person is not None
    issued = await edge.services.issuing.begin(person.user, device="")
    await edge.client.post("/v1/auth/logout", headers=bearer(provider.sign("rsa", claims("7", jti=issued.jti))))
    assert (await edge.client.get(SESSIONS, headers=bearer(issued.token))).status_code == 200


@pytest.fixture
async def world(tmp_path: Path, provider: LocalProvider) -> AsyncIterator[World]:
    settings = settings_of(tmp_path)
    secret = settings.auth.jwt_secret
    auth = Auth(jwt_secret=secret, jwks_url=provider.url, jwks_issuer=ISSUER, second_factor="required")
    changed = {name: getattr(settings, name) for name in settings.__struct_fields__} | {"auth": auth}
    async with open_world(type(settings)(**changed)) as world:
        yield world


async def test_a_ticket_opens_what_the_providers_token_opens(world: World, provider: LocalProvider) -> None:
    """The provider asks organisers for a second factor itself: with a ticket too."""
    link = LinkIdentity(user_id=UserId("admin"), issuer=ISSUER, subject="idp|7")
    await world.services.committer.submit(link)
    token = bearer(provider.sign("rsa", claims("idp|7", now_s=world.services.now() // 1000)))
    ticket = (await world.http.post("/v1/auth/stream-tickets", headers=token)).json()["ticket"]
    async with world.follow("/v1/stream", {}, query=f"ticket={ticket}") as stream:
        await stream.first("connected")
        [owner] = world.services.streams.owners()
        assert "role:admin" in owner.topics
        assert owner.session_version is None  # no PIN of ours ends it


async def test_the_streams_of_a_withdrawn_key_end(world: World, provider: LocalProvider) -> None:
    now_s = world.services.now() // 1000
    gone, kept = (bearer(provider.sign(kid, claims("7", now_s=now_s))) for kid in ("rsa", "ec"))
    ticket = (await world.http.post("/v1/auth/stream-tickets", headers=gone)).json()["ticket"]
    async with (
        world.follow("/v1/stream", gone) as first,
        world.follow("/v1/stream", {}, query=f"ticket={ticket}") as second,
        world.follow("/v1/stream", kept) as other,
    ):
        await until(lambda: all("connected" in stream.events() for stream in (first, second, other)))
        del provider.keys["rsa"]
        assert world.services.tokens.provider is not None
        await world.services.tokens.provider.jwks.refresh()
        await until(lambda: first.is_over and second.is_over)
        assert (await first.first("error"))["code"] == "session-ended"
        assert not other.is_over
    assert (await world.http.get(SESSIONS, headers=gone)).status_code == 401
    assert (await world.http.get(SESSIONS, headers=kept)).status_code == 200
