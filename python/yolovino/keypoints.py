"""Keypoints of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yolovino.boxes import image_scale
from yolovino.error import Error
from yolovino.rows import Rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from yolovino.array import Array


class Keypoints(Rows):
    """Keypoints of the objects in one image, ``[n, k, 2]`` or, with how visible each is, ``[n, k, 3]``.

    Args:
        keypoints: the numbers; of one object ``[k, 2]`` or ``[k, 3]``.
        orig_shape: height and width of the image.
    """

    def __init__(self, keypoints: npt.ArrayLike, orig_shape: tuple[int, int]) -> None:
        super().__init__(keypoints, orig_shape)
        if self.data.ndim == 2:
            self.data = self.data[None]
        if self.data.ndim != 3 or self.data.shape[2] not in (2, 3):
            raise Error(
                "ShapeMismatch", f"[results] keypoints have the shape {self.data.shape}, wanted [n, k, 2] or [n, k, 3]"
            )

    @property
    def has_visible(self) -> bool:
        """Whether each point has a third number."""
        return int(self.data.shape[-1]) == 3

    @property
    def xy(self) -> Array:
        """Points in pixels of the image, ``[n, k, 2]``."""
        return self.data[..., :2]

    @property
    def xyn(self) -> Array:
        """Points as parts of the width and the height of the image."""
        return self.xy / image_scale(self.orig_shape)[:2]

    @property
    def conf(self) -> Array | None:
        """How visible each point is, 0 to 1, ``[n, k]``; None if the network does not say it."""
        return self.data[..., 2] if self.has_visible else None
