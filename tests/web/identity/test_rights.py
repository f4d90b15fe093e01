"""When rights change, the caches forget before a stream ends, and a fault of the one keeps nothing from the other."""

import pytest

from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Position
from festival_push.push.hub.hub import Hub
from festival_push.web.identity.rights import Rights


class Hears:
    """Notes that it heard, and may fail."""

    def __init__(self, name: str, heard: list[str], *, fails: bool = False) -> None:
        self.name = name
        self._heard = heard
        self._fails = fails

    def hear(self, row: LogRow) -> None:
        self._heard.append(f"{self.name} {row.position}")
        if self._fails:
            raise RuntimeError(self.name)


@pytest.mark.parametrize("fails", [False, True])
async def test_the_caches_hear_first_and_the_streams_in_any_case(fails: bool, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001 - by name
    heard: list[str] = []
    hub = Hub("e")
    hub.on_system(Rights(streams=Hears("streams", heard), caches=Hears("caches", heard, fails=fails)).hear)
    hub.publish([LogRow(Position(1), (SYSTEM,), "system-user-changed", "{}", Instant(0))])
    assert heard == ["caches 1", "streams 1"]
    assert ("a listener failed at event 1" in caplog.text) == fails
