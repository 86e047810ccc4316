"""`keras-wembed`: its commands, and how a run of it ends."""

import argparse
import os
import sys
from collections.abc import Sequence

from keras_wembed.cli import ask, judge, picture, serve, shelf, train
from keras_wembed.cli.output import show
from keras_wembed.errors import ZooError
from keras_wembed.version import __version__

# What errors tell people to do in Python, and what does the same here.
_COMMANDS = {
    "allow_unverified=True": "`keras-wembed fetch --allow-unverified`",
    "zoo.names()": "`keras-wembed list --all`",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; by default that of the terminal.

    Args:
        arguments: What stands behind the name of the program.

    Returns:
        The exit status: 0 if all went well, 1 if not, 130 after Ctrl-C, 141 if nobody
        reads on. A wrong use exits with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        show(options.command(options), as_json=options.json)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough; Python would complain once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ZooError, KeyError, ValueError, TypeError, OSError, ImportError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        for python, command in _COMMANDS.items():
            message = str(message).replace(python, command)
        print(f"keras-wembed: {message}", file=sys.stderr)  # noqa: T201  the terminal
        return 1
    except KeyboardInterrupt:
        return 130  # as shells have it
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "keras-wembed",
        description="Word vectors: find, ask, see, train and serve them.",
        epilog="keras-wembed COMMAND --help shows an example.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in (shelf, ask, judge, picture, train, serve):
        part.add_commands(commands)
    return parser
