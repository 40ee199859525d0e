"""The hooks by which other ingest servers ask whether somebody may publish: each in its own words.

Everything here is pure: requests in, notices and replies out. The origin decides (`streaming.origin.hooks`).
"""
