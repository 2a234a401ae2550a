"""A picture as footage: where and when a still (a poster frame, a scan, a thumbnail, a logo) lies in a film or in another picture."""
