"""The input of a layer: the shape of ids that it takes, or the encoder it carries."""

from typing import Any

import numpy as np

from keras_wembed.choices import positive
from keras_wembed.encoder_port import EncoderPort
from keras_wembed.encoders.encoder import Encoder
from keras_wembed.encoders.keras_lookup import KERAS_LOOKUPS, KerasLookup
from keras_wembed.shape_port import ShapePort

_FORMS = (
    'input must be an encoder, "integer", d, (d1, d2, ...), "varying" or '
    '("varying", d2, ...).'
)


def port_of(form: Any) -> ShapePort | EncoderPort:
    """The port that `input=` describes.

    Raises:
        TypeError, ValueError: If it is none of the forms.
    """
    if isinstance(form, KERAS_LOOKUPS):
        return EncoderPort(form, KerasLookup(form))
    if isinstance(form, Encoder):
        return EncoderPort(form, form)
    if form is None or form == "integer":
        return ShapePort(form, () if form else None)
    items = form if isinstance(form, tuple | list) else (form,)
    varies = bool(items) and items[0] == "varying"
    rest = items[1:] if varies else items
    if not items or any(not isinstance(item, int | np.integer) for item in rest):
        raise ValueError(f"{_FORMS} Got {form!r}.")
    sizes = tuple(positive("each length of input", item) for item in rest)
    form = tuple(form) if isinstance(form, list) else form
    return ShapePort(form, (None, *sizes) if varies else sizes)
