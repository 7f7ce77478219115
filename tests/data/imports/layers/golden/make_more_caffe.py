"""Makes more.prototxt, more.caffemodel: layers that tiny.prototxt leaves out, and what OpenCV's reader gives for them.
Scratch environment: opencv-python-headless 4.x, numpy."""
import sys

import numpy as np

from caffe_file import SIDE, layer, save, text

out = sys.argv[1]
rng = np.random.default_rng(23)
CLASSES = 3

text.append('name: "more"\n')
layer("data", "Input", [], ["data"], "input_param { shape { dim: 1 dim: 3 dim: %d dim: %d } }" % (SIDE, SIDE))
layer("c1", "Convolution", ["data"], None,
      "convolution_param { num_output: 16 kernel_h: 5 kernel_w: 3 pad_h: 2 pad_w: 1 stride_h: 4 stride_w: 8 }",
      [rng.normal(0, 0.3, (16, 3, 5, 3)), rng.normal(0, 0.2, 16)])  # 16 × 8
layer("half", "Pooling", ["c1"], None, "pooling_param { pool: MAX kernel_h: 2 kernel_w: 1 stride_h: 2 stride_w: 1 }")
layer("elu", "ELU", ["half"], None, "elu_param { alpha: 0.7 }")
layer("swish", "Swish", ["elu"])
layer("power", "Power", ["swish"], None, "power_param { power: 2 scale: 0.5 shift: 1 }")
layer("line", "Power", ["power"], None, "power_param { scale: 0.8 shift: -0.6 }")
layer("prelu", "PReLU", ["line"], None, "prelu_param { channel_shared: true }", [[0.2]])
layer("mix", "Convolution", ["prelu"], None, "convolution_param { num_output: 16 kernel_size: 1 }",
      [rng.normal(0, 0.3, (16, 16, 1, 1)), rng.normal(0, 0.2, 16)])
layer("top", "Pooling", ["mix"], None, "pooling_param { pool: MAX global_pooling: true }")
layer("flat", "Flatten", ["top"])
layer("full", "InnerProduct", ["flat"], None, "inner_product_param { num_output: 16 }",
      [rng.normal(0, 0.3, (16, 16)), rng.normal(0, 0.3, 16)])
layer("gate", "Sigmoid", ["full"])
layer("gated", "Scale", ["mix", "gate"], None, "scale_param { axis: 0 }")
layer("lines", "Permute", ["gated"], None, "permute_param { order: 0 order: 1 order: 3 order: 2 }")
p = [layer("p3", "Eltwise", ["gated", "lines"], None, "eltwise_param { operation: SUM }")]
for name in ("p4", "p5"):
    p.append(layer(name, "Pooling", [p[-1]], None, "pooling_param { pool: MAX kernel_size: 2 stride: 2 }"))
points, strides = [], []
for i, name in enumerate(p):
    n = 8 >> i
    layer("head%d" % i, "Convolution", [name], None, "convolution_param { num_output: %d kernel_size: 1 }" % (4 + CLASSES),
          [rng.normal(0, 0.3, (4 + CLASSES, 16, 1, 1)), rng.normal(0, 0.3, 4 + CLASSES)])
    layer("flat%d" % i, "Flatten", ["head%d" % i], None, "flatten_param { axis: 2 }")
    y, x = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5, indexing="ij")
    points.append(np.stack([x.ravel(), y.ravel(), 0 * y.ravel(), 0 * y.ravel()]) * (SIDE // n))
    strides.append(np.full((4, n * n), SIDE // n))
layer("all", "Concat", ["flat0", "flat1", "flat2"], None, "concat_param { axis: 2 }")
layer("share", "Sigmoid", ["all"])
layer("cut", "Slice", ["share"], ["sides", "score"], "slice_param { axis: 1 slice_point: 4 }")
layer("pixels", "Scale", ["sides"], None, "scale_param { axis: 1 num_axes: 2 bias_term: true }",
      [np.concatenate(strides, 1), np.concatenate(points, 1)])
layer("output", "Concat", ["pixels", "score"])
save(out, "more", "more_caffe")
