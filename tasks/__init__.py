"""What the worker does, one module a concern; `queue` is what they are queued in."""
