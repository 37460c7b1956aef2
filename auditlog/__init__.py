"""Events, Merkle tree, checkpoints, verifier."""
