"""What a board had to show, by the steps of its stall's orders."""

from festival_push.simulate.http.display import Shown
from festival_push.simulate.topics.boards import Step, boards


def test_a_board_shows_the_accepted_orders_oldest_first() -> None:
    steps = [
        Step(1, "a", 1, "pending"),
        Step(2, "b", 2, "preparing"),
        Step(4, "a", 1, "confirmed"),
        Step(6, "a", 1, "ready"),
        Step(8, "b", 2, "completed"),
        Step(9, "a", 1, "completed"),
        Step(11, "a", 1, "ready"),
    ]
    at = [Shown(place, (), ()) for place in (1, 3, 5, 7, 10, 12)]
    assert list(boards(steps, at)) == [
        Shown(1, (), ()),
        Shown(3, (2,), ()),
        Shown(5, (1, 2), ()),
        Shown(7, (2,), (1,)),
        Shown(10, (), ()),
        Shown(12, (), (1,)),
    ]


def test_an_order_that_is_called_again_is_at_its_old_place() -> None:
    steps = [Step(1, "a", 1, "ready"), Step(2, "b", 2, "ready"), Step(3, "a", 1, "completed"), Step(4, "a", 1, "ready")]
    assert list(boards(steps, [Shown(5, (), ())])) == [Shown(5, (), (1, 2))]
