"""A job folder on a Ray cluster: its shares are made by actors on the nodes, and joined here. Ray itself is loaded only when asked for."""
