"""What Keras is about to do with a layer that it builds."""

from keras.src.backend.common import global_state


def rows_follow() -> bool:
    """Whether Keras builds a model just now that a file will give its rows next.

    Random ones, which it takes a second to draw for 400,000 tokens, would be for
    nothing. Keras tells nobody, but shares objects while it reads a file's config.
    """
    shared = global_state.get_global_attribute("shared_objects/id_to_obj_map")
    return shared is not None
