"""Requests that need Python beside the engine's Request: the engine gives these
in its place, with the same interface."""

from abc import abstractmethod
from collections.abc import Coroutine, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from molotov._engine import Request, Response

T = TypeVar("T")


class Once(Coroutine[Any, Any, T], Generic[T]):
    """What run() gives: for ``await``, or for ``async with``, once."""

    def __init__(self) -> None:
        self._running = self.run()
        self._entered: T | None = None

    @abstractmethod
    def run(self) -> Coroutine[Any, Any, T]:
        """What is awaited."""

    def __await__(self) -> Generator[Any, Any, T]:
        return self._running.__await__()

    def send(self, value: Any) -> Any:
        """As of any coroutine: for event loops."""
        return self._running.send(value)

    def throw(self, *exception: Any) -> Any:
        """As of any coroutine: for event loops."""
        return self._running.throw(*exception)

    def close(self) -> None:
        """As of any coroutine: gives it up."""
        self._running.close()

    async def __aenter__(self) -> T:
        self._entered = await self._running
        return self._entered


class RequestCoroutine(Once["Response"]):
    """A request: it gives a response, which the block releases."""

    async def __aenter__(self) -> "Response":
        response = await super().__aenter__()
        # A middleware may have made something of its own.
        if hasattr(response, "__aenter__"):
            await response.__aenter__()
        return response

    async def __aexit__(self, *exception: Any) -> None:
        if self._entered is not None:
            self._entered.release()


class CheckedRequest(RequestCoroutine):
    """A request whose response is given to ``raise_for_status=``."""

    def __init__(self, request: "Request", check: Any) -> None:
        self._request = request
        self._check = check
        super().__init__()

    async def run(self) -> "Response":
        response = await self._request
        try:
            await self._check(response)
        except BaseException:
            response.close()
            raise
        return response


class FailedRequest(RequestCoroutine):
    """Raises what its making did, when it is awaited."""

    def __init__(self, error: BaseException, _: None) -> None:
        self._error = error
        super().__init__()

    def __del__(self) -> None:
        # Nobody has to await it.
        self._running.close()

    async def run(self) -> "Response":
        raise self._error
