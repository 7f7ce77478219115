"""Makes Keras files of the layers that tiny.keras and tiny.h5 leave out, and what TensorFlow gives for them:
tensorflow-cpu 2.19.1 with keras 3.15.1 and tf_keras 2.19.0.

    make_more_keras.py FOLDER
"""
import os
import sys
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tf_keras

out = sys.argv[1]
keras.utils.set_random_seed(11)
SIDE, CLASSES = 64, 3
CELLS = [(n, SIDE // n) for n in (8, 4, 2)]
TOTAL = sum(n * n for n, _ in CELLS)


def features(L, x, activations):
    """64 × 64 × 3 → 8 × 8 × 16, through every layer that the other models do not have."""
    x = L.Rescaling([2.0, 1.0, 0.5], offset=[-1.0, 0.0, 0.25])(x)
    x = L.Conv2D(8, 3, strides=2, padding="same")(x)
    for i, name in enumerate(activations):
        if i % 2:
            x = L.Conv2D(8, 3, padding="same", activation=name)(x)
        else:
            x = L.Activation(name)(L.Conv2D(8, 1)(x))
    x = L.SpatialDropout2D(0.2)(L.Dropout(0.3)(x))
    wide = L.Conv2D(8, 3, padding="same", dilation_rate=2)(x)
    x = L.Maximum()([L.Subtract()([wide, x]), x, wide])
    x = L.MaxPooling2D((3, 2), strides=(2, 2), padding="same")(x)  # 16 × 16
    x = L.Conv2DTranspose(8, 3, strides=2, padding="same")(x)
    x = L.AveragePooling2D(2)(x)
    x = L.Conv2DTranspose(12, (4, 2), strides=2)(x)  # 34 × 32
    x = L.Cropping2D(((2, 0), (0, 0)))(x)
    x = L.AveragePooling2D((2, 4), strides=(2, 2), padding="same")(x)  # the border does not count
    x = L.MaxPooling2D((1, 2))(L.Concatenate(axis=2)([x, L.Activation("softmax")(x)]))
    x = L.MaxPooling2D((2, 1))(L.UpSampling2D((4, 2))(L.AveragePooling2D((2, 2))(x)))
    x = L.BatchNormalization(scale=False, center=False)(x)
    x = L.Dense(16)(x)  # of each cell
    x = L.Conv2D(16, 3, strides=2, padding="valid")(L.ZeroPadding2D(((0, 1), (1, 0)))(x))
    mean = L.Dense(8, activation="relu")(L.GlobalAveragePooling2D()(x))
    top = L.Dense(4, use_bias=False)(L.GlobalMaxPooling2D()(x))
    flat = L.Dense(4, activation="tanh")(L.Flatten()(L.AveragePooling2D(4)(x)))
    gate = L.Dense(16, activation="sigmoid")(L.Concatenate()([mean, top, flat]))
    gate = L.Reshape((1, 1, 16))(L.BatchNormalization()(gate))
    x = L.Multiply()([x, gate])
    return L.Add()([x, L.Conv2D(16, 1)(L.GlobalAveragePooling2D(keepdims=True)(x))])


def detector(K, activations, between=lambda x: x):
    """Layers only. `between` may put operations between them."""
    L = K.layers
    image = K.Input((SIDE, SIDE, 3), name="image")
    x = between(features(L, image, activations))
    levels = []
    for n, _ in CELLS:
        levels.append(L.Reshape((n * n, 4 + CLASSES))(L.Conv2D(4 + CLASSES, 1)(x)))
        x = L.MaxPooling2D(2)(x)
    x = L.Reshape((TOTAL, 1, 4 + CLASSES))(L.Concatenate(axis=1)(levels))
    mix = L.Conv2D(4, 1, use_bias=False, name="mix")
    box = mix(L.Conv2D(4, 1, activation="softplus", name="sides")(x))
    cells = L.BatchNormalization(epsilon=0.5, name="cells")  # one channel for each number of each box
    box = L.Reshape((TOTAL, 4))(cells(L.Reshape((1, 1, TOTAL * 4))(box)))
    score = L.Reshape((TOTAL, CLASSES))(L.Conv2D(CLASSES, 1, activation="sigmoid")(x))
    model = K.Model(image, L.Concatenate()([box, score]), name="more")
    randomize(model)
    mix.set_weights([np.array([[-0.5, 0, 1, 0], [0, -0.5, 0, 1], [0.5, 0, 1, 0], [0, 0.5, 0, 1]], "float32")[None, None]])
    points, strides = [], []
    for n, stride in CELLS:
        y, x = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5, indexing="ij")
        points.append(np.stack([x.ravel(), y.ravel(), 0 * y.ravel(), 0 * y.ravel()], 1) * stride)
        strides.append(np.full((n * n, 4), stride))
    # Keras orders them gamma, beta, mean, variance.
    cells.set_weights([np.concatenate(strides).ravel(), np.concatenate(points).ravel(), np.zeros(TOTAL * 4), np.full(TOTAL * 4, 0.5)])
    return model


def operations(x):
    """Keras 3's own, between layers."""
    x = keras.ops.divide(keras.ops.multiply(x, 3.0), keras.ops.add(2.0, keras.ops.multiply(x, x)))
    x = keras.layers.Concatenate(axis=1)([x[:, 4:], x[:, :4, :, :]])
    x = keras.layers.Concatenate(axis=-1)([x[..., 8:], x[..., :8]])
    return 0.5 - x + np.linspace(-1, 1, 16, dtype="float32")


def row():
    """A model whose layers stand in a row; the boxes are shares of the input."""
    L = tf_keras.layers
    model = tf_keras.Sequential([
        L.Conv2D(4, 5, strides=32, padding="same", activation="elu", input_shape=(SIDE, SIDE, 3)),
        L.Flatten(), L.Dropout(0.5), L.Dense(TOTAL * (4 + CLASSES), activation="sigmoid"), L.Reshape((TOTAL, 4 + CLASSES))])
    randomize(model)
    return model


def randomize(model):
    """Batch norms and biases that do something."""
    rng = np.random.default_rng(3)
    for w in model.weights:
        path = getattr(w, "path", w.name)
        if any(word in path for word in ("moving", "gamma", "beta")):
            w.assign(rng.uniform(0.5, 1.5, w.shape).astype("float32"))
        elif "bias" in path:
            w.assign(rng.normal(0, 0.3, w.shape).astype("float32"))


def record(model, name):
    picture = (np.arange(SIDE * SIDE * 3) * 37 % 256).reshape(1, SIDE, SIDE, 3).astype("float32") / 255
    y = np.ascontiguousarray(model.predict(picture, verbose=0).transpose(0, 2, 1))
    if name == "row":
        y[:, :4] *= SIDE
    np.save(os.path.join(out, "golden", name), y)
    print(name, y.shape, y[:, :4].min(), y[:, :4].max(), y[:, 4:].min(), y[:, 4:].max(), np.ptp(y[:, 4:], axis=2))


model = detector(keras, ["hard_silu", "mish", "gelu", "elu", "relu6", "hard_swish", "tanh", "exponential", "linear"], operations)
whole = os.path.join(out, "whole.keras")
model.save(whole)
record(model, "more_keras")
# Keras does not compress; the tests' copy is packed again.
with zipfile.ZipFile(whole) as loose, zipfile.ZipFile(os.path.join(out, "more.keras"), "w", zipfile.ZIP_DEFLATED) as packed:
    for entry in loose.infolist():
        packed.writestr(entry.filename, loose.read(entry))
os.remove(whole)
model = detector(tf_keras, ["elu", "mish", "gelu", "tanh", "exponential", "linear", "relu"])
model.save(os.path.join(out, "more.h5"))
record(model, "more_h5")
model = detector(keras, ["elu", "hard_silu", "gelu", "silu"])
model.save(os.path.join(out, "more_keras3.h5"))
record(model, "more_keras3_h5")
model = row()
model.save(os.path.join(out, "row.h5"))
record(model, "row")
