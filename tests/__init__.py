"""Does Kepu hold what it promises?"""
