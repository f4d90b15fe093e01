"""What is read of a process, and of one that is gone."""

import os
import select
import socket
import subprocess
import sys

from tests.support.proc import children, command_line, has_ended, open_files, waits_for
from tests.support.timing.waiting import until_sync


def test_a_running_process_is_told_and_an_ended_one_is_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    until_sync(lambda: b"input()" in command_line(child.pid), message="the program has begun")
    assert child.pid in children(os.getpid())
    assert any(target.startswith("pipe:") for target in open_files(child.pid))
    assert not has_ended(child.pid)
    child.kill()
    until_sync(lambda: has_ended(child.pid), message="it is a zombie")
    child.wait()
    child.communicate()
    assert has_ended(child.pid)
    assert command_line(child.pid) == b""
    assert children(child.pid) == []


def test_the_sockets_that_a_process_waits_for_are_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, select.epoll() as waiting:
        name = f"socket:[{os.fstat(listener.fileno()).st_ino}]"
        assert name in open_files(os.getpid())
        assert name not in waits_for(os.getpid())
        waiting.register(listener)
        assert name in waits_for(os.getpid())
