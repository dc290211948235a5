"""The guides' group: its members, the questions that people answer, and what was decided about them."""
