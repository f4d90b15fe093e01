"""How this machine reaches its package registries, to be told to a machine that is bare; nothing here names one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.node import npm_command

_APT: Final = ("Acquire::http::", "Acquire::https::", "Acquire::Check-", "Acquire::Retries", "Acquire::ForceIPv")
_PIP: Final = (
    "index-url",
    "extra-index-url",
    "proxy",
    "cert",
    "client-cert",
    "trusted-host",
    "default-timeout",
    "retries",
)
_NPM: Final = ("registry", "proxy", "https-proxy", "noproxy", "cafile")
_FILES: Final = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
_FOLDERS: Final = ("/usr/local/share/ca-certificates", "/etc/apt/trusted.gpg.d", "/etc/apt/keyrings")
_ENVIRONMENT: Final = (
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "NODE_EXTRA_CA_CERTS",
)


@dataclass(frozen=True)
class Surroundings:
    """What a bare machine is told.

    Attributes:
        mirror: Of Debian; what `debootstrap` asks.
        security: Of Debian's security updates, if this machine has any.
        files: By absolute path; some name others.
        environment: For whoever installs something.
    """

    mirror: str
    security: str | None
    files: dict[str, bytes]
    environment: dict[str, str]

    @classmethod
    def of_this_machine(cls) -> "Surroundings":
        """As apt, pip and npm say themselves; the secrets of none of them are read."""
        mirrors = dict(_mirrors())
        codename = _said("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").strip()
        assert codename in mirrors, f"apt knows no mirror of {codename}"
        files = {name: Path(name).read_bytes() for name in _FILES if Path(name).exists()}
        for folder in _FOLDERS:
            files |= {str(path): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
        files["/etc/apt/apt.conf.d/90surroundings"] = "".join(_apt()).encode()
        files["/etc/pip.conf"] = "".join(["[global]\n", *_pip()]).encode()
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | dict(_npm())
        return cls(mirrors[codename], mirrors.get(f"{codename}-security"), files, environment)

    def sources(self, suite: str) -> str:
        """What a new machine of this suite has in its list of sources: the updates too, where there are some."""
        lines = [f"deb {self.mirror} {suite} main\n"]
        archives = [(self.mirror, f"{suite}-updates"), (self.security, f"{suite}-security")]
        return "".join(lines + [f"deb {url} {name} main\n" for url, name in archives if url and _is_there(url, name)])


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _mirrors() -> list[tuple[str, str]]:
    """(release, URL) of every list of packages that apt knows."""
    told = _said("apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages")
    return [(release, url) for release, _, url in (line.partition(" ") for line in told.splitlines())]


def _is_there(url: str, name: str) -> bool:
    command = ("curl", "--silent", "--fail", "--head", "--location", "--max-time", "60")
    return (
        subprocess.run(
            [*command, f"{url.rstrip('/')}/dists/{name}/Release"], capture_output=True, check=False
        ).returncode
        == 0
    )


def _apt() -> list[str]:
    return [f"{line}\n" for line in _said("apt-config", "dump").splitlines() if line.startswith(_APT)]


def _pip() -> list[str]:
    """Without what names a folder of this machine."""
    told = _said(sys.executable, "-m", "pip", "config", "list").splitlines()
    found: dict[str, str] = {}
    for key, _, value in (line.partition("=") for line in told):
        name, plain = key.rpartition(".")[2], " ".join(value.strip("'\"").replace("\\n", " ").split())
        if name in _PIP and (kept := [each for each in plain.split() if not each.startswith(("file:", "/"))]):
            found[name.removeprefix("default-")] = " ".join(kept)
    return [f"{name} = {value}\n" for name, value in found.items()]


def _npm() -> list[tuple[str, str]]:
    told = [(name, _said(*npm_command(), "config", "get", name).strip()) for name in _NPM]
    return [
        (f"npm_config_{name.replace('-', '_')}", value)
        for name, value in told
        if value not in ("null", "undefined", "")
    ]
