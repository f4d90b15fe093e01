"""What a stream says of itself is told apart from what the log has."""

import pytest

from festival_push.domain.event import Event
from festival_push.domain.events import LOGGED
from festival_push.push.hub.unlogged import Connected, SessionExpiring, StreamError


@pytest.mark.parametrize("kind", [Connected, SessionExpiring, StreamError])
def test_what_is_sent_without_being_logged_is_no_event(kind: type[Connected | SessionExpiring | StreamError]) -> None:
    assert not issubclass(kind, Event)
    assert kind.TYPE not in {logged.TYPE for logged in LOGGED}
