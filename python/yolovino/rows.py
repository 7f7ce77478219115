"""What boxes, masks, keypoints, and probabilities have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yolovino.array import Array, as_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from typing_extensions import Self


class Rows:
    """Numbers of the objects in one image, a row for each object.

    Attributes:
        data: the numbers.
        orig_shape: height and width of the image.
    """

    def __init__(self, data: npt.ArrayLike, orig_shape: tuple[int, int]) -> None:
        self.data: Array = as_array(data)
        self.orig_shape = (int(orig_shape[0]), int(orig_shape[1]))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the data."""
        return self.data.shape

    def cpu(self) -> Self:
        """Returns the object: its numbers are in the memory of the CPU."""
        return self

    def cuda(self) -> Self:
        """Returns the object: there is no other device."""
        return self

    def to(self, *args: object, **kwargs: object) -> Self:
        """Returns the object: there is no other device."""
        return self

    def numpy(self) -> Self:
        """Returns the object: its numbers are numpy arrays."""
        return self

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: Any) -> Self:
        return self._select(index)

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(len(self)))

    def _select(self, index: Any) -> Self:
        return type(self)(self.data[index], self.orig_shape)

    def __repr__(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}(data={self.data!r}, orig_shape={self.orig_shape})"
