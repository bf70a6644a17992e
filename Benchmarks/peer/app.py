"""The HTTP peer: one endpoint as most teams would write it, and one tuned for speed.

Run with `uvicorn app:app --workers 2 --no-access-log`. Neither endpoint authenticates, stores or
logs anything, which is in the peer's favour.
"""

import math
import secrets
from typing import Annotated, Literal

import msgspec
import numpy as np
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, FiniteFloat, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import reference

app = FastAPI(title="Battle-hardened sampler")

# Both endpoints are coroutines although they only compute: a call takes about a millisecond, less
# than handing it to a thread would cost, and the interpreter lock gives threads nothing to gain.

BINDING_REASONS = {
    "minimum_budget": "; the total is below the sum of the minimum budgets",
    "maximum_change": "; the total is above what the change limit lets the ads take",
}
# In cents, times the most ads a request may hold, this still fits a 64-bit sum.
MAXIMUM_BUDGET = 1e11
MAXIMUM_COUNT = 2**63 - 1


def reasons_for(binding_constraint: str | None) -> list[str]:
    suffix = BINDING_REASONS.get(binding_constraint, "")
    return [reason + suffix for reason in reference.REASONS]


def new_seed() -> int:
    return secrets.randbits(53)  # as many bits as every JSON reader keeps


# --- As most teams would write it: Pydantic models in and out ---

NonNegativeAmount = Annotated[FiniteFloat, Field(ge=0, le=MAXIMUM_BUDGET)]
# The arrays hold 64-bit integers; Python's own have no end.
NonNegativeCount = Annotated[int, Field(ge=0, le=MAXIMUM_COUNT)]


class AdState(BaseModel):
    ad_id: str = Field(min_length=1, max_length=128)
    impressions: NonNegativeCount
    clicks: NonNegativeCount
    spend: NonNegativeAmount
    pipeline_value: NonNegativeAmount
    cash_revenue: NonNegativeAmount
    age_hours: NonNegativeAmount
    current_budget: NonNegativeAmount | None = None


class SelectRequest(BaseModel):
    ad_states: list[AdState] = Field(min_length=1, max_length=100_000)
    total_budget: Annotated[FiniteFloat, Field(gt=0, le=MAXIMUM_BUDGET)]
    creative_dna_scores: dict[str, Annotated[float, Field(ge=0, le=1)]] | None = None
    seed: NonNegativeCount | None = None
    policy: str | None = None

    @model_validator(mode="after")
    def check_ads(self) -> "SelectRequest":
        if len({state.ad_id for state in self.ad_states}) != len(self.ad_states):
            raise ValueError("an ad_id appears twice")
        if any(state.clicks > state.impressions for state in self.ad_states):
            raise ValueError("an ad has more clicks than impressions")
        return self


class Metrics(BaseModel):
    impressions: int
    clicks: int
    ctr: float
    pipeline_roas: float
    ctr_weight: float
    roas_weight: float
    normalized_ctr: float
    normalized_roas: float
    blended_score: float
    decay_factor: float
    dna_boost: float
    final_score: float
    age_hours: float


class Recommendation(BaseModel):
    ad_id: str
    current_budget: float
    recommended_budget: float
    change_percentage: float | None
    confidence: float
    reason: str
    decision: Literal["kill", "scale", "maintain"]
    metrics: Metrics


class SelectResponse(BaseModel):
    total_budget: float
    num_ads: int
    seed: int
    recommendations: list[Recommendation]


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
    # FastAPI's own handler repeats the input, which fails where the input is a number JSON cannot
    # hold (1e400 parses to infinity), and puts whole requests into answers.
    details = [{key: item[key] for key in ("type", "loc", "msg")} for item in error.errors()]
    return JSONResponse({"detail": details}, status_code=422)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/api/ml/battle-hardened/select")
async def select(request: SelectRequest) -> SelectResponse:
    states = request.ad_states
    ads = ad_arrays(states, request.creative_dna_scores)
    seed = new_seed() if request.seed is None else request.seed
    result = reference.select(ads, request.total_budget, np.random.default_rng(seed))
    scores = result.scores
    reasons = reasons_for(result.binding_constraint)
    # One tolist() a column: reading NumPy scalars one by one costs more than the arithmetic.
    columns = zip(
        states,
        result.current_budget.tolist(),
        result.recommended_cents.tolist(),
        result.change_percentage.tolist(),
        result.confidence.tolist(),
        result.verdict.tolist(),
        scores.ctr.tolist(),
        scores.pipeline_roas.tolist(),
        scores.ctr_weight.tolist(),
        scores.roas_weight.tolist(),
        scores.normalized_ctr.tolist(),
        scores.normalized_roas.tolist(),
        scores.blended_score.tolist(),
        scores.decay_factor.tolist(),
        scores.dna_boost.tolist(),
        scores.final_score.tolist(),
        strict=True,
    )
    recommendations = [
        Recommendation(
            ad_id=state.ad_id,
            current_budget=current_budget,
            recommended_budget=cents / 100,
            change_percentage=None if math.isnan(change) else change,
            confidence=confidence,
            reason=reasons[verdict],
            decision=reference.DECISIONS[verdict],
            metrics=Metrics(
                impressions=state.impressions,
                clicks=state.clicks,
                ctr=ctr,
                pipeline_roas=pipeline_roas,
                ctr_weight=ctr_weight,
                roas_weight=roas_weight,
                normalized_ctr=normalized_ctr,
                normalized_roas=normalized_roas,
                blended_score=blended_score,
                decay_factor=decay_factor,
                dna_boost=dna_boost,
                final_score=final_score,
                age_hours=state.age_hours,
            ),
        )
        for (
            state, current_budget, cents, change, confidence, verdict,
            ctr, pipeline_roas, ctr_weight, roas_weight, normalized_ctr, normalized_roas,
            blended_score, decay_factor, dna_boost, final_score,
        ) in columns
    ]
    return SelectResponse(
        total_budget=request.total_budget,
        num_ads=len(states),
        seed=seed,
        recommendations=recommendations,
    )


