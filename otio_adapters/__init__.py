"""Alignment to and from the exchange formats that editors read."""
