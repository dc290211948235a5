"""The console's rules, free of pages and SQL: who may what, what is worth a minute, what an edit must state."""
