"""What a journey says about itself."""

import pytest

from connected.findings import Contact, gaps, listed, number, picture, standfirst, title, worst

STATED: dict[str, object] = {"firm_moves": False, "identified": True}
STEPS = ("recognize", "request", "respond", "repeat")


def contact(number: int = 1, **values: object) -> Contact:
    usual: dict[str, object] = {"step": "request", "medium": "digital", "name": f"Contact {number}"}
    return Contact(id=number, number=number, **{**usual, **values})  # type: ignore[arg-type]


def whole(**values: object) -> list[Contact]:
    """Five touchpoints, every step, one signature with a metric: nothing is missing."""
    told: dict[str, object] = {"importance": 2, "pain": 0, **STATED, **values}
    steps = (*STEPS, "respond")
    return [
        contact(place, step=step, signature=place == 1, measured=True, **told)
        for place, step in enumerate(steps, start=1)
    ]


def test_worst_prefers_the_more_important_of_two_equal_pains() -> None:
    assert worst([contact(1, pain=4, importance=1), contact(2, pain=4, importance=3)]).number == 2  # type: ignore[union-attr]


def test_unknown_pain_is_not_the_least_pain() -> None:
    assert worst([contact(1), contact(2)]) is None


def test_title_of_pain_at_the_most_important_moment() -> None:
    told = [contact(1, name="Order", pain=1, importance=2), contact(2, name="Queue", pain=4, importance=4)]
    assert title(told) == "It hurts most where it matters most"


def test_title_of_pain_at_a_lesser_moment() -> None:
    told = [contact(1, name="Order", pain=1, importance=4), contact(2, name="Queue", pain=3, importance=2)]
    assert title(told) == "The worst pain is not where it matters most"


def test_title_names_missing_steps() -> None:
    assert (
        title([contact(1, step="request"), contact(2, step="respond")])
        == "Nothing yet in Recognize and Repeat"
    )


def test_title_says_no_pain_only_when_everyone_was_asked() -> None:
    assert title(whole()) == "No pain anywhere"
    assert title(whole(pain=None)) == "The journey, step by step"


def test_title_without_touchpoints_is_a_plain_noun() -> None:
    assert title([]) == "No journey yet"


def test_standfirst_counts() -> None:
    told = [
        contact(1, signature=True, firm_moves=True, identified=True),
        contact(2, firm_moves=False, identified=True),
    ]
    assert standfirst(told) == (
        "Two touchpoints, one of them signature. "
        "The firm moves first in one and knows who the customer is in all of them."
    )


def test_standfirst_asserts_nothing_that_nobody_stated() -> None:
    assert standfirst([contact(1), contact(2)]) == "Two touchpoints, none of them signature."


def test_standfirst_counts_only_what_is_stated() -> None:
    told = [contact(1, firm_moves=True), contact(2, firm_moves=False), contact(3)]
    assert standfirst(told).endswith(" The firm moves first in one of two stated.")


def test_who_moves_first_and_who_is_recognised_are_asked_for() -> None:
    told = [*whole(), contact(6, importance=1, pain=1)]
    assert [(gap.kind, gap.contact, gap.field) for gap in gaps(told)] == [
        ("moves", 6, "initiator"),
        ("identified", 6, "identified"),
    ]


def test_without_a_signature_the_most_important_touchpoint_is_offered() -> None:
    told = [
        contact(place, step=step, importance=place % 4, pain=0, **STATED)
        for place, step in enumerate((*STEPS, "respond"), 1)
    ]
    assert [(gap.kind, gap.number, gap.field) for gap in gaps(told)] == [("signature", 3, "signature")]


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (["digital", "digital"], "All of it is digital"),
        (["digital", "personal"], "Personal and digital, one change between them; nothing physical"),
        (["personal", "physical", "digital", "digital"], "Three media, two changes between them"),
        ([], "Media and pain"),
    ],
)
def test_picture(media: list[str], words: str) -> None:
    assert picture([contact(place, medium=medium) for place, medium in enumerate(media)]) == words


def test_an_empty_journey_starts_where_the_need_arises() -> None:
    assert [gap.step for gap in gaps([])] == ["recognize"]


def test_missing_steps_come_first() -> None:
    kinds = [(gap.kind, gap.step) for gap in gaps([contact(1, step="request", importance=1, pain=1)])]
    assert kinds[:3] == [("step", "recognize"), ("step", "respond"), ("step", "repeat")]


def test_four_steps_with_four_touchpoints_want_one_more() -> None:
    told = [contact(place, step=step, importance=1, pain=1) for place, step in enumerate(STEPS)]
    assert gaps(told)[0].lead == "One more touchpoint."


def test_signature_without_metric_points_at_the_touchpoint() -> None:
    told = [*whole(), contact(6, signature=True, importance=1, pain=1, **STATED)]
    assert [(gap.kind, gap.contact) for gap in gaps(told)] == [("metric", 6)]


def test_acting_first_without_consent_is_a_gap() -> None:
    told = [*whole(), contact(6, acts_for_customer=True, importance=1, pain=1, **STATED)]
    assert [gap.kind for gap in gaps(told)] == ["consent"]


def test_unsaid_importance_is_a_gap() -> None:
    assert (
        gaps([*whole(), contact(6, pain=1, **STATED)])[0].lead == "One touchpoint has no importance or pain."
    )


def test_a_whole_journey_lacks_nothing() -> None:
    assert gaps(whole()) == []


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_numbers_beyond_ten_are_figures() -> None:
    assert (number(10), number(11)) == ("ten", "11")


def test_standfirst_names_the_worst() -> None:
    assert standfirst([contact(1, name="Queue", pain=3)]).startswith(
        "“Queue” is the worst of it. One touchpoint"
    )
