"""Do codes, links and households hold?"""
