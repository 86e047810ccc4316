"""The design: which module may import which, what is exported, what is shipped."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import keras_wembed

ROOT = Path(keras_wembed.__file__).parent

# A module imports only from floors above its own. One file is one idea; a package
# stands for all of its files.
FLOORS = [
    {
        "version",
        "errors",
        "choices",
        "messages",
        "settings",
        "report",
        "backend",
        "replacing",
    },
    {
        "xla",
        "loading",
        "distribution",
        "learning_rate",
        "vocabulary",
        "catalogue",
        "card",
        "properties",
        "places",
        "fetch",
        "download",
        "storage",
        "subwords",
        "inputs",
        "lookup",
        "logits",
        "neighbours",
        "asking",
        "quantized",
        "drift",
    },
    {"vectors", "learning", "dtype_policy"},
    {"rows", "snapshot"},
    {"block", "new_rows", "view"},
    {"keeping", "lora"},
    {"blocks", "saved"},
    {"formats", "evaluate", "tables", "cache", "encoders", "information"},
    {"shape_port", "subword_block"},
    {"encoder_port"},
    {"ports"},
    {"embedding", "growth", "conversion"},
    {"optimizers", "training", "serving", "pooling", "frequencies", "sif", "plot"},
    {"zoo"},
    {"cli"},
    {"__main__", "__init__"},
]
FLOOR = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}

# Those above the line: everything else must not import TensorFlow.
WITH_TENSORFLOW = {
    "inputs",
    "lookup",
    "xla",
    "distribution",
    "learning_rate",
    "block",
    "view",
    "new_rows",
    "dtype_policy",
    "lora",
    "blocks",
    "conversion",
    "encoders",
    "shape_port",
    "encoder_port",
    "ports",
    "loading",
    "logits",
    "growth",
    "subword_block",
    "embedding",
    "optimizers",
    "training",
    "serving",
    "pooling",
    "cli",
    "frequencies",
    "sif",
}


# Each file, and the module of the first level that it belongs to.
MODULES = [
    pytest.param(path, path.relative_to(ROOT).with_suffix("").parts[0], id=path.stem)
    for path in sorted(ROOT.rglob("*.py"))
]


def imports(path, *, nested=False):
    """The names of all modules that a file imports, at its top or anywhere."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree) if nested else tree.body:
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def inner(names):
    """The first levels of those that are our own."""
    return {name.split(".")[1] for name in names if name.startswith("keras_wembed.")}


def test_every_module_has_a_floor():
    assert {module for _, module in (case.values for case in MODULES)} <= FLOOR.keys()


@pytest.mark.parametrize(("path", "module"), MODULES)
def test_module_imports_only_from_floors_above(path, module):
    for other in inner(imports(path)):
        if other != module:
            assert FLOOR[other] <= FLOOR[module], f"{module} imports {other}"


@pytest.mark.parametrize(("path", "module"), MODULES)
def test_only_what_needs_it_imports_tensorflow(path, module):
    heavy = {"tensorflow", "keras"} & {name.split(".")[0] for name in imports(path)}
    assert not heavy or module in WITH_TENSORFLOW


def test_check_of_imports_can_fail(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("import tensorflow as tf\nfrom keras_wembed.zoo import load\n")
    assert set(imports(path)) == {"tensorflow", "keras_wembed.zoo.load"}
    assert inner(imports(path)) == {"zoo"}


def test_exported_names_are_all_there():
    assert set(keras_wembed.__all__) <= set(vars(keras_wembed))
    assert len(set(keras_wembed.__all__)) == len(keras_wembed.__all__)


def test_other_backend_is_refused_in_one_sentence():
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", "import keras_wembed"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == (
        "ImportError: keras_wembed runs on Keras's TensorFlow backend. Got "
        "KERAS_BACKEND='jax'. Set KERAS_BACKEND=tensorflow before you import keras."
    )


WATCHED = """
import sys, tensorflow, keras
opened = []
def watch(event, arguments):
    name = str(arguments[0]) if arguments else ""
    if event == "open" and not name.endswith((".py", ".pyc")):
        opened.append(name)
    if event.startswith("socket"):
        opened.append(event)
sys.addaudithook(watch)
import requests, rich.progress  # their own files are not ours
opened.clear()
import keras_wembed
print([name for name in opened if "dist-info" not in name])
"""


def test_import_touches_neither_files_nor_network():
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
