"""Whoever signs in waits in a line of its own, and takes no thread from people who answer.

One thread works the line off. Passwords are checked in turn; after each check one of those is
told to come again for whom the line was full. So a flood of guesses is answered no faster than
passwords are checked, however many come.
"""

from collections import Counter, deque
from typing import Any

from waitress.task import ThreadedTaskDispatcher, WSGITask

from surveys.views.account.login_queue import REFUSED
from surveys.views.limits import network_of

# Of one address (more than a few people who sign in at the same moment), and of all: some seven
# are checked in a second.
OF_ADDRESS, OF_ALL = 6, 40
# Who waits to hear that the line was full holds a connection, and the server has not many of them.
TO_BE_TOLD = 100


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]  # of a library without types
    """The threads that answer, and one beside them for passwords sent to `login`."""

    def __init__(self, threads: int, login: str) -> None:
        super().__init__()
        self._login = login
        self._passwords = ThreadedTaskDispatcher()
        self._passwords.queue = Line()
        # Waiting is what this line is for.
        self._passwords.queue_logger = _Silent
        self.set_thread_count(threads)
        self._passwords.set_thread_count(1)

    def add_task(self, task: Any) -> None:
        """Let a connection be served that sent a request."""
        asked = task.requests[0]
        if asked.command == "POST" and asked.path == self._login and not asked.error:
            self._passwords.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """End all threads."""
        self._passwords.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))


class Line:
    """Connections that wait; used by one dispatcher, under its lock."""

    def __init__(self) -> None:
        self._in_turn: deque[tuple[str, Any]] = deque()
        self._refused: deque[Any] = deque()
        self._of_address: Counter[str] = Counter()
        self._refuses = False

    def __len__(self) -> int:
        return len(self._in_turn) + len(self._refused)

    def append(self, channel: Any) -> None:
        """Let one more wait."""
        forwarded = channel.requests[0].headers.get("X_FORWARDED_FOR", "")
        address = network_of(channel.addr[0], forwarded)
        full = len(self._in_turn) >= OF_ALL or self._of_address[address] >= OF_ADDRESS
        channel.task_class = _Refused if full else WSGITask
        if not full:
            self._of_address[address] += 1
            self._in_turn.append((address, channel))
        elif len(self._refused) < TO_BE_TOLD:
            self._refused.append(channel)
        else:
            channel.will_close = True

    def popleft(self) -> Any:
        """Whoever is next."""
        self._refuses = bool(self._refused) and not (self._refuses and self._in_turn)
        if self._refuses:
            return self._refused.popleft()
        address, channel = self._in_turn.popleft()
        self._of_address[address] -= 1
        # Zeros would be kept of every address there ever was.
        self._of_address += Counter()
        return channel


class _Refused(WSGITask):  # type: ignore[misc]  # of a library without types
    """A request for which the line was full: the site says so, and the connection ends."""

    def get_environment(self) -> dict[str, Any]:
        """As the site reads it."""
        self.set_close_on_finish()
        return {**super().get_environment(), REFUSED: True}


class _Silent:
    @staticmethod
    def warning(*_words: object) -> None:
        """Write nothing."""
