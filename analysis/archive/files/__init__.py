"""The files of a replication archive, one module a kind."""
