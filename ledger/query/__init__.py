"""Auditors' SQL: DuckDB views over the table segments, read-only and locked down."""
