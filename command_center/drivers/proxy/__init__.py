"""The parts of the pty proxy. Standard library only, and as little of it as will do."""
