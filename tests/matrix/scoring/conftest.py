"""How properties are tried while mutants of the scoring core are: `make mutants` names this profile."""

from hypothesis import Phase, settings

# The same few examples for every mutant; one that fails is enough, the smallest one is nobody's concern.
settings.register_profile(
    "mutants",
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
)
