"""A small ONNX detector whose input is [N, H, W, 3], and what ONNX Runtime gives for it: onnx 1.22, onnxruntime 1.32."""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper as h
from onnx import numpy_helper

folder = sys.argv[1]
rng = np.random.default_rng(2)
SIDE, CLASSES = 64, 3
nodes, constants = [], []


def constant(name, values):
    constants.append(numpy_helper.from_array(np.asarray(values), name))
    return name


def node(kind, inputs, output, **attributes):
    nodes.append(h.make_node(kind, inputs, [output], **attributes))
    return output


def normal(*shape):
    return rng.normal(0, 0.2, shape).astype("float32")


x = node("Transpose", ["images"], "planes", perm=[0, 3, 1, 2])
x = node("Conv", [x, constant("w", normal(8, 3, 8, 8))], "stem", strides=[8, 8])
x = node("Relu", [x], "p3")
levels, points, strides = [], [], []
for stride in (8, 16, 32):
    if stride > 8:
        x = node("MaxPool", [x], f"p{stride}", kernel_shape=[2, 2], strides=[2, 2])
    head = node("Conv", [x, constant(f"w{stride}", normal(4 + CLASSES, 8, 1, 1))], f"head{stride}")
    levels.append(node("Reshape", [head, constant(f"s{stride}", np.array([0, 4 + CLASSES, -1], "int64"))], f"flat{stride}"))
    n = SIDE // stride
    y, gx = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5, indexing="ij")
    points.append(np.stack([gx.ravel(), y.ravel(), 0 * y.ravel() + 1, 0 * y.ravel() + 1]) * stride)
    strides.append(np.full(n * n, stride))
both = node("Concat", levels, "all", axis=2)
nodes.append(h.make_node("Split", [both, constant("parts", np.array([4, CLASSES], "int64"))], ["box", "cls"], axis=1))
box = node("Mul", [node("Tanh", ["box"], "moved"), constant("strides", np.concatenate(strides).astype("float32"))], "px")
box = node("Add", [box, constant("points", np.concatenate(points, 1).astype("float32")[None])], "pixels")
node("Concat", [box, node("Sigmoid", ["cls"], "score")], "output0", axis=1)
total = sum(len(s) for s in strides)
graph = h.make_graph(nodes, "tiny", [h.make_tensor_value_info("images", 1, [1, SIDE, SIDE, 3])],
                     [h.make_tensor_value_info("output0", 1, [1, 4 + CLASSES, total])], constants)
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
file = os.path.join(folder, "tiny_nhwc.onnx")
onnx.save(model, file)
picture = (np.arange(SIDE * SIDE * 3) * 37 % 256).reshape(1, SIDE, SIDE, 3).astype("float32") / 255
y = onnxruntime.InferenceSession(file).run(None, {"images": picture})[0]
np.save(os.path.join(folder, "golden", "nhwc"), y)
print(onnx.__version__, onnxruntime.__version__, y.shape, y[:, :4].min(), y[:, :4].max(), y[:, 4:].min(), y[:, 4:].max())
