#!/usr/bin/env python3
"""Puts TLS before a PostgreSQL server that was built without it.

    tls.py CERTIFICATE KEY SOCKET

Listens on 127.0.0.1, prints the port, and hands what comes in to the server at SOCKET, a path. To a client it is a
server that takes nothing but TLS.
"""

import socket
import ssl
import sys
import threading

# The first message of a client that asks for encryption (PostgreSQL's documentation, 54.2.10 and 54.2.11).
SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
GSS_REQUEST = (8).to_bytes(4, "big") + (80877104).to_bytes(4, "big")


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass  # One end is gone: so is what would have to be told.
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client: socket.socket, context: ssl.SSLContext, path: str) -> None:
    request = client.recv(8, socket.MSG_WAITALL)
    if request == GSS_REQUEST:
        client.sendall(b"N")
        request = client.recv(8, socket.MSG_WAITALL)
    if request != SSL_REQUEST:
        client.close()
        return
    client.sendall(b"S")
    try:
        secured = context.wrap_socket(client, server_side=True)
    except OSError:
        return  # The client did not like the certificate.
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    threading.Thread(target=pump, args=(server, secured), daemon=True).start()
    pump(secured, server)


def main() -> None:
    certificate, key, path = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, context, path), daemon=True).start()


if __name__ == "__main__":
    main()
