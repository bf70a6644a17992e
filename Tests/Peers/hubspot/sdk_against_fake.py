"""Drives HubSpot's own Python library against the fake HubSpot and checks that it understands every answer.

    python sdk_against_fake.py PATH_OF_FAKE_HUBSPOT

Ends with status 0 where all checks pass.
"""

import base64
import datetime
import http.server
import importlib
import json
import pkgutil
import subprocess
import sys
import threading
import urllib.request

import hubspot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.contacts import BatchReadInputSimplePublicObjectId as ContactBatch
from hubspot.crm.deals import BatchReadInputSimplePublicObjectId, PublicObjectSearchRequest
from hubspot.crm.deals.exceptions import ApiException
from hubspot.utils.signature import Signature
from urllib3.util.retry import Retry

TOKEN = "pat-na1-peer"
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
BASE_TIME = 1_780_000_000_000


def point_library_at(url):
    """Makes every configuration of the library begin with `url`: it has no setting for that."""
    for module in pkgutil.walk_packages(hubspot.__path__, "hubspot."):
        if module.name.endswith(".configuration"):
            configuration = importlib.import_module(module.name).Configuration
            original = configuration.__init__

            def patched(self, *args, _original=original, **kwargs):
                _original(self, *args, **kwargs)
                self.host = url

            configuration.__init__ = patched