# --- Tuned: msgspec checks while it parses, and the answer is written without models ---

Amount = Annotated[float, msgspec.Meta(ge=0, le=MAXIMUM_BUDGET)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAXIMUM_COUNT)]


# Without the collector's bookkeeping a batch of short-lived rows is cheaper; none can form a cycle.
class TunedAdState(msgspec.Struct, gc=False):
    ad_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    impressions: Count
    clicks: Count
    spend: Amount
    pipeline_value: Amount
    cash_revenue: Amount
    age_hours: Amount
    current_budget: Amount | None = None


class TunedRequest(msgspec.Struct):
    ad_states: Annotated[list[TunedAdState], msgspec.Meta(min_length=1, max_length=100_000)]
    total_budget: Annotated[float, msgspec.Meta(gt=0, le=MAXIMUM_BUDGET)]
    creative_dna_scores: dict[str, Annotated[float, msgspec.Meta(ge=0, le=1)]] | None = None
    seed: Count | None = None
    policy: str | None = None


class TunedMetrics(msgspec.Struct, gc=False):
    impressions: int
    clicks: int
    ctr: float
    pipeline_roas: float
    ctr_weight: float
    roas_weight: float
    normalized_ctr: float
    normalized_roas: float
    blended_score: float
    decay_factor: float
    dna_boost: float
    final_score: float
    age_hours: float


class TunedRecommendation(msgspec.Struct, gc=False):
    ad_id: str
    current_budget: float
    recommended_budget: float
    change_percentage: float
    confidence: float
    reason: str
    decision: str
    metrics: TunedMetrics


class TunedResponse(msgspec.Struct):
    total_budget: float
    num_ads: int
    seed: int
    recommendations: list[TunedRecommendation]


decode_request = msgspec.json.Decoder(TunedRequest).decode
encode = msgspec.json.Encoder().encode


async def tuned_select(http_request: Request) -> Response:
    try:
        request = decode_request(await http_request.body())
    except msgspec.ValidationError as error:
        return tuned_error(422, str(error))
    except msgspec.DecodeError as error:
        return tuned_error(400, str(error))
    states = request.ad_states
    if len({state.ad_id for state in states}) != len(states):
        return tuned_error(422, "an ad_id appears twice")
    ads = ad_arrays(states, request.creative_dna_scores)
    if (ads.clicks > ads.impressions).any():
        return tuned_error(422, "an ad has more clicks than impressions")

    seed = new_seed() if request.seed is None else request.seed
    result = reference.select(ads, request.total_budget, np.random.default_rng(seed))
    scores = result.scores
    reasons = reasons_for(result.binding_constraint)
    verdicts = result.verdict.tolist()
    metrics = map(
        TunedMetrics,
        ads.impressions.tolist(),
        ads.clicks.tolist(),
        scores.ctr.tolist(),
        scores.pipeline_roas.tolist(),
        scores.ctr_weight.tolist(),
        scores.roas_weight.tolist(),
        scores.normalized_ctr.tolist(),
        scores.normalized_roas.tolist(),
        scores.blended_score.tolist(),
        scores.decay_factor.tolist(),
        scores.dna_boost.tolist(),
        scores.final_score.tolist(),
        ads.age_hours.tolist(),
    )
    recommendations = list(map(
        TunedRecommendation,
        [state.ad_id for state in states],
        result.current_budget.tolist(),
        (result.recommended_cents / 100).tolist(),
        result.change_percentage.tolist(),  # msgspec writes NaN as null
        result.confidence.tolist(),
        [reasons[verdict] for verdict in verdicts],
        [reference.DECISIONS[verdict] for verdict in verdicts],
        metrics,
    ))
    response = TunedResponse(request.total_budget, len(states), seed, recommendations)
    return Response(encode(response), media_type="application/json")


def tuned_error(status: int, message: str) -> Response:
    return Response(encode({"detail": message}), status, media_type="application/json")


# A plain Starlette route: FastAPI's own would resolve dependencies and validate a second time.
app.add_route("/tuned/select", tuned_select, methods=["POST"])


# --- Shared ---


def ad_arrays(
    states: list[AdState] | list[TunedAdState], dna_scores: dict[str, float] | None
) -> reference.AdStates:
    dna = dna_scores or {}
    return reference.AdStates(
        impressions=np.array([state.impressions for state in states], dtype=np.int64),
        clicks=np.array([state.clicks for state in states], dtype=np.int64),
        spend=np.array([state.spend for state in states], dtype=np.float64),
        pipeline_value=np.array([state.pipeline_value for state in states], dtype=np.float64),
        age_hours=np.array([state.age_hours for state in states], dtype=np.float64),
        # None becomes NaN, which is how AdStates spells "not given".
        current_budget=np.array([state.current_budget for state in states], dtype=np.float64),
        dna_score=np.array([dna.get(state.ad_id, 0.0) for state in states], dtype=np.float64),
    )
