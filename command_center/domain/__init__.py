"""Pure values: what Command Center knows and how it changes. No clock, no I/O."""
