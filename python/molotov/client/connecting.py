"""Waiting for a request's connection, and telling of it."""

import asyncio
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

from molotov.client.client_request import ClientRequest
from molotov.client.tracing import (
    TraceConnectionCreateEndParams,
    TraceConnectionCreateStartParams,
    TraceConnectionQueuedEndParams,
    TraceConnectionQueuedStartParams,
    TraceConnectionReuseconnParams,
    TraceDnsCacheHitParams,
    TraceDnsCacheMissParams,
    TraceDnsResolveHostEndParams,
    TraceDnsResolveHostStartParams,
    Traces,
)
from molotov.exceptions import ClientConnectorDNSError, ClientConnectorError

if TYPE_CHECKING:
    from molotov._engine import Request


async def connect(
    native: "Request", request: ClientRequest, traces: Traces
) -> None:
    """Starts it, and waits until it is at its gate.

    :param native: what the session's ``_staged()`` gave.
    """
    began = time.monotonic()
    state = native._begin()
    if state == "queued":
        await traces.tell(
            "on_connection_queued_start", TraceConnectionQueuedStartParams()
        )
        await native  # until it has its place
        began = time.monotonic()
        await traces.tell(
            "on_connection_queued_end", TraceConnectionQueuedEndParams()
        )
        state = native._begin()
    if not traces:
        await native
        return
    if state == "kept":
        await traces.tell(
            "on_connection_reuseconn", TraceConnectionReuseconnParams()
        )
        await native
        return
    await traces.tell(
        "on_connection_create_start",
        TraceConnectionCreateStartParams(at=began),
    )
    try:
        await native
    except ClientConnectorDNSError:
        await tell_name(native, request, traces, began, found=False)
        raise
    except ClientConnectorError:
        await tell_name(native, request, traces, began, found=True)
        raise
    except (Exception, asyncio.CancelledError):
        found = native._timings()[0] is not None
        if found or native._looks_up():
            await tell_name(native, request, traces, began, found)
        raise
    at = time.monotonic()
    await tell_name(native, request, traces, began, found=True)
    await traces.tell(
        "on_connection_create_end", TraceConnectionCreateEndParams(at=at)
    )


async def tell_name(
    native: "Request",
    request: ClientRequest,
    traces: Traces,
    began: float,
    found: bool,
) -> None:
    """Tells how the host's name was found, which is over.

    :param began: when it was looked for, on the loop's clock.
    :param found: whether it is known.
    """
    host, tell = request.host, traces.tell
    looked_up = native._timings()[0]
    if is_address(host) or request._prepared.route is not None:
        return
    connector = request.session._connector
    caches = getattr(connector, "use_dns_cache", True)
    if found and looked_up is None:
        await tell("on_dns_cache_hit", TraceDnsCacheHitParams(host, at=began))
        return
    if caches:
        miss = TraceDnsCacheMissParams(host, at=began)
        await tell("on_dns_cache_miss", miss)
    await tell(
        "on_dns_resolvehost_start",
        TraceDnsResolveHostStartParams(host, at=began),
    )
    if found:
        at = min(began + (looked_up or 0), time.monotonic())
        await tell(
            "on_dns_resolvehost_end",
            TraceDnsResolveHostEndParams(host, at=at),
        )


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
