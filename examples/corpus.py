"""Text files, gzipped or not, to vectors: a row for each line, in order.

Works on all cores, and holds a few batches. From a clone:
    python -m examples.corpus vectors.npy [model.keras] file file.gz ...
"""

import functools
import sys
import time

import keras
import numpy as np
import tensorflow as tf

from keras_wembed import Pooling, zoo


def model_of(layer):
    return keras.Sequential([keras.Input((), dtype="string"), layer, Pooling("mean")])


@functools.cache  # once in each process
def loaded(path):
    return keras.models.load_model(path)


def lines(file):
    zipped = tf.strings.regex_full_match(file, r".*\.gz")
    return tf.data.TextLineDataset(file, tf.where(zipped, "GZIP", ""))


def vectors(model, files):
    """The vectors of all lines, an array for each batch."""
    texts = tf.data.Dataset.from_tensor_slices(list(files)).flat_map(lines)
    batches = texts.batch(1024).map(model, tf.data.AUTOTUNE)
    return batches.prefetch(tf.data.AUTOTUNE).as_numpy_iterator()


def write_header(file, *shape):
    # NumPy leaves room in it for more rows.
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def main(out, *files):
    n, start = 0, time.perf_counter()
    given = files[0].endswith(".keras")
    # Ragged: a long line makes no other one longer.
    model = loaded(files[0]) if given else model_of(zoo.load(output="ragged"))
    with open(out, "wb") as file:
        write_header(file, 0, model.output_shape[-1])
        for some in vectors(model, files[given:]):
            n += file.write(some.astype("<f4")) // (4 * some.shape[1])
        file.seek(0)
        write_header(file, n, model.output_shape[-1])
    print(f"{n} texts, {n / (time.perf_counter() - start):,.0f} per second")


if __name__ == "__main__":
    main(*sys.argv[1:])
