"""Drives HubSpot's own Python library, unchanged, against the HubSpot of a running sandbox.

    python sdk_against_sandbox.py PATH_OF_GEMINIVIDEO

Ends with status 0 where all checks pass.
"""

import http.server
import json
import pathlib
import sys
import threading
from decimal import Decimal

import hubspot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.deals import BatchReadInputSimplePublicObjectId, PublicObjectSearchRequest
from hubspot.utils.signature import Signature

from sdk_against_fake import Receiver, error_of, point_library_at

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from sandbox import Sandbox  # noqa: E402

STAGES = ["lead", "appointmentscheduled", "showup", "closedwon", "closedlost"]


def check_pipelines(client, sandbox):
    pipelines = client.crm.pipelines.pipelines_api.get_all("deals").results
    assert [pipeline.id for pipeline in pipelines] == ["default"]
    stages = client.crm.pipelines.pipeline_stages_api.get_all("deals", "default").results
    assert [stage.id for stage in stages] == STAGES
    assert [stage.metadata["isClosed"] for stage in stages] == ["false"] * 3 + ["true"] * 2


def check_deals(client, sandbox):
    deals = client.crm.deals.get_all(
        properties=["dealstage", "amount"], properties_with_history=["dealstage"], associations=["contacts"]
    )
    truth = sandbox.state()["totals"]
    assert len(deals) == truth["leads"] > 0
    won = [deal for deal in deals if deal.properties["dealstage"] == "closedwon"]
    assert len(won) == truth["won_deals"] > 0
    assert sum(Decimal(deal.properties["amount"]) for deal in won) == Decimal(truth["revenue"])
    for deal in deals:
        way = [version.value for version in reversed(deal.properties_with_history["dealstage"])]
        assert way[0] == "lead" and way == [stage for stage in STAGES if stage in way]
        assert len(deal.associations["contacts"].results) == 1
    return deals


def check_search(client, deals):
    newest = sorted(deals, key=lambda deal: (deal.updated_at, int(deal.id)))[-150:]
    since = int(newest[0].updated_at.timestamp() * 1000)
    found, after = [], None
    while True:
        page = client.crm.deals.search_api.do_search(
            PublicObjectSearchRequest(
                filter_groups=[
                    {
                        "filters": [
                            {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": str(since)}
                        ]
                    }
                ],
                sorts=[{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
                properties=["dealstage"], limit=100, after=after,
            )
        )
        found += page.results
        if page.paging is None:
            break
        after = page.paging.next.after
    assert {deal.id for deal in found} >= {deal.id for deal in newest}
    assert [deal.updated_at for deal in found] == sorted(deal.updated_at for deal in found)


def check_associations(client, deals):
    ids = [deal.id for deal in deals[:40]]
    batch = client.crm.associations.v4.batch_api.get_page(
        "deals", "contacts", BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": id} for id in ids])
    )
    assert len(batch.results) == len(ids)
    one = client.crm.associations.v4.basic_api.get_page("deals", ids[0], "contacts")
    contact = client.crm.contacts.basic_api.get_by_id(
        str(one.results[0].to_object_id), properties=["email", "hs_analytics_source", "hs_analytics_last_url"]
    )
    assert contact.properties["email"].endswith("@example.com")
    read = client.crm.deals.batch_api.read(
        BatchReadInputSimplePublicObjectId(
            inputs=[{"id": id} for id in ids], properties=["dealstage"], properties_with_history=["dealstage"]
        )
    )
    assert read.status == "COMPLETE" and [deal.id for deal in read.results] == ids


def check_errors(client, sandbox):
    missing = error_of(lambda: client.crm.deals.basic_api.get_by_id("1"))
    assert missing.status == 404 and json.loads(missing.body)["category"] == "OBJECT_NOT_FOUND"
    stranger = hubspot.Client.create(access_token="wrong")
    assert error_of(lambda: stranger.crm.deals.basic_api.get_by_id("1")).status == 401
    sandbox.control("PUT", "faults", {"faults": "429=1"})
    limited = error_of(lambda: client.crm.deals.basic_api.get_by_id("1"))
    assert limited.status == 429 and json.loads(limited.body)["policyName"] == "TEN_SECONDLY_ROLLING"
    sandbox.control("PUT", "faults", {"faults": ""})


def check_webhooks(client, sandbox, url):
    before = sandbox.state()["totals"]["leads"]
    sandbox.advance(days=3)
    secret = sandbox.address["client_secret"]
    events = []
    for _, headers, body in Receiver.taken:
        text = body.decode()
        assert Signature.is_valid(
            headers["X-HubSpot-Signature-v3"], secret, text, url, "POST", "v3",
            headers["X-HubSpot-Request-Timestamp"],
        )
        events += json.loads(text)
    assert {event["portalId"] for event in events} == {sandbox.address["portal_id"]}
    created = [event for event in events if event["subscriptionType"] == "deal.creation"]
    assert len(created) == sandbox.state()["totals"]["leads"] - before > 0
    moves = [event for event in events if event.get("propertyName") == "dealstage"]
    for event in moves[-20:]:
        deal = client.crm.deals.basic_api.get_by_id(
            str(event["objectId"]), properties=["dealstage"], properties_with_history=["dealstage"]
        )
        assert event["propertyValue"] in [version.value for version in deal.properties_with_history["dealstage"]]


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/webhooks/hubspot"
    options = ["--seed", "7", "--start", "2026-01-05", "--days-per-minute", "0", "--webhook-url", url]
    with Sandbox(sys.argv[1], *options) as sandbox:
        point_library_at(sandbox.address["hubspot_url"])
        client = hubspot.Client.create(access_token=sandbox.address["hubspot_token"])
        check_pipelines(client, sandbox)
        deals = check_deals(client, sandbox)
        check_search(client, deals)
        check_associations(client, deals)
        check_errors(client, sandbox)
        check_webhooks(client, sandbox, url)
    server.shutdown()
    print("HubSpot's library and the sandbox agree")


if __name__ == "__main__":
    main()
