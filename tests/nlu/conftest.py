"""Tests of the understanding: components are really trained, on a handful of messages, in a second."""

from __future__ import annotations

import sys

if "rasa" not in sys.modules:
    from engine import without_tensorflow

    without_tensorflow()
