"""Boxes, masks, keypoints, rotated boxes, and probabilities give the numbers that Ultralytics' accessors give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yolovino.boxes import OBB, Boxes
from yolovino.keypoints import Keypoints
from yolovino.masks import Masks
from yolovino.probs import Probs
from yolovino.results import Results

GOLDEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "accessors.json").read_text())
PARTS = {"boxes": Boxes, "keypoints": Keypoints, "obb": OBB, "probs": Probs}
# Ultralytics computes corners of rotated boxes in another order of operations; measured: 7.7e-6.
CORNER_PX = 2e-5


def recorded(part: str) -> list[str]:
    rows = [name for name, row in GOLDEN.items() if row[part] is not None]
    assert rows, f"no recorded result has {part}"
    return rows


def names_of(row: dict[str, Any]) -> dict[int, str]:
    return {each["class"]: each["name"] for each in row["summary"]}


@pytest.mark.parametrize("name", recorded("boxes"))
def test_boxes_equal_ultralytics_bit_for_bit(name: str) -> None:
    row = GOLDEN[name]["boxes"]
    boxes = Boxes(row["data"], GOLDEN[name]["shape"])
    for accessor in ("xyxy", "xywh", "xyxyn", "xywhn", "conf", "cls"):
        ours = getattr(boxes, accessor)
        assert ours.dtype == np.float32
        assert np.array_equal(ours, np.float32(row[accessor]).reshape(ours.shape)), accessor
    assert boxes.id is None
    assert not boxes.is_track


@pytest.mark.parametrize("name", recorded("obb"))
def test_rotated_boxes_equal_ultralytics(name: str) -> None:
    row = GOLDEN[name]["obb"]
    obb = OBB(row["data"], GOLDEN[name]["shape"])
    assert np.array_equal(obb.xywhr, np.float32(row["xywhr"]))
    for accessor in ("xyxyxyxy", "xyxy"):
        assert np.abs(getattr(obb, accessor) - np.float32(row[accessor])).max() < CORNER_PX, accessor
    assert np.abs(obb.xyxyxyxyn - np.float32(row["xyxyxyxyn"])).max() < 1e-6


@pytest.mark.parametrize("name", recorded("keypoints"))
def test_keypoints_equal_ultralytics_bit_for_bit(name: str) -> None:
    row = GOLDEN[name]["keypoints"]
    keypoints = Keypoints(row["data"], GOLDEN[name]["shape"])
    for accessor in ("xy", "xyn", "conf"):
        assert np.array_equal(getattr(keypoints, accessor), np.float32(row[accessor])), accessor
    assert keypoints.has_visible


@pytest.mark.parametrize("name", recorded("probs"))
def test_probabilities_equal_ultralytics_bit_for_bit(name: str) -> None:
    row = GOLDEN[name]["probs"]
    probs = Probs(row["data"])
    assert probs.top1 == row["top1"]
    assert probs.top5 == row["top5"]
    assert probs.top1conf.item() == row["top1conf"]
    assert probs.top5conf.tolist() == row["top5conf"]


@pytest.mark.parametrize("name", recorded("masks"))
def test_outlines_of_masks_are_normalised_as_in_ultralytics(name: str) -> None:
    row = GOLDEN[name]["masks"]
    outlines = [np.float32(outline).reshape(-1, 2) for outline in row["xy"]]
    masks = Masks(np.zeros((len(outlines), 4, 4)), GOLDEN[name]["shape"], outlines)
    for ours, theirs in zip(masks.xyn, row["xyn"], strict=True):
        assert np.allclose(ours, np.float32(theirs).reshape(-1, 2), atol=1e-7)


@pytest.mark.parametrize("name", list(GOLDEN))
def test_summary_and_json_equal_ultralytics(name: str) -> None:
    row = GOLDEN[name]
    parts = {part: row[part]["data"] for part in PARTS if row[part] is not None}
    height, width = row["shape"]
    results = Results(np.zeros((height, width, 3), np.uint8), name, names_of(row), **parts)
    if row["masks"] is not None:
        outlines = [np.float32(outline).reshape(-1, 2) for outline in row["masks"]["xy"]]
        results.update(masks=Masks(np.zeros((len(outlines), 4, 4)), results.orig_shape, outlines))
    if row["obb"] is not None:  # corners that we compute differ in the last bits, see above
        results.update(obb=OBB(row["obb"]["data"], results.orig_shape, row["obb"]["xyxyxyxy"]))
    assert len(results) == row["length"]
    assert results.summary() == row["summary"]
    assert results.summary(normalize=True, decimals=3) == row["summary_normalized"]
    assert results.to_json() == row["json"]


def test_arrays_answer_as_tensors_do() -> None:
    boxes = Boxes([[1, 2, 11, 22, 0.5, 3], [0, 0, 4, 4, 0.25, 1]], (100, 200))
    one = boxes[0]
    assert one.xyxy.shape == (1, 4)
    assert int(one.cls) == 3
    assert float(one.conf) == 0.5
    assert f"{one.conf:.2f}" == "0.50"
    assert one.xyxy[0].cpu().numpy().tolist() == [1, 2, 11, 22]
    assert type(one.xyxy.numpy()) is np.ndarray
    assert boxes.cls.int().tolist() == [3, 1]
    assert [box.cls.item() for box in boxes] == [3, 1]
    assert {3: "star"}[int(one.cls.item())] == "star"
    with pytest.raises(ValueError, match="one element|size 1"):
        int(boxes.cls)


def test_tracked_boxes_have_ids() -> None:
    boxes = Boxes([[1, 2, 11, 22, 7, 0.5, 3]], (100, 200))
    assert boxes.is_track
    assert boxes.id is not None
    assert boxes.id.int().tolist() == [7]
    assert boxes.conf.tolist() == [0.5]


def test_wrong_shapes_are_refused_in_one_line() -> None:
    from yolovino import Error

    for make in (lambda: Boxes([[1, 2, 3]], (1, 1)), lambda: OBB([[1]], (1, 1)), lambda: Keypoints([[[1]]], (1, 1))):
        with pytest.raises(Error, match=r"^\[results\] .* wanted \[n, ") as caught:
            make()
        assert caught.value.code == "ShapeMismatch"
        assert "\n" not in str(caught.value)
