"""NVIDIA's tritonclient, every call of its HTTP side, on OpenVINO CPU f32."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tritonclient.http as triton
from conftest import IMAGES, SHARED, TASKS, Server, model_of, predicted, raw_outputs, stable
from tritonclient.utils import InferenceServerException


@pytest.fixture
def client(server: Server) -> triton.InferenceServerClient:
    return triton.InferenceServerClient(server.address, concurrency=2)


def images_input(data: np.ndarray, binary: bool = True, datatype: str = "FP32") -> triton.InferInput:
    tensor = triton.InferInput("images", list(data.shape), datatype)
    tensor.set_data_from_numpy(data, binary_data=binary)
    return tensor


def random_images(count: int = 1, size: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 3, size, size), dtype=np.float32)


def file_input(files: list[Path]) -> triton.InferInput:
    data = np.array([file.read_bytes() for file in files], dtype=np.object_)
    tensor = triton.InferInput("image", [len(files)], "BYTES")
    tensor.set_data_from_numpy(data)
    return tensor


def name_of(task: str) -> str:
    return model_of(task).stem


def test_health_and_metadata(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(name_of("detect"))
    assert client.is_model_ready(name_of("detect"), "1")
    assert not client.is_model_ready("other")
    server = client.get_server_metadata()
    assert server["name"] == "yolovino"
    assert {"binary_tensor_data", "model_configuration", "model_repository", "statistics"} <= set(server["extensions"])
    for task in TASKS:
        metadata = client.get_model_metadata(name_of(task))
        assert metadata["inputs"] == [{"name": "images", "datatype": "FP32", "shape": [-1, 3, -1, -1]}]
        config = client.get_model_config(name_of(task))
        assert [each["name"] for each in config["output"]] == [each["name"] for each in metadata["outputs"]]
        boxes = client.get_model_metadata(name_of(task) + "_boxes")
        assert boxes["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
def test_raw_outputs_of_f32_are_the_librarys_bit_for_bit(client, task: str, binary: bool) -> None:
    images = random_images(2)
    wanted = raw_outputs(model_of(task), images)
    outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in wanted]
    got = client.infer(name_of(task), [images_input(images, binary)], outputs=outputs, request_id="of-the-test")
    response = got.get_response()
    assert response["id"] == "of-the-test"
    assert response["model_name"] == name_of(task)
    for name, values in wanted.items():
        assert got.as_numpy(name).shape == values.shape
        np.testing.assert_array_equal(got.as_numpy(name), values)


def test_all_outputs_without_naming_them(client: triton.InferenceServerClient) -> None:
    images = random_images()
    wanted = raw_outputs(model_of("segment"), images)
    got = client.infer(name_of("segment"), [images_input(images)])
    assert [each["name"] for each in got.get_response()["outputs"]] == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_array_equal(got.as_numpy(name), values)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_bodies_may_be_compressed_in_both_directions(client: triton.InferenceServerClient, coding: str) -> None:
    images = random_images()
    images[:, :, 32:] = 0
    wanted = raw_outputs(model_of("detect"), images)["output0"]
    got = client.infer(
        name_of("detect"),
        [images_input(images)],
        request_compression_algorithm=coding,
        response_compression_algorithm=coding,
    )
    np.testing.assert_array_equal(got.as_numpy("output0"), wanted)


def test_fp16_and_uint8_inputs_are_widened(client: triton.InferenceServerClient) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (1, 3, 64, 64), dtype=np.uint8)
    wanted = raw_outputs(model_of("detect"), pixels.astype(np.float32) / np.float32(255))["output0"]
    got = client.infer(name_of("detect"), [images_input(pixels, datatype="UINT8")])
    np.testing.assert_array_equal(got.as_numpy("output0"), wanted)
    halves = random_images().astype(np.float16)
    wanted = raw_outputs(model_of("detect"), halves.astype(np.float32))["output0"]
    got = client.infer(name_of("detect"), [images_input(halves, datatype="FP16")])
    np.testing.assert_array_equal(got.as_numpy("output0"), wanted)


def test_requests_in_the_background(client: triton.InferenceServerClient) -> None:
    batches = [random_images(seed=seed) for seed in range(6)]
    requests = [client.async_infer(name_of("detect"), [images_input(each)]) for each in batches]
    for images, request in zip(batches, requests, strict=True):
        wanted = raw_outputs(model_of("detect"), images)["output0"]
        np.testing.assert_array_equal(request.get_result().as_numpy("output0"), wanted)


@pytest.mark.parametrize("task", TASKS)
def test_boxes_are_those_of_predict(client: triton.InferenceServerClient, task: str) -> None:
    wanted = predicted(task, IMAGES)
    assert len(wanted) == len(IMAGES)
    got = client.infer(name_of(task) + "_boxes", [file_input(IMAGES)])
    lines = got.as_numpy("results")
    assert [stable(line) for line in lines] == wanted
    if task == "classify":
        assert got.as_numpy("probs").shape[0] == len(IMAGES)
        return
    counts = [len(each["detections"]) for each in wanted]
    index = got.as_numpy("image_index")
    assert sum(counts) > 0
    assert [int((index == i).sum()) for i in range(len(IMAGES))] == counts
    flat = [box for each in wanted for box in each["detections"]]
    np.testing.assert_allclose(got.as_numpy("scores"), [box["confidence"] for box in flat], atol=1e-5)
    assert got.as_numpy("classes").tolist() == [box["class"] for box in flat]
    if task != "obb":
        corners = [[box["box"][key] for key in ("x1", "y1", "x2", "y2")] for box in flat]
        np.testing.assert_allclose(got.as_numpy("boxes"), corners, atol=1e-4)
    else:
        assert got.as_numpy("obb").shape == (len(flat), 5)
    if task == "pose":
        keypoints = got.as_numpy("keypoints")
        np.testing.assert_allclose(keypoints[0, :, 0], flat[0]["keypoints"]["x"], atol=1e-4)


def test_statistics_count_what_was_asked(client: triton.InferenceServerClient) -> None:
    name = name_of("obb")
    before = client.get_inference_statistics(name)["model_stats"][0]
    client.infer(name, [images_input(random_images(3))])
    with pytest.raises(InferenceServerException):
        client.infer(name, [images_input(random_images(1, size=17))])
    after = client.get_inference_statistics(name)["model_stats"][0]
    assert after["inference_count"] - before["inference_count"] == 3
    assert after["execution_count"] - before["execution_count"] == 1
    for key in ("success", "fail"):
        assert after["inference_stats"][key]["count"] - before["inference_stats"][key]["count"] == 1
    assert len(client.get_inference_statistics()["model_stats"]) == 2 * len(TASKS)


def test_errors_say_why(client: triton.InferenceServerClient) -> None:
    for call, words in (
        (lambda: client.infer("other", [images_input(random_images())]), "no model 'other'"),
        (lambda: client.infer(name_of("detect"), [images_input(random_images(1, 17))]), "17"),
        (lambda: client.infer(name_of("detect"), [file_input(IMAGES)]), "images"),
        (lambda: client.get_model_config("other"), "no model 'other'"),
        (lambda: client.infer(name_of("detect"), [images_input(random_images())], model_version="2"), "version"),
    ):
        with pytest.raises(InferenceServerException, match=words):
            call()


def test_repository_index_load_and_unload(start) -> None:
    server = start(f"model={model_of('detect')},{model_of('classify')}", "imgsz=64", "drain=0", "model_control=True")
    client = triton.InferenceServerClient(server.address)
    name = name_of("classify")

    def states() -> dict[str, str]:
        return {each["name"]: each["state"] for each in client.get_model_repository_index()}

    assert states()[name] == "READY"
    client.unload_model(name)
    assert states()[name] == "UNAVAILABLE"
    assert not client.is_model_ready(name)
    with pytest.raises(InferenceServerException):
        client.infer(name, [images_input(random_images())])
    client.load_model(name)
    assert states()[name] == "READY"
    assert client.infer(name, [images_input(random_images())]).as_numpy("output0").shape[0] == 1
    for hostile in ("../yolov8-shapes", "a%2fb", "nothing", ".hidden"):
        with pytest.raises(InferenceServerException):
            client.load_model(hostile)
    with pytest.raises(InferenceServerException, match="not supported"):
        client.load_model(name, config=json.dumps({"backend": "x"}))
    with pytest.raises(InferenceServerException, match="not supported"):
        client.load_model(name, config="{}", files={"file:1/model.pt": b"x"})
    assert client.is_server_ready()


def test_recorded_outputs_of_ultralytics_at_f32(start) -> None:
    model, golden = SHARED / "models/yolov8n.pt", SHARED / "golden"
    if not model.exists() or not golden.exists():
        pytest.skip(f"reference data not found in {SHARED}")
    server = start(f"model={model}", "drain=0")
    client = triton.InferenceServerClient(server.address, network_timeout=300)
    for name in ("bus_640x640", "zidane_384x640"):
        pixels = np.load(golden / f"{name}_input.npy").transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
        wanted = np.load(golden / f"{name}_output.npy")
        got = client.infer("yolov8n", [images_input(pixels)]).as_numpy("output0")
        assert got.shape == wanted.shape
        assert np.abs(got[:, :4] - wanted[:, :4]).max() < 0.01
        assert np.abs(got[:, 4:] - wanted[:, 4:]).max() < 1e-5
