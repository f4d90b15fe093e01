"""What a command says that it refuses, held against what it does refuse in whatever test."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import pytest

from festival_push import domain
from festival_push.domain.refusals import Forbidden, NotFound, Refusals, Refused, Suspended

COMMON: Final[frozenset[type[Refused]]] = frozenset({Forbidden, Suspended, NotFound})
"""What every command may refuse, whether it says so or not."""

AnyCommandType = type[Any]


@cache
def command_types() -> tuple[AnyCommandType, ...]:
    """Every command of the domain."""
    names = [found.name for found in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    classes = [each for module in modules for each in vars(module).values() if inspect.isclass(each)]
    own = dict.fromkeys(each for each in classes if each.__module__.startswith(domain.__name__))
    return tuple(each for each in own if hasattr(each, "decide") and each.__name__ != "Command")


def refused_by(command: AnyCommandType) -> Refusals:
    """What a command says that it refuses."""
    says: Refusals = getattr(command, "REFUSES", ())
    return says


def passed_on_by(command: AnyCommandType) -> Refusals:
    """What the commands refuse that a command decides in its turn."""
    says: Refusals = getattr(command, "PASSES_ON", ())
    return says


@contextmanager
def only_what_is_said(commands: Iterable[AnyCommandType]) -> Iterator[None]:
    """Until it is left, a command that refuses what it does not say raises an AssertionError instead."""
    with pytest.MonkeyPatch.context() as patch:
        for command in commands:
            patch.setattr(command, "decide", _checked(command.decide))
        yield


def _checked(decide: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: Any, *args: Any) -> Any:
        try:
            return decide(self, *args)
        except Refused as refused:
            if type(refused) in {*COMMON, *refused_by(type(self)), *passed_on_by(type(self))}:
                raise
            missing = f"{type(self).__name__}.REFUSES does not say {type(refused).__name__}"
            raise AssertionError(missing) from refused

    return checked
