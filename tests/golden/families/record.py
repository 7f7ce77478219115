#!/usr/bin/env python3
"""Makes tiny untrained checkpoints of the families around YOLOv8 and records what the real Ultralytics computes.

usage: record.py SHARED [NAME ...]

SHARED is the folder of reference data, whose recorder makes the checkpoints: standard layers, random weights,
statistics and heads set for a photo. Here they are 1/32 wide, so that each stays small. Needs Ultralytics 8.4.190,
PyTorch 2.15.0, and OpenVINO 2026.4.1. Writes NAME.pt, NAME.npz (`output0`, `output1`: raw outputs of Ultralytics' own
OpenVINO export in f32 for image.npy), and networks.json: counts as `model.info()` gives them.
"""

import importlib.util
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = Path(sys.argv[1]).resolve()
SIZE = 96

script = SHARED / "golden/tasks/record_task_goldens.py"
argv, sys.argv = sys.argv, [str(script), str(SHARED), str(HERE)]
spec = importlib.util.spec_from_file_location("recorder", script)
recorder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(recorder)
sys.argv = argv

import cv2
import numpy as np
import torch
from ultralytics import YOLO
from ultralytics.nn import tasks
from ultralytics.nn.modules import block, conv
from ultralytics.utils import YAML
from ultralytics.utils.torch_utils import model_info

NAMES = {
    "detect": ["a", "b", "c"],
    "segment": ["cat", "dog"],
    "pose": ["hand"],
    "obb": ["plane", "ship"],
    "classify": ["one", "two", "three"],
}
# Untrained networks amplify rounding; these seeds give ones that do not too much.
SEEDS = {"v9c": 3}
# name: family, task, further keys of the YAML, factor of the width
NETWORKS = {
    "v5u": ("v5/yolov5", "detect", {}, 1 / 32),
    "v9t": ("v9/yolov9t", "detect", {}, 1 / 8),
    "v9c": ("v9/yolov9c", "detect", {}, 1 / 32),
    "v9e": ("v9/yolov9e", "detect", {}, 1 / 32),
    "v10n": ("v10/yolov10n", "detect", {}, 1 / 32),
    "11pose": ("11/yolo11-pose", "pose", {"kpt_shape": [4, 3]}, 1 / 32),
    "11obb": ("11/yolo11-obb", "obb", {}, 1 / 32),
    "11cls": ("11/yolo11-cls", "classify", {}, 1 / 32),
    "12seg": ("12/yolo12-seg", "segment", {}, 1 / 32),
    "12l": ("12/yolo12", "detect", {}, 1 / 32),
}


def narrow(rows, factor):
    small = lambda channels: max(int(channels * factor) // 8 * 8, 8) if channels > 5 else channels
    for row in rows:
        if row[2] in {"Conv", "AConv", "ADown"}:
            row[3][0] = small(row[3][0])
        elif row[2] in {"ELAN1", "RepNCSPELAN4", "SPPELAN"}:
            row[3][:3] = [max(small(channels), 16) if i == 1 else small(channels) for i, channels in enumerate(row[3][:3])]
        elif row[2] == "CBLinear":
            row[3][0] = [small(channels) for channels in row[3][0]]


def model_yaml(name):
    family, task, extra, factor = NETWORKS[name]
    description = YAML.load(recorder.PACKAGE / f"cfg/models/{family}.yaml")
    description.update({"reg_max": 4}, **extra, nc=len(NAMES[task]))
    rows = description["backbone"] + description["head"]
    # Of YOLO12 the largest size but one has a factor for each channel (gamma).
    scale = "l" if name == "12l" else "n"
    if "scales" in description:
        description["scales"] = {scale: [next(iter(description["scales"].values()))[0], factor, 4096]}
    else:
        narrow(rows, factor)
    for before, row in zip(rows, rows[1:]):
        # Attention within areas has heads of 32 channels, in a block half as wide as its layer.
        if row[2] == "A2C2f":
            row[3][0] = int(64 / factor)
            if row[3][1]:
                before[3][0] = row[3][0]
        if name == "v10n" and row[2] == "C2fCIB":  # with large kernels in every place
            row[3] = [row[3][0], True, True]
    family = re.match(r"v?\d+", name)[0].removeprefix("v")
    stem = f"yolo{family}{scale}-tiny-{name}" if "scales" in description else f"{name}-tiny"
    file = recorder.WORK / f"{stem}.yaml"
    YAML.save(file, description)
    return file


def with_identities(make):
    """RepConv with its third branch, which no packaged network has."""
    original = conv.RepConv.__init__

    def init(self, c1, c2, k=3, s=1, p=1, g=1, d=1, act=True, bn=False, deploy=False):
        original(self, c1, c2, k, s, p, g, d, act, c1 == c2, deploy)

    conv.RepConv.__init__ = init
    try:
        return make()
    finally:
        conv.RepConv.__init__ = original


def deflate(file):
    """Most of a small checkpoint is text of its pickle."""
    with zipfile.ZipFile(file) as old:
        entries = [(entry.filename, old.read(entry)) for entry in old.infolist()]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for entry, content in entries:
            new.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def record(name, image):
    task = NETWORKS[name][1]
    recorder.NETWORKS[name] = (NETWORKS[name][0], task, NAMES[task], SIZE, {}, False)
    make = lambda: recorder.make(name, SEEDS.get(name, 0))
    checkpoint = with_identities(make) if name == "v9c" else make()
    deflate(checkpoint)
    model = tasks.load_checkpoint(checkpoint)[0]
    head = model.model[-1]
    entry = {"task": task, "head": type(head).__name__, "imgsz": SIZE, "names": NAMES[task]}
    counts = lambda: dict(zip(("layers", "parameters", "gradients", "gflops_640"), model_info(model, imgsz=640)))
    entry["info"] = counts()
    for parameter in model.parameters():
        parameter.requires_grad = False
    entry["info_fused"] = (model.fuse(verbose=False), counts())[1]
    tensor = np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32) / 255)
    with torch.no_grad():
        found = model(torch.from_numpy(tensor))
    while isinstance(found, (tuple, list)):
        found = found[0]
    copy = recorder.WORK / name / f"{name}.pt"
    copy.parent.mkdir()
    shutil.copy(checkpoint, copy)
    outputs = recorder.raw_outputs(YOLO(copy).export(format="openvino", imgsz=SIZE, verbose=False), tensor)
    entry["input"] = "image.npy"
    entry["outputs"] = [list(output.shape) for output in outputs]
    entry["torch_minus_openvino"] = float(np.abs(found.numpy() - outputs[0]).max())
    np.savez_compressed(HERE / f"{name}.npz", **{f"output{i}": output for i, output in enumerate(outputs)})
    return entry, checkpoint.stat().st_size


if __name__ == "__main__":
    recorder.model_yaml = model_yaml
    recorder.OUT = HERE
    photo = cv2.imread(str(SHARED / "data/images/bus.jpg"))
    image = np.ascontiguousarray(cv2.resize(photo, (SIZE, SIZE), interpolation=cv2.INTER_AREA)[..., ::-1])
    np.save(HERE / "image.npy", image)
    index = HERE / "networks.json"
    entries = json.loads(index.read_text()) if index.exists() else {}
    for name in sys.argv[2:] or NETWORKS:
        entries[name], size = record(name, image)
        index.write_text(json.dumps(entries, indent=1) + "\n")
        print(name, size, entries[name], flush=True)
    shutil.rmtree(recorder.WORK)
