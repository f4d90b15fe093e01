"""Pickup boards: each shows at every moment the orders of its stall, as the stall itself was told of them."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from festival_push.simulate.festival import Festival, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.display import Display, Shown
from festival_push.simulate.http.wire import Board, DisplayToken, Told
from festival_push.simulate.model import FINAL
from festival_push.simulate.opening import require

_PREPARING: Final = frozenset({"confirmed", "preparing"})  # an order that the stall has not accepted is not shown


class Step(NamedTuple):
    """One step of an order, where it stands in the log."""

    position: int
    order_id: str
    number: int
    status: str


async def put_up_boards(festival: Festival) -> None:
    """Give each stall a display. Raises SimulationError, ServerGone."""
    for number, stall in enumerate(festival.stalls, 1):
        path = f"/v1/vendors/{stall.vendor_id}/displays"
        answer = await festival.client.post(path, {"name": "Simulated display"}, who=stall.keeper)
        require(answer, 201, "a display")
        made, dice = answer.read(DisplayToken), festival.dice(f"display {number}")
        stall.display = Display(festival.client, made.display_id, made.token, stall.vendor_id, dice)


async def check_boards(festival: Festival) -> None:
    """Compare all that the boards have shown with the steps of the orders. Raises ServerGone."""
    for stall in festival.stalls:
        if stall.display is not None:
            for shown, wanted in zip(stall.display.shown, boards(_steps_of(stall), stall.display.shown), strict=True):
                text = f"the board of {stall.vendor_id} showed {shown}; by its orders it was {wanted}"
                festival.findings.check(Law.BOARDS, shown == wanted, text)
            await _check_last(festival, stall, stall.display)


def boards(steps: Iterable[Step], shown: Iterable[Shown]) -> Iterator[Shown]:
    """Give for each board that was shown what it had to show: the orders of all steps before it, oldest first.

    Both come in the order of the log.
    """
    left, places, on_it = list(steps)[::-1], dict[str, int](), dict[str, Step]()
    for board in shown:
        while left and left[-1].position <= board.position:
            step = left.pop()
            places.setdefault(step.order_id, len(places))
            on_it[step.order_id] = step
            if step.status in FINAL:
                del on_it[step.order_id]
        rows = sorted(on_it.values(), key=lambda step: places[step.order_id])
        yield Shown(
            position=board.position,
            preparing=tuple(step.number for step in rows if step.status in _PREPARING),
            ready=tuple(step.number for step in rows if step.status == "ready"),
        )


def _steps_of(stall: Stall) -> Iterator[Step]:
    """Give all steps of the stall's orders, as they came on its own stream."""
    for event in stall.watch.events:
        if event.name == "order-status-changed":
            told = msgspec.json.decode(event.data, type=Told)
            yield Step(event.position, told.order_id or "", told.number or 0, told.status or "")


async def _check_last(festival: Festival, stall: Stall, display: Display) -> None:
    """Compare the last board that was shown with what is open now, and with what the server answers."""
    answer = await festival.client.get(f"/v1/boards/{stall.vendor_id}", who=stall.keeper)
    if not festival.client.expect(answer, 200, "board"):
        return
    told = answer.read(Board)
    last = display.shown[-1] if display.shown else Shown(0, (), ())
    (wanted,) = boards(_steps_of(stall), [Shown(stall.watch.position, (), ())])
    text = f"the board of {stall.vendor_id} shows {last}, the server says {told}; by its orders it is {wanted}"
    same = last[1:] == wanted[1:] == (told.preparing, told.ready)
    festival.findings.check(Law.BOARDS, same, text)
