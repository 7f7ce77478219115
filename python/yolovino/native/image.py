"""Images from memory as the C interface takes them."""

from __future__ import annotations

import ctypes as c
import os
from typing import TYPE_CHECKING

import numpy as np

from yolovino.error import Error
from yolovino.native.functions import Image, Input

if TYPE_CHECKING:
    import numpy.typing as npt

_FORMATS = {1: 4, 3: 0, 4: 2}  # channels: YV_GRAY, YV_BGR, YV_BGRA


class MemoryImage:
    """One image: encoded, or pixels in the order that OpenCV has, ``[height, width, channels]``, BGR.

    Attributes:
        path: what its result calls it.
    """

    def __init__(self, path: str, *, encoded: bytes | None = None, pixels: npt.NDArray[np.uint8] | None = None) -> None:
        self.path = path
        self.encoded = encoded
        self.pixels = None if pixels is None else _rows_without_gaps(pixels)

    def c_image(self) -> Image:
        """The pixels, which live as long as this object."""
        assert self.pixels is not None
        height, width, channels = self.pixels.shape
        return Image(
            size=c.sizeof(Image),
            format=_FORMATS[channels],
            data=self.pixels.ctypes.data,
            width=width,
            height=height,
            stride=self.pixels.strides[0],
        )

    def input(self) -> Input:
        """The image with its name, for a batch; it lives as long as this object."""
        made = Input(size=c.sizeof(Input), path=os.fsencode(self.path))
        if self.pixels is not None:
            self._c_image = self.c_image()
            made.image = c.pointer(self._c_image)
        else:
            assert self.encoded is not None
            made.encoded = c.cast(c.c_char_p(self.encoded), c.c_void_p)
            made.encoded_bytes = len(self.encoded)
        return made


def _rows_without_gaps(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in _FORMATS or 0 in pixels.shape:
        raise Error(
            "InvalidArgument",
            f"[python] an array of the shape {pixels.shape} and the type {pixels.dtype} is no image, wanted "
            "[height, width, 3] of uint8 in the order BGR; transpose it, scale it to 0 to 255, or convert it",
        )
    rows = pixels
    if rows.strides[1:] != (rows.shape[2], 1) or rows.strides[0] < rows.shape[1] * rows.shape[2]:
        rows = np.ascontiguousarray(rows)
    return rows
