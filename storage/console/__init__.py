"""What is kept for the console: accounts, the log, what was understood, the inbox, edits of the catalogue."""
