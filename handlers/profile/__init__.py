"""A family's own details: who are its children, what was agreed to, what is kept?"""
