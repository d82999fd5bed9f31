"""One terminal screen from which a developer runs a fleet of coding agents."""

__version__ = "0.1.0"
