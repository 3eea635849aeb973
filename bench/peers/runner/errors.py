"""What can go wrong outside of this script."""


class Failure(Exception):
    """Told to the user in one line; ends the comparison, or the part of it that it concerns."""
