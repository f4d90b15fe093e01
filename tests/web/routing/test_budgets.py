"""Budgets: what each route takes from, and the way back in for whoever finds one empty."""

from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.values import Role, UserId
from festival_push.settings import Boards, Limits, Server
from festival_push.web.identity.limits import WITH_PROOF, BudgetKind
from festival_push.web.routes import ENDPOINTS as ALL
from festival_push.web.routing.endpoint import ANYONE, HOLDER, SIGNED, USER, Access, Call, Endpoint, no_content
from tests.support.wire.proofs import idle_proof_for, proof_for
from tests.web.edge import Edge, open_edge, problem_of, settings_for

REGISTER, LOGIN, LOGOUT = (f"/v1/auth/{name}" for name in ("register", "login", "logout"))
SECOND_STEPS = ("/v1/auth/login/factor", "/v1/auth/passkey", "/v1/auth/passkey/options", "/v1/auth/new-sign-in")
PASSERS_BY: Final = frozenset({Access.PASSER_BY, Access.USER})


async def touch(call: Call) -> Any:
    return no_content()


ENDPOINTS: Final = (
    Endpoint("GET", "/v1/mine", touch, USER),
    Endpoint("POST", "/v1/mine", touch, USER),
    Endpoint("GET", "/v1/open", touch, ANYONE),
    Endpoint("GET", "/v1/board", touch, PASSERS_BY),
)


async def statuses(edge: Edge, method: str, path: str, times: int, **more: Any) -> list[int]:
    return [(await edge.browser().request(method, path, **more)).status_code for _ in range(times)]


def test_what_a_route_takes_from_follows_from_its_path_access_and_method() -> None:
    def of(method: str, path: str, access: frozenset[Access]) -> BudgetKind:
        return Endpoint(method, path, touch, access).takes_from

    assert of("GET", "/page", ANYONE) is BudgetKind.NONE
    assert of("POST", "/v1/webhooks", SIGNED) is BudgetKind.NONE
    assert of("GET", "/v1/x", ANYONE) is of("POST", "/v1/x", HOLDER) is BudgetKind.PUBLIC
    assert of("GET", "/v1/x", USER) is of("GET", "/v1/x", PASSERS_BY) is BudgetKind.READS
    assert of("POST", "/v1/x", USER) is of("DELETE", "/v1/x", USER) is BudgetKind.COMMANDS


def test_few_routes_say_what_they_take_from() -> None:
    said = {endpoint.path: endpoint.budget for endpoint in ALL if endpoint.budget is not None}
    signing_in = dict.fromkeys((LOGIN, *SECOND_STEPS), BudgetKind.SIGN_IN)
    assert said == {REGISTER: BudgetKind.REGISTRATION, LOGOUT: BudgetKind.NONE, **signing_in}
    public = {endpoint.path for endpoint in ALL if endpoint.takes_from is BudgetKind.PUBLIC}
    assert not public & set(said)


