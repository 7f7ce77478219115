"""Export, validation, benchmark, and tracking; the example of the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import SAMPLE, TASKS, sample_data, sample_images, sample_model

from yolovino import YOLO, Error, merge_val

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Model = Callable[[str], YOLO]
    Command = Callable[..., list[dict[str, Any]]]
    Python = Callable[..., subprocess.CompletedProcess[str]]

EXAMPLE = """
from yolovino import YOLO

model = YOLO("yolov8n.pt")
model.export(format="openvino")
ov_model = YOLO("yolov8n_openvino_model/")
results = ov_model("bus.jpg", device="cpu", precision="f32")

for result in results:
    print("{" + result.to_json() + "}")
"""


def test_example_of_the_page_equals_command_openvino_f32_cpu(
    shared: Path, python: Python, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "yolov8n.pt").write_bytes((shared / "models" / "yolov8n.pt").read_bytes())
    (tmp_path / "bus.jpg").write_bytes((shared / "data" / "images" / "bus.jpg").read_bytes())
    done = python(EXAMPLE)
    assert done.returncode == 0, done.stderr
    ours = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{"))[1:-1])
    words = ("predict", "model=yolov8n_openvino_model", "source=bus.jpg", "device=cpu", "precision=f32")
    lines = command(*words, "save=False", "save_json=True")
    assert len(ours) >= 5, "the test did not look"
    assert ours == lines[0]["detections"]


@pytest.mark.parametrize("file_format", ["openvino", "onnx", "torchscript"])
def test_export_writes_what_the_command_writes(
    file_format: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.pt").write_bytes(sample_model("detect").read_bytes())
    ours = Path(YOLO(tmp_path / "ours" / "x.pt").export(format=file_format, verbose=False))
    command("export", f"model={tmp_path / 'theirs' / 'x.pt'}", f"format={file_format}")
    theirs = tmp_path / "theirs" / ours.name
    files = [ours] if ours.is_file() else sorted(ours.iterdir())
    assert files
    for file in files:
        other = theirs if ours.is_file() else theirs / file.name
        assert file.read_bytes().replace(b"/ours/", b"/theirs/") == other.read_bytes(), file.name


@pytest.mark.parametrize("task", TASKS)
def test_val_openvino_f32_cpu_equals_command(
    model: Model, command: Command, task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options: Any = {"data": sample_data(task), "project": str(tmp_path / "ours"), "plots": False}
    metrics = model(task).val(**options)
    words = (f"model={sample_model(task)}", f"data={sample_data(task)}", "device=cpu", "precision=f32", "plots=False")
    command("val", *words, f"project={tmp_path / 'theirs'}")
    theirs = json.loads(next((tmp_path / "theirs").rglob("results.json")).read_text())
    ours = json.loads((Path(metrics.save_dir) / "results.json").read_text())
    for report in (ours, theirs):
        for key in [key for key in report if "speed" in key or "dir" in key or "time" in key]:
            report.pop(key)
    assert ours == theirs
    if task == "classify":
        assert metrics.top1 is not None
        assert metrics.results_dict["metrics/accuracy_top1"] == metrics.top1
        return
    assert metrics.box.map == metrics.results_dict["metrics/mAP50-95(B)"] > 0
    assert metrics.box.maps.shape == (len(metrics.names),)
    assert np.isclose(metrics.box.ap.mean(), metrics.box.map)
    assert metrics.box.class_result(0)[3] == metrics.box.ap[0]
    assert metrics.keys[:2] == ["metrics/precision(B)", "metrics/recall(B)"]
    assert metrics.confusion_matrix.matrix.shape == (len(metrics.names) + 1,) * 2
    assert metrics.summary()[0]["Class"] == metrics.names[int(metrics.box.ap_class_index[0])]


def test_val_of_yolov8_shapes_equals_ultralytics_openvino_f32_cpu(
    shared: Path, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recorded = json.loads((shared / "golden" / "val_shapes.json").read_text())
    expected = recorded["checkpoint, batch=1, rect, imgsz=320"]["results"]
    found = model("detect").val(data=sample_data("detect"), batch=1, plots=False, verbose=False)
    assert found.results_dict.keys() == expected.keys()
    for key, value in expected.items():
        assert abs(found.results_dict[key] - value) < 5e-4, key


def test_shards_merge_to_the_whole(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options: Any = {"data": sample_data("detect"), "plots": False, "verbose": False, "batch": 4}
    monkeypatch.chdir(tmp_path)
    whole = model("detect").val(**options)
    parts = [
        model("detect").val(**options, shard=f"{i}/3", project=str(tmp_path), name="parts", exist_ok=True).shard_file
        for i in (1, 2, 3)
    ]
    merged = merge_val(parts, plots=False, verbose=False)
    assert merged.results_dict == whole.results_dict
    with pytest.raises(Error) as caught:
        merge_val(parts[:2], plots=False, verbose=False)
    assert caught.value.code == "InvalidArgument"


def test_benchmark_gives_a_row_for_each_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = YOLO(sample_model("detect")).benchmark(data=sample_data("detect"), format="openvino", verbose=False)
    assert [row["format"] for row in rows] == ["OpenVINO"]
    assert rows[0]["map"] > 0.5


def test_track_follows_frames_that_the_program_has_tracktrack(model: Model) -> None:
    yolo = YOLO(sample_model("detect"), device="cpu", precision="f32")
    frame = model("detect")(sample_images("detect")[1], verbose=False)[0].orig_img
    ids = []
    for shift in range(6):
        moved = np.roll(frame, 2 * shift, axis=1)
        boxes = yolo.track(moved, persist=True, conf=0.3, verbose=False)[0].boxes
        assert boxes is not None
        assert boxes.is_track
        assert boxes.id is not None
        ids.append(boxes.id.int().tolist()[:2])
    assert ids[0] == ids[-1] == [1, 2]
    fresh = yolo.track(frame, conf=0.3, verbose=False)[0].boxes
    assert fresh is not None
    assert fresh.id is not None
    assert fresh.id[0] == 1


@pytest.mark.parametrize("tracker", ["tracktrack.yaml", "bytetrack.yaml", "botsort.yaml"])
def test_track_of_a_folder_equals_command(tracker: str, model: Model, command: Command) -> None:
    folder = SAMPLE / "shapes-val" / "images" / "val"
    words = (f"model={sample_model('detect')}", f"source={folder}", "device=cpu", "precision=f32", f"tracker={tracker}")
    lines = command("track", *words, "save=False", "save_json=True")
    results = model("detect").track(folder, tracker=tracker, verbose=False)
    assert len(lines) == len(results) == 32
    for line, each in zip(lines, results, strict=True):
        assert json.loads(each.to_json()) == line["detections"]


def test_saving_images_from_memory_makes_run_folders(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = sample_images("detect")[0]
    for folder in ("predict", "predict-2"):
        results = model("detect")(file.read_bytes(), save=True, save_txt=True, save_crop=True, verbose=False)[0]
        assert results.save_dir == str(Path("runs/detect") / folder)
        assert (tmp_path / results.save_dir / "image0.jpg").is_file()
        assert (tmp_path / results.save_dir / "labels" / "image0.txt").is_file()
        assert list((tmp_path / results.save_dir / "crops").rglob("*.jpg"))


def test_train_is_refused_in_one_line(model: Model) -> None:
    with pytest.raises(Error, match="does not train") as caught:
        model("detect").train(data="coco8.yaml")
    assert caught.value.code == "InvalidArgument"
