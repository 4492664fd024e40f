"""The one RFC 6962 construction, for the files of an artifact and for the entries of the log."""
