#!/usr/bin/env python3
"""Records confusion matrices of the real Ultralytics. Its Python, with ultralytics 8.4.190 and PyTorch 2.15.0, runs this.

usage: record.py SAMPLE_CHECKPOINT SAMPLE_YAML YOLOV8N_CHECKPOINT COCO128_YAML OUT.json

Each run is `val` of a checkpoint on the CPU with batch=1 and rect, so that every image has a canvas of its own. A
matrix is a list of [predicted, true, count], the entries that are not 0; the last class is the background.
"""
import json
import sys
import tempfile

from ultralytics import YOLO

sample, sample_yaml, yolov8n, coco128, out = sys.argv[1:]
runs = [("shapes", sample, sample_yaml, 320, conf) for conf in (0.25, 0.05, 0.001)]
runs += [("coco128", yolov8n, coco128, 640, conf) for conf in (0.25, 0.001)]
recorded = {}
for name, model, data, imgsz, conf in runs:
    metrics = YOLO(model, task="detect").val(data=data, imgsz=imgsz, batch=1, conf=conf, device="cpu", plots=True,
                                             verbose=False, project=tempfile.mkdtemp())
    matrix = metrics.confusion_matrix.matrix.astype(int)
    recorded[f"{name}, imgsz={imgsz}, conf={conf}"] = [[p, t, int(n)] for p, row in enumerate(matrix)
                                                        for t, n in enumerate(row) if n]
with open(out, "w") as file:
    json.dump(recorded, file)
    file.write("\n")
