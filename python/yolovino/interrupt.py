"""Ctrl-C while the library works for long."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_GRACE_S = 5.0
_PAUSE_S = 0.2


class _Work(threading.Thread):
    """A thread that says itself when it is done.

    `Thread.join()` and `is_alive()` do not know: Python up to 3.12 takes a running thread for one that has ended when
    Ctrl-C interrupts the wait for it.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(name="yolovino", daemon=True)
        self._work = work
        self.done = threading.Event()

    def run(self) -> None:
        """Works."""
        try:
            self._work()
        finally:
            self.done.set()


# Work that has begun and whose end nobody has seen.
_running: set[_Work] = set()


def interruptible(work: Callable[[], T]) -> T:
    """Runs long work so that Ctrl-C ends the wait for it at once.

    Python handles signals between its own instructions, never during a call of the library. So the work runs on a
    thread, and the main thread waits where it can be interrupted. What was interrupted runs to its end unseen.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    thread = _Work(run)
    # Ctrl-C may come at any of these lines, also while the thread starts.
    _running.add(thread)
    thread.start()
    while not thread.done.wait(_PAUSE_S):
        pass
    _running.discard(thread)
    if failure:
        raise failure[0]
    return outcome[0]


def _leave() -> None:
    """Ends the process without its last steps if the library still works: they would take its memory away."""
    for thread in _running:
        if thread.ident is not None and not thread.done.wait(_GRACE_S):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(130)


atexit.register(_leave)
