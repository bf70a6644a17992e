"""Drives Meta's own Python library, unchanged, against a running sandbox and checks that it understands every answer.

    python sdk_against_sandbox.py PATH_OF_GEMINIVIDEO

Ends with status 0 where all checks pass. The library is pointed at the sandbox before it is used, and does not report
its errors to Meta.
"""

import datetime
import hashlib
import json
import pathlib
import sys
import tempfile
import time
from decimal import Decimal

from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.campaign import Campaign
from facebook_business.api import FacebookAdsApi, FacebookRequest
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from sandbox import Sandbox  # noqa: E402

START = datetime.date(2026, 1, 5)
DAYS = 28
RANGE = {"since": str(START - datetime.timedelta(days=DAYS)), "until": str(START)}


def connect(sandbox, token=None, secret=None):
    address = sandbox.address
    FacebookSession.GRAPH = address["graph_url"]
    return FacebookAdsApi.init(
        address["app_id"], secret or address["app_secret"], token or address["access_token"], crash_log=False
    )


def account(sandbox):
    return AdAccount(sandbox.address["ad_account"])


def error_of(call):
    try:
        call()
    except FacebookRequestError as error:
        return error
    raise AssertionError("the call was expected to fail")


def budget(thing):
    return int(thing.api_get(fields=["daily_budget"])["daily_budget"])


def check_account(sandbox):
    fields = ["currency", "timezone_name", "account_status", "min_daily_budget", "amount_spent"]
    found = account(sandbox).api_get(fields=fields)
    assert (found["currency"], found["timezone_name"], found["account_status"]) == ("USD", "UTC", 1)
    least = account(sandbox).get_minimum_budgets()[0]
    assert least["currency"] == "USD" and least["min_daily_budget_imp"] == found["min_daily_budget"] == 100
    spent = Decimal(sandbox.state()["totals"]["spend"])
    assert Decimal(found["amount_spent"]) / 100 == spent > 0


def check_objects(sandbox):
    campaigns = list(account(sandbox).get_campaigns(fields=["name", "daily_budget", "effective_status"]))
    ad_sets = list(account(sandbox).get_ad_sets(fields=["campaign_id", "daily_budget", "learning_stage_info"]))
    ads = list(account(sandbox).get_ads(fields=["adset_id", "status", "creative"], params={"limit": 5}))
    assert (len(campaigns), len(ad_sets)) == (3, 6) and len(ads) >= 12
    assert [int(campaign["daily_budget"]) > 0 for campaign in campaigns] == [True, False, False]
    for ad_set in ad_sets:
        assert (int(ad_set["daily_budget"]) > 0) == (ad_set["campaign_id"] != campaigns[0]["id"])
        assert ad_set["learning_stage_info"]["status"] in ("LEARNING", "SUCCESS", "FAIL")
    assert {ad["adset_id"] for ad in ads} == {ad_set["id"] for ad_set in ad_sets}
    mine = Campaign(campaigns[1]["id"]).get_ad_sets(fields=["id"])
    assert {ad_set["id"] for ad_set in mine} == {a["id"] for a in ad_sets if a["campaign_id"] == campaigns[1]["id"]}


def insights(sandbox, **params):
    wanted = {"level": "ad", "time_increment": 1, "time_range": RANGE, "limit": 50, **params}
    fields = ["ad_id", "adset_id", "spend", "impressions", "clicks", "actions", "reach", "frequency"]
    return account(sandbox).get_insights(fields=fields, params=wanted)


def check_insights(sandbox):
    rows = list(insights(sandbox))
    truth = sandbox.state()
    keys = {(row["ad_id"], row["date_start"]) for row in rows}
    assert len(keys) == len(rows) > 12 * (DAYS - 1)
    assert sum(Decimal(row["spend"]) for row in rows) == Decimal(truth["totals"]["spend"])
    assert sum(int(row["impressions"]) for row in rows) == truth["totals"]["impressions"] > 0
    leads = [
        int(action["value"]) for row in rows for action in row.get("actions", [])
        if action["action_type"] == "lead"
    ]
    assert sum(leads) == truth["totals"]["leads"] > 0
    by_ad = {row["id"]: Decimal(row["spend"]) for row in truth["ads"]}
    for ad, spend in by_ad.items():
        assert sum(Decimal(row["spend"]) for row in rows if row["ad_id"] == ad) == spend
    whole = list(insights(sandbox, time_increment="all_days", level="account"))
    assert len(whole) == 1 and Decimal(whole[0]["spend"]) == Decimal(truth["totals"]["spend"])
    filtering = [{"field": "ad.effective_status", "operator": "IN", "value": ["PAUSED"]}]
    assert list(insights(sandbox, filtering=filtering)) == []
    return rows


def check_report(sandbox, rows):
    wanted = {"level": "ad", "time_increment": 1, "time_range": RANGE}
    fields = ["ad_id", "adset_id", "spend", "impressions", "clicks", "actions", "reach", "frequency"]
    job = account(sandbox).get_insights_async(fields=fields, params=wanted)
    states = []
    for _ in range(10):
        job = job.api_get()
        states.append((job["async_status"], job["async_percent_completion"]))
        if states[-1] == ("Job Completed", 100):
            break
    assert states == [("Job Running", 50), ("Job Completed", 100)], states
    result = job.get_result(params={"limit": 100})
    assert [dict(row) for row in result] == [dict(row) for row in rows]


