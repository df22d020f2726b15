"""A name server that knows what a test tells it, and that nothing else exists."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
from typing_extensions import override


class _Answer(socketserver.BaseRequestHandler):
    """One question by UDP."""

    records: Mapping[tuple[str, str], str]

    @override
    def handle(self) -> None:
        asked: bytes = self.request[0]
        query = dns.message.from_wire(asked)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        record = self.records.get((name, kind))
        if record is not None:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, record))
        elif name not in {known for known, _kind in self.records}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        self.request[1].sendto(response.to_wire(), self.client_address)


@contextmanager
def serve(records: Mapping[tuple[str, str], str]) -> Iterator[None]:
    """Answer all questions of this process from `records`: (name, type) → what a zone file would say."""
    handler: Any = type("Answer", (_Answer,), {"records": records})
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        before = dns.resolver.default_resolver
        dns.resolver.default_resolver = resolver
        try:
            yield
        finally:
            dns.resolver.default_resolver = before
            server.shutdown()
            thread.join()
