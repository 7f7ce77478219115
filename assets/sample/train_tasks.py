#!/usr/bin/env python3
"""Draws small images of shapes with labels of four tasks and trains a tiny network for each with Ultralytics.

usage: train_tasks.py OUT [TASK ...]      (needs ultralytics 8.4.190; about five minutes a task on two cores)

OUT/shapes-val-TASK: 32 lossless images of 112 to 160 pixels with labels, or for cls their first shapes in class folders
OUT/yolov8-shapes-TASK.pt: the stripped checkpoint of the last epoch
"""
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

WORK = Path(tempfile.mkdtemp(prefix="task-train-"))
os.environ["YOLO_CONFIG_DIR"] = str(WORK / "config")
os.environ["YOLO_OFFLINE"] = "true"
(WORK / "config").mkdir()
OUT = Path(sys.argv[1]).resolve()

import cv2
import numpy as np
import torch

torch.set_num_threads(2)
from ultralytics import YOLO, settings
from ultralytics.utils import YAML
import ultralytics

settings.update({"runs_dir": str(WORK / "runs"), "datasets_dir": str(WORK)})
NAMES = ["triangle", "square", "star"]
PACKAGE = Path(ultralytics.__file__).parent
NETWORKS = {  # task: (yaml, task of Ultralytics, extra keys, epochs)
    "seg": ("v8/yolov8-seg", "segment", {"reg_max": 8}, 60),
    "pose": ("v8/yolov8-pose", "pose", {"reg_max": 8, "kpt_shape": [4, 3]}, 60),
    "obb": ("v8/yolov8-obb", "obb", {"reg_max": 8}, 60),
    "cls": ("v8/yolov8-cls", "classify", {}, 12),
}


def polygon(kind, centre, r, angle):
    n = {0: 3, 1: 4, 2: 10}[kind]
    a = angle + np.arange(n) * 2 * np.pi / n
    radius = np.where(np.arange(n) % 2, 0.45 * r, r) if kind == 2 else np.full(n, r)
    stretch = 0.7 if kind == 1 else 1.0  # squares become rectangles, so that the angle means something
    p = np.stack([np.cos(a) * radius, np.sin(a) * radius * stretch], 1) if kind != 1 else None
    if kind == 1:
        q = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * r * [0.8, 0.5]
        c, s = np.cos(angle), np.sin(angle)
        p = q @ np.array([[c, s], [-s, c]])
    return (p + centre).astype(np.float64)


