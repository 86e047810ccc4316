"""How Keras loads layers: rows that a file gives them, and things that they share."""

from typing import Any

from keras.src.backend.common import global_state


def rows_follow() -> bool:
    """Whether Keras builds a model just now that a file will give its rows next.

    Random ones, which it takes a second to draw for 400,000 tokens, would be for
    nothing. Keras tells nobody, but shares objects while it reads a file's config.
    """
    return global_state.get_global_attribute("shared_objects/id_to_obj_map") is not None


def mark_as_shared(config: dict[str, Any], it: Any) -> None:
    """Lets Keras read one thing where a model has one, in however many layers.

    Keras marks each mention of a thing in a file but the first, if that stands in the
    config of another: it copies such a config before it comes to the second mention.

    Args:
        config: Of the thing, to be marked if a model is written just now.
        it: The thing.
    """
    known = global_state.get_global_attribute("shared_objects/id_to_config_map")
    if known is not None:
        config["shared_object_id"] = id(it)
