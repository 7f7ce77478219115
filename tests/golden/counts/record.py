#!/usr/bin/env python3
"""Writes the packaged networks of Ultralytics 8.4.190 without their weights, with what `model.info()` says of them.

usage: record.py SHARED [NAME ...]

SHARED is the folder of reference data, whose spec/tasks.md lists layers, parameters, and GFLOPs before and after fusing.
Every weight is a view of one storage of zeros, so that a network is its pickle. networks.zip holds NAME/data.pkl and the
small storages; networks.json the counts and the bytes of the storages of zeros.
"""

import io
import json
import os
import pickletools
import re
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ["YOLO_CONFIG_DIR"] = tempfile.mkdtemp()
os.environ["YOLO_OFFLINE"] = "true"

import torch

for name in ("kaiming_uniform_", "uniform_", "normal_"):  # no weight is kept
    setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
torch.set_num_threads(1)
from ultralytics.nn import tasks

HERE = Path(__file__).resolve().parent
SMALL = 4096
CLASSES = {
    "-seg": tasks.SegmentationModel,
    "-pose": tasks.PoseModel,
    "-obb": tasks.OBBModel,
    "-cls": tasks.ClassificationModel,
}
# The other sizes of YOLOv8 are forged by the tests; of the rest of YOLO12 and v5 the ends are enough.
LEFT_OUT = re.compile(r"yolov8[smlx]|yolo12[smx]|yolov5[sml]$|yolo12l-")


def recorded(shared):
    rows = {}
    pattern = re.compile(r"\| (yolo[\w-]+) \| ([\d,]+), ([\d,]+), ([\d.]+) \| ([\d,]+), ([\d,]+), ([\d.]+) \|")
    for match in pattern.finditer((shared / "spec/tasks.md").read_text()):
        number = lambda i: int(match[i].replace(",", ""))
        rows[match[1]] = {
            "info": [number(2), number(3), float(match[4])],
            "info_fused": [number(5), number(6), float(match[7])],
        }
    return rows


def strip(model):
    """Replaces all numbers but those of small buffers by zeros that are kept once."""
    tensors = [t for t in [*model.parameters(), *model.buffers()] if t.is_floating_point()]
    zeros = torch.zeros(max(t.numel() for t in tensors), dtype=torch.half)
    none = torch.zeros((), dtype=torch.int64)
    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, tensor in table.items():
                if tensor is None:
                    continue
                value = zeros[: tensor.numel()].view(tensor.shape) if tensor.is_floating_point() else none
                table[name] = torch.nn.Parameter(value, requires_grad=False) if table is module._parameters else value


def pickle_of(name):
    kind = next((CLASSES[suffix] for suffix in CLASSES if suffix in name), tasks.DetectionModel)
    model = kind(f"{name}.yaml", verbose=False)
    strip(model)
    model.yaml["yaml_file"] = f"{name}.yaml"
    model.names = {i: str(i) for i in range(model.yaml["nc"])}
    file = io.BytesIO()
    torch.save({"epoch": -1, "model": model, "train_args": {"imgsz": 640}}, file)
    entries = {}
    zeros = {}
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            part = entry.filename.split("/", 1)[1]
            if part == "data.pkl":
                entries[part] = pickletools.optimize(archive.read(entry))
            elif part.startswith("data/") and entry.file_size <= SMALL:
                entries[part] = archive.read(entry)
            elif part.startswith("data/"):
                zeros[part] = entry.file_size
    return entries, zeros


if __name__ == "__main__":
    rows = recorded(Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or [name for name in rows if not LEFT_OUT.match(name)]
    index = {}
    with zipfile.ZipFile(HERE / "networks.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in names:
            entries, zeros = pickle_of(name)
            for part, content in entries.items():
                out.writestr(zipfile.ZipInfo(f"{name}/{part}", (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
            index[name] = {**rows[name], "zeros": zeros}
            print(name, len(entries["data.pkl"]), zeros, flush=True)
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in index.items())
    (HERE / "networks.json").write_text("{\n" + lines + "\n}\n")
