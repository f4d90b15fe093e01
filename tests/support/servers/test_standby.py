"""A standby follows, lags, loses and takes over as a real one does."""

from collections.abc import Iterator

import pytest

from tests.support.servers.postgres import PostgresServer
from tests.support.servers.standby import Standby


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        server.execute("CREATE TABLE kept AS SELECT 7 AS number")
        yield server


def test_it_follows_lags_and_catches_up(primary: PostgresServer) -> None:
    with Standby(primary) as standby:
        assert standby.execute("SELECT pg_is_in_recovery(), number FROM kept") == "t|7"
        standby.pause()
        primary.execute("INSERT INTO kept VALUES (8)")
        assert standby.execute("SELECT max(number) FROM kept") == "7"
        standby.resume()
        standby.catch_up()
        assert standby.execute("SELECT max(number) FROM kept") == "8"
        primary.stop()
        assert standby.execute("SELECT max(number) FROM kept") == "8", "it can be read while the primary is gone"


def test_it_takes_over_the_address_without_what_it_never_received(primary: PostgresServer) -> None:
    with Standby(primary) as standby:
        standby.cut_off()
        primary.execute("INSERT INTO kept VALUES (8)")
        primary.kill()
        standby.promote(at_port=primary.port)
        assert standby.url() == primary.url()
        assert standby.execute("SELECT pg_is_in_recovery(), max(number) FROM kept") == "f|7"
        standby.execute("INSERT INTO kept VALUES (9)")
