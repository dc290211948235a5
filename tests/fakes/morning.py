"""A worker's morning over and over, to be killed: `python -m tests.fakes.morning 2026-11-23T07:00:00+07:00`."""

import datetime as dt
import sys

from office.court import calls, digest

if __name__ == "__main__":
    moment = dt.datetime.fromisoformat(sys.argv[1])
    while True:
        digest.morning(moment)
        calls.pursue(moment)
