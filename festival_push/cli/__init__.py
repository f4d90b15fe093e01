"""The command line: one module a command. Start with `commands.py`, which lists them.

Each command module has `add_arguments`, which declares what the command takes, and `run`, which does it and returns
the exit code. `loading` finds the settings, for this process and for those that it starts. `databases` opens an
existing database: only demo, serve, migrate and restore create one. Results go to standard output, errors to standard
error.
"""

from festival_push.cli.commands import main

__all__ = ["main"]
