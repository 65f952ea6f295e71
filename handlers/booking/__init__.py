"""Visits: how does a family book one, see it again and cancel it?"""
