"""Makes the Keras files and what TensorFlow gives for them: tensorflow-cpu 2.19.1 with keras 3.15.1 and tf_keras 2.19.0."""
import os
import sys
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import keras
import tf_keras
from keras import layers as L

out = sys.argv[1]
keras.utils.set_random_seed(5)
SIDE, CLASSES, BINS = 64, 3, 4


def conv(x, c, k=3, s=1, act="silu", name=None):
    x = L.Conv2D(c, k, strides=s, padding="same", use_bias=False, name=name)(x)
    x = L.BatchNormalization(epsilon=1e-3)(x)
    return L.Activation(act)(x) if act else x


def detector():
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = L.ZeroPadding2D(((1, 1), (1, 1)))(image)
    x = L.Conv2D(8, 3, strides=2, padding="valid")(x)
    x = L.LeakyReLU(negative_slope=0.1)(x)
    x = conv(x, 12, 3, 2)
    x = L.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = L.BatchNormalization()(x)
    x = L.ReLU(max_value=6.0)(x)
    p3 = conv(L.SeparableConv2D(16, 3, strides=2, padding="same")(x), 16, 1)
    gate = L.Conv2D(16, 1, activation="sigmoid")(p3)
    p3 = L.Add()([L.Multiply()([p3, gate]), p3])
    p4 = conv(L.MaxPooling2D(2, padding="same")(p3), 16, 3, 1, "relu")
    p5 = conv(L.AveragePooling2D(3, strides=2, padding="same")(p4), 16, 3, 1, "swish")
    p5 = L.Concatenate()([p5, L.MaxPooling2D(5, strides=1, padding="same")(p5)])
    up = L.UpSampling2D(2, interpolation="nearest")(p5)
    p4 = conv(L.Concatenate(axis=-1)([up, p4]), 16)
    up = L.Conv2DTranspose(8, 2, strides=2, padding="same")(p4)
    up = L.Cropping2D(((1, 0), (0, 1)))(L.ZeroPadding2D(((1, 0), (0, 1)))(up))
    p3 = conv(L.Concatenate(axis=3)([up, p3]), 16, act="tanh")
    boxes, scores, points, strides = [], [], [], []
    for stride, p in ((8, p3), (16, p4), (32, p5)):
        n = SIDE // stride
        boxes.append(L.Reshape((n * n, 4 * BINS))(L.Conv2D(4 * BINS, 1)(p)))
        scores.append(L.Reshape((-1, CLASSES))(L.Conv2D(CLASSES, 1, bias_initializer=keras.initializers.Constant(-1.0))(p)))
        y, x = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5, indexing="ij")
        points.append(np.stack([x.ravel(), y.ravel()], 1))
        strides.append(np.full((n * n, 1), stride))
    box = L.Concatenate(axis=1)(boxes)
    score = L.Activation("sigmoid")(L.Concatenate(axis=1)(scores))
    total = sum(n.shape[0] for n in points)
    points = np.concatenate(points).astype("float32")[None]
    strides = np.concatenate(strides).astype("float32")[None]
    box = L.Softmax(axis=-1)(L.Reshape((total, 4, BINS))(box))
    box = L.Permute((2, 1, 3))(box)
    dfl = L.Conv2D(1, 1, use_bias=False, name="dfl")
    box = L.Reshape((total, 4))(L.Permute((2, 1, 3))(dfl(box)))
    dfl.set_weights([np.arange(BINS, dtype="float32").reshape(1, 1, BINS, 1)])
    return image, box, score, points, strides


def archive():
    """Keras 3, with operations between the layers."""
    image, box, score, points, strides = detector()
    lt, rb = box[..., :2], box[..., 2:]
    centre = (rb - lt) / 2.0 + points
    box = L.Concatenate(axis=-1)([centre, lt + rb]) * strides
    return keras.Model(image, L.Concatenate(axis=-1)([box, score]), name="tiny")


def hdf5():
    """Keras 2, layers only, anchors in front."""
    K = tf_keras.layers
    image = tf_keras.Input((SIDE, SIDE, 3), name="image")
    x = K.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(image)
    x = K.LeakyReLU(alpha=0.2)(K.BatchNormalization()(x))
    x = K.Conv2D(8, 3, strides=2, padding="same", groups=2, activation="relu")(x)
    x = K.DepthwiseConv2D(3, strides=2, depth_multiplier=2, padding="same")(x)
    levels, points, strides = [], [], []
    for stride in (8, 16, 32):
        if stride > 8:
            x = K.MaxPooling2D(2)(x)
        n = SIDE // stride
        levels.append(K.Reshape((n * n, 4 + CLASSES))(K.Conv2D(4 + CLASSES, 1)(x)))
        y, gx = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5, indexing="ij")
        points.append(np.stack([gx.ravel(), y.ravel(), 0 * y.ravel(), 0 * y.ravel()], 1) * stride)
        strides.append(np.full((n * n, 4), stride))
    total = sum(n.shape[0] for n in points)
    x = K.Reshape((total, 1, 4 + CLASSES))(K.Concatenate(axis=1)(levels))
    box = K.Cropping2D(0)(K.Conv2D(4, 1, activation="softplus", name="sides")(x))
    mix = K.Conv2D(4, 1, use_bias=False, name="mix")
    box = mix(box)
    cells = K.BatchNormalization(epsilon=0.5, name="cells")  # one channel for each number of each box
    box = K.Reshape((total, 4))(cells(K.Reshape((1, 1, total * 4))(box)))
    score = K.Reshape((total, CLASSES))(K.Conv2D(CLASSES, 1, activation="sigmoid")(x))
    model = tf_keras.Model(image, K.Permute((2, 1))(K.Concatenate()([box, score])), name="tiny")
    randomize(model)
    mix.set_weights([np.array([[-0.5, 0, 1, 0], [0, -0.5, 0, 1], [0.5, 0, 1, 0], [0, 0.5, 0, 1]], "float32")[None, None]])
    cells.set_weights([np.concatenate(strides).ravel(), np.concatenate(points).ravel(), np.zeros(total * 4), np.full(total * 4, 0.5)])
    return model


def randomize(model):
    """Batch norms that do something."""
    rng = np.random.default_rng(3)
    for w in model.weights:
        if any(word in getattr(w, "path", w.name) for word in ("moving", "gamma", "beta")):
            w.assign(rng.uniform(0.5, 1.5, w.shape).astype("float32"))


def record(model, name):
    picture = (np.arange(SIDE * SIDE * 3) * 37 % 256).reshape(1, SIDE, SIDE, 3).astype("float32") / 255
    y = model.predict(picture, verbose=0)
    y = y if y.shape[1] == 4 + CLASSES else np.ascontiguousarray(y.transpose(0, 2, 1))
    np.save(os.path.join(out, "golden", name), y)
    print(name, y.shape, y[:, :4].min(), y[:, :4].max(), y[:, 4:].min(), y[:, 4:].max())


model = archive()
randomize(model)
whole = os.path.join(out, "whole.keras")
model.save(whole)
record(model, "keras")
# Keras does not compress; the tests' copy is packed again.
with zipfile.ZipFile(whole) as loose, zipfile.ZipFile(os.path.join(out, "tiny.keras"), "w", zipfile.ZIP_DEFLATED) as packed:
    for entry in loose.infolist():
        packed.writestr(entry.filename, loose.read(entry))
model = hdf5()
model.save(os.path.join(out, "tiny.h5"))
record(model, "h5")
