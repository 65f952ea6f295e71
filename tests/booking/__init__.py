"""Can a family book a visit, see it and cancel it, and nobody more than there are places?"""
