"""One module per outsider: tmux, git, processes, transcripts."""
