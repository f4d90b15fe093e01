"""Storms of guesses are told, once a minute at most, and with the address alone."""

import logging

import pytest

from festival_push.web.identity.guessing.watch import STORM, GuessWatch


def test_a_storm_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    watch = GuessWatch(clock_s=lambda: clock[0])
    with caplog.at_level(logging.WARNING):
        for _ in range(STORM - 1):
            watch.note_wrong("stranger", "192.0.2.1")
        assert caplog.messages == [], "a few people mistype"
        for _ in range(10 * STORM):
            watch.note_refused("address", "192.0.2.1")
        assert len(caplog.messages) == 1
        assert f"{STORM} wrong or refused tries" in caplog.messages[0]
        assert "192.0.2.1" in caplog.messages[0]
        clock[0] += 60
        for _ in range(STORM):
            watch.note_wrong("stranger", "192.0.2.2")
        assert len(caplog.messages) == 2
    assert (watch.wrong["stranger"], watch.refused["address"]) == (2 * STORM - 1, 10 * STORM)


def test_a_slow_trickle_is_no_storm(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    watch = GuessWatch(clock_s=lambda: clock[0])
    with caplog.at_level(logging.WARNING):
        for _ in range(3 * STORM):
            clock[0] += 10
            watch.note_wrong("device", "192.0.2.1")
    assert caplog.messages == []
