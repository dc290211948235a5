"""What is kept for the court: the mirror of its case system, who follows a case, its staff and their reminders."""