class Fake:
    """The fake HubSpot as a process of its own."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [path, "--port", "0", "--token", TOKEN], stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("Serving "):
            raise SystemExit(f"{path} did not start")
        self.url = line.split()[1]

    def control(self, method, path, body=None):
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(f"{self.url}/_fake/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks and keeps them for the checks."""

    taken = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.taken.append((self.path, dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def fill(fake):
    for number in range(501, 504):
        fake.control(
            "PUT", f"contacts/{number}",
            {"properties": {"email": f"{number}@example.com", "hs_facebook_click_id": f"IwAR{number}"}},
        )
    for stage, minute in (("contractsent", 0), ("closedwon", 60)):
        fake.control(
            "PUT", "deals/1246965",
            {
                "properties": {"amount": "1500.00", "dealstage": stage, "pipeline": "default"},
                "contacts": [501, 502, 503], "at": BASE_TIME + minute * 60_000,
            },
        )
    for number in range(1, 121):
        fake.control(
            "PUT", f"deals/{number}",
            {"properties": {"dealstage": "qualifiedtobuy"}, "at": BASE_TIME + number * 1_000},
        )


def check_deal(client):
    deal = client.crm.deals.basic_api.get_by_id(
        "1246965", properties=["amount", "dealstage", "dealname"], properties_with_history=["dealstage"],
        associations=["contacts"],
    )
    assert deal.id == "1246965" and deal.archived is False
    assert deal.properties["amount"] == "1500.00" and deal.properties["dealname"] is None
    history = deal.properties_with_history["dealstage"]
    assert [version.value for version in history] == ["closedwon", "contractsent"]
    assert history[0].timestamp > history[1].timestamp and history[0].source_type == "CRM_UI"
    assert [link.id for link in deal.associations["contacts"].results] == ["501", "502", "503"]
    assert isinstance(deal.updated_at, datetime.datetime)


def check_list(client):
    page = client.crm.deals.basic_api.get_page(limit=100)
    assert len(page.results) == 100
    rest = client.crm.deals.basic_api.get_page(limit=100, after=page.paging.next.after)
    assert len(rest.results) == 21 and rest.paging is None


def check_batches(client):
    inputs = [{"id": "1246965"}, {"id": "7"}, {"id": "999999"}]
    batch = client.crm.deals.batch_api.read(
        BatchReadInputSimplePublicObjectId(
            inputs=inputs, properties=["dealstage"], properties_with_history=["dealstage"]
        )
    )
    assert sorted(deal.id for deal in batch.results) == ["1246965", "7"]
    assert batch.status == "COMPLETE" and batch.num_errors == 1
    assert batch.errors[0].category == "OBJECT_NOT_FOUND" and batch.errors[0].context["ids"] == ["999999"]
    whole = client.crm.deals.batch_api.read(
        BatchReadInputSimplePublicObjectId(
            inputs=inputs[:2], properties=["dealstage"], properties_with_history=[]
        )
    )
    assert len(whole.results) == 2
    contacts = client.crm.contacts.batch_api.read(
        ContactBatch(
            inputs=[{"id": "501"}, {"id": "503"}], properties=["hs_facebook_click_id"], properties_with_history=[]
        )
    )
    assert [contact.properties["hs_facebook_click_id"] for contact in contacts.results] == ["IwAR501", "IwAR503"]


def check_search(client):
    def page(**more):
        return client.crm.deals.search_api.do_search(
            PublicObjectSearchRequest(
                filter_groups=[
                    {
                        "filters": [
                            {
                                "propertyName": "hs_lastmodifieddate", "operator": "GTE",
                                "value": str(BASE_TIME + 20_000),
                            }
                        ]
                    }
                ],
                sorts=[{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
                properties=["dealstage"], limit=100, **more,
            )
        )

    first = page()
    assert first.total == 102 and len(first.results) == 100 and first.results[0].id == "20"
    second = page(after=first.paging.next.after)
    assert [deal.id for deal in second.results] == ["120", "1246965"] and second.paging is None
    refusal = error_of(lambda: page(after="9990"))
    assert refusal.status == 400 and json.loads(refusal.body)["category"] == "VALIDATION_ERROR"


def check_associations(client):
    api = client.crm.associations.v4
    first = api.basic_api.get_page("deals", "1246965", "contacts", limit=2)
    assert [int(link.to_object_id) for link in first.results] == [501, 502]
    assert first.results[0].association_types[0].type_id == 3
    rest = api.basic_api.get_page("deals", "1246965", "contacts", limit=2, after=first.paging.next.after)
    assert len(rest.results) == 1 and rest.paging is None
    batch = api.batch_api.get_page(
        "deals", "contacts", BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": "1246965"}])
    )
    assert len(batch.results) == 1 and len(batch.results[0].to) == 3


def check_pipelines(client):
    pipelines = client.crm.pipelines.pipelines_api.get_all("deals").results
    assert [pipeline.id for pipeline in pipelines] == ["default"] and len(pipelines[0].stages) == 7
    won = next(stage for stage in pipelines[0].stages if stage.id == "closedwon")
    assert won.metadata == {"isClosed": "true", "probability": "1.0"}
    assert client.crm.pipelines.pipelines_api.get_by_id("deals", "default").label == "Sales Pipeline"
    assert len(client.crm.pipelines.pipeline_stages_api.get_all("deals", "default").results) == 7


def error_of(call):
    try:
        call()
    except Exception as error:  # Every part of the library has an exception class of its own.
        if hasattr(error, "status"):
            return error
        raise
    raise AssertionError("the call was expected to fail")


def check_errors(fake, client):
    get = client.crm.deals.basic_api.get_by_id
    missing = error_of(lambda: get("404404"))
    assert isinstance(missing, ApiException) and missing.status == 404
    assert {"status", "message", "correlationId", "category"} <= json.loads(missing.body).keys()
    stranger = hubspot.Client.create(access_token="wrong")
    refusal = error_of(lambda: stranger.crm.deals.basic_api.get_by_id("7"))
    assert refusal.status == 401 and json.loads(refusal.body)["category"] == "INVALID_AUTHENTICATION"
    fake.control("PUT", "faults", {"next": ["tenSecondly"]})
    limited = error_of(lambda: get("7"))
    assert limited.status == 429 and json.loads(limited.body)["policyName"] == "TEN_SECONDLY_ROLLING"
    fake.control("PUT", "faults", {"next": ["daily"]})
    assert json.loads(error_of(lambda: get("7")).body)["policyName"] == "DAILY"
    fake.control("PUT", "faults", {"next": ["moving"], "retry_after": 30})
    moving = error_of(lambda: get("7"))
    assert moving.status == 477 and moving.headers["Retry-After"] == "30"
    fake.control("PUT", "faults", {"next": ["tenSecondlyRetryAfter"], "retry_after": 0})
    patient = hubspot.Client.create(
        access_token=TOKEN, retry=Retry(total=3, status_forcelist=(429,), respect_retry_after_header=True)
    )
    assert patient.crm.deals.basic_api.get_by_id("7").id == "7"


def check_changes(fake, client):
    fake.control("PUT", "deals/9001", {"properties": {"dealstage": "contractsent"}})
    fake.control("POST", "deals/9001/merge", {"into": 7})
    assert client.crm.deals.basic_api.get_by_id("9001").id == "7"
    fake.control("DELETE", "deals/8")
    assert error_of(lambda: client.crm.deals.basic_api.get_by_id("8")).status == 404
    assert client.crm.deals.basic_api.get_by_id("8", archived=True).archived is True


def check_webhooks(fake):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/webhooks/hubspot?portal=1"
    statuses = fake.control("POST", "deliveries", {"url": url, "secret": SECRET})["statuses"]
    server.shutdown()
    assert statuses and set(statuses) == {204} and len(statuses) == len(Receiver.taken)
    kinds = set()
    for path, headers, body in Receiver.taken:
        text = body.decode()
        events = json.loads(text)
        assert 1 <= len(events) <= 100
        kinds |= {event["subscriptionType"] for event in events}
        assert Signature.is_valid(
            headers["X-HubSpot-Signature-v3"], SECRET, text, url, "POST", "v3",
            headers["X-HubSpot-Request-Timestamp"],
        )
        assert Signature.is_valid(headers["X-HubSpot-Signature"], SECRET, text, signature_version="v1")
        assert not Signature.is_valid(
            base64.b64encode(b"x" * 32).decode(), SECRET, text, url, "POST", "v3",
            headers["X-HubSpot-Request-Timestamp"],
        )
    assert kinds >= {
        "deal.creation", "deal.propertyChange", "deal.deletion", "deal.merge", "contact.associationChange",
    }


def main():
    fake = Fake(sys.argv[1])
    try:
        point_library_at(fake.url)
        fill(fake)
        client = hubspot.Client.create(access_token=TOKEN)
        checks = [
            ("get deal", lambda: check_deal(client)), ("list", lambda: check_list(client)),
            ("batch read", lambda: check_batches(client)), ("search", lambda: check_search(client)),
            ("associations", lambda: check_associations(client)), ("pipelines", lambda: check_pipelines(client)),
            ("errors", lambda: check_errors(fake, client)), ("merge and delete", lambda: check_changes(fake, client)),
            ("webhooks", lambda: check_webhooks(fake)),
        ]
        for name, check in checks:
            check()
            print(f"ok {name}", flush=True)
    finally:
        fake.stop()


if __name__ == "__main__":
    main()
