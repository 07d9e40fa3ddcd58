"""Who vouches for people: the key sets of LTI platforms, and registering there."""
