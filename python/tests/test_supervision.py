"""The package supervision takes our results for those of Ultralytics."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import sample_images, sample_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from yolovino import YOLO

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for OpenCV
    import supervision


@pytest.mark.parametrize("task", ["detect", "segment", "obb"])
def test_detections_from_ultralytics(model: Callable[[str], YOLO], task: str) -> None:
    results = next(each for image in sample_images(task) if len(each := model(task)(image, verbose=False)[0]) > 1)
    detections = supervision.Detections.from_ultralytics(results)
    boxes = results.obb if task == "obb" else results.boxes
    assert boxes is not None
    assert len(detections) == len(results)
    assert np.array_equal(detections.xyxy, boxes.xyxy)
    assert detections.confidence is not None
    assert detections.class_id is not None
    assert np.array_equal(detections.confidence, boxes.conf)
    assert detections.class_id.tolist() == boxes.cls.int().tolist()
    assert list(detections.data["class_name"]) == [results.names[int(cls)] for cls in boxes.cls]
    if task == "segment":
        assert detections.mask is not None
        assert detections.mask.shape == (len(results), *results.orig_shape)
        assert detections.mask.dtype == bool
        assert np.any(np.asarray(detections.mask))
    if results.obb is not None:
        assert np.array_equal(detections.data["xyxyxyxy"], results.obb.xyxyxyxy)


def test_ids_of_a_tracker(model: Callable[[str], YOLO]) -> None:
    from yolovino import YOLO

    results = YOLO(sample_model("detect")).track(sample_images("detect")[1], conf=0.3, verbose=False)[0]
    detections = supervision.Detections.from_ultralytics(results)
    assert results.boxes is not None
    assert results.boxes.id is not None
    assert detections.tracker_id is not None
    assert detections.tracker_id.tolist() == results.boxes.id.int().tolist()


def test_key_points_from_ultralytics(model: Callable[[str], YOLO]) -> None:
    results = next(each for image in sample_images("pose") if len(each := model("pose")(image, verbose=False)[0]) > 0)
    points = supervision.KeyPoints.from_ultralytics(results)
    assert results.keypoints is not None
    assert results.boxes is not None
    assert points.class_id is not None
    assert np.array_equal(points.xy, results.keypoints.xy)
    assert points.class_id.tolist() == results.boxes.cls.int().tolist()


def test_classifications_from_ultralytics(model: Callable[[str], YOLO]) -> None:
    results = model("classify")(sample_images("classify")[0], verbose=False)[0]
    found = supervision.Classifications.from_ultralytics(results)
    assert found.confidence is not None
    assert results.probs is not None
    assert np.array_equal(found.confidence, results.probs.data)
