"""Questions put to the user, each a modal screen with a typed answer."""
