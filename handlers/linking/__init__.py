"""Which chats and people belong together, and what does a one-use code open?"""
