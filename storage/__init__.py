"""What Kepu remembers: tables, queries, and the one place that begins and commits."""
