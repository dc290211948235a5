"""The console under /konsol, where an office's people read, annotate, retrain, promote and edit."""
