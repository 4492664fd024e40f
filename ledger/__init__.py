"""Say, with proof, what an AI model was made of. The front door is `ledger.api.Ledger`."""

__version__ = "0.1.0"
