"""Predictions equal the command's to the last bit, whatever the image is given as."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import SAMPLE, TASKS, sample_images, sample_model
from PIL import Image

from yolovino import YOLO, Error, Results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Model = Callable[[str], YOLO]
    Command = Callable[..., list[dict[str, Any]]]


def without_times(results: Results) -> dict[str, Any]:
    """The line of the command for a result, but for how long it took."""
    assert results._native is not None
    line: dict[str, Any] = json.loads(results._native.json())
    return {key: value for key, value in line.items() if key != "speed"}


@pytest.mark.parametrize("task", TASKS)
def test_openvino_f32_folder_equals_command_bit_for_bit(
    model: Model, command: Command, task: str, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for image in sample_images(task)[:6]:
        (folder / f"{image.parent.name}-{image.name}").write_bytes(image.read_bytes())
    words = (f"model={sample_model(task)}", f"source={folder}", "device=cpu", "precision=f32")
    lines = command("predict", *words, "save=False", "save_json=True", "verbose=False")
    results = model(task)(folder, verbose=False)
    assert len(lines) == len(results) == 6
    for line, each in zip(lines, results, strict=True):
        line.pop("speed")
        assert without_times(each) == line
        assert [round_as_json(row) for row in each.summary()] == line["detections"]


def round_as_json(row: dict[str, Any]) -> Any:
    return json.loads(json.dumps(row))


@pytest.mark.parametrize("task", TASKS)
def test_every_kind_of_input_gives_the_same_numbers(model: Model, task: str) -> None:
    file = sample_images(task)[1]
    yolo = model(task)
    expected = yolo(file, verbose=False)[0]
    pil = Image.open(file)
    bgr = np.asarray(pil.convert("RGB"))[..., ::-1]
    part = expected.probs if task == "classify" else expected.obb if task == "obb" else expected.boxes
    assert part is not None
    assert len(part) > 0, "the test did not look"
    same_pixels = [expected.orig_img, np.ascontiguousarray(expected.orig_img), file.read_bytes(), str(file)]
    if file.suffix == ".png":  # of JPEG, PIL's decoder may give other pixels
        same_pixels += [bgr, pil]
    for source in same_pixels:
        for found in (yolo(source, verbose=False)[0], yolo([source], verbose=False)[0]):
            assert len(found) == len(expected)
            for name in ("boxes", "masks", "keypoints", "obb", "probs"):
                ours, theirs = getattr(found, name), getattr(expected, name)
                assert (ours is None) == (theirs is None)
                assert ours is None or np.array_equal(ours.data, theirs.data), (name, type(source))


def test_names_of_images_from_memory_are_those_of_ultralytics(model: Model, tmp_path: Path) -> None:
    yolo = model("detect")
    file = sample_images("detect")[0]
    pixels = np.zeros((64, 48, 3), np.uint8)
    image = Image.open(file)
    assert [each.path for each in yolo([pixels, pixels], verbose=False)] == ["image0.jpg", "image1.jpg"]
    assert yolo(image, verbose=False)[0].path == str(file)
    assert yolo(io.BytesIO(file.read_bytes()).getvalue(), verbose=False)[0].path == "image0.jpg"
    assert yolo([str(file)], verbose=False)[0].path == str(file)
    assert yolo(pixels, verbose=False)[0].orig_shape == (64, 48)


def test_list_of_unlike_images_is_one_square_batch_as_in_ultralytics(model: Model) -> None:
    yolo = model("detect")
    wide, high = np.zeros((64, 128, 3), np.uint8), np.zeros((128, 64, 3), np.uint8)
    assert {each._input_shape() for each in yolo([wide, high], verbose=False)} == {(320, 320)}
    assert yolo([wide, wide], verbose=False)[0]._input_shape() == (160, 320)
    one_by_one = [each._input_shape() for each in yolo([wide, high], batch=1, verbose=False)]
    assert one_by_one == [(160, 320), (320, 160)]


def test_stream_gives_results_one_by_one(model: Model) -> None:
    stream = model("detect").predict(SAMPLE / "shapes-val" / "images" / "val", stream=True, verbose=False)
    first = next(stream)
    assert isinstance(first, Results)
    stream.close()  # type: ignore[attr-defined]
    assert len(list(model("detect")(SAMPLE / "shapes-val" / "images" / "val", stream=True, verbose=False))) == 32


def test_options_are_those_of_the_command(model: Model) -> None:
    yolo = model("detect")
    file = sample_images("detect")[1]
    assert len(yolo(file, conf=0.99, verbose=False)[0]) == 0
    found = yolo(file, classes=[0, 2], max_det=2, imgsz=(320, 256), verbose=False)[0]
    assert found.boxes is not None
    assert set(found.boxes.cls.tolist()) <= {0, 2}
    assert len(found) <= 2
    assert yolo(file, conf=np.float64(0.99), classes=np.array([1]).tolist(), verbose=False)[0].boxes is not None
    unknown: Any = {"cnf": 0.5}
    with pytest.raises(Error, match="cnf") as caught:
        yolo(file, **unknown)
    assert caught.value.code == "InvalidArgument"
    assert "conf" in str(caught.value)
    with pytest.raises(Error, match="conf") as caught:
        yolo(file, conf=1.5)
    assert caught.value.code == "InvalidArgument"


def test_options_of_the_model_hold_for_its_calls() -> None:
    yolo = YOLO(sample_model("detect"), conf=0.99, precision="f32", device="cpu")
    file = sample_images("detect")[1]
    assert len(yolo(file, verbose=False)[0]) == 0
    assert len(yolo(file, conf=0.25, verbose=False)[0]) > 0
    assert yolo.device == "cpu"


def test_what_is_no_image_is_refused_in_one_line(model: Model, tmp_path: Path) -> None:
    yolo = model("detect")
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    cases: list[tuple[object, str]] = [
        (None, "InvalidArgument"),
        ([], "InvalidArgument"),
        (1.5, "InvalidArgument"),
        (np.zeros((3, 64, 64), np.float32), "InvalidArgument"),
        (np.zeros((64, 64, 5), np.uint8), "InvalidArgument"),
        ("nothing-here.jpg", "NotFound"),
        (["nothing-here.jpg"], "NotFound"),
        (b"no image", "UnsupportedFile"),
    ]
    for source, code in cases:
        with pytest.raises(Error) as caught:
            yolo(source, verbose=False)
        assert caught.value.code == code, source
        assert "\n" not in str(caught.value)


def test_a_bad_image_does_not_fail_the_others(model: Model) -> None:
    good = sample_images("detect")[0].read_bytes()
    found = model("detect").predict_each([good, b"no image", good, np.zeros((2, 2), np.float32)], verbose=False)
    assert [type(each) for each in found] == [Results, Error, Results, Error]
    assert [each.code for each in found if isinstance(each, Error)] == ["UnsupportedFile", "InvalidArgument"]


def test_lines_are_printed_and_can_be_turned_off(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    yolo = model("detect")
    file = sample_images("detect")[0]
    yolo(file)
    assert "image 1/1" in capsys.readouterr().out
    yolo(file.read_bytes())
    out = capsys.readouterr().out
    assert re.search(r"^0: \d+x320 .*ms$", out, re.MULTILINE)
    assert "Speed: " in out
    yolo([file.read_bytes(), str(file)], verbose=False)
    yolo(file, verbose=False)
    assert capsys.readouterr().out == ""


def test_embed_gives_the_features_of_the_layer_before_the_head(model: Model) -> None:
    features = model("detect").embed(sample_images("detect")[0], verbose=False)
    assert len(features) == 1
    assert features[0].ndim == 1
    assert np.abs(features[0]).max() > 0


def test_goldens_of_ultralytics_yolov8n_openvino_f32_cpu(shared: Path) -> None:
    recorded = json.loads((shared / "golden" / "predict_checkpoint.json").read_text())
    yolo = YOLO(shared / "models" / "yolov8n.pt", device="cpu", precision="f32")
    looked = 0
    for name in ("bus.jpg", "zidane.jpg"):
        found = yolo(shared / "data" / "images" / name, verbose=False)[0]
        boxes = np.array(recorded[name]["boxes"], dtype=np.float32)
        assert found.boxes is not None
        assert list(found.orig_shape) == recorded[name]["shape"]
        assert len(found.boxes) == len(boxes)
        assert np.abs(found.boxes.data[:, :4] - boxes[:, :4]).max() < 0.05
        assert np.abs(found.boxes.conf - boxes[:, 4]).max() < 1e-4
        assert np.array_equal(found.boxes.cls, boxes[:, 5])
        looked += len(boxes)
    assert looked > 6
