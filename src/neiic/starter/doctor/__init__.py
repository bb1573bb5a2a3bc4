"""``neiic doctor``: each thing that can be ill is looked at, named, and said how to mend.

``examining`` puts the checks in order; beside it one file for each part of the house.
"""
