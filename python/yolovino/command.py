"""The command `yolo`."""

from __future__ import annotations

import ctypes
import os
import sys


def main() -> int:
    """Runs the command with the words of the process and returns its exit status."""
    from yolovino.error import Error

    try:
        from yolovino.native.library import library

        native = library()
    except Error as error:
        print(f"ERROR ❌ {error}", file=sys.stderr)
        return 1
    words = [b"yolo", *(os.fsencode(word) for word in sys.argv[1:])]
    array = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    # Ctrl-C ends the command as it does anywhere else: Python would wait for the call to return.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    status: int = native.yv_main(len(words), array)
    sys.stdout.flush()
    # Without the last steps of Python: the library keeps what it has open until the process ends.
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
