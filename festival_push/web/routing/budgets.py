"""Which budget a request takes from, and the refusal when nothing is left in it."""

from typing import Final

from starlette.requests import Request

from festival_push.domain.people.relations import is_staff
from festival_push.web.identity.limits import WITH_PROOF, Budget, BudgetKind
from festival_push.web.identity.principal import Caller, DisplayCaller, Principal
from festival_push.web.parsing.addresses import client_address
from festival_push.web.parsing.problems import ProblemError
from festival_push.web.routing.endpoint import Endpoint
from festival_push.web.routing.services import Services

PROVEN_TIMES: Final = 10
"""How much larger than an address' budget the one is that a proof of work opens."""
_STAFF_READS_TIMES: Final = 5  # a keeper or an organiser may have several screens open
_OF_CALLER: Final = frozenset({BudgetKind.COMMANDS, BudgetKind.READS})
_PERIOD_S: Final = 60.0
_PROOF_RETRY_S: Final = 1


class Budgets:
    """The budgets of one request: of the person or display that calls, else of the address, with a festival's NAT in
    mind."""

    def __init__(self, endpoint: Endpoint, request: Request, services: Services) -> None:
        self._endpoint = endpoint
        self._request = request
        self._services = services
        self.proven = False  # by a proof of work that was accepted

    async def take(self, caller: Caller | None) -> Budget | None:
        """Take one from the request's budget. Return what is left, not `allowed` if there was nothing; None if the
        route takes from no budget. Raises ProblemError 429 for a proof of work that is not valid."""
        kind = self._endpoint.takes_from
        if kind is BudgetKind.NONE:
            return None
        if kind not in _OF_CALLER:
            return await self._take_of_address(kind)
        if caller is None:
            return await self._take_of_address(BudgetKind.PUBLIC)
        key, per_min = self._of_caller(kind, caller)
        if kind is BudgetKind.READS:
            return self._services.reads_limiter.take_now(key, per_min, _PERIOD_S)
        return await self._services.limiter.take(key, per_min, period_s=_PERIOD_S)

    def refusal(self, retry_after_s: int) -> ProblemError:
        """Return the 429, with work to do instead of waiting where the route takes a proof of it."""
        problem = ProblemError(
            429, "rate-limited", "Too many requests; wait a moment.", headers={"Retry-After": str(retry_after_s)},
            retryable=True, retryAfter=retry_after_s,
        )  # fmt: skip
        if self._endpoint.takes_from in WITH_PROOF:
            problem.extra["proof"] = self._services.proofs.challenge(self._address, self._endpoint.path)
        return problem

    @property
    def _address(self) -> str:
        return client_address(self._request.scope)

    def _of_caller(self, kind: BudgetKind, caller: Caller) -> tuple[str, int]:
        """Return the key and the size of a caller's budget."""
        limits = self._services.settings.limits
        match caller:
            case Principal(person=person):
                key, staff = f"user:{person.user.user_id}", is_staff(person)
            case DisplayCaller(display=display):
                key, staff = f"display:{display.display_id}", False
        if kind is BudgetKind.READS:
            return key, limits.reads_per_min * (_STAFF_READS_TIMES if staff else 1)
        return key, limits.vendor_commands_per_min if staff else limits.commands_per_min

    async def _take_of_address(self, kind: BudgetKind) -> Budget:
        limits, key = self._services.settings.limits, f"{kind}:{self._address}"
        per_min = limits.anonymous_per_min
        if kind in WITH_PROOF:
            per_min = limits.sign_ins_per_min if kind is BudgetKind.SIGN_IN else limits.registrations_per_min
            if (proof := self._request.headers.get("proof-of-work")) is not None:
                # Looked at before its budget is touched, so that nobody empties that one without work.
                if not await self._services.proofs.accept(proof, self._address, self._endpoint.path):
                    raise self.refusal(_PROOF_RETRY_S)
                self.proven = True
                key, per_min = f"proven:{key}", per_min * PROVEN_TIMES
        return await self._services.limiter.take(key, per_min, period_s=_PERIOD_S)
