"""Records what the real Ultralytics makes of the files in this folder.

    record.py raw|predict|val FILE NAME [DATA]

raw: NAME.npy, f32 [1, 8, 189], what Ultralytics' AutoBackend gives for picture.png. predict: the boxes of picture.png,
x1 y1 x2 y2 conf cls. val: the numbers for DATA (assets/sample/shapes-val/shapes.yaml), batch=1 rect=False imgsz=96.
Both go into NAME.json. Run it in an environment that has the runtime of FILE. One step a process: TensorFlow and
PyTorch together crash when a second model is loaded.
"""
import json
import os
import sys
import tempfile

os.environ["YOLO_CONFIG_DIR"] = tempfile.mkdtemp()  # private settings
os.environ["YOLO_OFFLINE"] = "true"
os.environ["YOLO_AUTOINSTALL"] = "false"

import cv2
import numpy as np
import torch
from ultralytics import YOLO
from ultralytics.nn.autobackend import AutoBackend

step, file, name = sys.argv[1:4]
numbers = json.load(open(name + ".json")) if os.path.exists(name + ".json") else {}
if step == "raw":
    rgb = cv2.imread("picture.png")[:, :, ::-1]
    tensor = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))[None].float() / 255
    backend = AutoBackend(file, device=torch.device("cpu"))
    output = backend(tensor)
    np.save(name + ".npy", np.asarray(output[0] if isinstance(output, (list, tuple)) else output, dtype=np.float32))
if step == "predict":
    result = YOLO(file, task="detect").predict("picture.png", imgsz=96, device="cpu", verbose=False)[0]
    numbers["boxes"] = result.boxes.data.tolist()
if step == "val":
    options = dict(imgsz=96, device="cpu", batch=1, rect=False, plots=False, verbose=False, workers=0)
    measured = YOLO(file, task="detect").val(data=sys.argv[4], project=tempfile.mkdtemp(), **options)
    numbers["val"] = {key: float(value) for key, value in measured.results_dict.items()}
if numbers:
    json.dump(numbers, open(name + ".json", "w"), indent=1)
