"""The review page: a loopback server and plain JavaScript. A person picks painted pictures, corrects masks, and judges alignments."""
