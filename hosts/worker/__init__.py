"""The other process: runs a job folder; the one place that knows every room."""
