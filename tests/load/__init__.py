"""How fast is Kepu, and what does it cost? `python -m tests.load`, one JSON object a line."""
