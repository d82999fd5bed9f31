"""The tools that agents have of us, over MCP: they read the view and write the inbox."""
