"""What is counted of requests to pages and API."""

from typing import Any

from django.http import HttpRequest
from django_prometheus.middleware import PrometheusAfterMiddleware


class BoundedMetricsMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc]  # the base has no types
    """django-prometheus, with labels that a stranger cannot multiply.

    The base labels latencies with whatever method the client sent; every other label is a view's name, a status or
    one of HTTP's methods.
    """

    def label_metric(self, metric: Any, request: HttpRequest, response: Any = None, **labels: Any) -> Any:
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)
