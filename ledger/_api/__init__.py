"""The pieces that `ledger.api.Ledger` is made of; import `ledger.api` instead."""
