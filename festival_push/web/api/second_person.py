"""How routes that may move much money do it: at once, or when a second organiser has confirmed it."""

from collections.abc import Callable
from typing import Literal, TypeVar, cast

import msgspec
from starlette.responses import Response

from festival_push.domain.book import Command
from festival_push.domain.desk.second_person import Guarded, WithSecond
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.values import ConfirmationId, rfc3339
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import View
from festival_push.web.parsing.ids import new_id
from festival_push.web.routing.endpoint import Call

R = TypeVar("R")


class WaitingView(View, frozen=True, kw_only=True):
    """Nothing has moved yet: another organiser has to confirm it."""

    confirmation_id: ConfirmationId
    status: Literal["waiting"] = "waiting"
    amount: int
    expires_at: str
    position: int


async def run_with_second(
    call: Call, command: Guarded, body: msgspec.Struct, view: Callable[[Committed[R]], object], *, status: int = 200
) -> Response:
    """Commit as `Call.run_once` does; above `limits.second_person_above` keep the command, and answer 202.

    Raises what `run_once` raises.
    """
    if not call.services.rules.second_person_above:
        return await call.run_once(cast(Command[R], command), body, view, status=status)

    def answer(committed: Committed[R | Confirmation]) -> object:
        if isinstance(committed.reply, Confirmation):
            return _waiting_view(committed.reply, committed.position)
        return view(cast(Committed[R], committed))

    def status_of(committed: Committed[R | Confirmation]) -> int:
        return 202 if isinstance(committed.reply, Confirmation) else status

    asked: WithSecond[R] = WithSecond(command=command, confirmation_id=ConfirmationId(new_id()))
    return await call.run_once(asked, body, answer, status=status_of)


def _waiting_view(confirmation: Confirmation, position: int) -> WaitingView:
    return WaitingView(
        confirmation_id=confirmation.confirmation_id,
        amount=confirmation.amount,
        expires_at=rfc3339(confirmation.expires_at),
        position=position,
    )
