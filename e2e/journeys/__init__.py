"""What a person does, screen by screen; importing it brings what every room adds."""

from e2e.journeys import rooms

__all__ = ["rooms"]
