"""What outlives a process: the event log, the read view, the inbox, the catalog."""
