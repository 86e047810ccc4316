"""A SavedModel in a session of TensorFlow's C library: a server without Python."""

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from benchmarks.c_library import array_of, checked, library, new, tensor

T = TypeVar("T")


class Port(NamedTuple):
    """An input or an output: a tensor of the graph, and the number of its dtype."""

    tensor: str
    code: int


class Signature(NamedTuple):
    """What a model takes and gives, by name."""

    inputs: dict[str, Port]
    outputs: dict[str, Port]


class _Buffer(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Place(ctypes.Structure):
    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


class Model(AbstractContextManager):
    """A SavedModel that is loaded.

    Args:
        folder: Where it lies.
        threads: For the work of an operation, and for operations beside one another;
            up to 127. 0 leaves it to TensorFlow.

    Raises:
        CLibraryError: If it cannot be loaded.
    """

    def __init__(self, folder: str | Path, threads: int = 0):
        c = library()
        with ExitStack() as stack:
            self._graph = stack.enter_context(new("Graph"))
            self._session, meta_graph = self._loaded(str(folder).encode(), threads)
            for end in (c.TF_DeleteSession, c.TF_CloseSession):
                stack.callback(checked, end, self._session)
            self.signatures = dict(_signatures(meta_graph))
            self._open = stack.pop_all()

    def _loaded(self, folder: bytes, threads: int) -> tuple[int, bytes]:
        c, tags = library(), (ctypes.c_char_p * 1)(b"serve")
        with new("SessionOptions") as options, new("Buffer") as buffer:
            # Fields 2 and 5 of ConfigProto are the numbers of threads.
            config = bytes([2 << 3, threads, 5 << 3, threads])
            checked(c.TF_SetConfig, options, config, len(config))
            about = options, None, folder, tags, 1, self._graph, buffer
            session = checked(c.TF_LoadSessionFromSavedModel, *about)
            found = _Buffer.from_address(buffer)
            return session, ctypes.string_at(found.data, found.length)

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __call__(
        self, inputs: Mapping[str, Any], signature: str = "serving_default"
    ) -> dict[str, np.ndarray]:
        """The outputs by name.

        Args:
            inputs: By name: arrays or nested lists, of numbers or of bytes.
            signature: The name of what is to serve them.

        Raises:
            CLibraryError: If the model cannot.
        """
        with Request(self, inputs, signature) as request:
            return request.sent(array_of)

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[int]:
        """New tensors for places, given pairs of places and tensors."""
        given = (ctypes.c_void_p * len(outputs))()
        checked(
            library().TF_SessionRun,
            self._session,
            None,
            (_Place * len(inputs))(*(place for place, _ in inputs)),
            (ctypes.c_void_p * len(inputs))(*(value for _, value in inputs)),
            len(inputs),
            (_Place * len(outputs))(*outputs),
            given,
            len(outputs),
            None,
            0,
            None,
        )
        return list(given)

    def place(self, name: str) -> _Place:
        """Where a tensor of the graph comes from."""
        operation, _, index = name.partition(":")
        found = library().TF_GraphOperationByName(self._graph, operation.encode())
        return _Place(found, int(index))


class Request(AbstractContextManager):
    """A request that may be sent many times.

    Args:
        model: What it is for.
        inputs: As for a call of the model.
        signature: As for a call of the model.
    """

    def __init__(self, model: Model, inputs: Mapping[str, Any], signature: str):
        takes, gives = model.signatures[signature]
        self._model, self._names, self._open = model, list(gives), ExitStack()
        self._outputs = [model.place(port.tensor) for port in gives.values()]
        self._inputs = [
            (
                model.place(takes[name].tensor),
                self._open.enter_context(tensor(values, takes[name].code)),
            )
            for name, values in inputs.items()
        ]

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def sent(self, read: Callable[[int], T]) -> dict[str, T]:
        """What `read` makes of each output, by name."""
        outputs = self._model.run(self._inputs, self._outputs)
        try:
            return dict(zip(self._names, map(read, outputs), strict=True))
        finally:
            for output in outputs:
                library().TF_DeleteTensor(output)


def _signatures(meta_graph: bytes) -> Iterator[tuple[str, Signature]]:
    """Those of a MetaGraphDef, read from Protocol Buffers' wire format."""
    for entry in _fields(meta_graph).get(5, []):  # signature_def
        name, definition = _entry(entry)
        fields = _fields(definition)
        yield name, Signature(_ports(fields.get(1, [])), _ports(fields.get(2, [])))


def _ports(entries: list[bytes]) -> dict[str, Port]:
    found = {}
    for name, info in map(_entry, entries):
        fields = _fields(info)  # name and dtype, which an operation lacks
        found[name] = Port(fields[1][0].decode(), fields.get(2, [0])[0])
    return found


def _entry(data: bytes) -> tuple[str, bytes]:
    """The key and the value of an entry of a map."""
    fields = _fields(data)
    return fields[1][0].decode(), fields.get(2, [b""])[0]


def _fields(data: bytes) -> dict[int, list[Any]]:
    """The values of a message by the numbers of their fields."""
    found: dict[int, list[Any]] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                value, at = _varint(data, at)
            case 2:
                length, at = _varint(data, at)
                value, at = data[at : at + length], at + length
            case fixed:  # 64 bits, or 32
                width = 8 if fixed == 1 else 4
                value, at = data[at : at + width], at + width
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number at a place, and the place behind it."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at
