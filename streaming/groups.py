"""Who watches what: the names of the streaming app's event groups."""

# Everybody who may see how packaging goes.
JOBS = "jobs"
