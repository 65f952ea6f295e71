"""The door: how does the desk of a base check parties in, and what becomes of those who miss?"""
