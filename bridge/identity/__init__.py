"""Who vouches for people: LTI platforms and OpenID Connect providers, as they are asked."""
