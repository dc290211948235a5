"""What the court does: case numbers, hearings and their changes, notices to parties, reminders to staff."""
