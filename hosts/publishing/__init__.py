"""Publishing through pyblish: what the plug-ins in plugins/ ask, and the loop that runs them.

Everything here but publish.py is standard library and pyblish in Python 3.9 syntax: the plug-ins may run inside Nuke, Blender or
Resolve, and leave footage to genlock's own process.
"""
