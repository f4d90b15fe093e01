"""What happens to Redis: it is killed, frozen, emptied, choked and lied to, and nobody who pays should notice."""

from typing import Final

from redis import Redis

from tests.faults.table.load import Load
from tests.faults.table.row import Pace, Row
from tests.faults.table.setups import Field, Setup

_HUGE: Final = 400_000


def _killed_and_restarted(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(pace.turns):
        field.redis.kill()
        pace.hold(load, 2 * pace.turns)
        field.redis.start()
        pace.hold(load, 2 * pace.turns)


def _away(field: Field, load: Load, pace: Pace) -> None:
    field.redis.kill()
    pace.hold(load)


def _back_again(field: Field, load: Load, pace: Pace) -> None:
    if not field.redis.is_running:
        field.redis.start()


def _frozen(field: Field, load: Load, pace: Pace) -> None:
    field.redis.pause()
    pace.hold(load)


def _thawed(field: Field, load: Load, pace: Pace) -> None:
    field.redis.resume()


def _absent_at_start(field: Field, load: Load, pace: Pace) -> None:
    field.redis.kill()
    for server in field.servers:
        server.kill()
        server.start()
    pace.hold(load)


def _connections_killed(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(3 * pace.turns):
        for kind in ("pubsub", "normal"):
            field.tell_redis("CLIENT", "KILL", "TYPE", kind)
            load.goes_on(3)


def _emptied(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(3 * pace.turns):
        field.tell_redis("FLUSHALL")
        field.tell_redis("SCRIPT", "FLUSH")
        load.goes_on(3)


def _choked(field: Field, load: Load, pace: Pace) -> None:
    field.tell_redis("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1kb 1kb 1")
    pace.hold(load)


def _unchoked(field: Field, load: Load, pace: Pace) -> None:
    field.tell_redis("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60")


def _lied_to(field: Field, load: Load, pace: Pace) -> None:
    """Somebody listens, and says it again: bent, cut, later, and with words of their own."""
    with Redis(port=field.redis.port) as liar, liar.pubsub(ignore_subscribe_messages=True) as heard:
        heard.psubscribe("*")
        count = 0
        while count < 20 * pace.turns:
            said = heard.get_message(timeout=0.05)
            if said is None:
                continue
            channel, text = said["channel"], bytes(said["data"])
            lies = [text, text[: len(text) // 2], text[:-1] + b"\x00", text.swapcase(), text[::-1], b"", b"{}", b"\xff"]
            lies += [text + b"x" * _HUGE] if not count % 10 else []
            for lie in lies:
                liar.publish(channel, lie)
            # What was said by ourselves comes back, too, and is not to be bent for ever.
            while heard.get_message(timeout=0) is not None:
                pass
            count += 1
    pace.hold(load)


def _cut_from_one(field: Field, load: Load, pace: Pace) -> None:
    field.proxies.lose(news=True)
    pace.hold(load)


def _joined(field: Field, load: Load, pace: Pace) -> None:
    field.proxies.heal()


ROWS: Final = (
    Row(name="Redis: kill -9 and restart", inflict=_killed_and_restarted, heal=_back_again),
    Row(name="Redis: away", inflict=_away, heal=_back_again),
    Row(name="Redis: SIGSTOP", inflict=_frozen, heal=_thawed),
    Row(name="Redis: absent when the servers start", inflict=_absent_at_start, heal=_back_again, gap_s=5.0),
    Row(name="Redis: CLIENT KILL of pubsub and normal", inflict=_connections_killed),
    Row(name="Redis: FLUSHALL and SCRIPT FLUSH", inflict=_emptied),
    Row(name="Redis: output buffer of 1 kB for subscribers", inflict=_choked, heal=_unchoked),
    Row(name="Redis: messages forged, repeated, bent, cut, 400 kB long", inflict=_lied_to),
    Row(name="Redis: a user with the rights that the docs name", setup=Setup(redis="acl")),
    Row(name="Redis: TLS by an authority of one's own", setup=Setup(redis="tls")),
    Row(name="Redis: a node of a cluster", setup=Setup(redis="cluster")),
    Row(name="one of two servers cut from Redis", setup=Setup(proxied=True), inflict=_cut_from_one, heal=_joined),
)
