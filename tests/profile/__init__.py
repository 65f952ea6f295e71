"""Can a family see, correct and erase what is kept about it?"""
