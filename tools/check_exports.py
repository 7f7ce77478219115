"""Called by check_exports.sh in a folder with static/, dynamic/, half/, and opset11/ to opset20/."""

import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
import torch
import ultralytics
from ultralytics import YOLO

stem, image_path = sys.argv[1], sys.argv[2]
checkpoint = Path("static") / f"{stem}.pt"
image = cv2.imread(image_path)


def network_input(size):
    resized = cv2.resize(image, size[::-1])[..., ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(resized.transpose(2, 0, 1)[None])


reference = YOLO(checkpoint)
task = reference.task
network = reference.model.eval().float().fuse(verbose=False)
network.model[-1].export = True  # the outputs of an export, without those of training
sides = reference.overrides.get("imgsz", 640)
square = (sides, sides) if isinstance(sides, int) else tuple(sides)
inputs = {"square": network_input(square), "wide": network_input((square[0] // 64 * 32, square[1]))}


def arrays(outputs):
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    return [np.asarray(output, dtype=np.float32) for output in outputs]


with torch.no_grad():
    wanted = {name: arrays(network(torch.from_numpy(x))) for name, x in inputs.items()}
network.model[-1].export = False


def pixel_rows(rows):
    """Which rows of the first output are coordinates."""
    pixels = np.zeros(rows, bool)
    if task != "classify":
        pixels[:4] = True
    if task == "pose":
        count, numbers = network.kpt_shape
        pixels[rows - count * numbers :] = np.arange(count * numbers) % numbers < 2
    return pixels


COLUMNS = {
    "detect": ["boxes, px", "scores"],
    "segment": ["boxes, px", "scores, coefficients", "prototypes"],
    "pose": ["boxes, keypoints, px", "scores"],
    "obb": ["boxes, px", "scores, angles"],
    "classify": ["probabilities"],
}


def heading(first, columns):
    print(f"| {first} | {' | '.join(columns)} |")
    print("|---" * (1 + len(columns)) + "|")


def row(what, answer, shape="square"):
    columns = COLUMNS[task]
    try:
        got = arrays(answer(inputs[shape]))
        assert [y.shape for y in got] == [y.shape for y in wanted[shape]], [y.shape for y in got]
        differences = [np.abs(y - w) for y, w in zip(got, wanted[shape])]
        pixels = pixel_rows(differences[0].shape[1])
        parts = [differences[0][:, pixels], differences[0][:, ~pixels], *differences[1:]]
        print(f"| {what} | {' | '.join(f'{part.max():.2g}' for part in parts if part.size)} |")
    except Exception as error:  # a row that says why is the point of the table
        print(f"| {what} | {type(error).__name__}: {str(error).splitlines()[0][:80]} {'| ' * len(columns)}|")


def with_onnxruntime(file):
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"images": x})


def with_opencv(file):
    def answer(x):
        net = cv2.dnn.readNetFromONNX(file)
        net.setInput(x)
        return net.forward(["output0", "output1"] if task == "segment" else ["output0"])

    return answer


def with_openvino(file):
    core = openvino.Core()
    network = core.compile_model(core.read_model(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def answer(x):
        outputs = network({"images": x})
        return [outputs[f"output{i}"] for i in range(len(outputs))]

    return answer


def with_torch(file, prepare=lambda module: module, dtype=torch.float32):
    module = prepare(torch.jit.load(file))

    def answer(x):
        with torch.no_grad():
            outputs = module(torch.from_numpy(x).to(dtype))
        return [y.float().numpy() for y in (outputs if isinstance(outputs, tuple) else [outputs])]

    return answer


print(f"{stem} ({task}), {square[0]}x{square[1]}; ultralytics {ultralytics.__version__}, torch {torch.__version__}, ", end="")
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, openvino {openvino.__version__}, opencv {cv2.__version__}\n")
heading("raw output against PyTorch with the fused checkpoint", COLUMNS[task])
for kind in ["static", "dynamic", "half", *(f"opset{n}" for n in range(11, 21))]:
    file = f"{kind}/{stem}.onnx"
    onnx.checker.check_model(onnx.load(file), full_check=True)
    row(f"ONNX {kind}, ONNX Runtime", with_onnxruntime(file))
    row(f"ONNX {kind}, OpenCV dnn", with_opencv(file))
for kind in ["static", "dynamic", "half"]:
    row(f"IR {kind}, OpenVINO by the names images and output0", with_openvino(f"{kind}/{stem}_openvino_model/{stem}.xml"))
row("ONNX dynamic, wide input, ONNX Runtime", with_onnxruntime(f"dynamic/{stem}.onnx"), "wide")
row("TorchScript static", with_torch(f"static/{stem}.torchscript"))
row("TorchScript dynamic", with_torch(f"dynamic/{stem}.torchscript"))
row("TorchScript dynamic, wide input", with_torch(f"dynamic/{stem}.torchscript"), "wide")
row("TorchScript frozen", with_torch(f"static/{stem}.torchscript", torch.jit.freeze))
row("TorchScript half", with_torch(f"half/{stem}.torchscript"))
row("TorchScript half, f16 input", with_torch(f"half/{stem}.torchscript", dtype=torch.float16))
row("TorchScript half after .float()", with_torch(f"half/{stem}.torchscript", lambda module: module.float()))



def parts(result):
    """What was found, as arrays with one row for each object: pixels, then what is none, then masks."""
    if task == "classify":
        return [result.probs.data.cpu().numpy()[None]]
    boxes = (result.obb if task == "obb" else result.boxes).data.cpu().numpy()
    found = [boxes[:, :4], boxes[:, 4:]]
    if task == "pose":
        points = result.keypoints.data.cpu().numpy()
        found[0] = np.concatenate([found[0], points[..., :2].reshape(len(boxes), -1)], 1)
        found[1] = np.concatenate([found[1], points[..., 2:].reshape(len(boxes), -1)], 1)
    if task == "segment":
        shape = (0, 1, 1)
        found.append(result.masks.data.cpu().numpy().astype(np.float32) if result.masks is not None else np.zeros(shape, np.float32))
    return found


RESULT_COLUMNS = {
    "detect": ["boxes", "px", "conf"],
    "segment": ["boxes", "px", "conf", "pixels of a mask"],
    "pose": ["boxes", "px, with keypoints", "conf"],
    "obb": ["boxes", "px", "conf, angle"],
    "classify": ["images", "probability"],
}
print()
heading("results of Ultralytics with the export against the checkpoint, conf 0.25", RESULT_COLUMNS[task])
truth = parts(reference.predict(image_path, verbose=False, rect=False, imgsz=list(square))[0])
for kind in ["static", "dynamic", "half"]:
    for suffix in ["_openvino_model", ".onnx", ".torchscript"]:
        model = YOLO(f"{kind}/{stem}{suffix}")
        result = model.predict(image_path, verbose=False, rect=False, imgsz=list(square))[0]
        assert model.task == task and result.names == reference.names, (model.task, result.names)
        found = parts(result)
        if [part.shape for part in found] == [part.shape for part in truth]:
            differences = [np.abs(part - wanted_part) for part, wanted_part in zip(found, truth)]
            if task == "segment":
                differences[2] = differences[2].sum((1, 2))
            text = " | ".join(f"{part.max() if part.size else 0:.2g}" for part in differences)
        else:
            text = "different counts " + "| " * (len(truth) - 1)
        print(f"| {suffix.strip('._')} {kind} | {len(found[0])} of {len(truth[0])} | {text} |")
