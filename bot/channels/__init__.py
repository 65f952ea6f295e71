"""Channels translate, never decide."""
