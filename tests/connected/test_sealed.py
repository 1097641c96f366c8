"""Sealed values: read by who has the key, and by nobody else."""

import pytest

from connected.sealed import Broken, seal, unseal

VALUE = [7, "7301/16384", "81234:81240:81235,81236"]


@pytest.mark.parametrize("value", [[], [7], VALUE, ["", "ü\0", -1], ["x" * 63], ["x" * 1000], None, 0])
def test_what_was_sealed_comes_back(value: object) -> None:
    assert unseal(seal(value, "test"), "test") == value


def test_nothing_of_it_can_be_read() -> None:
    one, other = seal(VALUE, "test"), seal([7, "7301/16384", "81234:81240:81235,81237"], "test")
    assert "8123" not in one
    assert len(one) == len(other) == len(seal([7], "test"))
    assert sum(left == right for left, right in zip(one, other, strict=True)) < 20


def test_another_letter_breaks_it() -> None:
    sealed = seal(VALUE, "test")
    for at, letter in enumerate(sealed[:-1]):
        with pytest.raises(Broken):
            unseal(f"{sealed[:at]}{'B' if letter == 'A' else 'A'}{sealed[at + 1 :]}", "test")


@pytest.mark.parametrize("sealed", ["", "A", "ü", "A" * 22, "not-made-here"])
def test_what_was_not_made_here_is_broken(sealed: str) -> None:
    with pytest.raises(Broken):
        unseal(sealed, "test")


def test_another_purpose_has_another_key() -> None:
    with pytest.raises(Broken):
        unseal(seal(VALUE, "test"), "other")


def test_another_key_opens_nothing_until_it_is_a_fallback(settings) -> None:  # type: ignore[no-untyped-def]
    sealed = seal(VALUE, "test")
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(Broken):
        unseal(sealed, "test")
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(sealed, "test") == VALUE