def check_changes(sandbox):
    ad_set, campaign, ad = AdSet("23850000000200002"), Campaign("23850000000100001"), Ad("23850000000300002")
    before = sandbox.state()["writes"]
    ad_set.api_update(params={"daily_budget": 5500})
    assert budget(ad_set) == 5500
    campaign.api_update(params={"daily_budget": 21000})
    assert budget(campaign) == 21000
    ad.api_update(params={"status": Ad.Status.paused})
    found = ad.api_get(fields=["status", "effective_status", "updated_time"])
    assert (found["status"], found["effective_status"]) == ("PAUSED", "PAUSED")
    datetime.datetime.strptime(found["updated_time"], "%Y-%m-%dT%H:%M:%S%z")
    ad_set.api_update(params={"status": AdSet.Status.paused})
    other = Ad("23850000000300008").api_get(fields=["status", "effective_status"])
    assert (other["status"], other["effective_status"]) == ("ACTIVE", "ADSET_PAUSED")
    assert sandbox.state()["writes"] == before + 4
    spend = {ad["id"]: ad["spend"] for ad in sandbox.state()["ads"]}
    sandbox.advance(days=1)
    after = {ad["id"]: ad["spend"] for ad in sandbox.state()["ads"]}
    assert after[ad["id"]] == spend[ad["id"]] and after["23850000000300001"] != spend["23850000000300001"]


def check_errors(sandbox):
    def refusal(thing, **params):
        error = error_of(lambda: thing.api_update(params=params))
        assert error.http_status() == 400
        return error.api_error_code(), error.api_error_subcode()

    assert refusal(AdSet("23850000000200001"), daily_budget=5000) == (100, 1885621)
    assert refusal(Campaign("23850000000100002"), daily_budget=5000) == (100, 1885621)
    assert refusal(AdSet("23850000000200003"), daily_budget=99) == (100, 1885272)
    call = FacebookRequest(
        "23850000000300001", "POST", "/", api=FacebookAdsApi.get_default_api()
    ).add_params({"daily_budget": 5000})
    assert error_of(call.execute).api_error_code() == 100
    low = error_of(lambda: AdSet("23850000000200003").api_update(params={"daily_budget": 1}))
    assert low.api_blame_field_specs() == [["daily_budget"]]
    ad_set = AdSet("23850000000200005")
    for amount in range(4):
        ad_set.api_update(params={"daily_budget": 6000 + amount})
    assert refusal(ad_set, daily_budget=6004) == (613, 1487632)
    assert budget(ad_set) == 6003
    assert sandbox.state()["limits_broken"]["budget_edits_per_hour"] == 1
    sandbox.advance(hours=2)
    ad_set.api_update(params={"daily_budget": 6004})
    assert error_of(lambda: AdSet("1").api_get(fields=["id"])).api_error_subcode() == 33
    assert error_of(lambda: Ad("23850000000300001").api_get(fields=["daily_budget"])).api_error_code() == 100


def check_batch(sandbox):
    api = FacebookAdsApi.get_default_api()
    answers = []

    def note(response):
        answers.append(response)

    batch = api.new_batch()
    AdSet("23850000000200003").api_update(
        params={"daily_budget": 6100}, batch=batch, success=note, failure=note
    )
    AdSet("23850000000200001").api_update(
        params={"daily_budget": 6100}, batch=batch, success=note, failure=note
    )
    AdSet("23850000000200003").api_get(fields=["daily_budget"], batch=batch, success=note, failure=note)
    assert batch.execute() is None
    assert [answer.is_success() for answer in answers] == [True, False, True]
    assert answers[1].error().api_error_subcode() == 1885621
    assert answers[2].json()["daily_budget"] == "6100"


def check_lost_answers(sandbox):
    sandbox.control("PUT", "faults", {"faults": "null=0.5"})
    api = FacebookAdsApi.get_default_api()
    batch = api.new_batch()
    for number in range(1, 13):
        Ad(str(23850000000300000 + number)).api_update(params={"name": f"Renamed {number}"}, batch=batch)
    rounds = 0
    while batch is not None:
        batch = batch.execute()
        rounds += 1
    assert rounds > 1
    sandbox.control("PUT", "faults", {"faults": ""})
    names = {ad["name"] for ad in account(sandbox).get_ads(fields=["name"], params={"limit": 50})}
    assert names >= {f"Renamed {number}" for number in range(1, 13)}


