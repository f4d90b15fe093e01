"""What a row of the log becomes in the hub's queue."""

import pytest

from festival_push.domain.events import RoomsChanged
from festival_push.domain.topics import SYSTEM
from festival_push.push.hub.entries import Regrouping, Silence, entry_of
from festival_push.push.hub.frames import Frame
from tests.push.fake_log import ANNA, row

ROOMS = '{"timestamp":"","userId":"anna","topics":["order:1"]}'


def test_an_event_for_streams_is_a_frame_also_when_the_system_hears_it() -> None:
    for topics in ((ANNA,), (SYSTEM, ANNA)):
        entry = entry_of("e", row(1, *topics))
        assert isinstance(entry, Frame)
        assert entry.position == 1


def test_a_change_of_rooms_regroups_and_any_other_system_event_is_silent() -> None:
    assert entry_of("e", row(1, SYSTEM, data=ROOMS, type=RoomsChanged.TYPE)) == Regrouping(1, "anna", ("order:1",))  # type: ignore[arg-type] # as text
    assert entry_of("e", row(2, SYSTEM, type="system-user-changed")) == Silence(2)


@pytest.mark.parametrize(
    ("kind", "topic", "data", "said"),
    [("no\nname", ANNA, "{}", "can't be sent"), (RoomsChanged.TYPE, SYSTEM, "{", "can't be read")],
)
def test_what_cannot_be_sent_or_read_is_silent_but_for_the_log(
    kind: str, topic: str, data: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert entry_of("e", row(7, topic, data=data, type=kind)) == Silence(7)  # type: ignore[arg-type] # as text
    assert f"event 7 {said}" in caplog.text
