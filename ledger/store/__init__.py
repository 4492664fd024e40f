"""The ledger on disk: objects, the commit protocol, table segments, and the verification of all of it."""
