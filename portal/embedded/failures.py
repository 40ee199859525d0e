"""What can keep the portal from starting, each in one sentence that says what to do."""


class CannotStart(Exception):
    """Nova cannot start on this machine as it is configured; the message is meant for the person at the terminal."""
