import math

import numpy as np
import pytest

import reference
from reference import AdStates, allocate, blending_curve, budget_bounds, decide, select


def ads(**columns) -> AdStates:
    count = len(next(iter(columns.values())))
    defaults = {
        "impressions": [1000] * count,
        "clicks": [20] * count,
        "spend": [100.0] * count,
        "pipeline_value": [150.0] * count,
        "age_hours": [48.0] * count,
        "current_budget": [50.0] * count,
        "dna_score": [0.0] * count,
    }
    merged = defaults | columns
    whole = ("impressions", "clicks")
    return AdStates(**{
        name: np.array(values, dtype=np.int64 if name in whole else np.float64)
        for name, values in merged.items()
    })


def random_ads(rng: np.random.Generator, count: int) -> AdStates:
    impressions = rng.integers(0, 60_000, count)
    return AdStates(
        impressions=impressions,
        clicks=(impressions * rng.uniform(0, 0.08, count)).astype(np.int64),
        spend=rng.uniform(0, 900, count) * (rng.random(count) > 0.1),
        pipeline_value=rng.uniform(0, 3000, count),
        age_hours=rng.uniform(0, 400, count),
        current_budget=np.where(rng.random(count) < 0.5, np.nan, rng.uniform(0, 200, count)),
        dna_score=rng.random(count),
    )


@pytest.mark.parametrize("hours, weight", [
    (0, 1.0), (5.999, 1.0), (6, 1.0), (15, 0.85), (24, 0.7), (48, 0.5),
    (72, 0.3), (96, 0.3 * math.exp(-0.1)), (72 + 24 * 20, 0.1),
])
def test_blending_curve(hours, weight):
    assert blending_curve(np.array([float(hours)]))[0] == pytest.approx(weight, abs=1e-12)


def test_scores_by_hand():
    scores = reference.score(ads(dna_score=[0.5]))
    blended = 0.5 * (0.02 / 0.05) + 0.5 * (1.5 / 3)
    assert scores.ctr[0] == 0.02
    assert scores.pipeline_roas[0] == 1.5
    assert scores.blended_score[0] == pytest.approx(blended)
    assert scores.final_score[0] == pytest.approx(blended * math.exp(-0.1) * 1.1)


def test_an_ad_without_delivery_scores_zero():
    scores = reference.score(ads(impressions=[0], clicks=[0], spend=[0.0], pipeline_value=[0.0]))
    assert scores.final_score[0] == 0.0


def test_samples_follow_their_beta():
    rng = np.random.default_rng(1)
    samples = reference.sample(np.full(20_000, 0.3), np.full(20_000, 400), rng)
    alpha, beta = 400 * 0.3 + 1, 400 * 0.7 + 1
    mean = alpha / (alpha + beta)
    deviation = math.sqrt(mean * (1 - mean) / (alpha + beta + 1))
    assert samples.mean() == pytest.approx(mean, abs=4 * deviation / math.sqrt(20_000))
    assert samples.std() == pytest.approx(deviation, rel=0.03)


def test_softmax_sums_to_one_and_keeps_ratios():
    shares = reference.softmax(np.array([0.0, 1.0]))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[1] / shares[0] == pytest.approx(math.e)


def test_bounds_round_inwards_and_leave_new_ads_free():
    low, high = budget_bounds(np.array([0.0, 0.5, 10.10, 3.33]), 100_000)
    assert low.tolist() == [100, 100, 505, 167]
    assert high.tolist() == [100_000, 100, 1515, 499]


def test_current_budget_falls_back_to_spend_a_day():
    current = reference.current_budgets(ads(
        spend=[100.0, 100.0, 100.0], age_hours=[48.0, 3.0, 48.0], current_budget=[np.nan, np.nan, 0.0]))
    assert current.tolist() == [50.0, 100.0, 0.0]


def test_allocation_without_binding_bounds_is_proportional():
    cents, binding = allocate(np.array([0.5, 0.3, 0.2]), np.full(3, 100), np.full(3, 10_000), 10_000)
    assert cents.tolist() == [5000, 3000, 2000]
    assert binding is None


