"""Telegram: a channel like the others, over its Bot API."""
