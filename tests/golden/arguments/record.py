#!/usr/bin/env python3
"""Records what Ultralytics gives for arguments of predict and val: augment, embed, and visualize.

usage: record.py REPOSITORY      (needs ultralytics 8.4.190; writes arguments.json and *_cam.jpg beside this file)
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
DETECT = SAMPLE / "yolov8-shapes.pt"
IMAGES = sorted((SAMPLE / "shapes-val/images/val").iterdir())[:4]


def rows(result):
    return [[round(v, 5) for v in row] for row in result.boxes.data.tolist()]


out = {"ultralytics": __version__, "augment": {}, "embed": {}}
for imgsz in (320, 224):
    for image in IMAGES:
        r = YOLO(DETECT).predict(str(image), imgsz=imgsz, conf=0.1, augment=True, verbose=False)[0]
        out["augment"].setdefault(str(imgsz), {})[image.name] = rows(r)
measured = YOLO(DETECT).val(data=str(SAMPLE / "shapes-val/shapes.yaml"), imgsz=320, batch=1, rect=True, augment=True, workers=0,
                            plots=False, project=str(WORK), verbose=False)
out["augment_val"] = {k: float(v) for k, v in measured.results_dict.items()}
seg = YOLO(SAMPLE / "yolov8-shapes-seg.pt")
image = sorted((SAMPLE / "shapes-val-seg/images/val").iterdir())[0]
out["augment_segment"] = {image.name: rows(seg.predict(str(image), imgsz=128, augment=True, verbose=False)[0])}

for name, layers in (("yolov8-shapes.pt", [4]), ("yolov8-shapes.pt", [15, 9, 15]), ("yolov8-shapes-cls.pt", [6, 8])):
    folder = "shapes-val-cls/val" if "cls" in name else "shapes-val/images/val"
    pictures = sorted(p for p in (SAMPLE / folder).rglob("*") if p.suffix in {".jpg", ".png"})[:2]
    size = 64 if "cls" in name else 320
    for picture in pictures:
        value = YOLO(SAMPLE / name).predict(str(picture), imgsz=size, embed=layers, verbose=False)[0]
        out["embed"].setdefault(f"{name} {layers} {size}", {})[str(picture.relative_to(SAMPLE))] = [float(f"{v:.7g}") for v in value.tolist()]

HERE = Path(__file__).parent
for name, folder, imgsz, options in (
    ("detect", "shapes-val/images/val", 320, {"conf": 0.25}),
    ("segment", "shapes-val-seg/images/val", 128, {"conf": 0.5, "classes": [0, 1]}),
    ("classify", "shapes-val-cls/val", 64, {"conf": 0.25}),
):
    model = SAMPLE / {"detect": "yolov8-shapes.pt", "segment": "yolov8-shapes-seg.pt", "classify": "yolov8-shapes-cls.pt"}[name]
    picture = sorted(p for p in (SAMPLE / folder).rglob("*") if p.suffix in {".jpg", ".png"})[1]
    YOLO(model).predict(str(picture), imgsz=imgsz, visualize=True, project=str(WORK / "cam"), name=name, verbose=False, **options)
    made = next((WORK / "cam").rglob(f"{picture.stem}_cam.jpg"))
    shutil.copy(made, HERE / f"{name}_cam.jpg")
    made.unlink()
    out.setdefault("visualize", {})[name] = {"image": str(picture.relative_to(SAMPLE)), "model": model.name, "imgsz": imgsz, **options}
(HERE / "arguments.json").write_text(json.dumps(out) + "\n")
shutil.rmtree(WORK)
