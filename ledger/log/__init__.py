"""The transparency log: signed notes, checkpoints, tiles and proofs, exactly as C2SP has them."""
