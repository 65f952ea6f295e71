"""Spreadsheets: how do bases, courses and sessions come in, and how do records go out?"""
