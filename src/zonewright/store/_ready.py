"""Importing this module sets Django up: models can be imported after it.

Reads and writes of the workspace import it first, so that a program needs no Django preamble.
"""

from zonewright.store.bootstrap import set_up

set_up()
