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
# Work that has begun and whose end nobody has seen.
_running: set[threading.Thread] = set()


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

    thread = threading.Thread(target=run, name="yolovino", daemon=True)
    # Ctrl-C may come at any of these lines, also while the thread starts.
    _running.add(thread)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
    _running.discard(thread)
    if failure:
        raise failure[0]
    return outcome[0]


def _leave() -> None:
    """Ends the process without its last steps if the library still works: they would take its memory away."""
    for thread in _running:
        if thread.ident is not None:
            thread.join(_GRACE_S)
        if thread.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(130)


atexit.register(_leave)
