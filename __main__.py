"""python -m genlock: the same as the command `genlock`."""

from .hosts.cli import program

if __name__ == "__main__":
    program()
