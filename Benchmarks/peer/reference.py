"""The `battle_hardened` policy, vectorised over all ads.

One ad is one index into parallel arrays, so that every formula is a single NumPy expression
and the cost of the interpreter does not grow with the number of ads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CTR_CEILING = 0.05
ROAS_CEILING = 3.0
DECAY_PER_IMPRESSION = 0.0001
DNA_WEIGHT = 0.2

MINIMUM_CENTS = 100
MAXIMUM_CHANGE = 0.5

IGNORANCE_ZONE_DAYS = 2.0
IGNORANCE_ZONE_SPEND = 100.0
MIN_SPEND_FOR_KILL = 200.0
KILL_ROAS_THRESHOLD = 0.5
SCALE_ROAS_THRESHOLD = 3.0

# Verdicts are small integers inside the arrays and become words only on the way out.
IGNORANCE_ZONE, TOO_LITTLE_SPEND, KILL, SCALE, MAINTAIN = range(5)
DECISIONS = ("maintain", "maintain", "kill", "scale", "maintain")
REASONS = (
    "in the ignorance zone: too young and too little spent to judge",
    "too little spent to judge",
    "pipeline ROAS is below the kill threshold",
    "pipeline ROAS is above the scale threshold",
    "pipeline ROAS is between the thresholds",
)


@dataclass(frozen=True, slots=True)
class AdStates:
    impressions: Ints
    clicks: Ints
    spend: Floats
    pipeline_value: Floats
    age_hours: Floats
    current_budget: Floats  # NaN where the caller gave none
    dna_score: Floats  # 0 where the caller gave none, which is a boost of exactly 1

    def __len__(self) -> int:
        return len(self.impressions)


@dataclass(frozen=True, slots=True)
class Scores:
    ctr: Floats
    pipeline_roas: Floats
    ctr_weight: Floats
    roas_weight: Floats
    normalized_ctr: Floats
    normalized_roas: Floats
    blended_score: Floats
    decay_factor: Floats
    dna_boost: Floats
    final_score: Floats


@dataclass(frozen=True, slots=True)
class Selection:
    scores: Scores
    current_budget: Floats
    recommended_cents: Ints
    change_percentage: Floats  # NaN where there is no current budget to compare with
    confidence: Floats
    verdict: Ints
    binding_constraint: str | None


def blending_curve(age_hours: Floats) -> Floats:
    """The weight of CTR by age: clicks come at once, revenue comes late."""
    h = age_hours
    return np.select(
        [h < 6, h < 24, h < 72],
        [1.0, 1.0 - 0.3 * (h - 6) / 18, 0.7 - 0.4 * (h - 24) / 48],
        default=np.maximum(0.1, 0.3 * np.exp(-0.1 * (h - 72) / 24)),
    )


def score(ads: AdStates) -> Scores:
    ctr = ads.clicks / np.maximum(ads.impressions, 1)
    pipeline_roas = ads.pipeline_value / np.maximum(ads.spend, 0.01)
    ctr_weight = blending_curve(ads.age_hours)
    roas_weight = 1.0 - ctr_weight
    normalized_ctr = np.minimum(ctr / CTR_CEILING, 1.0)
    normalized_roas = np.minimum(pipeline_roas / ROAS_CEILING, 1.0)
    blended_score = ctr_weight * normalized_ctr + roas_weight * normalized_roas
    decay_factor = np.exp(-DECAY_PER_IMPRESSION * ads.impressions)
    dna_boost = 1.0 + DNA_WEIGHT * ads.dna_score
    return Scores(
        ctr=ctr,
        pipeline_roas=pipeline_roas,
        ctr_weight=ctr_weight,
        roas_weight=roas_weight,
        normalized_ctr=normalized_ctr,
        normalized_roas=normalized_roas,
        blended_score=blended_score,
        decay_factor=decay_factor,
        dna_boost=dna_boost,
        final_score=blended_score * decay_factor * dna_boost,
    )


def sample(final_score: Floats, impressions: Ints, rng: np.random.Generator) -> Floats:
    """One Thompson sample an ad."""
    n = np.maximum(impressions, 100)
    s = np.clip(final_score, 0.0, 1.0)
    return rng.beta(np.maximum(1.0, n * s + 1.0), np.maximum(1.0, n * (1.0 - s) + 1.0))


def softmax(values: Floats) -> Floats:
    weights = np.exp(values - values.max())
    return weights / weights.sum()


def current_budgets(ads: AdStates) -> Floats:
    """The daily budget as given, otherwise what the ad has spent a day so far."""
    spent_per_day = ads.spend / np.maximum(ads.age_hours / 24.0, 1.0)
    return np.where(np.isnan(ads.current_budget), spent_per_day, ads.current_budget)


def budget_bounds(current: Floats, total_cents: int) -> tuple[Ints, Ints]:
    """What each ad may get, in whole cents, rounded inwards so that no rounding breaks a cap."""
    # The inner rounding keeps 10.10 * 0.5 * 100 = 505.00000000000006 from becoming 506.
    low = np.ceil(np.round(current * (100 * (1 - MAXIMUM_CHANGE)), 6))
    high = np.floor(np.round(current * (100 * (1 + MAXIMUM_CHANGE)), 6))
    high[current == 0] = total_cents
    return (
        np.maximum(MINIMUM_CENTS, low).astype(np.int64),
        np.maximum(MINIMUM_CENTS, high).astype(np.int64),
    )


def allocate(shares: Floats, low: Ints, high: Ints, total_cents: int) -> tuple[Ints, str | None]:
    """Splits `total_cents` in proportion to `shares` as far as the bounds allow.

    Finds the scale at which clamp(scale * share * total, low, high) sums to the total. Where no
    scale does, every ad gets the bound that binds, and its name is returned beside the budgets.
    """
    lowest, highest = int(low.sum()), int(high.sum())
    if total_cents <= lowest:
        return low, "minimum_budget" if total_cents < lowest else None
    if total_cents >= highest:
        return high, "maximum_change" if total_cents > highest else None

    # The sum is piecewise linear in the scale: its slope rises by an ad's target where the ad
    # leaves its lower bound and falls by as much where it meets its upper one. Walking the sorted
    # corners gives the scale exactly, without the iterations a bisection would need.
    target = shares * total_cents
    corners = np.concatenate((low / target, high / target))
    order = np.argsort(corners)
    corners = corners[order]
    slopes = np.cumsum(np.concatenate((target, -target))[order])
    sums = lowest + np.concatenate(([0.0], np.cumsum(slopes[:-1] * np.diff(corners))))
    scale = np.interp(total_cents, sums, corners)

    exact = np.clip(scale * target, low, high)
    cents = np.floor(exact).astype(np.int64)
    # An ad on a bound has no remainder, so the cents left over never push one past its bound.
    left_over = total_cents - int(cents.sum())
    if left_over > 0:
        remainders = exact - cents
        cents[np.argpartition(remainders, -left_over)[-left_over:]] += 1
    return cents, None


def decide(spend: Floats, pipeline_roas: Floats, age_hours: Floats) -> Ints:
    """Mode `pipeline` with the default thresholds. The order of the conditions is the rule."""
    return np.select(
        [
            (age_hours / 24.0 < IGNORANCE_ZONE_DAYS) & (spend < IGNORANCE_ZONE_SPEND),
            spend < MIN_SPEND_FOR_KILL,
            pipeline_roas < KILL_ROAS_THRESHOLD,
            pipeline_roas > SCALE_ROAS_THRESHOLD,
        ],
        [IGNORANCE_ZONE, TOO_LITTLE_SPEND, KILL, SCALE],
        default=MAINTAIN,
    )


def confidence(ads: AdStates, final_score: Floats) -> Floats:
    return (
        np.minimum(ads.impressions / 1000.0, 1.0)
        + np.minimum(ads.age_hours / 72.0, 1.0)
        + np.clip(final_score, 0.0, 1.0)
    ) / 3.0


def select(ads: AdStates, total_budget: float, rng: np.random.Generator) -> Selection:
    total_cents = round(total_budget * 100)
    scores = score(ads)
    shares = softmax(sample(scores.final_score, ads.impressions, rng))
    current = current_budgets(ads)
    low, high = budget_bounds(current, total_cents)
    cents, binding = allocate(shares, low, high, total_cents)
    change = np.full(len(ads), np.nan)
    np.divide((cents / 100.0 - current) * 100.0, current, out=change, where=current > 0)
    return Selection(
        scores=scores,
        current_budget=current,
        recommended_cents=cents,
        change_percentage=change,
        confidence=confidence(ads, scores.final_score),
        verdict=decide(ads.spend, scores.pipeline_roas, ads.age_hours),
        binding_constraint=binding,
    )
