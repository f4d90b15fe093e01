"""The contract as the server publishes it."""

import pytest

from tests.support.contract import ASYNCAPI, OPENAPI
from tests.web.world import World

DOCUMENTS = {"/v1/openapi.json": OPENAPI, "/v1/asyncapi.json": ASYNCAPI}


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_a_document_is_sent_to_anyone(world: World, path: str) -> None:
    response = await world.get(None, path)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == DOCUMENTS[path]


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_a_document_is_sent_again_only_when_it_changed(world: World, path: str) -> None:
    etag = (await world.get(None, path)).headers["etag"]
    again = await world.http.get(path, headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert again.headers["cache-control"] == "no-cache"
    assert (await world.http.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
