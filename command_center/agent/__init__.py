"""Our own coding agent: a program for one pane, on any model that speaks one of two APIs."""
