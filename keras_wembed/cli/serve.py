"""The command that writes a model for a server."""

from pathlib import Path
from typing import Any

import keras

from keras_wembed.cli.command import add_command, add_layer, layer_of
from keras_wembed.cli.output import Rows, facts
from keras_wembed.pooling import Pooling
from keras_wembed.serving import export


def add_commands(commands: Any) -> None:
    """Adds `export`."""
    example = "keras-wembed export served/vectors --pool mean --dtype int8"
    parser = add_command(commands, "export", _export, example)
    parser.add_argument(
        "folder", type=Path, help="its last part is the name of the served model"
    )
    parser.add_argument(
        "--pool",
        choices=("mean", "sum", "max", "sqrtn"),
        help="serve one vector for each text, in place of one for each token",
    )
    parser.add_argument(
        "--dtype", choices=("float16", "int8"), help="keep the rows small"
    )
    parser.add_argument("--version", type=int, help="by default one more than the last")
    parser.add_argument(
        "--warmup", nargs="+", metavar="TEXT", help="what the server sends to itself"
    )
    add_layer(parser)


def _export(options: Any) -> Rows:
    """Writes a model as a folder that TensorFlow Serving serves, text in."""
    model: Any = layer_of(options.model, options.split, options.dtype)
    if options.pool:
        text = keras.Input((), dtype="string", name="text")
        model = keras.Model(text, Pooling(options.pool)(model(text)))
    placed = export(
        model, options.folder, version=options.version, warmup=options.warmup
    )
    files = [path for path in placed.rglob("*") if path.is_file()]
    about = {
        "folder": str(placed),
        "bytes": sum(path.stat().st_size for path in files),
        "config": str(options.folder / "models.config"),
    }
    return facts(about, as_json=options.json)
