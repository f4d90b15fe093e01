"""URLs of Redis as operators write them are taken, and read as they are meant; others are refused with the reason."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.push.news.redis.url import Address, Login, RedisUrl, read_redis_url
from festival_push.push.news.redis_client import redis_client
from festival_push.settings.checks.redis_url import check_redis_url
from festival_push.settings.loading import load_settings
from festival_push.settings.sources import SettingsError

SENTINELS = (("s1", 26379), ("s2", 26380), ("::1", 26379))


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("redis://h", RedisUrl(hosts=(("h", 6379),))),
        ("redis://:6380/2", RedisUrl(hosts=(("localhost", 6380),), db=2)),
        ("valkey://h/0/", RedisUrl(hosts=(("h", 6379),))),
        ("redis://:p%40ss%2Fw%3Ard@h/1", RedisUrl(hosts=(("h", 6379),), db=1, login=Login(password="p@ss/w:rd"))),
        ("redis://u:a:b@c@h", RedisUrl(hosts=(("h", 6379),), login=Login(username="u", password="a:b@c"))),
        ("redis://h?db=3&username=u", RedisUrl(hosts=(("h", 6379),), db=3, login=Login(username="u"))),
        (
            "rediss://u@[fe80::1%25eth0]:7000?ssl_check_hostname=false&ssl_min_version=772",
            RedisUrl(
                hosts=(("fe80::1%eth0", 7000),),
                login=Login(username="u"),
                tls=True,
                options={"ssl_check_hostname": False, "ssl_min_version": 772},
            ),
        ),
        ("unix:///run/redis.sock?db=4", RedisUrl(socket="/run/redis.sock", db=4)),
        (
            "valkeys+sentinel://u:p@s1,s2:26380,[::1]/my%2Fmaster/5?sentinel_username=w&sentinel_password=a%26b",
            RedisUrl(
                kind="sentinel",
                hosts=SENTINELS,
                service="my/master",
                db=5,
                login=Login(username="u", password="p"),
                sentinel_login=Login(username="w", password="a&b"),
                tls=True,
            ),
        ),
        ("redis+sentinel://s1/m", RedisUrl(kind="sentinel", hosts=SENTINELS[:1], service="m")),
        ("rediss+cluster://h1:7000,h2/0", RedisUrl(kind="cluster", hosts=(("h1", 7000), ("h2", 6379)), tls=True)),
    ],
)
def test_a_form_is_taken_and_read_as_it_is_meant(url: str, meant: RedisUrl) -> None:
    assert load_settings(None, {"REDIS_URL": url}).redis.url == url
    assert read_redis_url(url) == meant


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:6379", "must begin with redis://"),
        ("http://h", "must begin with redis://"),
        ("redis+master://h", "must begin with redis://"),
        ("redis://", "must begin with redis://"),
        ("redis://h1:6379,h2:6379/0", r"several hosts: begin it with redis\+sentinel://"),
        ("redis+sentinel://s1,s2,s3", "needs the service"),
        ("redis+sentinel://s1/%20", "needs the service"),
        ("redis+sentinel://s1,,s2/m", "without a host"),
        ("redis+sentinel://s1/m/zero", "whole number from 0"),
        ("redis+cluster://h1,h2/1", "database 0 only"),
        ("redis://u:hid/den@h/0", "a port is a whole number .* %XX"),
        ("redis://u:12/hid@h/0", "database .* %XX"),
        ("redis://u:12?hid@h/0", "can't be read after .* %XX"),
        ("redis://u:hid#den@h/0", "# .* %XX"),
        ("redis://u:hid\nden@h/0", "control .* %XX"),
        ("redis://h:0", "a port"),
        ("redis://h:63x9", "a port"),
        ("redis://h:123456789123456789", "a port"),
        ("redis://::1", r"IPv6|a port"),
        ("redis://[::1", r"IPv6 address stands in \[ \]"),
        ("redis://h/festival", "whole number from 0"),
        ("redis://h/1?db=1", "a database twice"),
        ("redis://u@h?password=hid", "twice"),
        ("redis://h?db=1&db=2", "twice"),
        ("redis://h?socket_timeout=5", "socket_timeout can't be set"),
        ("redis://h?protocol=3", "protocol can't be set"),
        ("redis://h?hid=1", "not known; known are client_name, db"),
        ("redis://h?sentinel_password=hid", r"is for redis\+sentinel:// alone"),
        ("redis://h?ssl_ca_certs=/x", "needs TLS: rediss"),
        ("rediss://h?ssl_ca_certs=/not/here.pem", "ssl_ca_certs: /not/here.pem is not there"),
        ("rediss://h?ssl_cert_reqs=maybe", "ssl_cert_reqs must be one of required"),
        ("rediss://h?ssl_cert_reqs=Required", "ssl_cert_reqs must be one of required"),
        ("rediss://h?ssl_password=", "ssl_password is empty"),
        ("unix://", "a path"),
        ("unix://h/run/redis.sock", "must be unix:///path"),
        ("unix:///run/redis.sock?db=x", "whole number from 0"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_setting(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=rf"^REDIS_URL \(redis\.url\): .*({said})") as caught:
        load_settings(None, {"REDIS_URL": url})
    assert "hid" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_there_are_taken(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    url = f"rediss+sentinel://s1/m?ssl_ca_certs={tmp_path}/ca.pem"
    check_redis_url(url)
    assert read_redis_url(url).options == {"ssl_ca_certs": f"{tmp_path}/ca.pem"}


@given(st.sampled_from(["", "redis://", "rediss://", "redis+sentinel://", "redis+cluster://", "unix://"]), st.text())
def test_nothing_but_a_reason_comes_out_of_any_text(beginning: str, text: str) -> None:
    with suppress(SettingsError):
        url = load_settings(None, {"REDIS_URL": beginning + text}).redis.url
        if url:  # what the settings take can be read, and makes a client
            read_redis_url(url)
            redis_client(url, prefix="test")


HOSTS = st.one_of(
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=4).map(str),
    st.from_regex(r"[a-z0-9][a-z0-9.-]{0,30}", fullmatch=True),
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(
    st.lists(st.tuples(HOSTS, st.integers(1, 65_535)), min_size=1, max_size=5),
    WORDS,
    WORDS,
    WORDS.filter(str.strip),
    st.integers(0, 15),
)
def test_whatever_is_written_with_percent_signs_is_read_as_it_was(
    hosts: list[Address], user: str, password: str, service: str, db: int
) -> None:
    written = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in hosts)
    user_quoted, quoted = quote(user, safe=""), quote(password, safe="")
    url = f"redis+sentinel://{user_quoted}:{quoted}@{written}/{quote(service, safe='')}/{db}?sentinel_password={quoted}"
    check_redis_url(url)
    assert read_redis_url(url) == RedisUrl(
        kind="sentinel",
        hosts=tuple(hosts),
        service=service,
        db=db,
        login=Login(username=user, password=password),
        sentinel_login=Login(password=password),
    )
