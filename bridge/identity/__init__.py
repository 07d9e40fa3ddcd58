"""Who vouches for people: the key sets, registrations and services of LTI platforms."""
