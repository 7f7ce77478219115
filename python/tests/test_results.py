"""What is made of results: drawings, files, parts, tables."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import TASKS, sample_images
from PIL import Image

from yolovino import Error, Results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from yolovino import YOLO

    Model = Callable[[str], YOLO]


def found(model: Model, task: str) -> Results:
    for image in sample_images(task):
        results = model(task)(image, verbose=False)[0]
        if len(results) >= 2:
            return results
    raise AssertionError("no sample image has two objects: the test did not look")


@pytest.mark.parametrize("task", TASKS)
def test_plot_and_save_draw_the_same(model: Model, task: str, tmp_path: Path) -> None:
    results = found(model, task)
    drawn = results.plot()
    assert drawn.shape == results.orig_img.shape
    assert drawn.dtype == np.uint8
    assert not np.array_equal(drawn, results.orig_img)
    file = results.save(tmp_path / "drawn.png")
    assert np.array_equal(np.asarray(Image.open(file).convert("RGB"))[..., ::-1], drawn)
    assert np.asarray(results.plot(pil=True)).shape == drawn.shape
    if task == "detect":
        assert np.array_equal(results.plot(boxes=False), results.orig_img)
        assert not np.array_equal(results.plot(labels=False), drawn)


@pytest.mark.parametrize("task", TASKS)
def test_results_pickle_and_draw_the_same_afterwards(model: Model, task: str) -> None:
    results = found(model, task)
    other = pickle.loads(pickle.dumps(results))
    assert other.path == results.path
    assert other.summary() == results.summary()
    assert other.verbose() == results.verbose()
    assert np.array_equal(other.plot(), results.plot())


@pytest.mark.parametrize("task", [task for task in TASKS if task != "classify"])
def test_a_part_of_the_results_has_some_of_the_objects(model: Model, task: str) -> None:
    results = found(model, task)
    first, last = results[0], results[[-1]]
    assert len(first) == len(last) == 1
    assert first.summary() == results.summary()[:1]
    assert last.summary() == results.summary()[-1:]
    assert [each.summary()[0] for each in results] == results.summary()
    assert not np.array_equal(first.plot(), results.plot())
    boxes = results.obb if task == "obb" else results.boxes
    assert boxes is not None
    sure = results[boxes.conf > boxes.conf[1]]
    assert len(sure) == 1


@pytest.mark.parametrize("task", TASKS)
def test_label_files_and_crops(model: Model, task: str, tmp_path: Path) -> None:
    results = found(model, task)
    file = results.save_txt(tmp_path / "labels.txt", save_conf=True)
    lines = (tmp_path / "labels.txt").read_text().splitlines()
    assert file == str(tmp_path / "labels.txt")
    assert len(lines) == (min(len(results), 5) if task == "classify" else len(results))
    results.save_crop(tmp_path / "crops", "object.jpg")
    crops = list((tmp_path / "crops").rglob("*.jpg"))
    assert len(crops) == (0 if task == "classify" else len(results))


def test_table_and_csv_of_pandas(model: Model) -> None:
    results = found(model, "detect")
    table = results.to_df()
    assert list(table.columns) == ["name", "class", "confidence", "box"]
    assert len(table) == len(results)
    assert results.to_csv().splitlines()[0] == "name,class,confidence,box"


def test_results_of_numbers_that_a_program_has(tmp_path: Path) -> None:
    image = np.full((100, 200, 3), 127, np.uint8)
    results = Results(
        image, "made.jpg", {0: "cat", 1: "dog"}, boxes=[[10, 20, 60, 80, 0.5, 1], [90, 20, 190, 90, 0.9, 0]]
    )
    assert len(results) == 2
    assert results.verbose() == "1 cat, 1 dog, "
    assert results.summary()[0]["name"] == "dog"
    assert not np.array_equal(results.plot(), image)
    results.update(boxes=[[10, 20, 60, 80, 0.5, 1]])
    assert results.verbose() == "1 dog, "
    results.save_txt(tmp_path / "made.txt")
    assert (tmp_path / "made.txt").read_text().split()[0] == "1"


def test_results_of_a_model_can_be_changed(model: Model) -> None:
    results = found(model, "detect")
    before = results.plot()
    results.update(boxes=[[0, 0, 30, 30, 0.9, 0]])
    assert len(results) == 1
    assert results.verbose().startswith("1 ")
    assert not np.array_equal(results.plot(), before)


def test_images_of_results_live_as_long_as_they_are_used(model: Model) -> None:
    image = found(model, "detect").orig_img
    copy = image.copy()
    for _ in range(20):
        found(model, "detect")
    assert np.array_equal(image, copy)


def test_masks_are_pixels_and_outlines(model: Model) -> None:
    masks = found(model, "segment").masks
    assert masks is not None
    assert masks.data.dtype == np.uint8
    assert set(np.unique(masks.data)) == {0, 1}
    assert len(masks.xy) == len(masks) == masks.shape[0]
    assert masks[0].data.shape == (1, *masks.shape[1:])
    assert masks[0].xy[0].tolist() == masks.xy[0].tolist()


def test_speed_names_and_an_unknown_colour_mode(model: Model) -> None:
    results = found(model, "detect")
    assert set(results.speed) == {"preprocess", "inference", "postprocess"}
    assert results.speed["inference"] > 0
    assert results.names[0] == "circle"
    with pytest.raises(Error, match="color_mode") as caught:
        results.plot(color_mode="instance")
    assert caught.value.code == "InvalidArgument"
