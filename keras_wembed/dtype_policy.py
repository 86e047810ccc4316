"""Rows that are kept small, and computed with as another dtype."""

from typing import Any

import keras

from keras_wembed.choices import one_of

KEPT_AS = ("float16", "int8")


@keras.saving.register_keras_serializable(package="keras_wembed")
class CompactDTypePolicy(keras.dtype_policies.QuantizedDTypePolicy):
    """A dtype policy whose rows are kept small.

    Keras's own, `int8_from_float32` for example, knows no float16, and no int8 under
    `mixed_float16`: other layers compute with what they keep.

    Args:
        mode: What rows are kept as, `"float16"` or `"int8"`.
        source_name: The policy that says what they are computed with.

    >>> CompactDTypePolicy("int8", "mixed_float16")
    <CompactDTypePolicy "int8_from_mixed_float16">
    """

    def _check_quantization_mode(self, mode: str, compute_dtype: str) -> None:
        one_of("mode", mode, KEPT_AS)


def policy_of(dtype: Any) -> Any:
    """The policy that the `dtype` of a layer names.

    Args:
        dtype: `"float16"` or `"int8"`: what rows are kept as; or what Keras takes.

    Raises:
        ValueError: If Keras knows no such policy, or rows cannot be kept so.

    >>> policy_of("int8")
    <CompactDTypePolicy "int8_from_float32">
    """
    if isinstance(dtype, str):
        mode, _, source = dtype.partition("_from_")
        if mode in KEPT_AS:
            source = source or keras.config.dtype_policy().name
            return CompactDTypePolicy(mode, source.rpartition("_from_")[2])
    try:
        policy = keras.dtype_policies.get(dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "dtype must be what rows are kept as, float16 or int8; or a dtype policy "
            f"of Keras. Got {dtype!r}."
        ) from error
    if policy.quantization_mode not in (None, *KEPT_AS):
        raise ValueError(
            f"Rows must be kept as {' or '.join(KEPT_AS)}. Got {policy.name!r}."
        )
    return policy
