"""Which networks mean everybody, in whatever pieces and spelling they are given."""

import pytest

from festival_push.settings.checks.networks import mean_everybody

OWN = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1",
    "fc00::/7",
    "203.0.113.0/24",
    "2001:db8::/32",
]


@pytest.mark.parametrize(
    "networks",
    [
        ["0.0.0.0/0"], ["::/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["::ffff:0:0/96"], ["::/64"], ["2000::/3"],
        ["0.0.0.0/5"], ["::ffff:0.0.0.0/97", "::ffff:128.0.0.0/97"], [f"{first}.0.0.0/8" for first in range(1, 224)],
    ],
)  # fmt: skip
def test_these_mean_everybody(networks: list[str]) -> None:
    assert mean_everybody(networks)
    assert mean_everybody(["10.0.0.1", *networks])


@pytest.mark.parametrize("networks", [[], *([each] for each in OWN), OWN, ["10.0.0.0/8"] * 50, ["::ffff:10.0.0.0/104"]])
def test_a_festivals_own_networks_do_not(networks: list[str]) -> None:
    assert not mean_everybody(networks)
