"""Objects of one image as dictionaries, with the keys of Ultralytics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yolovino.results import Results

_CORNERS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")


def summary_of(results: Results, normalize: bool, decimals: int) -> list[dict[str, Any]]:
    """Returns a dictionary for each object; of classify one for each of the five most likely classes."""
    if results.probs is not None:
        return _most_likely(results, decimals)
    boxes = results.obb if results.obb is not None else results.boxes
    if boxes is None:
        return []
    height, width = results.orig_shape if normalize else (1, 1)
    corners = results.obb.xyxyxyxy.reshape(-1, 8) if results.obb is not None else boxes.xyxy
    ids = None if boxes.id is None else boxes.id.tolist()
    outlines = None if results.masks is None else results.masks.xy
    rows = []
    for i, (cls, conf) in enumerate(zip(boxes.cls.tolist(), boxes.conf.tolist(), strict=True)):
        row: dict[str, Any] = {
            "name": results.names[int(cls)],
            "class": int(cls),
            "confidence": round(conf, decimals),
            "box": {
                key: round(value / (height if key[0] == "y" else width), decimals)
                for key, value in zip(_CORNERS, corners[i].tolist(), strict=False)
            },
        }
        if ids is not None:
            row["track_id"] = int(ids[i])
        if outlines is not None:
            row["segments"] = {
                "x": [round(x / width, decimals) for x in outlines[i][:, 0].tolist()],
                "y": [round(y / height, decimals) for y in outlines[i][:, 1].tolist()],
            }
        if results.keypoints is not None:
            row["keypoints"] = _keypoints(results, i, decimals, (height, width))
        rows.append(row)
    return rows


def _most_likely(results: Results, decimals: int) -> list[dict[str, Any]]:
    probs = results.probs
    assert probs is not None
    return [
        {"name": results.names[cls], "class": cls, "confidence": round(conf, decimals)}
        for cls, conf in zip(probs.top5, probs.top5conf.tolist(), strict=True)
    ]


def _keypoints(results: Results, i: int, decimals: int, size: tuple[int, int]) -> dict[str, list[float]]:
    keypoints = results.keypoints
    assert keypoints is not None
    points = keypoints.xy[i].tolist()
    row = {
        "x": [round(x / size[1], decimals) for x, _ in points],
        "y": [round(y / size[0], decimals) for _, y in points],
    }
    if keypoints.conf is not None:
        row["visible"] = [round(conf, decimals) for conf in keypoints.conf[i].tolist()]
    return row
