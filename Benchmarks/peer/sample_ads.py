"""Seeded, believable ads. Standard library only: the runner uses it outside the environment."""

import random


def sample_ads(count: int, seed: int) -> dict:
    """A request body. Its total equals today's budgets, so the caps always leave room to move."""
    rng = random.Random(seed)
    ads = []
    dna = {}
    total_cents = 0
    for index in range(count):
        ad_id = f"1202{rng.randrange(10**12):012d}{index:06d}"
        # A few ads have just been made, most are days old, some are months old.
        age_hours = 0.0 if rng.random() < 0.03 else round(min(rng.lognormvariate(4.6, 1.1), 4000.0), 1)
        daily = round(min(max(rng.lognormvariate(3.6, 0.8), 5.0), 1500.0), 2)
        spend = 0.0 if age_hours == 0 else round(daily * max(age_hours / 24, 0.1) * rng.uniform(0.7, 1.0), 2)
        cpm = rng.uniform(6.0, 28.0)
        impressions = int(spend / cpm * 1000)
        clicks = min(impressions, int(impressions * min(rng.lognormvariate(-4.2, 0.6), 0.2)))
        pipeline_value = round(spend * rng.lognormvariate(0.4, 0.9), 2) if rng.random() < 0.8 else 0.0
        given = rng.random() < 0.9
        ads.append({
            "ad_id": ad_id,
            "impressions": impressions,
            "clicks": clicks,
            "spend": spend,
            "pipeline_value": pipeline_value,
            "cash_revenue": round(pipeline_value * rng.uniform(0.0, 0.6), 2),
            "age_hours": age_hours,
            "current_budget": daily if given else None,
        })
        total_cents += round(100 * max(daily if given else spend / max(age_hours / 24, 1), 1.0))
        if rng.random() < 0.5:
            dna[ad_id] = round(rng.random(), 3)
    return {"ad_states": ads, "total_budget": total_cents / 100, "creative_dna_scores": dna, "seed": None,
            "policy": "battle_hardened"}
