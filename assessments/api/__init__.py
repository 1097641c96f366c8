"""REST of questionnaires, workshops, answers and the answers file."""
