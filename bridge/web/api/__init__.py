"""The JSON API: what the pages do, for programs that act for a person by a token of theirs."""
