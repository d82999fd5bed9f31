"""The one key that an agent never gets: it gives the keyboard back to the dashboard."""

LEAVE_KEY = "ctrl+right_square_bracket"
LEAVE_KEY_NAME = "ctrl+]"
