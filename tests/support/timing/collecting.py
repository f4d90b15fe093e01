"""What each process of a run does before its first test, made short: four of them collect the same ten thousand."""

import gc
import importlib
from contextlib import suppress

import pytest

from tests.support.layout import ROOT


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import a share of the test modules first, if there are other workers.

    pytest rewrites the assertions of each module, which takes ten seconds for all, and keeps the outcome beside it. In
    a fresh clone all workers would begin with the same module, and so each would rewrite all of them.
    """
    if session.config.pluginmanager.hasplugin("dsession"):
        return  # the workers collect
    gc.disable()  # it would look again and again at what only grows
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    modules = sorted((ROOT / "tests").rglob("test_*.py"))
    for module in modules[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        with suppress(Exception, pytest.skip.Exception):  # pytest comes to it later, and reports what is wrong
            importlib.import_module(".".join(module.relative_to(ROOT).with_suffix("").parts))


@pytest.hookimpl
def pytest_collection_finish() -> None:
    """Leave what the modules hold out of every later collection of garbage: it stays to the end."""
    gc.freeze()
    gc.enable()
