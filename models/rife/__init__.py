"""RIFE 4.x: flow and middle frames from a user's weights of any version, by one network of our own."""
