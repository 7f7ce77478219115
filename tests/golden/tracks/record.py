#!/usr/bin/env python3
"""Records what Ultralytics reports for the other tasks while it tracks: label lines and summaries of the first frames.

    python record.py VIDEO MODEL...      (ultralytics 8.4.190, lap 0.5.13; VIDEO: golden/tracks/c_pan.mkv of the
                                          reference data, MODEL: the samples of segment, pose, and obb)
"""
import json
import sys
import tempfile
from pathlib import Path

from ultralytics import YOLO

FRAMES = 8
OUT = Path(__file__).parent


def labels(result):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labels.txt"
        result.save_txt(file, save_conf=True)
        return file.read_text().splitlines() if file.exists() else []


def frame(result):
    boxes = result.obb if result.obb is not None else result.boxes
    keys = [list(each) for each in result.summary()]
    return {"track": bool(boxes.is_track), "labels": labels(result), "keys": keys[0] if keys else []}


def main():
    video, *models = sys.argv[1:]
    out = {"video": Path(video).name, "runs": []}
    for model in models:
        for tracker in ("bytetrack.yaml", "tracktrack.yaml"):
            frames = []
            for result in YOLO(model).track(video, stream=True, tracker=tracker, verbose=False, save=False):
                frames.append(frame(result))
                if len(frames) == FRAMES:
                    break
            out["runs"].append({"model": Path(model).name, "tracker": tracker, "frames": frames})
    (OUT / "tasks.json").write_text(json.dumps(out, separators=(",", ":")).replace('{"model"', '\n{"model"') + "\n")


main()
