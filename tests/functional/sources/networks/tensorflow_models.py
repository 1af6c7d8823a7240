"""
Run by the TensorFlow environment's Python: writes networks of Keras and SavedModels to a folder.

Untrained weights from a fixed seed: what matters here is that both sides of a conversion agree.
"""

import os
import sys
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def cnn() -> keras.Model:
    """Images to five probabilities, with all that differs between training and answering."""
    norm = layers.BatchNormalization()
    model = keras.Sequential(
        [
            layers.Input((8, 8, 1), name="image"),
            layers.Conv2D(4, 3, padding="same"),
            norm,
            layers.ReLU(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )
    gamma, beta, mean, variance = norm.get_weights()
    norm.set_weights([gamma, beta, mean + 0.3, variance * 1.7])
    return model


def words() -> keras.Model:
    """Whole numbers for words to the probability of the second of two labels."""
    return keras.Sequential(
        [
            layers.Input((7,), name="tokens", dtype="int64"),
            layers.Embedding(20, 8),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def two() -> keras.Model:
    """Two inputs, one number."""
    first, second = layers.Input((3,), name="first"), layers.Input((2,), name="second")
    return keras.Model([first, second], layers.Dense(1)(layers.Concatenate()([first, second])))


def dense() -> keras.Model:
    """Numbers to three probabilities, by a layer that TensorFlow would fuse with its ReLU."""
    return keras.Sequential(
        [
            layers.Input((4,), name="features"),
            layers.Dense(8, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def write(folder: Path) -> None:
    keras.utils.set_random_seed(0)
    image = cnn()
    image.save(folder / "cnn.keras")
    image.export(folder / "saved", verbose=False)
    words().save(folder / "words.keras")
    two().save(folder / "two.keras")
    dense().save(folder / "dense.keras")
    keras.Sequential([layers.Input((4,)), layers.Lambda(lambda x: x * 2)]).save(
        folder / "lambda.keras"
    )
    image.save(folder / "old.h5")
    module = tf.Module()
    weights = tf.constant(np.ones((4, 2), np.float32))
    features = tf.TensorSpec([None, 4], tf.float32, name="features")
    one = tf.function(lambda features: {"y": features @ weights}, input_signature=[features])
    tf.saved_model.save(module, folder / "several", {"a": one, "b": one})


if __name__ == "__main__":
    write(Path(sys.argv[1]))
