"""A result of the library: its numbers as arrays, and what the library makes of it."""

from __future__ import annotations

import ctypes as c
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from yolovino.array import Array, as_array
from yolovino.boxes import OBB, Boxes
from yolovino.keypoints import Keypoints
from yolovino.masks import Masks
from yolovino.native.calls import Options, call, call_for_handle, error_of, taken_text, text
from yolovino.native.functions import Handle, Image
from yolovino.native.library import library
from yolovino.probs import Probs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from yolovino.rows import Rows


class NativeResult:
    """Owns a result of the library."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._owner = os.getpid()

    def __del__(self) -> None:
        # A child of fork has no business with the library, not even to free what it inherited.
        if self._handle and self._owner == os.getpid():
            library().yv_result_free(self._handle)

    def raise_failure(self) -> None:
        """Raises the error of an image of a batch that failed."""
        status = library().yv_result_status(self._handle)
        if status != 0:
            raise error_of(status, library().yv_result_error(self._handle))

    @property
    def task(self) -> str:
        """What was looked for."""
        return text(library().yv_result_task(self._handle))

    @property
    def path(self) -> str:
        """File, URL, or the name of an image from memory."""
        return text(library().yv_result_path(self._handle))

    @property
    def save_dir(self) -> str:
        """The run folder; empty if nothing is saved."""
        return text(library().yv_result_save_dir(self._handle))

    @property
    def frame(self) -> int | None:
        """1-based number of the frame of a video."""
        return library().yv_result_frame(self._handle) or None

    @property
    def orig_shape(self) -> tuple[int, int]:
        """Height and width of the image."""
        width, height = c.c_int32(), c.c_int32()
        library().yv_result_size(self._handle, c.byref(width), c.byref(height))
        return height.value, width.value

    @property
    def input_shape(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        width, height = c.c_int32(), c.c_int32()
        library().yv_result_input_size(self._handle, c.byref(width), c.byref(height))
        return height.value, width.value

    @property
    def speed(self) -> dict[str, float]:
        """Milliseconds by stage."""
        stages = (c.c_double(), c.c_double(), c.c_double())
        library().yv_result_speed(self._handle, *(c.byref(stage) for stage in stages))
        return dict(zip(("preprocess", "inference", "postprocess"), (stage.value for stage in stages), strict=True))

    def image(self) -> npt.NDArray[np.uint8]:
        """The pixels of the image, which live as long as the array or this object."""
        image = Image(size=c.sizeof(Image))
        status = library().yv_result_image(self._handle, c.byref(image))
        if status != 0:
            raise error_of(status, None)
        pixels = (c.c_uint8 * (image.height * image.width * 3)).from_address(image.data)
        pixels.owner = self
        return np.frombuffer(pixels, dtype=np.uint8).reshape(image.height, image.width, 3)

    def part(self, name: str) -> Rows | None:
        """Boxes, masks, probs, keypoints, or obb; None if the task has none."""
        task = self.task
        if name == "probs":
            return self._probs() if task == "classify" else None
        if name == "obb":
            return self._obb() if task == "obb" else None
        if name == "boxes":
            return None if task in ("classify", "obb") else self._boxes()
        if name == "keypoints":
            return self._keypoints() if task == "pose" else None
        return self._masks() if task == "segment" and self._count() > 0 else None

    def embedding(self) -> Array | None:
        """The features of an `embed`."""
        count = c.c_size_t()
        values = library().yv_result_embedding(self._handle, c.byref(count))
        return _copy(values, (count.value,)) if values else None

    def _count(self) -> int:
        return int(library().yv_result_count(self._handle))

    def _with_ids(self, rows: Array) -> Array:
        """Puts the ids of a tracker before score and class, as Ultralytics does."""
        ids = library().yv_result_ids(self._handle)
        if not ids:
            return rows
        column = np.ctypeslib.as_array(ids, (len(rows),)).astype(np.float32)
        return as_array(np.insert(rows.numpy(), rows.shape[1] - 2, column, axis=1))

    def _boxes(self) -> Boxes:
        rows = _copy(library().yv_result_boxes(self._handle), (self._count(), 6))
        return Boxes(self._with_ids(rows), self.orig_shape)

    def _obb(self) -> OBB:
        count = self._count()
        rows = _copy(library().yv_result_obb(self._handle), (count, 7))
        corners = _copy(library().yv_result_corners(self._handle), (count, 4, 2))
        return OBB(self._with_ids(rows), self.orig_shape, corners)

    def _keypoints(self) -> Keypoints:
        points, numbers = c.c_size_t(), c.c_size_t()
        values = library().yv_result_keypoints(self._handle, c.byref(points), c.byref(numbers))
        return Keypoints(_copy(values, (self._count(), points.value, numbers.value or 3)), self.orig_shape)

    def _probs(self) -> Probs:
        count = c.c_size_t()
        values = library().yv_result_probs(self._handle, c.byref(count))
        return Probs(_copy(values, (count.value,)), self.orig_shape)

    def _masks(self) -> Masks:
        return Masks(self._mask_pixels, self.orig_shape, self._outlines)

    def _mask_pixels(self) -> Array:
        width, height = c.c_int32(), c.c_int32()
        library().yv_result_mask_size(self._handle, c.byref(width), c.byref(height))
        masks = np.zeros((self._count(), height.value, width.value), dtype=np.uint8)
        for i in range(len(masks)):
            call("yv_result_mask", self._handle, i, masks[i].ctypes.data, masks[i].size)
        return as_array(masks, np.uint8)

    def _outlines(self) -> list[npt.NDArray[np.float32]]:
        outlines = []
        for i in range(self._count()):
            points = c.c_size_t()
            values = library().yv_result_mask_outline(self._handle, i, 0, c.byref(points))
            outlines.append(_copy(values, (points.value, 2)).numpy())
        return outlines

    # --- what the library makes of it ---

    def select(self, objects: Sequence[int]) -> NativeResult:
        """A result with some of the objects."""
        array = (c.c_size_t * len(objects))(*objects)
        return NativeResult(call_for_handle("yv_result_select", self._handle, array, len(objects)))

    def plot(self, options: Mapping[str, object]) -> npt.NDArray[np.uint8]:
        """The image with what was found drawn on it."""
        pixels = np.empty((*self.orig_shape, 3), dtype=np.uint8)
        call("yv_result_plot", self._handle, *Options(options).arguments, pixels.ctypes.data, pixels.size)
        return pixels

    def save(self, file: str, options: Mapping[str, object]) -> None:
        """Writes that to a file."""
        call("yv_result_save", self._handle, os.fsencode(file), *Options(options).arguments)

    def save_txt(self, file: str, save_conf: bool) -> None:
        """Appends lines of label text."""
        call("yv_result_save_txt", self._handle, os.fsencode(file), int(save_conf))

    def save_crop(self, folder: str, stem: str) -> None:
        """Writes the objects as images."""
        call("yv_result_save_crop", self._handle, os.fsencode(folder), os.fsencode(stem))

    def verbose(self) -> str:
        """Classes and counts."""
        return taken_text(library().yv_result_verbose(self._handle))

    def json(self) -> str:
        """The line that the command writes with ``save_json=True``."""
        return taken_text(library().yv_result_json(self._handle, 0, 5))


def _copy(values: Any, shape: tuple[int, ...]) -> Array:
    if not values or 0 in shape:
        return as_array(np.empty(shape, dtype=np.float32))
    return as_array(np.ctypeslib.as_array(values, shape).copy())
