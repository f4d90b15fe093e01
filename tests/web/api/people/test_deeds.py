"""The deeds of staff over HTTP: a page, a table and an event, all of the same chain."""

import csv
import hashlib
import io
import json

from tests.support.timing.waiting import until
from tests.web.edge import problem_of
from tests.web.world import World


async def test_a_deed_says_who_did_what_to_whom_and_by_which_request(world: World) -> None:
    headers = world.bearer("admin") | {"Idempotency-Key": "k", "X-Request-Id": "request-0001"}
    body = {"userId": "anna", "amount": 500, "method": "cash"}
    answer = await world.http.post("/v1/admin/top-ups", headers=headers, json=body)
    assert answer.status_code == 201
    newest = (await world.get("admin", "/v1/admin/deeds?limit=1")).json()["items"][0]
    balance = answer.json()["balance"]
    assert newest == {
        "seq": newest["seq"], "timestamp": newest["timestamp"], "actor": "user:admin", "act": "top-up",
        "subject": "user:anna", "before": {"balance": balance - 500},
        "after": {
            "amount": 500, "balance": balance, "method": "cash", "transactionId": answer.json()["transactionId"],
        },
        "requestId": "request-0001", "previous": newest["previous"], "hash": newest["hash"],
    }  # fmt: skip
    again = await world.http.post("/v1/admin/top-ups", headers=headers, json=body)
    assert again.headers["idempotent-replayed"] == "true"
    assert (await world.get("admin", "/v1/admin/deeds?limit=1")).json()["items"] == [newest]


async def test_deeds_are_found_by_actor_subject_and_act(world: World) -> None:
    await world.post("admin", "/v1/admin/top-ups", {"userId": "ben", "amount": 5, "method": "cash"})
    await world.post("admin", "/v1/admin/announcements", {"message": "Hi", "audience": "all"})
    for query, expected in {
        "actor=user:admin&subject=user:ben&limit=1": "top-up",
        "act=announce": "announce",
    }.items():
        items = (await world.get("admin", f"/v1/admin/deeds?{query}")).json()["items"]
        assert [each["act"] for each in items] == [expected]
    assert (await world.get("admin", "/v1/admin/deeds?actor=user:anna")).json()["items"] == []
    for query in ("act=dance", "actor=", "what=ever"):
        problem_of(await world.get("admin", f"/v1/admin/deeds?{query}"), 400, "invalid-request")


async def test_deeds_come_in_pages(world: World) -> None:
    for _ in range(3):
        await world.post("admin", "/v1/admin/top-ups", {"userId": "anna", "amount": 5, "method": "cash"})
    seen: list[int] = []
    following: str | None = "/v1/admin/deeds?limit=2"
    while following:
        page = (await world.get("admin", following)).json()
        seen += [each["seq"] for each in page["items"]]
        following = f"/v1/admin/deeds?limit=2&before={page['next']}" if page["next"] else None
    assert seen == list(range(len(seen), 0, -1))


async def test_the_table_has_all_that_the_hashes_are_made_of(world: World) -> None:
    await world.post("admin", "/v1/admin/announcements", {"message": '=HYPERLINK("x")', "audience": "all"})
    response = await world.get("admin", "/v1/admin/deeds.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8-sig")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert text.endswith('"\r\n')
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())
    heading, *rows = csv.reader(io.StringIO(text))
    deeds = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [int(deed["seq"]) for deed in deeds] == list(range(1, len(deeds) + 1))
    listed = (await world.get("admin", "/v1/admin/deeds?limit=1")).json()["items"][0]
    assert listed["hash"] == deeds[-1]["hash"]
    previous = "0" * 64
    times: dict[int, int] = dict(
        (await world.services.reads._database.read(("SELECT seq, at FROM deeds", ())))[0]  # no view has milliseconds
    )
    for deed in deeds:
        seq = int(deed["seq"])
        fields = [
            seq, times[seq], deed["actor"], deed["act"], deed["subject"], deed["before"], deed["after"],
            deed["requestId"] or None, previous,
        ]  # fmt: skip
        previous = hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        assert deed["hash"] == previous


async def test_organisers_hear_of_a_deed_and_nobody_else(world: World) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("admin")) as office,
        world.follow("/v1/stream", world.bearer("anna")) as customer,
    ):
        await world.post("admin", "/v1/admin/announcements", {"message": "Hi", "audience": "all"})
        await until(lambda: any(frame.event == "new-deed" for frame in office.frames))
        await until(lambda: any(frame.event == "new-notification" for frame in customer.frames))
        told = json.loads(next(frame.data for frame in office.frames if frame.event == "new-deed"))
        assert told["act"] == "announce"
        assert told["after"]["message"] == "Hi"
        assert not any(frame.event == "new-deed" for frame in customer.frames)
