"""Writes a Caffe model layer by layer, and records what OpenCV's reader of Caffe gives for it.
Scratch environment: opencv-python-headless 4.x, numpy."""
import os

import cv2
import numpy as np

SIDE = 64
text, blobs = [], []  # blobs: (layer, type, [array])


def layer(name, kind, bottoms, tops=None, params="", arrays=()):
    tops = [name] if tops is None else tops
    text.append("layer {\n  name: \"%s\"\n  type: \"%s\"\n%s%s%s}\n" % (
        name, kind, "".join('  bottom: "%s"\n' % b for b in bottoms), "".join('  top: "%s"\n' % t for t in tops),
        "".join("  %s\n" % p for p in params.split("\n") if p)))
    if arrays:
        blobs.append((name, kind, [np.asarray(a, "float32") for a in arrays]))
    return tops[0]


def varint(n):
    o = b""
    while n > 127:
        o += bytes([n & 127 | 128]); n >>= 7
    return o + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def save(out, name, golden):
    net = field(1, b"tiny")
    for layer_name, kind, arrays in blobs:
        body = field(1, layer_name.encode()) + field(2, kind.encode())
        for a in arrays:
            body += field(7, field(7, field(1, b"".join(varint(d) for d in a.shape))) + field(5, a.astype("<f4").tobytes()))
        net += field(100, body)
    weights, program = (os.path.join(out, name + suffix) for suffix in (".caffemodel", ".prototxt"))
    open(weights, "wb").write(net)
    open(program, "w").write("".join(text))
    picture = (np.arange(SIDE * SIDE * 3) * 37 % 256).reshape(1, SIDE, SIDE, 3).astype("float32") / 255
    reader = cv2.dnn.readNetFromCaffe(program, weights)
    reader.setInput(np.ascontiguousarray(picture.transpose(0, 3, 1, 2)))
    y = reader.forward("output")
    np.save(os.path.join(out, "golden", golden), y)
    print(cv2.__version__, y.shape, y[:, :4].min(), y[:, :4].max(), y[:, 4:].min(), y[:, 4:].max(), np.ptp(y[:, 4:], axis=2))
