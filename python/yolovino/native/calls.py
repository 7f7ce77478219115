"""Calls of the C interface: options, texts, and errors."""

from __future__ import annotations

import ctypes as c
import os
from typing import TYPE_CHECKING, Any

from yolovino.error import Error
from yolovino.native.functions import Handle, Option
from yolovino.native.library import library

if TYPE_CHECKING:
    from collections.abc import Mapping


class Options:
    """Options as the C interface takes them: two arguments of a call."""

    def __init__(self, options: Mapping[str, object]) -> None:
        pairs = [(_c_text(key), _c_text(option_text(key, value))) for key, value in options.items()]
        self._array = (Option * len(pairs))(*(Option(key, value) for key, value in pairs))
        self.arguments = (self._array, len(pairs))


def _c_text(text: str) -> bytes:
    if "\0" in text:
        raise Error("InvalidArgument", f"[python] {text!r} has a zero character, which no option has")
    return os.fsencode(text)


def option_text(key: str, value: object) -> str:
    """Writes a value as the command spells it."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str | os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, dict):
        return ",".join(f"{name}={option_text(key, each)}" for name, each in value.items())
    if isinstance(value, list | tuple | range):
        texts = [option_text(key, each) for each in value]
        return ",".join(texts) if texts and all(isinstance(each, str) for each in value) else f"[{', '.join(texts)}]"
    if hasattr(value, "tolist"):  # numbers and arrays of numpy
        return option_text(key, value.tolist())
    raise Error(
        "InvalidArgument", f"[python] {key} is of the type {type(value).__name__}, wanted a number, text, or a list"
    )


def call(name: str, *arguments: object) -> None:
    """Calls a function that returns a status.

    Raises:
        Error: what the function reported.
    """
    error = Handle()
    status = getattr(library(), name)(*arguments, c.byref(error))
    if status != 0:
        raise taken_error(status, error)


def call_for_handle(name: str, *arguments: object) -> Handle:
    """Calls a function that gives a handle before its error."""
    out = Handle()
    call(name, *arguments, c.byref(out))
    return out


def call_for_text(name: str, *arguments: object) -> str:
    """Calls a function that gives a text before its error."""
    return taken_text(call_for_handle(name, *arguments))


def text(value: bytes | None) -> str:
    """A text of the library; paths may have any bytes."""
    return os.fsdecode(value or b"")


def taken_text(address: Handle | int | None) -> str:
    """Reads and frees a text that belongs to the caller."""
    if isinstance(address, int):
        address = Handle(address)
    if address is None or not address.value:
        raise Error("LimitExceeded", "[python] there is no memory for a text")
    try:
        return text(c.string_at(address.value))
    finally:
        library().yv_string_free(address)


def error_of(status: int, error: Any) -> Error:
    """The exception for an error of the library, which keeps it."""
    native = library()
    code = text(native.yv_status_name(status))
    if not error:
        return Error(code, f"[python] a call failed with {code} and no message")
    line, hint = text(native.yv_error_message(error)), text(native.yv_error_hint(error))
    return Error(code, line, message=line, hint=hint, file=text(native.yv_error_file(error)))


def taken_error(status: int, error: Handle) -> Error:
    """The exception for an error that belongs to the caller, which is freed."""
    try:
        return error_of(status, error)
    finally:
        library().yv_error_free(error)
