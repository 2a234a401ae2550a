"""DaVinci Resolve 18.5 and later, free and Studio: a script in Workspace > Scripts. Standard library only, Python 3.9 syntax.

menu.py writes the script; run.py is what it starts; placing.py, fusion_comp.py and plan.py are plain arithmetic and text.
"""
