"""The process and its edges: the only package that knows networks, clocks and tasks."""
