"""What holds for any answers."""

import json
from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matrix.scoring import Answers, Model, Scores, receipt, score, tally, tally_in
from tests.matrix.scoring.answers import INSTRUMENT, MODEL, MODEL_JSON, ROOMS, SHEETS, counted, scored, tried

quick = tried(60)
R10 = INSTRUMENT.positions["R10"]
LOADED = {
    (row, load.position) for row, dimension in enumerate(MODEL.relationships) for load in dimension.loads
}


def same(one: Scores, other: Scores) -> bool:
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name), equal_nan=True) for f in fields(Scores)
    )


def at(scores: Scores, index: int) -> dict[str, Any]:
    return {f.name: getattr(scores, f.name)[index].tolist() for f in fields(Scores)}


@given(ROOMS)
@quick
def test_scores_stay_in_their_bounds(room: list[list[int]]) -> None:
    found = scored(*room)
    for name, top in (("relationships", 1), ("wanted", 1), ("architectures", 1), ("capabilities", 4)):
        known = getattr(found, name)[~np.isnan(getattr(found, name))]
        assert ((known >= 0) & (known <= top)).all()
    assert 0 <= found.coverage[0] <= 1
    assert not (found.present & np.isnan(found.relationships)).any()


@given(ROOMS)
@quick
def test_shares_sum_to_one_or_are_not_known(room: list[list[int]]) -> None:
    shares = scored(*room).architectures[0]
    assert np.isnan(shares).all() or abs(shares.sum() - 1) < 1e-6


@given(ROOMS, st.sampled_from(sorted(LOADED)), st.data())
@quick
def test_raising_an_answer_never_lowers_what_it_speaks_for(
    room: list[list[int]], load: tuple[int, int], data: st.DataObject
) -> None:
    row, position = load
    rater = data.draw(st.integers(0, len(room) - 1))
    if not 0 <= room[rater][position] < 4:
        room[rater][position] = 0
    raised = [list(one) for one in room]
    raised[rater][position] += 1
    before, after = scored(*room), scored(*raised)
    if before.item_mean[0, R10] < 2 <= after.item_mean[0, R10]:
        # From here on R12 is asked too: another question, not a lower answer. Presence is still kept.
        assert after.present[0, row] >= before.present[0, row]
        return
    assert not after.relationships[0, row] < before.relationships[0, row]
    assert after.present[0, row] >= before.present[0, row]


@given(st.lists(st.tuples(st.integers(0, 3), SHEETS), min_size=1, max_size=8), st.randoms())
@quick
def test_order_of_raters_and_segments_does_not_matter(rows: list[Any], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    found = [
        tally(
            Answers(
                np.array([sheet for _, sheet in some], dtype=np.int16),
                np.array([segment for segment, _ in some], dtype=np.int64),
            ),
            MODEL,
        )
        for some in (rows, mixed)
    ]
    assert np.array_equal(found[0].ids, found[1].ids)
    assert same(*(score(one.hist, MODEL, one.sheets) for one in found))


@given(ROOMS)
@quick
def test_a_rater_who_knows_nothing_changes_no_score(room: list[list[int]]) -> None:
    assert same(scored(*room), scored(*room, [-1] * MODEL.width))


@given(ROOMS, st.sampled_from(sorted(LOADED)))
@quick
def test_not_known_never_counts_as_nought(room: list[list[int]], load: tuple[int, int]) -> None:
    """Without an item a level is not known or the mean of the others, which nought can only lower."""
    row, position = load
    for one in room:
        one[position] = -1
    without = scored(*room).relationships[0, row]
    for one in room:
        one[position] = 0
    nought = scored(*room).relationships[0, row]
    assert np.isnan(without) or not without < nought


@given(ROOMS)
@quick
def test_contributions_sum_to_the_score_exactly(room: list[list[int]]) -> None:
    proof = receipt(counted(*room)[0], MODEL)
    for account in proof.accounts:
        points = [line.points for line in account.lines if line.points is not None]
        if account.score is not None:
            assert sum(points) == sum(reversed(points)) == account.score
            assert abs(account.exact - Fraction(account.score)) < Fraction(1, 2**22)  # type: ignore[operator]
            shown, whole = account.shown()
            assert sum(part for part in shown if part is not None) == whole


@given(ROOMS)
@quick
def test_a_stranger_reckons_the_same_from_the_receipt(room: list[list[int]]) -> None:
    hist = counted(*room)
    written = json.loads(json.dumps(receipt(hist[0], MODEL, len(room)).as_dict(), allow_nan=False))
    again, raters, asked = tally_in(written, MODEL)
    assert same(score(again, MODEL, raters, asked), score(hist, MODEL, np.array([len(room)])))


def _scaled(value: Any, factor: float) -> Any:
    return {code: weight * factor for code, weight in value.items()}


@given(ROOMS, st.sampled_from([0.5, 3, 7, 1000]))
@quick
def test_scaling_all_weights_changes_nothing(room: list[list[int]], factor: float) -> None:
    data = json.loads(json.dumps(MODEL_JSON))
    for code, relationship in data["relationships"].items():
        exact = {item: round(weight * factor, 9) for item, weight in relationship["loads"].items()}
        data["relationships"][code]["loads"] = exact
    for family in ("wanted", "capabilities"):
        for code, loads in data[family].items():
            data[family][code] = {item: round(weight * factor, 9) for item, weight in loads.items()}
    for kind in ("choices", "scales"):
        for code, votes in data["architectures"][kind].items():
            data["architectures"][kind][code] = _scaled(votes, factor)
    hist = counted(*room)
    assert same(score(hist, MODEL), score(hist, Model.from_json(data, INSTRUMENT)))


def test_a_batch_scores_each_segment_as_alone() -> None:
    rng = np.random.default_rng(8)
    hist = rng.integers(0, 3, (4_500, MODEL.width, 5)).astype(np.uint16)
    hist[rng.random(hist.shape[:2]) < 0.3] = 0
    whole = score(hist, MODEL)
    for index in (0, 1, 4095, 4096, 4_499):
        assert str(at(whole, index)) == str(at(score(hist[index : index + 1], MODEL), 0))
