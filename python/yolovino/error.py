"""The one exception of this package."""

from __future__ import annotations

CODES = (
    "InvalidArgument",
    "NotFound",
    "IoFailure",
    "UnsupportedFile",
    "CorruptFile",
    "LimitExceeded",
    "UnsupportedModel",
    "ShapeMismatch",
    "DeviceUnavailable",
    "RuntimeFailure",
    "NetworkFailure",
    "MissingComponent",
)


class Error(Exception):
    """Everything that this package raises on its own account.

    Attributes:
        code: what kind of failure it is, one of `yolovino.error.CODES`: ``"CorruptFile"``.
        message: what happened, with what was found and what was wanted.
        hint: what can be done about it; may be empty.
        file: the file that is concerned; may be empty.
    """

    def __init__(self, code: str, line: str, *, message: str = "", hint: str = "", file: str = "") -> None:
        super().__init__(line)
        self.code = code
        self.message = message or line
        self.hint = hint
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.code, str(self), self.message, self.hint, self.file))


def _rebuild(code: str, line: str, message: str, hint: str, file: str) -> Error:
    return Error(code, line, message=message, hint=hint, file=file)
