"""Whether XLA compiles what is being traced."""

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
