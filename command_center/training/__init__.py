"""Small training tasks with a judge of their own, to run, to tune and to hand to agents."""
