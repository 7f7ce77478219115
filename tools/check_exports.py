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

stem, picture = sys.argv[1], sys.argv[2]
checkpoint = Path("static") / f"{stem}.pt"
image = cv2.imread(picture)


def network_input(size):
    resized = cv2.resize(image, size[::-1])[..., ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(resized.transpose(2, 0, 1)[None])


reference = YOLO(checkpoint)
network = reference.model.eval().float().fuse(verbose=False)
sides = reference.overrides.get("imgsz", 640)
square = (sides, sides) if isinstance(sides, int) else tuple(sides)
inputs = {"square": network_input(square), "wide": network_input((square[0] // 64 * 32, square[1]))}
with torch.no_grad():
    wanted = {name: network(torch.from_numpy(x))[0].numpy() for name, x in inputs.items()}


def row(what, answer, shape="square"):
    try:
        got = np.asarray(answer(inputs[shape]), dtype=np.float32)
        worst = np.abs(got - wanted[shape])
        print(f"| {what} | {worst[:, :4].max():.2g} | {worst[:, 4:].max():.2g} |")
    except Exception as error:  # a row that says why is the point of the table
        print(f"| {what} | {type(error).__name__}: {str(error).splitlines()[0][:80]} | |")


def with_onnxruntime(file):
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"images": x})[0]


def with_opencv(file):
    def answer(x):
        net = cv2.dnn.readNetFromONNX(file)
        net.setInput(x)
        return net.forward()

    return answer


def with_openvino(file):
    core = openvino.Core()
    network = core.compile_model(core.read_model(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda x: network({"images": x})["output0"]


def with_torch(file, prepare=lambda module: module, dtype=torch.float32):
    module = prepare(torch.jit.load(file))

    def answer(x):
        with torch.no_grad():
            return module(torch.from_numpy(x).to(dtype)).float().numpy()

    return answer


print(f"{stem}, {square[0]}x{square[1]}; ultralytics {ultralytics.__version__}, torch {torch.__version__}, ", end="")
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, openvino {openvino.__version__}, opencv {cv2.__version__}\n")
print("| raw output against PyTorch with the fused checkpoint | boxes, px | scores |\n|---|---|---|")
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

print("\n| detections of Ultralytics with the export against the checkpoint, conf 0.25 | boxes | px | conf |\n|---|---|---|---|")
truth = reference.predict(picture, verbose=False, rect=False, imgsz=list(square))[0].boxes.data.cpu().numpy()
for kind in ["static", "dynamic", "half"]:
    for suffix in ["_openvino_model", ".onnx", ".torchscript"]:
        model = YOLO(f"{kind}/{stem}{suffix}", task="detect")
        found = model.predict(picture, verbose=False, rect=False, imgsz=list(square))[0]
        assert found.names == reference.names, found.names
        boxes = found.boxes.data.cpu().numpy()
        if boxes.shape == truth.shape:
            difference = np.abs(boxes - truth)
            text = f"{difference[:, :4].max():.2g} | {difference[:, 4].max():.2g}" if len(truth) else "0 | 0"
        else:
            text = "different counts |"
        print(f"| {suffix.strip('._')} {kind} | {len(boxes)} of {len(truth)} | {text} |")
