"""`yolo val`, `predict`, and `track` of a server against the same of the file, on OpenVINO CPU f32."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BUILD, IMAGES, OPTIONS, SAMPLE, SHARED, TASKS, Server, model_of, stable

def run(*arguments: str | Path) -> str:
    done = subprocess.run([str(BUILD / "yolo"), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def data_of(task: str) -> Path:
    folder = SAMPLE / f"shapes-val{TASKS[task]}"
    return next(folder.glob("*.yaml"), folder)


def numbers(text: str) -> list[str]:
    """The rows of the table: class, images, instances, and numbers."""
    names = ("all", "circle", "square", "triangle", "star")
    rows = [line.split() for line in text.splitlines() if line.strip().startswith(names)]
    assert rows, text
    return [" ".join(row) for row in rows]


@pytest.mark.parametrize("task", TASKS)
def test_val_of_the_server_is_val_of_the_file_to_the_last_digit(
    start: Callable[..., Server], task: str, tmp_path: Path
) -> None:
    # A server of its own: after four shapes of images a checkpoint runs as one network of any shape, whose sums differ.
    server = start(f"model={model_of(task)}", "drain=0")
    local = ["val", f"data={data_of(task)}", f"project={tmp_path}", "plots=False", "save_json=True"]
    first = run(*local, f"model={model_of(task)}", "name=file", *OPTIONS)
    second = run(*local, f"model={server.url}/{model_of(task).stem}", "name=server")
    assert numbers(first) == numbers(second)
    if task != "classify":
        # Every box, mask, and keypoint, not only what they add up to.
        entries = [(tmp_path / name / "predictions.json").read_text() for name in ("file", "server")]
        assert len(entries[0]) > 1000
        assert entries[0] == entries[1]


def test_val_of_the_server_with_plots_writes_its_report(server: Server, tmp_path: Path) -> None:
    run("val", f"model={server.url}/{model_of('detect').stem}", f"data={data_of('detect')}", f"project={tmp_path}", "name=run")
    assert "yolov8-shapes" in (tmp_path / "run/report.html").read_text()


@pytest.mark.parametrize("task", TASKS)
def test_predict_of_the_server_is_predict_of_the_file(
    start: Callable[..., Server], task: str, tmp_path: Path
) -> None:
    server = start(f"model={model_of(task)}", "drain=0")
    listing = tmp_path / "images.txt"
    listing.write_text("\n".join(map(str, IMAGES)))
    lines = {}
    for name, model in (("file", model_of(task)), ("server", f"{server.url}/{model_of(task).stem}/{task}")):
        options = OPTIONS if name == "file" else []
        run("predict", f"model={model}", f"source={listing}", "save=False", "save_json=True", f"project={tmp_path}", f"name={name}", *options)
        lines[name] = [stable(line) for file in (tmp_path / name).rglob("*.json*") for line in file.read_text().splitlines()]
    assert len(lines["file"]) == len(IMAGES)
    assert lines["file"] == lines["server"]


def test_what_is_no_server_is_one_line(server: Server) -> None:
    for model, words in (
        (f"{server.url}/other", "no model 'other'"),
        (f"{server.url}/", "names no model"),
        ("http://127.0.0.1:9/m", "127.0.0.1"),
    ):
        done = subprocess.run(
            [str(BUILD / "yolo"), "predict", f"model={model}", f"source={IMAGES[0]}"], capture_output=True, text=True, check=False
        )
        assert done.returncode != 0
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 2, done.stderr


def test_coco128_over_http(start, tmp_path: Path) -> None:
    model, data = SHARED / "models/yolov8n.pt", SHARED / "data/coco128/coco128.yaml"
    if not model.exists() or not data.exists():
        pytest.skip(f"reference data not found in {SHARED}")
    server = start(f"model={model}", "drain=0")
    local = ["val", f"data={data}", f"project={tmp_path}", "plots=False", "batch=1"]
    wanted = run(*local, f"model={model}", *OPTIONS)
    got = run(*local, f"model={server.url}/yolov8n")
    rows = [[line.split()[1:] for line in text.splitlines() if line.strip().startswith("all")] for text in (wanted, got)]
    assert rows[0] and rows[0] == rows[1]
    print(json.dumps(rows[0]))
