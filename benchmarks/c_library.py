"""TensorFlow's C library without Python's TensorFlow: its functions and its tensors.

The C API: `tensorflow/c/c_api.h`, `tf_tensor.h` and `tf_tstring.h`.
"""

import ctypes
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

# What each function gives, and takes: without it ctypes cuts pointers to 32 bits.
FUNCTIONS = """
TF_NewStatus                  p
TF_GetCode                    i  p
TF_Message                    s  p
TF_DeleteStatus               -  p
TF_NewGraph                   p
TF_DeleteGraph                -  p
TF_GraphOperationByName       p  p s
TF_NewBuffer                  p
TF_DeleteBuffer               -  p
TF_NewSessionOptions          p
TF_SetConfig                  -  p s z p
TF_DeleteSessionOptions       -  p
TF_LoadSessionFromSavedModel  p  p p s p i p p p
TF_CloseSession               -  p p
TF_DeleteSession              -  p p
TF_SessionRun                 -  p p p p i p p i p i p p
TF_AllocateTensor             p  i p i z
TF_DeleteTensor               -  p
TF_TensorType                 i  p
TF_NumDims                    i  p
TF_Dim                        l  p i
TF_TensorByteSize             z  p
TF_TensorData                 p  p
TF_StringInit                 -  p
TF_StringAssignView           -  p s z
"""
C_TYPES = {
    "p": ctypes.c_void_p,
    "s": ctypes.c_char_p,
    "i": ctypes.c_int,
    "l": ctypes.c_int64,
    "z": ctypes.c_size_t,
    "-": None,
}

STRING = 7
KINDS = {
    1: np.float32,
    2: np.float64,
    3: np.int32,
    9: np.int64,
    10: np.bool_,
    19: np.float16,
}
CELL = 24  # bytes of a TF_TString


class CLibraryError(Exception):
    """What the library says of something that it cannot do."""


@cache
def library() -> Any:
    """The library, which lies in TensorFlow's wheel."""
    found = importlib.util.find_spec("tensorflow")
    if found is None or found.origin is None:
        raise ImportError("tensorflow must be installed. Got none.")
    folder = Path(found.origin).parent
    for name in ("libtensorflow_framework.*", "libtensorflow_cc.*"):
        (file,) = folder.glob(name)
        loaded = ctypes.CDLL(str(file), ctypes.RTLD_GLOBAL)
    for line in FUNCTIONS.strip().splitlines():
        name, gives, *takes = line.split()
        function = getattr(loaded, name)
        function.restype = C_TYPES[gives]
        function.argtypes = [C_TYPES[letter] for letter in takes]
    return loaded


@contextmanager
def new(kind: str) -> Iterator[int]:
    """A `TF_<kind>` for as long as it is needed."""
    made = getattr(library(), f"TF_New{kind}")()
    try:
        yield made
    finally:
        getattr(library(), f"TF_Delete{kind}")(made)


def checked(function: Callable[..., T], *arguments: Any) -> T:
    """What a function gives whose last argument is a status.

    Raises:
        CLibraryError: If the status tells of an error.
    """
    with new("Status") as status:
        given = function(*arguments, status)
        if library().TF_GetCode(status):
            raise CLibraryError(library().TF_Message(status).decode())
        return given


@contextmanager
def tensor(values: Any, code: int) -> Iterator[int]:
    """A tensor for as long as it is needed.

    Args:
        values: An array, or nested lists, of numbers or of bytes.
        code: The number of its dtype.
    """
    array = np.asarray(values, object if code == STRING else KINDS[code], order="C")
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    count = array.size * CELL if code == STRING else array.nbytes
    made = library().TF_AllocateTensor(code, shape, array.ndim, count)
    data = library().TF_TensorData(made)
    try:
        if code == STRING:
            for at, text in enumerate(array.flat):
                # A view of bytes that `array` holds: nothing is copied, or to be freed.
                library().TF_StringInit(data + at * CELL)
                library().TF_StringAssignView(data + at * CELL, text, len(text))
        elif count:
            ctypes.memmove(data, array.ctypes.data, count)
        yield made
    finally:
        library().TF_DeleteTensor(made)


def array_of(made: int) -> np.ndarray:
    """A copy of what a tensor of numbers holds."""
    kind = np.dtype(KINDS[library().TF_TensorType(made)])
    axes = range(library().TF_NumDims(made))
    shape = [library().TF_Dim(made, axis) for axis in axes]
    count = library().TF_TensorByteSize(made)
    data = ctypes.string_at(library().TF_TensorData(made), count) if count else b""
    return np.frombuffer(data, kind).reshape(shape)
