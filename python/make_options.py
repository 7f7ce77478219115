"""Writes yolovino/options.py from the library's table of options: `python make_options.py`, or `--check`."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from yolovino.native.model import options_of

MODES = {"Predict": "predict", "Track": "track", "Val": "val", "Export": "export", "Benchmark": "benchmark"}
# What Python says by other means: the source is an argument, the model an object, and its mode a method.
LEFT_OUT = frozenset(("model", "source", "task", "mode", "kpt_shape", "merge"))
TYPES = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "str",
    "path": "str | os.PathLike[str]",
    "list": "Sequence[int] | str",
    "int or list": "int | Sequence[int]",
    "str or list": "str | Sequence[str]",
    "KEY=VALUE": "Mapping[str, object] | str",
}
HEAD = '''"""Options of each mode, as keyword arguments. Generated from the library's table by make_options.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
'''
WIDTH = 120


def page() -> str:
    """The text of the file."""
    parts = [HEAD]
    for name, mode in MODES.items():
        lines = [f'\n\nclass {name}Options(TypedDict, total=False):\n    """Options of ``yolo {mode}``."""\n']
        for option in options_of(mode):
            if option["key"] in LEFT_OUT:
                continue
            comment = (
                option["help"] if option["default"] == "None" else f"{option['help']}; default: {option['default']}"
            )
            lines += [f"    # {line}" for line in textwrap.wrap(comment, WIDTH - 6)]
            lines.append(f"    {option['key'].replace('.', '_')}: {TYPES[option['type']]} | None")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def main() -> int:
    """Writes the file, or compares it."""
    file = Path(__file__).parent / "yolovino" / "options.py"
    if "--check" not in sys.argv:
        file.write_text(page(), encoding="utf-8")
        return 0
    return int(file.read_text(encoding="utf-8") != page())


if __name__ == "__main__":
    sys.exit(main())
