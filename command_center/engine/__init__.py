"""Decides. The only appender to the event log."""
