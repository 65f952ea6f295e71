"""Is anything acknowledged ever lost, or done twice, when the process is killed?"""
