"""Traces, as a collector receives them from real processes."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.portal.processes import Process, Web, get, running_web, running_worker

_SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.portal.telemetry.probe_settings"}
_TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
_PARENT_ID = "b7ad6b7169203331"


@dataclass
class Collector:
    """An OTLP receiver over HTTP; spans in the order of their arrival, each with its service's resource."""

    url: str = ""
    spans: list[tuple[dict[str, str], Span]] = field(default_factory=list)

    def find(self, *, service: str, name: str, trace_id: str = _TRACE_ID) -> Span | None:
        for resource, span in self.spans:
            if (resource["service.name"], span.name, span.trace_id.hex()) == (service, name, trace_id):
                return span
        return None


@contextmanager
def running_collector() -> Iterator[Collector]:
    collector = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                resource = {pair.key: pair.value.string_value for pair in group.resource.attributes}
                collector.spans.extend((resource, span) for scope in group.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Traced:
    collector: Collector
    web: Web
    worker: Process


@pytest.fixture(scope="module")
def traced() -> Iterator[Traced]:
    """Web and worker that send their spans, after one request that enqueues one task."""
    with running_collector() as collector:
        env = {**_SETTINGS, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        with running_worker(env) as worker, running_web(env) as web:
            headers = {"traceparent": f"00-{_TRACE_ID}-{_PARENT_ID}-01", "X-Request-ID": "traced-request"}
            assert get(f"{web.url}/probe/7/", headers).status == 200
            assert get(f"{web.url}/crash/", headers).status == 500
            worker.wait_for(lambda: collector.find(service="nova-worker", name="run/tests.probe"))
            web.wait_for(lambda: collector.find(service="nova-web", name="GET /crash/"))
            yield Traced(collector=collector, web=web, worker=worker)


def test_request_continues_the_callers_trace_under_the_name_of_its_route(traced: Traced) -> None:
    span = traced.collector.find(service="nova-web", name="GET /probe/<int:number>/")
    assert span is not None
    assert span.parent_span_id.hex() == _PARENT_ID
    assert span.kind == Span.SPAN_KIND_SERVER
    attributes = {pair.key: pair.value for pair in span.attributes}
    assert attributes["http.response.status_code"].int_value == 200
    assert attributes["http.route"].string_value == "/probe/<int:number>/"


def test_query_and_redis_command_are_parts_of_the_request(traced: Traced) -> None:
    request = traced.collector.find(service="nova-web", name="GET /probe/<int:number>/")
    assert request is not None
    for name in ("SELECT", "SET"):
        part = traced.collector.find(service="nova-web", name=name)
        assert part is not None, [span.name for _, span in traced.collector.spans]
        assert part.parent_span_id == request.span_id


def test_task_continues_the_trace_in_another_process(traced: Traced) -> None:
    published = traced.collector.find(service="nova-web", name="apply_async/tests.probe")
    run = traced.collector.find(service="nova-worker", name="run/tests.probe")
    assert published is not None
    assert run is not None
    assert run.parent_span_id == published.span_id


def test_crash_is_an_error_of_its_span(traced: Traced) -> None:
    span = traced.collector.find(service="nova-web", name="GET /crash/")
    assert span is not None
    assert span.status.code == span.status.STATUS_CODE_ERROR


def test_log_lines_name_the_trace(traced: Traced) -> None:
    line = traced.web.find(event="probe.enqueued", request_id="traced-request")
    assert line is not None
    assert line["trace_id"] == _TRACE_ID
    ran = traced.worker.find(event="probe.ran", request_id="traced-request")
    assert ran is not None
    assert ran["trace_id"] == _TRACE_ID


def test_probes_are_no_part_of_any_trace(traced: Traced) -> None:
    assert not [span.name for _, span in traced.collector.spans if span.name == "GET"]


def test_resource_tells_service_and_version(traced: Traced) -> None:
    resources = {resource["service.name"]: resource for resource, _ in traced.collector.spans}
    assert set(resources) == {"nova-web", "nova-worker"}
    assert resources["nova-web"]["service.version"]


def test_values_of_queries_and_commands_stay_here(traced: Traced) -> None:
    sent = " ".join(str(span) for _, span in traced.collector.spans)
    assert "hunter2" not in sent


def test_without_a_collector_nothing_of_it_is_imported_by_us() -> None:
    # redis-py imports the metrics of an installed SDK by itself.
    script = "import sys, portal.asgi, portal.celery; print(*sys.modules)"
    env = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    loaded = [name for name in shown.stdout.split() if name.startswith("opentelemetry")]
    ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.instrumentation")
    assert [name for name in loaded if name.startswith(ours)] == []
