"""No refusal costs more than its request: memory, work and answer, for each byte that was sent."""

from pathlib import Path
from typing import Final

from tests.fuzz.costs import Cost, cost_of
from tests.fuzz.hostile import good_order, hostile_requests
from tests.fuzz.raw_request import RawRequest
from tests.web.world import open_world, settings_of

_SENDERS: Final = {"customer": "anna", "vendor": "sun", "admin": "admin"}

PEAK_BYTES: Final = 500_000
PEAK_BYTES_EACH: Final = 50  # for each byte sent: a JSON list of empty lists has three bytes for each, Python sixty
ANSWER_BYTES: Final = 1_500
ANSWER_BYTES_EACH: Final = 12
ANSWER_BYTES_MAX: Final = 16_384
ORDERS: Final = 3  # the steps of so many orders, and for each byte two more; an order takes five for each of its bytes
STEPS_EACH: Final = 2


def _findings(request: RawRequest, cost: Cost, order: Cost) -> list[str]:
    """What is too dear about a request."""
    findings = []
    if not 400 <= cost.status < 500 if request.is_refused else cost.status >= 500:
        findings.append(f"was answered {cost.status}")
    if cost.peak > PEAK_BYTES + PEAK_BYTES_EACH * cost.sent:
        findings.append(f"took {cost.peak:,} bytes of memory")
    is_page = request.target.startswith("/customer/") and cost.status < 400
    if not is_page and cost.answered > min(ANSWER_BYTES + ANSWER_BYTES_EACH * cost.sent, ANSWER_BYTES_MAX):
        findings.append(f"was answered with {cost.answered:,} bytes")
    if cost.steps > ORDERS * order.steps + STEPS_EACH * cost.sent:
        findings.append(f"took {cost.steps:,} steps; an order {order.steps:,}")
    return [f"{request.name} ({cost.sent:,} bytes) {finding}" for finding in findings]


async def test_no_refusal_is_dearer_than_its_request(tmp_path: Path) -> None:
    findings = []
    async with open_world(settings_of(tmp_path)) as world:
        tokens = {role: world.bearer(who)["Authorization"].removeprefix("Bearer ") for role, who in _SENDERS.items()}
        orders = [good_order("sun", "falafel", key=f"key-{number}") for number in range(3)]
        for first in (orders[0], RawRequest(name="a page", method="GET", target="/customer/")):
            await cost_of(world.app, first, tokens["customer"])  # what is imported and cached once is nobody's cost
        order = await cost_of(world.app, orders[1], tokens["customer"], again=orders[2])
        assert order.status == 201
        for request in hostile_requests("sun"):
            cost = await cost_of(world.app, request, tokens.get(request.who, ""))
            findings += _findings(request, cost, order)
    assert not findings, "\n".join(findings)
