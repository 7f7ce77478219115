"""Where the messages and the progress of the library go: Python's logging, and a line that overwrites itself."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from yolovino.native.functions import LOG_FUNCTION, PROGRESS_FUNCTION

if TYPE_CHECKING:
    import ctypes

# Handlers and levels of the program decide; without any, messages are printed as the command does it.
logger = logging.getLogger("yolovino")
_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING)
_PAUSE_S = 0.1
_NOTEBOOK_PAUSE_S = 0.5


class _Console(logging.Handler):
    """Prints messages to standard output and warnings to standard error, whatever these are at that time."""

    def emit(self, record: logging.LogRecord) -> None:
        warning = record.levelno >= logging.WARNING
        stream = sys.stderr if warning else sys.stdout
        if stream is None:
            return
        progress.clear()
        print(("WARNING ⚠️ " if warning else "") + record.getMessage(), file=stream, flush=True)


class Progress:
    """A line of progress on a terminal or below the cell of a notebook; nothing elsewhere."""

    def __init__(self) -> None:
        self._visible = False
        self._last = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        """Shows how far a stage is, a few times a second."""
        stream = sys.stderr
        notebook = _in_notebook()
        if stream is None or not (notebook or stream.isatty()):
            return
        if total and done >= total:
            self.clear()
            return
        now = time.monotonic()
        if self._visible and now - self._last < (_NOTEBOOK_PAUSE_S if notebook else _PAUSE_S):
            return
        amount = f"{100 * done // total}%" if total else f"{done:,}"
        stream.write(f"\r{stage} {amount}" if notebook else f"\r\033[K{stage} {amount}")
        stream.flush()
        self._visible = True
        self._last = now

    def clear(self) -> None:
        """Removes the line."""
        if self._visible and sys.stderr is not None:
            sys.stderr.write("\r" if _in_notebook() else "\r\033[K")
            sys.stderr.flush()
        self._visible = False


progress = Progress()


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules


def _on_log(_user: Any, level: int, line: bytes) -> None:
    logger.log(_LEVELS[min(max(level, 0), 2)], "%s", os.fsdecode(line))


def _on_progress(_user: Any, stage: bytes, done: int, total: int) -> None:
    progress.show(os.fsdecode(stage), done, total)


# Kept for ever: the library calls them from its threads.
_log_function = LOG_FUNCTION(_on_log)
_progress_function = PROGRESS_FUNCTION(_on_progress)


def connect(library: ctypes.CDLL) -> None:
    """Connects the library with the logger `yolovino`."""
    if not logger.handlers:
        logger.addHandler(_Console())
        logger.propagate = False
        logger.setLevel(logging.DEBUG if os.environ.get("YOLO_VERBOSE") else logging.INFO)
    library.yv_set_log(_log_function, None)
    library.yv_set_progress(_progress_function, None)
    # The threads of the library must not call into an interpreter that has ended.
    atexit.register(_disconnect, library, os.getpid())


def _disconnect(library: ctypes.CDLL, process: int) -> None:
    if os.getpid() == process:
        library.yv_set_log(None, None)
        library.yv_set_progress(None, None)
