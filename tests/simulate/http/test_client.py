"""The patient client: it comes again, but not for ever."""

import random

import httpx2
import pytest

from festival_push.simulate.findings import Findings
from festival_push.simulate.http import client as module
from festival_push.simulate.http.client import Client, ServerGone


async def answered_by(statuses: list[int]) -> Client:
    """A client whose server says these, the last one for ever."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        return httpx2.Response(status, headers={"Retry-After": "0"})

    client = Client(url="http://nowhere", findings=Findings(), dice=random.Random(1))  # noqa: S311 - no secret
    await client.http.aclose()
    client.http = httpx2.AsyncClient(base_url=client.url, transport=httpx2.MockTransport(answer))
    return client


async def test_not_now_is_asked_again() -> None:
    client = await answered_by([429, 503, 200])
    assert (await client.get("/", who=None)).status == 200
    assert client.waited == 2
    await client.close()


async def test_a_server_that_stays_unavailable_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    client = await answered_by([200, 503])
    await client.get("/", who=None)
    with pytest.raises(ServerGone, match="unavailable for"):
        await client.get("/", who=None)
    await client.close()
