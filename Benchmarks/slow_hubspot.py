"""A HubSpot that answers every call after half a minute; `/calls` tells at once how many it has had."""

import argparse
import asyncio

DELAY_SECONDS = 30


class SlowHubSpot:
    def __init__(self) -> None:
        self.calls = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            if path == b"/readyz":
                status, body = b"200 OK", b"{}"
            elif path == b"/calls":
                status, body = b"200 OK", str(self.calls).encode()
            else:
                self.calls += 1
                await asyncio.sleep(DELAY_SECONDS)
                status, body = b"503 Service Unavailable", b"{}"
            writer.write(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                         b"Connection: close\r\n\r\n%s" % (status, len(body), body))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever called has gone
        finally:
            writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    async with await asyncio.start_server(SlowHubSpot().serve, "127.0.0.1", options.port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
