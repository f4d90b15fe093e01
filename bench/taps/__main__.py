"""What a server spends when a stall changes its menu while a crowd listens, at some rates of taps.

`python -m bench.taps` opens the streams of so many customers, and then lets one item be sold out and offered again by
turns. Let nothing else run meanwhile.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Final

from bench.accounting import cpu_ns, family
from bench.fan_out import Figures, Pushing
from bench.load.load_client import LoadClient, compiled
from bench.subject import ADMIN, GREETING, Subject

_RATES: Final = (1, 5, 20)
_SECONDS: Final = 10


def measure_taps(pushing: Pushing, *, rate: int, seconds: int = _SECONDS) -> Figures:
    """CPU for each tap, and for each second, in ms. Each tap has reached every stream when this returns."""
    total = rate * seconds
    pushing.listener.reset()
    begun = cpu_ns(pushing.pids)
    pushing.speaker.post(pushing.publish, clients=1, total=total, rate=rate)
    pushing.listener.await_events(total)
    spent_ms = (cpu_ns(pushing.pids) - begun) / 1_000_000
    return {f"tap_at_{rate}_ms": spent_ms / total, f"second_at_{rate}_ms": spent_ms / seconds}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.taps", description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parsed = parser.parse_args()
    subject = Subject(customers=parsed.streams)
    asyncio.run(subject.furnish())
    try:
        url = subject.start()
        with tempfile.TemporaryDirectory() as folder:
            load = compiled("load", Path(folder))
            with (
                LoadClient(load, url) as speaker,
                LoadClient(load, url, greeting=GREETING, marker="event: menu-updated") as listener,
            ):
                listener.open_streams(subject.stream_requests(listener, subject.customers))
                taps = [_tap(subject, speaker, available=available) for available in (False, True)]
                pushing = Pushing(family(subject.pid()), listener, speaker, taps)
                for rate in _RATES:
                    print(json.dumps(measure_taps(pushing, rate=rate)), flush=True)
    finally:
        subject.stop()


def _tap(subject: Subject, client: LoadClient, *, available: bool) -> bytes:
    [token] = subject.tokens([ADMIN])
    body = json.dumps({"available": available})
    return client.post_request("/v1/menu/i0", body, {"Authorization": f"Bearer {token}"}, method="PATCH")


if __name__ == "__main__":
    main()