def image(rng):
    h, w = (int(rng.integers(112, 161)) for _ in range(2))
    base = cv2.resize(rng.uniform(40, 200, (4, 4, 3)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    im = np.clip(base, 0, 255).astype(np.uint8)
    shapes = []
    for _ in range(int(rng.integers(1, 6))):
        kind, r = int(rng.integers(3)), rng.uniform(11, 26)
        centre = rng.uniform([r, r], [w - r, h - r])
        if any(np.hypot(*(centre - c)) < (r + q) * 0.75 for c, q, *_ in shapes):
            continue
        p = polygon(kind, centre, r, rng.uniform(0, 2 * np.pi))
        p = np.clip(p, 0, [w - 1, h - 1])
        cv2.fillPoly(im, [np.round(p).astype(np.int32)], rng.integers(0, 256, 3).tolist())
        shapes.append((centre, r, kind, p))
    return im, shapes


def lines(shapes, h, w, task, rng):
    out = []
    for centre, r, kind, p in shapes:
        n = p / [w, h]
        lo, hi = n.min(0), n.max(0)
        box = [*(lo + hi) / 2, *(hi - lo)]
        if task == "segment":
            v = n.flatten()
        elif task == "obb":
            v = np.clip(cv2.boxPoints(cv2.minAreaRect(p.astype(np.float32))) / [w, h], 0, 1).flatten()
        elif task == "pose":  # centre, topmost, bottommost and leftmost corner
            k = np.array([p.mean(0), p[p[:, 1].argmin()], p[p[:, 1].argmax()], p[p[:, 0].argmin()]]) / [w, h]
            vis = np.array([2.0, 2, 2, 2]) if rng.random() < 0.7 else rng.integers(0, 3, 4).astype(float)
            v = [*box, *np.concatenate([np.where(vis[:, None] == 0, 0, k), vis[:, None]], 1).flatten()]
        else:
            v = box
        out.append(" ".join([str(kind), *(f"{x:.6f}" for x in v)]))
    return "".join(x + "\n" for x in out)


def data(root, count, seed, tasks, ext):
    rng = np.random.default_rng(seed)
    for i in range(count):
        im, shapes = image(rng)
        for t in tasks:
            d = root / t
            (d / "images").mkdir(parents=True, exist_ok=True)
            (d / "labels").mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(d / f"images/{i:04}.{ext}"), im)
            (d / f"labels/{i:04}.txt").write_text(lines(shapes, *im.shape[:2], t, np.random.default_rng([seed, i])))
        for j, (c, r, kind, p) in enumerate(shapes):
            x, y = np.maximum(p.min(0) - 6, 0).astype(int)
            X, Y = (p.max(0) + 7).astype(int)
            d = root / "classify" / NAMES[kind]
            d.mkdir(parents=True, exist_ok=True)
            if j < 2:
                cv2.imwrite(str(d / f"{i:04}_{j}.png"), im[y:Y, x:X])


def main():
    data(WORK / "train", 320, 1, ["segment", "pose", "obb"], "png")
    data(WORK / "val", 32, 2, ["segment", "pose", "obb"], "png")
    for part in ("train", "val"):
        shutil.copytree(WORK / part / "classify", WORK / "cls" / part)
    for task, (_, name, _, _) in NETWORKS.items():
        keep = OUT / f"shapes-val-{task}"
        shutil.rmtree(keep, ignore_errors=True)
        if task == "cls":
            for n in NAMES:
                (keep / "train" / n).mkdir(parents=True)
                (keep / "val" / n).mkdir(parents=True)
                shutil.copy(sorted((WORK / f"cls/train/{n}").iterdir())[0], keep / "train" / n)
                for file in (WORK / f"cls/val/{n}").glob("*_0.png"):
                    shutil.copy(file, keep / "val" / n)
        else:
            shutil.copytree(WORK / "val" / name / "images", keep / "images/val")
            shutil.copytree(WORK / "val" / name / "labels", keep / "labels/val")
    for name in sys.argv[2:] or NETWORKS:
        family, task, extra, epochs = NETWORKS[name]
        d = YAML.load(PACKAGE / f"cfg/models/{family}.yaml")
        depth = next(iter(d["scales"].values()))[0]
        d.update(extra, nc=3, scales={"n": [depth, 0.0625, 1024]})
        stem = Path(family).name
        head, _, tail = stem.partition("-")
        file = WORK / f"{head}n-tiny{'-' + tail if tail else ''}.yaml"
        YAML.save(file, d)
        y = {"path": str(WORK), "train": f"train/{task}/images", "val": f"val/{task}/images", "names": dict(enumerate(NAMES))}
        if task == "pose":
            y |= {"kpt_shape": [4, 3], "flip_idx": [0, 1, 2, 3], "kpt_names": {i: ["centre", "top", "bottom", "left"] for i in range(3)}}
        YAML.save(WORK / f"{name}.yaml", y)
        t = time.time()
        model = YOLO(file)
        model.train(data=str(WORK / "cls") if task == "classify" else str(WORK / f"{name}.yaml"), imgsz=64 if task == "classify" else 128, epochs=epochs,
                    batch=16, device="cpu", workers=0, cache=True, plots=False, val=False, amp=False, mosaic=0.0, fliplr=0.0, degrees=0.0, scale=0.2, hsv_h=0.3, erasing=0.0,
                    auto_augment=None, project=str(WORK / "runs"), name=name, exist_ok=True, verbose=False, seed=0, pretrained=False, optimizer="AdamW", lr0=0.004, warmup_epochs=2)
        best = WORK / f"runs/{name}/weights/last.pt"
        ckpt = torch.load(best, map_location="cpu", weights_only=False)
        for holder in (ckpt["train_args"], getattr(ckpt["model"], "args", None)):  # no paths of this machine
            for k in ("data", "project", "save_dir", "model"):
                if isinstance(holder, dict) and k in holder and holder[k]:
                    holder[k] = Path(str(holder[k])).name
        ckpt["model"].yaml["yaml_file"] = file.name
        if hasattr(ckpt["model"], "yaml_file"):
            ckpt["model"].yaml_file = file.name
        ckpt.pop("train_results", None)
        ckpt.pop("git", None)
        torch.save(ckpt, OUT / f"yolov8-shapes-{name}.pt")
        print("TRAINED", name, f"{time.time() - t:.0f} s", (OUT / f"yolov8-shapes-{name}.pt").stat().st_size, flush=True)
        kw = dict(data=str(WORK / "cls") if task == "classify" else str(WORK / f"{name}.yaml"), imgsz=64 if task == "classify" else 128, plots=False, workers=0, verbose=False, project=str(WORK / "runs"))
        print("VAL", name, YOLO(OUT / f"yolov8-shapes-{name}.pt").val(**kw).results_dict, flush=True)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
