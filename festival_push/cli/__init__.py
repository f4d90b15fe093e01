"""The command line: one module a command. Start with `commands.py`, which lists them.

Each command module has `add_arguments`, which declares what the command takes, and `run`, which does it and returns
the exit code. `loading` finds the settings, for this process and for those that it starts. `databases` opens one that
is there already: only demo, serve, migrate and restore begin one. Answers go to standard output, complaints to
standard error.
"""

from festival_push.cli.commands import main

__all__ = ["main"]
