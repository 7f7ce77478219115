"""Boxes of one image: upright ones and rotated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from yolovino.array import Array, as_array
from yolovino.error import Error
from yolovino.rows import Rows

if TYPE_CHECKING:
    import numpy.typing as npt


class ScoredRows(Rows):
    """Objects whose rows end with ``[id,] conf, cls``."""

    _columns: ClassVar[int]  # without ids
    _what: ClassVar[str]

    def __init__(self, boxes: npt.ArrayLike, orig_shape: tuple[int, int]) -> None:
        super().__init__(boxes, orig_shape)
        if self.data.ndim == 1:
            self.data = self.data[None]
        if self.data.ndim != 2 or self.data.shape[1] not in (self._columns, self._columns + 1):
            wanted = f"[n, {self._columns}] or [n, {self._columns + 1}]"
            raise Error("ShapeMismatch", f"[results] {self._what} have the shape {self.data.shape}, wanted {wanted}")

    @property
    def is_track(self) -> bool:
        """Whether a tracker gave the boxes ids."""
        return int(self.data.shape[1]) > self._columns

    @property
    def conf(self) -> Array:
        """Scores, 0 to 1."""
        return self.data[:, -2]

    @property
    def cls(self) -> Array:
        """Class ids, as floats."""
        return self.data[:, -1]

    @property
    def id(self) -> Array | None:
        """Ids of the tracked objects, as floats; None without a tracker."""
        return self.data[:, -3] if self.is_track else None


class Boxes(ScoredRows):
    """Boxes of the objects in one image, one row each: ``x1, y1, x2, y2, [id,] conf, cls`` in pixels of the image.

    Args:
        boxes: ``[n, 6]`` or, of a tracker, ``[n, 7]``.
        orig_shape: height and width of the image.
    """

    _columns = 6
    _what = "boxes"

    @property
    def xyxy(self) -> Array:
        """Corners ``x1, y1, x2, y2`` in pixels of the image, ``[n, 4]``."""
        return self.data[:, :4]

    @property
    def xywh(self) -> Array:
        """Centre, width, and height in pixels of the image, ``[n, 4]``."""
        return to_xywh(self.xyxy)

    @property
    def xyxyn(self) -> Array:
        """Corners as parts of the width and the height of the image."""
        return self.xyxy / image_scale(self.orig_shape)

    @property
    def xywhn(self) -> Array:
        """Centre, width, and height as parts of the width and the height of the image."""
        return self.xywh / image_scale(self.orig_shape)


class OBB(ScoredRows):
    """Rotated boxes of the objects in one image: ``cx, cy, w, h, angle, [id,] conf, cls``; angles are in radians.

    Args:
        boxes: ``[n, 7]`` or, of a tracker, ``[n, 8]``.
        orig_shape: height and width of the image.
        corners: the corners of each box where they are known already, ``[n, 4, 2]``.
    """

    _columns = 7
    _what = "rotated boxes"

    def __init__(self, boxes: npt.ArrayLike, orig_shape: tuple[int, int], corners: npt.ArrayLike | None = None) -> None:
        super().__init__(boxes, orig_shape)
        self._corners = None if corners is None else as_array(corners)

    def _select(self, index: Any) -> OBB:
        corners = None if self._corners is None else as_array(self._corners[index]).reshape(-1, 4, 2)
        return OBB(self.data[index], self.orig_shape, corners)

    @property
    def xywhr(self) -> Array:
        """Centre, width, height, and angle, ``[n, 5]``."""
        return self.data[:, :5]

    @property
    def xyxyxyxy(self) -> Array:
        """Corners in pixels of the image, ``[n, 4, 2]``."""
        if self._corners is None:
            self._corners = corners_of(self.xywhr)
        return self._corners

    @property
    def xyxyxyxyn(self) -> Array:
        """Corners as parts of the width and the height of the image."""
        return self.xyxyxyxy / image_scale(self.orig_shape)[:2]

    @property
    def xyxy(self) -> Array:
        """The smallest upright boxes around the corners, ``[n, 4]``."""
        corners = self.xyxyxyxy
        return as_array(np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=-1))


def image_scale(orig_shape: tuple[int, int]) -> Array:
    """What x, y, x, y are divided by to be parts of the image."""
    height, width = orig_shape
    return as_array([width, height, width, height])


def to_xywh(xyxy: Array) -> Array:
    """Centre, width, and height of upright boxes."""
    low, high = xyxy[..., :2], xyxy[..., 2:]
    return as_array(np.concatenate([(low + high) / np.float32(2), high - low], axis=-1))


def corners_of(xywhr: Array) -> Array:
    """Corners of rotated boxes: without rotation bottom right, top right, top left, bottom left."""
    centre, width, height, angle = xywhr[:, :2], xywhr[:, 2:3], xywhr[:, 3:4], xywhr[:, 4:5]
    cos, sin = np.cos(angle), np.sin(angle)
    along = np.concatenate([width / 2 * cos, width / 2 * sin], axis=-1)
    across = np.concatenate([-height / 2 * sin, height / 2 * cos], axis=-1)
    corners = [centre + along + across, centre + along - across, centre - along - across, centre - along + across]
    return as_array(np.stack(corners, axis=1))
