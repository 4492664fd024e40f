"""From bytes on disk to ids: `ledger.hashing.tree.hash_path`, and the cache that spares reading what has not changed."""
