"""Whether XLA compiles what is being traced, and what is done for it."""

import tensorflow as tf
from tensorflow.python.ops import control_flow_util


def compiled_by_xla() -> bool:
    """Whether the function being traced is one with `jit_compile=True`.

    XLA gives `tf.unique` and `tf.where` a length that it only knows while it runs, and
    then scatters the padding too: silently wrong weights. TensorFlow has no public way
    to ask; it traces a nested function anew where the answer changes.
    """
    graph = tf.compat.v1.get_default_graph()
    return bool(control_flow_util.GraphOrParentsInXlaContext(graph))


def first_places(rows: tf.Tensor, n: int) -> tf.Tensor:
    """For each place the first one that names the same row.

    XLA makes a loop of `tf.unique`, with a turn for each row that is named: seconds on
    a GPU.

    Args:
        rows: Rows of a table.
        n: How many the table has.

    Shapes:
        rows: `(ids,)`
        returns: `(ids,)`
    """
    places = tf.range(tf.size(rows))
    return tf.gather(tf.math.unsorted_segment_min(places, rows, n), rows)
