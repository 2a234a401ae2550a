"""The terminal. `main` is the command `genlock`; each subcommand is a module of its own."""

from .terminal import main

__all__ = ["main"]
