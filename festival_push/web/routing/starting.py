"""What is said when the application can't start: one line for what an operator can mend, a traceback for our bugs."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FAILED: Final = "lifespan.startup.failed"


class SaidStart:
    """Wrap the application with it.

    Args:
        expected: The errors of which one line is said; all others keep their traceback.
        say: Makes that line.
    """

    def __init__(
        self, app: ASGIApp, expected: tuple[type[Exception], ...], say: Callable[[Exception], str] = str
    ) -> None:
        self._app = app
        self._expected = expected
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the start and the end."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failed: Message | None = None

        async def said(message: Message) -> None:
            nonlocal failed
            if message["type"] == _FAILED:
                failed = message  # held back until we know which error it was
            else:
                await send(message)

        try:
            await self._app(scope, receive, said)
        except self._expected as error:
            if failed is not None:
                failed = {"type": _FAILED, "message": f"can't start: {self._say(error)}"}
            raise
        finally:
            if failed is not None:
                await send(failed)
