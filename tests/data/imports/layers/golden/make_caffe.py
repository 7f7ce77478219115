"""Makes tiny.prototxt, tiny.caffemodel (random weights) and what OpenCV's reader of Caffe gives for them.
Scratch environment: opencv-python-headless 4.x, numpy."""
import sys

import numpy as np

from caffe_file import SIDE, layer, save, text

out = sys.argv[1]
rng = np.random.default_rng(11)
CLASSES, BINS = 3, 4


def conv(name, x, cin, cout, k=3, s=1, act="ReLU", group=1, dilation=1, norm=True):
    pad = dilation * (k // 2)
    w = rng.normal(0, (2.0 / (cin // group * k * k)) ** 0.5, (cout, cin // group, k, k))
    arrays = [w] if norm else [w, rng.normal(0, 0.1, cout)]
    layer(name, "Convolution", [x], None,
          "convolution_param { num_output: %d kernel_size: %d pad: %d stride: %d group: %d dilation: %d bias_term: %s\n"
          "  weight_filler { type: \"msra\" } }\nparam { lr_mult: 1 decay_mult: 1 }"
          % (cout, k, pad, s, group, dilation, "false" if norm else "true"), arrays)
    if norm:
        n = 2.0
        layer(name + "/bn", "BatchNorm", [name], [name], "batch_norm_param { use_global_stats: true eps: 0.001 }",
              [n * rng.normal(0, 0.2, cout), n * rng.uniform(0.5, 1.5, cout), [n]])
        layer(name + "/scale", "Scale", [name], [name], "scale_param { bias_term: true }",
              [rng.uniform(0.5, 1.5, cout), rng.normal(0, 0.2, cout)])
    if act == "ReLU":
        layer(name + "/relu", "ReLU", [name], [name])
    elif act == "Leaky":
        layer(name + "/relu", "ReLU", [name], [name], "relu_param { negative_slope: 0.1 }")
    elif act:
        layer(name + "/act", act, [name], [name])
    return name


text.append('name: "tiny"\n')
layer("data", "Input", [], ["data"], "input_param { shape { dim: 1 dim: 3 dim: %d dim: %d } }" % (SIDE, SIDE))
x = conv("c1", "data", 3, 8, 3, 2, "Leaky")
x = conv("c2", x, 8, 12, 3, 2)
layer("dw", "Convolution", [x], None, "convolution_param { num_output: 12 kernel_size: 3 pad: 1 group: 12 bias_term: false }",
      [rng.normal(0, 0.4, (12, 1, 3, 3))])
layer("dw/prelu", "PReLU", ["dw"], ["dw"], "", [rng.uniform(0, 0.3, 12)])
x = conv("c3", "dw", 12, 16, 3, 2, None, group=2)
layer("split", "Split", [x], ["s1", "s2"])
layer("gate", "Sigmoid", ["s1"])
layer("swish", "Eltwise", ["gate", "s2"], None, "eltwise_param { operation: PROD }")
x = conv("c3b", "swish", 16, 16, 3, 1, dilation=2)
layer("sum", "Eltwise", [x, "swish"], None, "eltwise_param { operation: SUM }")
p3 = "sum"
layer("pool4", "Pooling", [p3], None, "pooling_param { pool: MAX kernel_size: 3 stride: 2 }")  # ceil: 8 → 4
p4 = conv("c4", "pool4", 16, 16)
layer("blur", "Pooling", [p4], None, "pooling_param { pool: AVE kernel_size: 3 stride: 1 pad: 1 }")
layer("pool5", "Pooling", ["blur"], None, "pooling_param { pool: AVE kernel_size: 2 stride: 2 }")
p5 = conv("c5", "pool5", 16, 16, act="TanH")
layer("spp", "Pooling", [p5], None, "pooling_param { pool: MAX kernel_size: 5 stride: 1 pad: 2 }")
layer("max", "Eltwise", ["spp", p5], None, "eltwise_param { operation: MAX }")
layer("p5", "Concat", [p5, "max"])
layer("up4", "Deconvolution", ["p5"], None,
      "convolution_param { num_output: 8 kernel_size: 2 stride: 2 bias_term: true }",
      [rng.normal(0, 0.2, (32, 8, 2, 2)), rng.normal(0, 0.1, 8)])
layer("cat4", "Concat", ["up4", p4], None, "concat_param { axis: 1 }")
p4 = conv("n4", "cat4", 24, 16)
layer("mean", "Pooling", [p4], None, "pooling_param { pool: AVE global_pooling: true }")
layer("se", "InnerProduct", ["mean"], None, "inner_product_param { num_output: 16 }",
      [rng.normal(0, 0.2, (16, 16)), rng.normal(0, 0.2, 16)])
layer("se/gate", "Sigmoid", ["se"], ["se"])
layer("se4", "Reshape", ["se"], None, "reshape_param { shape { dim: 0 dim: -1 dim: 1 dim: 1 } }")
layer("se5", "Deconvolution", ["se4"], None,  # spreads one cell over the map of 4 × 4
      "convolution_param { num_output: 16 kernel_size: 4 stride: 4 group: 16 bias_term: false }", [np.ones((16, 1, 4, 4))])
layer("n4g", "Eltwise", [p4, "se5"], None, "eltwise_param { operation: PROD }")
layer("drop", "Dropout", ["n4g"], ["n4g"], "dropout_param { dropout_ratio: 0.1 }")
layer("up3", "Deconvolution", ["n4g"], None,
      "convolution_param { num_output: 16 kernel_size: 2 stride: 2 group: 16 bias_term: false }", [np.ones((16, 1, 2, 2))])
layer("cat3", "Concat", ["up3", p3])
p3 = conv("n3", "cat3", 32, 16)
levels, strides, points = [], [], []
for i, (stride, p, c) in enumerate(((8, p3, 16), (16, "n4g", 16), (32, "p5", 32))):
    n = SIDE // stride
    box = conv("box%d" % i, p, c, 4 * BINS, 1, act=None, norm=False)
    cls = conv("cls%d" % i, p, c, CLASSES, 1, act=None, norm=False)
    layer("head%d" % i, "Concat", [box, cls])
    levels.append(layer("flat%d" % i, "Reshape", ["head%d" % i], None,
                        "reshape_param { shape { dim: 0 dim: %d dim: -1 } }" % (4 * BINS + CLASSES)))
    y, gx = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5, indexing="ij")
    points.append(np.stack([gx.ravel(), y.ravel()]))
    strides.append(np.full(n * n, stride))
points, strides = np.concatenate(points, 1), np.concatenate(strides)
total = len(strides)
layer("all", "Concat", levels, None, "concat_param { axis: 2 }")
layer("cut", "Slice", ["all"], ["box", "cls"], "slice_param { axis: 1 slice_point: %d }" % (4 * BINS))
layer("score", "Sigmoid", ["cls"])
layer("bins", "Reshape", ["box"], None, "reshape_param { shape { dim: 0 dim: 4 dim: %d dim: -1 } }" % BINS)
layer("binsf", "Permute", ["bins"], None, "permute_param { order: 0 order: 2 order: 1 order: 3 }")
layer("prob", "Softmax", ["binsf"], None, "softmax_param { axis: 1 }")
layer("dfl", "Convolution", ["prob"], None, "convolution_param { num_output: 1 kernel_size: 1 bias_term: false }",
      [np.arange(BINS).reshape(1, BINS, 1, 1)])
layer("dist", "Reshape", ["dfl"], None, "reshape_param { shape { dim: 0 dim: 4 dim: -1 } }")
layer("sides", "Slice", ["dist"], ["lt", "rb"], "slice_param { axis: 1 }")
layer("middle", "Eltwise", ["rb", "lt"], None, "eltwise_param { operation: SUM coeff: 0.5 coeff: -0.5 }")
layer("centre", "Scale", ["middle"], None, "scale_param { axis: 1 num_axes: 2 bias_term: true }", [np.ones_like(points), points])
layer("size", "Eltwise", ["rb", "lt"], None, "eltwise_param { operation: SUM }")
layer("cells", "Concat", ["centre", "size"])
layer("pixels", "Scale", ["cells"], None, "scale_param { axis: 2 }", [strides])
layer("output", "Concat", ["pixels", "score"])


save(out, "tiny", "caffe")
