"""Reading placements, runs and models. Nothing here writes."""
