"""Google's own client of Cloud Storage drives the one that the tests make up, which shows that this one is faithful."""

import os
import subprocess
import sys

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage


def expect(condition, what):
    if not condition:
        raise SystemExit(f"not so: {what}")


def refused(error, call):
    try:
        call()
    except error:
        return
    raise SystemExit(f"{error.__name__} was expected")


def drive(client):
    bucket = client.create_bucket("made-up-bucket")
    expect(client.bucket("made-up-bucket").exists(), "the bucket is there")
    expect(not client.bucket("other-bucket").exists(), "the other bucket is not")

    # In one call, with checksums both ways.
    blob = bucket.blob("videos/a b/ü.txt")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(b"hello swift", content_type="text/plain", checksum="crc32c", if_generation_match=0)
    expect(blob.crc32c == "PiO+xA==", "the checksum is the known one")
    expect(blob.download_as_bytes(checksum="crc32c") == b"hello swift", "what was written is read")
    expect(blob.download_as_bytes(start=6, end=10) == b"swift", "a part is read")
    blob.reload()
    expect(blob.metadata == {"k": "v"} and blob.content_type == "text/plain", "the description is kept")

    # Conditions.
    first = blob.generation
    refused(exceptions.PreconditionFailed, lambda: blob.upload_from_string(b"x", if_generation_match=0))
    refused(exceptions.PreconditionFailed, lambda: blob.upload_from_string(b"x", if_generation_match=123))
    blob.upload_from_string(b"second", if_generation_match=first)
    expect(blob.generation > first, "a later version has a greater generation")
    refused(exceptions.PreconditionFailed, lambda: blob.delete(if_generation_match=first))
    refused(exceptions.NotFound, lambda: bucket.blob("nope").download_as_bytes())

    # In chunks.
    content = os.urandom(3 * (256 << 10) + 12345)
    large = bucket.blob("large.mp4", chunk_size=256 << 10)
    with large.open("wb", if_generation_match=0) as file:
        file.write(content)
    expect(large.download_as_bytes(checksum="crc32c") == content, "what went up in chunks is read")

    # A chunk that is no multiple of 256 KiB is refused as Google refuses it.
    session = bucket.blob("odd").create_resumable_upload_session(size=2000)
    answer = client._http.put(session, data=b"x" * 1000, headers={"content-range": "bytes 0-999/2000"})
    expect(answer.status_code == 400, "an odd chunk is refused")
    answer = client._http.put(session, data=b"", headers={"content-range": "bytes */2000"}, allow_redirects=False)
    expect(answer.status_code == 308 and "range" not in answer.headers, "nothing of it is kept")

    # Lists, page by page; the server's pages are short.
    for number in range(10):
        bucket.blob(f"list/{number}").upload_from_string(str(number))
    pages = list(client.list_blobs("made-up-bucket", prefix="list/").pages)
    names = [blob.name for page in pages for blob in page]
    expect(names == [f"list/{number}" for number in range(10)], "a list is whole and in order")
    expect(len(pages) == 4, "it came in pages")
    for name in names:
        bucket.blob(name).delete()
    expect(list(client.list_blobs("made-up-bucket", prefix="list/")) == [], "what was removed is gone")


process = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
try:
    url = process.stdout.readline().split()[-1]
    drive(storage.Client(project="p", credentials=AnonymousCredentials(), client_options={"api_endpoint": url}))
finally:
    process.terminate()
    process.wait(timeout=60)
print("Google's client and the made-up Cloud Storage agree")
