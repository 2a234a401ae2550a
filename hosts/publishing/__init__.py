"""Publishing through pyblish: what the plug-ins in plugins/ ask, and the loop that runs them.

Everything here is standard library and pyblish in Python 3.9 syntax: it runs inside Nuke, Blender and Resolve, and leaves footage to
genlock's own process. aside.py is what a host's panel uses.
"""
