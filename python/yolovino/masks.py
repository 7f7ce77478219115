"""Masks of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from yolovino.array import Array, as_array
from yolovino.boxes import image_scale
from yolovino.error import Error
from yolovino.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Outline = npt.NDArray[np.float32]


class Masks(Rows):
    """Masks of the objects in one image, ``[n, h, w]`` of 0 and 1, on the grid of the network or of the image.

    Args:
        masks: the numbers, or a function that gives them when they are asked for.
        orig_shape: height and width of the image.
        outlines: the outline of each object in pixels of the image, or a function that gives it by the object's index.
    """

    def __init__(
        self,
        masks: npt.ArrayLike | Callable[[], Array],
        orig_shape: tuple[int, int],
        outlines: Sequence[Outline] | Callable[[], list[Outline]] | None = None,
    ) -> None:
        self.orig_shape = (int(orig_shape[0]), int(orig_shape[1]))
        self._data: Array | None = None
        self._pixels = masks if callable(masks) else None
        if not callable(masks):
            data = as_array(masks, np.asarray(masks).dtype)
            self._data = data[None] if data.ndim == 2 else data
            if self._data.ndim != 3:
                raise Error("ShapeMismatch", f"[results] masks have the shape {data.shape}, wanted [n, h, w]")
        self._outlines = outlines

    @property
    def data(self) -> Array:  # type: ignore[override]
        """0 or 1 for each pixel, ``[n, h, w]``."""
        if self._data is None:
            assert self._pixels is not None
            self._data = self._pixels()
        return self._data

    @property
    def xy(self) -> list[Outline]:
        """The outline of each object in pixels of the image, ``[points, 2]`` each."""
        if self._outlines is None:
            raise Error(
                "InvalidArgument",
                "[results] masks that were made from pixels have no outlines; only those that a model found have",
            )
        if callable(self._outlines):
            self._outlines = self._outlines()
        return list(self._outlines)

    @property
    def xyn(self) -> list[Outline]:
        """The outlines as parts of the width and the height of the image."""
        scale = image_scale(self.orig_shape)[:2].numpy()
        return [outline / scale for outline in self.xy]

    def __getstate__(self) -> dict[str, object]:
        # Functions of the library's object do not go along.
        outlines = None if self._outlines is None else self.xy
        return {"orig_shape": self.orig_shape, "_data": self.data, "_pixels": None, "_outlines": outlines}

    def _select(self, index: Any) -> Masks:
        picked = np.atleast_1d(np.arange(len(self))[index])
        outlines = None if self._outlines is None else [self.xy[i] for i in picked]
        return Masks(self.data[picked], self.orig_shape, outlines)
