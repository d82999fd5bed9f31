"""The embedded demo agent: no model, no key; it follows a small script and says so.

It imports nothing of ours and nothing outside the standard library.
"""
