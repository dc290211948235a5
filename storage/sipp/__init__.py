"""The court's case system SIPP as this program sees it: its tables, a connection that only reads, a demonstration."""
