"""The models that we ask ourselves, through one router; `docs/models.md` has the rules."""
