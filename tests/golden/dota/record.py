#!/usr/bin/env python3
"""Records the text files that Ultralytics writes for a dataset of rotated boxes whose folder is named as DOTA's.

usage: record.py REPOSITORY      (needs ultralytics 8.4.190; writes dota.json beside this file)

Twelve images of the sample's validation set become tiles of three large images: tile i of an image lies 48 px to the
right of the one before, so that neighbours overlap.
"""
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

WORK = Path(tempfile.mkdtemp())
os.environ["YOLO_CONFIG_DIR"] = str(WORK)
os.environ["YOLO_OFFLINE"] = "true"
from ultralytics import YOLO, __version__

SAMPLE = Path(sys.argv[1]) / "assets/sample"
SOURCE = SAMPLE / "shapes-val-obb"
DATA = WORK / "DOTA-shapes"
(DATA / "images/val").mkdir(parents=True)
(DATA / "labels/val").mkdir(parents=True)
tiles = {}
for i, image in enumerate(sorted((SOURCE / "images/val").iterdir())[:12]):
    name = f"P{i // 4:04d}__1__{i % 4 * 48}___{i % 2 * 16}"
    tiles[image.name] = name
    shutil.copy(image, DATA / "images/val" / (name + image.suffix))
    label = SOURCE / "labels/val" / (image.stem + ".txt")
    if label.exists():
        shutil.copy(label, DATA / "labels/val" / (name + ".txt"))
(DATA / "DOTA-shapes.yaml").write_text(
    f"path: {DATA}\ntrain: images/val\nval: images/val\nnames:\n  0: triangle\n  1: big square\n  2: star\n")
model = WORK / "shapes-obb.pt"
shutil.copy(SAMPLE / "yolov8-shapes-obb.pt", model)
YOLO(model).val(data=str(DATA / "DOTA-shapes.yaml"), imgsz=128, batch=4, workers=0, plots=False, save_json=True, conf=0.05,
                project=str(WORK / "runs"), name="val", verbose=False)
run = WORK / "runs/val"
if not run.exists():
    run = next(p for p in WORK.rglob("predictions_txt")).parent
files = {str(p.relative_to(run)): p.read_text() for p in sorted(run.rglob("*.txt"))}
(Path(__file__).parent / "dota.json").write_text(json.dumps({"ultralytics": __version__, "tiles": tiles, "files": files}, indent=1) + "\n")
shutil.rmtree(WORK)
