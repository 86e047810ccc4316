"""`python -m keras_wembed` is `keras-wembed`."""

import sys

from keras_wembed.cli import main

if __name__ == "__main__":
    sys.exit(main())