def check_launch(sandbox):
    api = FacebookAdsApi.get_default_api()
    call = api.call

    def redirected(*arguments, **named):
        # The library names the host that takes videos itself.
        if named.get("url_override"):
            named["url_override"] = sandbox.address["graph_url"]
        return call(*arguments, **named)

    data = bytes(range(256)) * 10_000
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "ad.mp4"
        path.write_bytes(data)
        video = AdVideo(parent_id=sandbox.address["ad_account"])
        video[AdVideo.Field.filepath] = str(path)
        api.call = redirected
        try:
            video.remote_create()
        finally:
            api.call = call
    video.waitUntilEncodingReady(interval=0, timeout=60)
    known = [found for found in sandbox.state()["videos"] if found["id"] == video["id"]]
    assert [found["sha256"] for found in known] == [hashlib.sha256(data).hexdigest()]
    listed = account(sandbox).get_ad_videos(fields=["id", "title"])
    assert ["ad.mp4"] == [found["title"] for found in listed if found["id"] == video["id"]]
    picture = AdVideo(video["id"]).get_thumbnails(fields=["uri", "is_preferred"])[0]
    assert picture["is_preferred"]
    story = {
        "page_id": "111", "instagram_user_id": "17841400000000000",
        "video_data": {
            "video_id": video["id"], "image_url": picture["uri"], "title": "T", "message": "M",
            "call_to_action": {"type": "LEARN_MORE", "value": {"link": "https://shop.example.com/p"}},
        },
    }
    params = {"name": "launched", "object_story_spec": story, "url_tags": "utm_content={{ad.id}}"}
    creative = account(sandbox).create_ad_creative(params=params)
    assert account(sandbox).create_ad_creative(params=params)["id"] == creative["id"]
    names = {found["id"]: found["name"] for found in account(sandbox).get_ad_creatives(fields=["name"])}
    assert names[creative["id"]] == "launched"
    ad = account(sandbox).create_ad(params={
        "name": "launched", "adset_id": "23850000000200004", "creative": {"creative_id": creative["id"]},
        "status": "PAUSED", "adlabels": [{"name": "run-1"}],
    })
    found = AdSet("23850000000200004").get_ads(fields=["adlabels", "creative", "status"], params={"limit": 100})
    found = [other for other in found if other["id"] == ad["id"]]
    assert [json.loads(json.dumps(list(other["adlabels"]), default=dict)) for other in found] == [[{"name": "run-1"}]]
    review = Ad(ad["id"]).api_get(fields=["status", "effective_status", "ad_review_feedback", "issues_info"])
    assert (review["status"], review["effective_status"]) == ("PAUSED", "PENDING_REVIEW")


def check_access(sandbox):
    api = FacebookAdsApi.get_default_api()
    token = sandbox.address["access_token"]
    known = api.call("GET", ("debug_token",), params={"input_token": token}).json()["data"]
    assert known["is_valid"] and {"ads_read", "ads_management"} <= set(known["scopes"])
    permissions = api.call("GET", ("me", "permissions")).json()["data"]
    assert all(permission["status"] == "granted" for permission in permissions)
    headers = api.call("GET", ("me",)).headers()
    usage = {name.lower() for name in headers}
    assert {"x-business-use-case-usage", "x-app-usage", "facebook-api-version"} <= usage
    connect(sandbox, token="wrong")
    error = error_of(lambda: account(sandbox).api_get(fields=["currency"]))
    assert (error.http_status(), error.api_error_code()) == (401, 190)
    connect(sandbox, secret="wrong")
    assert error_of(lambda: account(sandbox).api_get(fields=["currency"])).api_error_code() == 100
    connect(sandbox)


def check_seeds(program, sandbox):
    options = ["--seed", "7", "--start", str(START), "--days-per-minute", "0"]
    with Sandbox(program, *options) as same:
        fresh = same.state()
        assert same.address["access_token"] == sandbox.address["access_token"]
    with Sandbox(program, *options) as again:
        assert again.state() == fresh
    with Sandbox(program, "--seed", "8", *options[2:]) as other:
        assert other.state()["totals"] != fresh["totals"]


def check_clock(program):
    with Sandbox(program, "--seed", "1", "--days-per-minute", "1440") as fast:
        first = fast.control("GET", "clock")["now"]
        deadline = time.monotonic() + 60
        while fast.control("GET", "clock")["now"][:10] == first[:10]:
            assert time.monotonic() < deadline, "the clock stands still"


def main():
    program = sys.argv[1]
    with Sandbox(program, "--seed", "7", "--start", str(START), "--days-per-minute", "0") as sandbox:
        connect(sandbox)
        rows = []
        checks = [
            ("account", lambda: check_account(sandbox)), ("objects", lambda: check_objects(sandbox)),
            ("insights and paging", lambda: rows.extend(check_insights(sandbox))),
            ("report", lambda: check_report(sandbox, rows)), ("budgets and switches", lambda: check_changes(sandbox)),
            ("errors", lambda: check_errors(sandbox)), ("batch", lambda: check_batch(sandbox)),
            ("lost answers", lambda: check_lost_answers(sandbox)), ("launch", lambda: check_launch(sandbox)),
            ("access", lambda: check_access(sandbox)),
            ("seeds", lambda: check_seeds(program, sandbox)), ("clock", lambda: check_clock(program)),
        ]
        for name, check in checks:
            check()
            print(f"ok {name}", flush=True)


if __name__ == "__main__":
    main()
