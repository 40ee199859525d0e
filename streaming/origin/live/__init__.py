"""Live streams in the origin: from an encoder's messages to what players are given."""
