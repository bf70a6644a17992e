"""The peers' Celery: tasks that do nothing, on the Redis that BROKER_URL names."""

import os

import orjson
from celery import Celery
from kombu import Queue
from kombu.serialization import register

QUEUE = "hubspot-webhook-events"

# What a worker reads as plain JSON, written by the faster of two writers.
register("orjson", lambda value: orjson.dumps(value).decode(), orjson.loads, "application/json", "utf-8")

app = Celery("celery_tasks", broker=os.environ["BROKER_URL"])
app.conf.update(
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    # A connection to Redis for each thread that pushes, however many there are.
    broker_pool_limit=64,
    task_default_queue=QUEUE,
    # Nobody asks for the results, so none are kept.
    task_ignore_result=True,
    task_queues=[Queue(QUEUE)],
    task_serializer="orjson",
    # A worker that takes many at once asks Redis less often.
    worker_prefetch_multiplier=64,
)


@app.task(name="process_hubspot_webhook")
def process_hubspot_webhook(event: dict) -> None:
    pass


@app.task(name="empty")
def empty() -> None:
    pass
