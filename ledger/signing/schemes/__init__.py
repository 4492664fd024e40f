"""One file a signature scheme."""
