"""Hooks into training libraries, as extras: each records a run that the caller declared, and intercepts nothing else."""
