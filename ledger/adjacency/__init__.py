"""Who was made from whom, as arrays: built from edges, kept in a memory-mapped file, walked in both directions."""
