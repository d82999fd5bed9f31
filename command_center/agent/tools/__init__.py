"""What the model can do: read, list and search, edit and write, run commands; all in one folder."""
