"""A real nginx with the configuration that we ship, over a server of a test."""

import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until_sync

CONFIG: Final = Path(__file__).parents[3] / "deploy/nginx.conf"


class Nginx:
    """One nginx in the foreground: `deploy/nginx.conf` with a name, a certificate and ports of its own.

    Args:
        home: For its files.
        servers: `127.0.0.1:PORT` of each.
        tls: Whether it listens as shipped, by TLS; else in the clear, for clients that watch every byte.
    """

    def __init__(self, home: Path, *servers: str, tls: bool) -> None:
        self._program = processes.find_program("nginx", package="nginx-light", debian_dirs="usr/sbin")
        self.home, self.port, self.tls = home, free_port(), tls
        self.log = home / "nginx.log"
        self.access_log = home / "access.log"
        self._config = home / "nginx.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self._certify()
        self._config.write_text(self._shipped(servers), "utf-8")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> "Nginx":
        with processes.log_shown_on_failure(self.log):
            with self.log.open("ab") as log:
                self._process = processes.start(
                    [str(self._program), "-c", str(self._config), "-p", str(self.home), "-e", "stderr"], log=log
                )
            until_sync(self._listens, within_s=processes.READY_WITHIN_S, message="nginx listens")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        processes.end(self._process, signal.SIGTERM)

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text("utf-8")
        return (self.home / "nginx.pid").exists()

    def _certify(self) -> None:
        openssl = processes.find_program("openssl", package="openssl")
        key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            str(self.home / "key.pem"),
        ]
        made = [
            str(openssl),
            "req",
            "-x509",
            *key,
            "-out",
            str(self.home / "cert.pem"),
            "-days",
            "1",
            "-subj",
            "/CN=fest.test",
        ]
        subprocess.run(made, check=True, capture_output=True)

    def _shipped(self, servers: Sequence[str]) -> str:
        """The shipped text with what its reader is told to change, and what a test's machine asks for."""
        text = CONFIG.read_text("utf-8")
        for pattern, instead in (
            (r"server 127\.0\.0\.1:8000;", "".join(f"server {server} fail_timeout=2s;" for server in servers)),
            (r"server 127\.0\.0\.1:8000 max_fails=0;", "".join(f"server {server} max_fails=0;" for server in servers)),
            (r" +listen \[::\]:\d+[^;]*;[^\n]*\n", ""),
            (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{self.port}{' ssl http2' if self.tls else ''};"),
            (r"/etc/ssl/HOSTNAME\.pem", str(self.home / "cert.pem")),
            (r"/etc/ssl/private/HOSTNAME\.key", str(self.home / "key.pem")),
            (r"server_name HOSTNAME;", "server_name fest.test;"),
            (r"/var/log/nginx/festival-push\.log", str(self.access_log)),
            (r"/var/log/nginx/festival-push-streams\.log", str(self.home / "streams.log")),
            (r"worker_rlimit_nofile 65536;", "worker_rlimit_nofile 1024;"),
            (r"worker_connections 32768;", "worker_connections 512;"),
            (r"worker_processes auto;", f"worker_processes 1; daemon off; user root; pid {self.home}/nginx.pid;"),
            (r"http \{\n", f"http {{\n{self._folders()}"),
        ):
            text, found = re.subn(pattern, lambda _, instead=instead: instead, text)  # type: ignore[misc] # bound now
            assert found, pattern
        return text

    def _folders(self) -> str:
        """Temporary files beside the rest, not where Debian has them."""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return "".join(f"    {kind}_temp_path {self.home}/{kind};\n" for kind in kinds)
