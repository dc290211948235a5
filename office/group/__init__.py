"""The guides' group: what people answer when the assistant cannot."""
