"""An independent pass over an alignment: both files are read again, and what is claimed is held against what is seen."""
