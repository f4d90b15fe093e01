"""A user of Redis with few rights: those that the docs name are enough, and one that is missing is named."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from festival_push.push.news.redis.rights import missing_right
from tests.push.news.redis_as_run.crew import PREFIX, crew_on
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

PASSWORD: Final = "p@ss/w:rd"
ACL: Final = re.compile(r"^ACL SETUSER festival-push on >A-LONG-PASSWORD (.+)$", re.MULTILINE)
OPERATING: Final = Path(__file__).parents[4] / "docs/operating.md"
GIVEN: Final = [
    right.replace("festival-push", PREFIX) for line in ACL.findall(OPERATING.read_text()) for right in line.split()
]
UNUSED: Final = frozenset({"+ping", "+unsubscribe", "+del", "+srem"})
"""What is needed at the end alone, or for another's remains, and whose lack changes nothing else."""
OF_THE_SCRIPT: Final = frozenset({"+get", "+set", "+time"})
UNNAMED: Final = "one of +get, +set and +time"


@asynccontextmanager
async def talking_to(url: str) -> AsyncIterator[Any]:
    """A client by which an operator says things that no method has a type for."""
    async with Redis.from_url(url) as client:
        yield client


async def test_a_user_with_the_rights_that_the_docs_name_is_enough_and_none_of_them_is_idle(
    own_redis: RedisServer,
) -> None:
    async with talking_to(own_redis.url) as client:
        await client.execute_command("ACL", "SETUSER", "operator", "on", f">{PASSWORD}", *GIVEN)
        await client.execute_command("CONFIG", "RESETSTAT")
        url = own_redis.url.replace("redis://", "redis://operator:p%40ss%2Fw%3Ard@")
        async with crew_on(url) as crew:
            await crew.works()
        assert await client.execute_command("ACL", "LOG") == []
        used = {key.removeprefix("cmdstat_") for key in await client.info("commandstats")}
        named = {right[1:] for right in GIVEN if right.startswith("+")}
        assert named - {"ping", "exec", "unsubscribe", "srem"} <= {each.replace(":", "|") for each in used}


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        *(
            (right, {UNNAMED} if right in OF_THE_SCRIPT else {f"the command {right}"})
            for right in GIVEN
            if right.startswith("+") and right not in UNUSED
        ),
        (f"&{PREFIX}:*", {"our channels, &<redis.prefix>:*"}),
        (f"~{{{PREFIX}}}:*", {"our keys, ~{<redis.prefix>}:*"}),
    ],
)
async def test_whichever_right_is_missing_it_is_named(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture, lacking: str, named: set[str]
) -> None:
    async with talking_to(own_redis.url) as client:
        rights = [right for right in GIVEN if right != lacking]
        await client.execute_command("ACL", "SETUSER", "operator", "on", f">{PASSWORD}", *rights)
    async with crew_on(own_redis.url.replace("redis://", "redis://operator:p%40ss%2Fw%3Ard@")):
        await until(lambda: all(f"its user has no right to {each}" in caplog.text for each in named))


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("User operator has no permissions to run the 'publish' command", "the command +publish"),
        ("ACL failure in script: User operator has no permissions to run the 'set' command", "the command +set"),
        ("User operator has no permissions to run the 'script|load' command", "the command +script|load"),
        ("User operator has no permissions to access the 'x:log' channel", "our channels, &<redis.prefix>:*"),
        ("No permissions to access a key", ""),
        (
            "Command # 1 (SET a 'hid' command) of pipeline caused error: this user has no permissions to run the "
            "'sadd' command",
            "the command +sadd",
        ),
        ("WRONGTYPE Operation against a key", ""),
    ],
)
def test_newer_servers_are_understood_and_others_are_not_taken_for_them(said: str, named: str) -> None:
    assert missing_right(said).removeprefix("its user has no right to ") == named


@given(st.text())
def test_no_word_of_what_a_server_says_comes_through_but_a_commands_name(said: str) -> None:
    found = missing_right(f"User x has no permissions {said}")
    assert re.fullmatch(r"its user (has no right to (the command \+[a-z|-]+|our .+|one of .+)|lacks a right .+)", found)
