"""Everywhere a person or a program meets genlock."""
