"""Results that a program made or changed, as the library's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yolovino.error import Error

if TYPE_CHECKING:
    from yolovino.native.result import NativeResult
    from yolovino.results import Results


def result_of(results: Results) -> NativeResult:
    """Makes an object of the library with the numbers and the image of these results."""
    raise Error("InvalidArgument", "[results] TODO")
