"""Do the invariants of booking hold after whatever people, clocks and crashes do, in any order?"""
