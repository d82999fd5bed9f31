"""The dashboard: shows the view, sends intents."""
