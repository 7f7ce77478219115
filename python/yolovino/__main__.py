"""`python -m yolovino` is the command `yolo`."""

import sys

from yolovino.command import main

sys.exit(main())
