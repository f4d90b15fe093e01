"""Wrong PINs at real servers: counted together by several processes, kept over a restart, and told to the operator."""

from festival_push.domain.signing_in.guesses import FREE
from tests.faults.conftest import Serve, check_log
from tests.support.ground import PIN, Ground

WRONG = "802461"


async def statuses(ground: Ground, name: str, times: int, pin: str = WRONG) -> list[int]:
    """What some tries of a PIN get, each over a connection of its own, so that all workers are asked."""
    found = []
    for _ in range(times):
        answer = await ground.http.post(
            ground.url() + "/v1/auth/login", json={"signIn": name, "pin": pin}, headers={"Connection": "close"}
        )
        found.append(answer.status_code)
        ground.http.cookies.clear()
    return found


async def test_workers_count_together_and_a_restart_forgets_nothing(serve: Serve, database_url: str | None) -> None:
    server = serve(database_url=database_url, settings={"SERVER__WORKERS": "2"})
    async with Ground([server]) as ground:
        anna = await ground.customer()
        for name in (anna.sign_in, "nobody"):
            found = await statuses(ground, name, 2 * FREE)
            assert found[:FREE] == [401] * FREE
            assert 429 in found[FREE:]
        assert server.terminate() == 0
        server.start()
        assert 429 in await statuses(ground, anna.sign_in, FREE - 1)
        assert (await ground.get("/v1/me", who=anna)).status_code == 200, "who is signed in stays so"
        changed = await ground.post("/v1/me/pin", {"pin": PIN, "newPin": WRONG}, who=anna)
        assert changed.status_code == 204
        check_log(ground)


async def test_a_storm_is_in_the_log_and_in_the_metrics(serve: Serve) -> None:
    server = serve(settings={"LIMITS__WRONG_PINS_PER_HOUR": "30"})
    async with Ground([server]) as ground:
        for number in range(40):
            await statuses(ground, f"stall-{number}", 1)
        log = server.read_log()
        assert log.count("somebody guesses PINs, perhaps") == 1
        assert "stall-" not in log, "no name is logged"
        shown = (await ground.http.get(ground.url() + "/metrics")).text
        assert 'festival_push_wrong_pins_total{who="stranger"} 30' in shown
        assert 'festival_push_pin_tries_refused_total{why="address"} 10' in shown
