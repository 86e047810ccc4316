import pytest

from keras_wembed import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_a_zoo_error(name):
    assert issubclass(getattr(errors, name), errors.ZooError)


@pytest.mark.parametrize("kind", [errors.UnknownModelError, errors.FormatError])
def test_bad_value_is_a_value_error_too(kind):
    assert issubclass(kind, ValueError)


def test_all_names_every_error():
    kinds = {name for name in vars(errors) if name.endswith("Error")}
    assert kinds == set(errors.__all__)