def test_allocation_gives_odd_cents_to_the_largest_remainders():
    cents, _ = allocate(np.array([1, 1, 1]) / 3, np.full(3, 100), np.full(3, 10_000), 1000)
    assert sorted(cents.tolist()) == [333, 333, 334]


def test_capped_money_goes_to_the_others():
    cents, binding = allocate(
        np.array([0.8, 0.1, 0.1]), np.array([100, 100, 100]), np.array([3000, 9000, 9000]), 10_000)
    assert cents.tolist() == [3000, 3500, 3500]
    assert binding is None


@pytest.mark.parametrize("total, expected, constraint", [
    (299, [100, 200], "minimum_budget"), (300, [100, 200], None),
    (900, [400, 500], None), (901, [400, 500], "maximum_change"),
])
def test_allocation_at_and_beyond_the_bounds(total, expected, constraint):
    cents, binding = allocate(np.array([0.5, 0.5]), np.array([100, 200]), np.array([400, 500]), total)
    assert cents.tolist() == expected
    assert binding == constraint


@pytest.mark.parametrize("seed", range(200))
def test_selection_sums_to_the_cent_within_bounds(seed):
    rng = np.random.default_rng(seed)
    states = random_ads(rng, int(rng.integers(1, 400)))
    current = reference.current_budgets(states)
    total = round(float(np.maximum(current, 1.0).sum() * rng.uniform(0.3, 1.8)), 2)
    result = select(states, total, rng)
    total_cents = round(total * 100)
    low, high = budget_bounds(current, total_cents)
    assert (result.recommended_cents >= low).all()
    assert (result.recommended_cents <= high).all()
    if low.sum() <= total_cents <= high.sum():
        assert result.binding_constraint is None
        assert result.recommended_cents.sum() == total_cents
    else:
        assert result.binding_constraint is not None


@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("edge", ["low", "high"])
def test_totals_a_cent_from_a_bound(edge, offset):
    rng = np.random.default_rng(3)
    low = rng.integers(100, 9000, 1000)
    high = low + rng.integers(0, 9000, 1000)
    total = int((low if edge == "low" else high).sum()) + offset
    cents, binding = allocate(reference.softmax(rng.random(1000)), low, high, total)
    reachable = low.sum() <= total <= high.sum()
    assert (binding is None) == reachable
    assert (cents.sum() == total) == reachable
    assert ((low <= cents) & (cents <= high)).all()


def test_a_hundred_thousand_ads_lose_no_cent():
    rng = np.random.default_rng(11)
    low = rng.integers(100, 90_000, 100_000)
    high = low * 3
    for total in (int(low.sum()) + 1, int(low.sum()) * 2, int(high.sum()) - 1):
        cents, _ = allocate(reference.softmax(rng.random(100_000)), low, high, total)
        assert cents.sum() == total
        assert ((low <= cents) & (cents <= high)).all()


def test_same_seed_same_answer():
    states = random_ads(np.random.default_rng(5), 50)
    first = select(states, 4000.0, np.random.default_rng(9))
    second = select(states, 4000.0, np.random.default_rng(9))
    assert first.recommended_cents.tolist() == second.recommended_cents.tolist()


@pytest.mark.parametrize("spend, roas, hours, decision", [
    (50, 9.0, 24, "maintain"),
    (150, 0.1, 24, "maintain"),
    (150, 0.1, 100, "maintain"),
    (50, 0.1, 100, "maintain"),
    (200, 0.1, 24, "kill"),
    (200, 0.5, 100, "maintain"),
    (200, 3.0, 100, "maintain"),
    (200, 3.01, 100, "scale"),
])
def test_decide(spend, roas, hours, decision):
    verdict = decide(np.array([float(spend)]), np.array([roas]), np.array([float(hours)]))
    assert reference.DECISIONS[verdict[0]] == decision
