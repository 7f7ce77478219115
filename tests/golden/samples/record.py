#!/usr/bin/env python3
"""Records what Ultralytics finds and measures with the four small sample models beside the detection one.

usage: record.py REPOSITORY      (needs ultralytics 8.4.190; writes samples.json beside this file)
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

SAMPLE = WORK / "sample"
shutil.copytree(Path(sys.argv[1]) / "assets/sample", SAMPLE)
out = {"ultralytics": __version__}
for task in ("seg", "pose", "obb", "cls"):
    model = SAMPLE / f"yolov8-shapes-{task}.pt"
    classify = task == "cls"
    folder = SAMPLE / f"shapes-val-{task}"
    data = folder if classify else folder / f"shapes-{task}.yaml"
    size = 64 if classify else 128
    images = sorted(folder.glob("val/*/*.png") if classify else folder.glob("images/val/*.png"))[:4]
    measured = YOLO(model).val(data=str(data), imgsz=size, batch=16, workers=0, plots=False, project=str(WORK), verbose=False)
    found = []
    for image in images:
        r = YOLO(model).predict(str(image), imgsz=size, verbose=False)[0]
        one = {"image": str(image.relative_to(folder)), "verbose": r.verbose(), "summary": json.loads(r.to_json(decimals=5)), "shape": list(r.orig_shape)}
        if r.masks is not None:
            one["mask_areas"] = [int(m.sum()) for m in r.masks.data]
            one["mask_shape"] = list(r.masks.data.shape[1:])
        text = WORK / "labels.txt"
        text.unlink(missing_ok=True)
        r.save_txt(text, save_conf=not classify)
        one["txt"] = text.read_text() if text.exists() else ""
        found.append(one)
    out[task] = {"results": {k: float(v) for k, v in measured.results_dict.items()}, "imgsz": size, "predictions": found}
(Path(__file__).parent / "samples.json").write_text(json.dumps(out, indent=1) + "\n")
shutil.rmtree(WORK)
