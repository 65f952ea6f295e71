"""Does storage remember, and only what was committed?"""