async def test_no_budget_of_an_address_empties_another(tmp_path: Path) -> None:
    limits = Limits(anonymous_per_min=2, sign_ins_per_min=2, registrations_per_min=2, commands_per_min=2)
    async with open_edge(tmp_path, settings=settings_for(limits=limits), endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        assert await statuses(edge, "GET", "/v1/open", 3) == [204, 204, 429]
        assert await statuses(edge, "POST", LOGIN, 3, json={}) == [400, 400, 429]
        assert await statuses(edge, "POST", REGISTER, 3, json={}) == [400, 400, 429]
        assert await statuses(edge, "POST", "/v1/mine", 3, headers=edge.bearer("anna")) == [204, 204, 429]
        assert await statuses(edge, "POST", LOGOUT, 9, headers=edge.bearer("anna")) == [204] * 9


async def test_reads_are_counted_by_person_and_apart_from_commands(tmp_path: Path) -> None:
    limits = Limits(reads_per_min=2, commands_per_min=1)
    async with open_edge(tmp_path, settings=settings_for(limits=limits), endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        await edge.add("ben")
        await edge.add("grill", Role.VENDOR)
        await edge.add("boss", Role.ADMIN)
        await edge.add("cash")
        boss = UserId("boss")
        await edge.services.committer.submit(MakeCashier(actor_id=boss, user_id=UserId("cash"), cashier=True))
        for name, most in (("anna", 2), ("ben", 2), ("grill", 10), ("boss", 10), ("cash", 10)):
            answers = [await edge.client.get("/v1/mine", headers=edge.bearer(name)) for _ in range(most + 1)]
            assert [response.status_code for response in answers] == [204] * most + [429]
            assert answers[0].headers["ratelimit-limit"] == str(most)
            assert "proof" not in problem_of(answers[-1], 429, "rate-limited")
        assert await statuses(edge, "POST", "/v1/mine", 1, headers=edge.bearer("anna")) == [204]
        edge.clock.now_ms += 30_000
        assert await statuses(edge, "GET", "/v1/mine", 2, headers=edge.bearer("anna")) == [204, 429]


async def test_a_read_asks_no_shared_limiter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        monkeypatch.setattr(edge.services.limiter, "take", None)
        assert await statuses(edge, "GET", "/v1/mine", 2, headers=edge.bearer("anna")) == [204, 204]


async def test_a_passer_by_takes_from_the_address_and_who_is_signed_in_does_not(tmp_path: Path) -> None:
    settings = settings_for(limits=Limits(anonymous_per_min=1, reads_per_min=2), boards=Boards(public=True))
    async with open_edge(tmp_path, settings=settings, endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        assert await statuses(edge, "GET", "/v1/board", 2) == [204, 429]
        assert await statuses(edge, "GET", "/v1/board", 3, headers=edge.bearer("anna")) == [204, 204, 429]


# A way out by work


async def refused(edge: Edge, path: str) -> dict[str, Any]:
    """Find the budget empty; the work that is asked for."""
    answer = await edge.client.post(path, json={})
    problem = problem_of(answer, 429, "rate-limited")
    assert answer.headers["retry-after"] == str(problem["retryAfter"])
    work: dict[str, Any] = problem["proof"]
    assert set(work) == {"challenge", "bits"}
    return work


async def worked(edge: Edge, path: str, proof: str, **body: str) -> httpx2.Response:
    return await edge.client.post(path, json=body, headers={"Proof-Of-Work": proof})


ONE_EACH: Final = Limits(sign_ins_per_min=1, registrations_per_min=1)


@pytest.mark.parametrize("path", [LOGIN, REGISTER])
async def test_work_opens_a_budget_ten_times_as_large(tmp_path: Path, path: str) -> None:
    async with open_edge(tmp_path, settings=settings_for(limits=ONE_EACH)) as edge:
        assert await statuses(edge, "POST", path, 1, json={}) == [400]
        for left in range(9, -1, -1):
            answer = await worked(edge, path, proof_for(await refused(edge, path)))
            assert answer.status_code == 400, "let in; only the body is wrong"
            assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) == ("10", str(left))
        answer = await worked(edge, path, proof_for(await refused(edge, path)))
        assert set(problem_of(answer, 429, "rate-limited")["proof"]) == {"challenge", "bits"}
        other = REGISTER if path == LOGIN else LOGIN
        assert await statuses(edge, "POST", other, 1, json={}) == [400]


async def test_who_works_gets_an_account_and_a_session(tmp_path: Path) -> None:
    async with open_edge(tmp_path, settings=settings_for(limits=ONE_EACH)) as edge:
        await statuses(edge, "POST", REGISTER, 1, json={})
        made = await worked(edge, REGISTER, proof_for(await refused(edge, REGISTER)), name="Anna", pin="739146")
        assert made.status_code == 201
        await statuses(edge, "POST", LOGIN, 1, json={})
        proof = proof_for(await refused(edge, LOGIN))
        signed_in = await worked(edge, LOGIN, proof, signIn=made.json()["signIn"], pin="739146")
        assert signed_in.status_code == 200


async def test_a_proof_that_is_not_valid_gets_fresh_work_and_takes_nothing(tmp_path: Path) -> None:
    async with open_edge(tmp_path, settings=settings_for(limits=ONE_EACH)) as edge:
        await statuses(edge, "POST", LOGIN, 1, json={})
        await statuses(edge, "POST", REGISTER, 1, json={})
        used, early, foreign = [proof_for(await refused(edge, path)) for path in (LOGIN, LOGIN, REGISTER)]
        assert (await worked(edge, LOGIN, used)).status_code == 400
        idle = idle_proof_for(await refused(edge, LOGIN))
        for proof in (used, foreign, idle, "made-up.1", ""):
            answer = await worked(edge, LOGIN, proof)
            problem = problem_of(answer, 429, "rate-limited")
            assert (problem["retryAfter"], answer.headers["retry-after"]) == (1, "1")
            assert problem["proof"]["challenge"] not in proof
        late = await worked(edge, LOGIN, proof_for(await refused(edge, LOGIN)))
        assert late.headers["ratelimit-remaining"] == "8", "of ten, two are used"
        edge.clock.now_ms += 120_000
        problem_of(await worked(edge, LOGIN, early), 429, "rate-limited")


async def test_a_front_end_elsewhere_may_send_a_proof(tmp_path: Path) -> None:
    server = Server(allowed_origins=("https://app.test",), public_url="https://fest.test")
    async with open_edge(tmp_path, settings=settings_for(server=server)) as edge:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "proof-of-work"}
        preflight = await edge.client.options(LOGIN, headers={"Origin": "https://app.test"} | asked)
        assert preflight.status_code == 200
        assert "proof-of-work" in preflight.headers["access-control-allow-headers"].lower()


def test_only_what_needs_nobody_yet_can_be_worked_for() -> None:
    assert {endpoint.path for endpoint in ALL if endpoint.takes_from in WITH_PROOF} == {LOGIN, REGISTER, *SECOND_STEPS}
