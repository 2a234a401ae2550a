"""Archives: small fingerprints of many files, and which of them hold a clip."""
