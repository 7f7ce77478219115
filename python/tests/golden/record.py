"""Records what the accessors of Ultralytics' results give: `python record.py SAMPLE_FOLDER > accessors.json`.

Needs ultralytics 8.4.190 and torch 2.15.0. SAMPLE_FOLDER is assets/sample of the repository.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ultralytics import YOLO

ACCESSORS = {
    "boxes": ("data", "xyxy", "xywh", "xyxyn", "xywhn", "conf", "cls"),
    "masks": ("xy", "xyn"),
    "keypoints": ("data", "xy", "xyn", "conf"),
    "obb": ("data", "xywhr", "xyxy", "xyxyxyxy", "xyxyxyxyn", "conf", "cls"),
    "probs": ("data", "top1", "top5", "top1conf", "top5conf"),
}


def plain(value: object) -> object:
    """Tensors, arrays, and lists of them as lists of numbers."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else value


def record(model: YOLO, image: Path) -> dict[str, object]:
    """Everything that one result gives."""
    results = model(image, verbose=False)[0]
    row: dict[str, object] = {"shape": list(results.orig_shape), "length": len(results), "verbose": results.verbose()}
    for part, names in ACCESSORS.items():
        found = getattr(results, part)
        row[part] = None if found is None else {name: plain(getattr(found, name)) for name in names}
    row["summary"] = results.summary()
    row["summary_normalized"] = results.summary(normalize=True, decimals=3)
    row["json"] = results.to_json()
    return row


def main() -> None:
    """Records three images of each task."""
    sample = Path(sys.argv[1])
    rows: dict[str, object] = {}
    for task in ("", "-seg", "-pose", "-obb", "-cls"):
        model = YOLO(sample / f"yolov8-shapes{task}.pt")
        folder = sample / f"shapes-val{task}"
        images = [file for file in folder.rglob("*") if file.suffix in (".jpg", ".png") and "val" in file.parts]
        for image in sorted(images)[:3]:
            rows[f"yolov8-shapes{task}.pt {image.relative_to(sample)}"] = record(model, image)
    json.dump(rows, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
