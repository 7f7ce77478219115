"""Numbers of results: numpy arrays that also answer to what programs call on tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from typing_extensions import Self


class Array(np.ndarray):
    """A numpy array with the methods of tensors that scripts for Ultralytics use.

    ``boxes.xyxy.cpu().numpy()``, ``boxes.cls.int().tolist()``, and ``float(box.conf)`` work as they do there; nothing
    is ever moved to another device.
    """

    def cpu(self) -> Self:
        """Returns the array: it is in the memory of the CPU."""
        return self

    def cuda(self, *args: object, **kwargs: object) -> Self:
        """Returns the array: there is no other device."""
        return self

    def to(self, *args: object, **kwargs: object) -> Self:
        """Returns the array: there is no other device."""
        return self

    def detach(self) -> Self:
        """Returns the array: there are no gradients."""
        return self

    def clone(self) -> Array:
        """Returns a copy."""
        return as_array(self.copy(), self.dtype)

    def numpy(self) -> npt.NDArray[Any]:
        """Returns the same numbers as a plain numpy array."""
        return np.asarray(self)

    def int(self) -> Array:
        """Returns the numbers without their fractions, as 32-bit integers."""
        return self.astype(np.int32).view(Array)

    def long(self) -> Array:
        """Returns the numbers without their fractions, as 64-bit integers."""
        return self.astype(np.int64).view(Array)

    def float(self) -> Array:
        """Returns the numbers as 32-bit floats."""
        return self.astype(np.float32).view(Array)

    def numel(self) -> builtin_int:
        """Returns how many numbers there are."""
        return self.size

    def dim(self) -> builtin_int:
        """Returns how many dimensions there are."""
        return self.ndim

    if TYPE_CHECKING:  # parts and quotients of an Array are of its type, which the stubs of numpy do not say

        def __getitem__(self, index: Any, /) -> Array: ...

        def __truediv__(self, other: Any, /) -> Array: ...  # type: ignore[override]

        def reshape(self, *shape: Any, **kwargs: Any) -> Array: ...

    # numpy refuses to take an array of one number for that number; tensors do it, and `int(box.cls)` is common.
    def __int__(self) -> builtin_int:
        return builtin_int(self.item())

    def __float__(self) -> builtin_float:
        return builtin_float(self.item())

    def __index__(self) -> builtin_int:
        value = self.item()
        if not isinstance(value, builtin_int):
            raise TypeError(f"only whole numbers can be an index, this is {value!r}")
        return value

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.size == 1 else super().__format__(spec)


builtin_int = int
builtin_float = float


def as_array(values: npt.ArrayLike, dtype: npt.DTypeLike = np.float32) -> Array:
    """Returns the numbers as an `Array`, without a copy where none is needed."""
    return np.asarray(values, dtype=dtype).view(Array)
