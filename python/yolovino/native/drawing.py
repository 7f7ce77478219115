"""Results that a program made or changed, as objects of the library, which draws and writes them."""

from __future__ import annotations

import ctypes as c
import os
from typing import TYPE_CHECKING

import numpy as np

from yolovino.native.calls import call_for_handle
from yolovino.native.functions import ResultData
from yolovino.native.image import MemoryImage
from yolovino.native.result import NativeResult

if TYPE_CHECKING:
    import numpy.typing as npt

    from yolovino.boxes import OBB, Boxes
    from yolovino.results import Results


def result_of(results: Results) -> NativeResult:
    """Makes an object of the library with the numbers and the image of these results."""
    data = ResultData(size=c.sizeof(ResultData), task=results.task.encode(), path=os.fsencode(results.path))
    image = MemoryImage(results.path, pixels=results.orig_img).c_image()
    data.image = c.pointer(image)
    count = max(results.names, default=-1) + 1
    names = (c.c_char_p * max(count, 1))(*(str(results.names.get(cls, cls)).encode() for cls in range(count)))
    data.class_names, data.class_count = names, count
    # Everything that the call reads must live until it returns.
    kept: list[npt.NDArray[np.generic]] = []

    def address(values: npt.NDArray[np.generic]) -> int:
        kept.append(np.ascontiguousarray(values))
        return kept[-1].ctypes.data

    boxes: Boxes | OBB | None = results.obb if results.obb is not None else results.boxes
    if boxes is not None:
        data.count = len(boxes)
        numbers = boxes.data.numpy()
        rows = np.concatenate([numbers[:, : -3 if boxes.is_track else -2], numbers[:, -2:]], axis=1)
        if boxes.id is not None:
            data.ids = address(boxes.id.astype(np.int32))
        setattr(data, "boxes" if results.obb is None else "obb", address(rows))
    if results.keypoints is not None:
        data.keypoints = address(results.keypoints.data)
        data.keypoint_count, data.keypoint_numbers = results.keypoints.shape[1:]
    if results.probs is not None:
        data.probs = address(results.probs.data)
    if results.masks is not None:
        masks = results.masks.data.numpy() != 0
        data.mask_height, data.mask_width = masks.shape[1:]
        data.masks = address(masks.astype(np.uint8))
    for stage in ("preprocess", "inference", "postprocess"):
        setattr(data, f"{stage}_ms", results.speed.get(stage) or 0.0)
    return NativeResult(call_for_handle("yv_result_create", c.byref(data)))
