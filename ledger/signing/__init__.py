"""DSSE envelopes, keys and the rules of trust."""
