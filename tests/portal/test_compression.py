"""Which answers travel compressed."""

import gzip

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from portal.compression import PageCompressionMiddleware

ACCEPTS = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.django_db
def test_a_page_travels_compressed(client: Client) -> None:
    page = client.get("/accounts/login/", headers=ACCEPTS)
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert b"<html" in gzip.decompress(page.content)


@pytest.mark.django_db
def test_a_page_of_an_error_travels_compressed_too(client: Client) -> None:
    assert client.get("/no/such/page/", headers={**ACCEPTS, "Accept": "text/html"})["Content-Encoding"] == "gzip"


@pytest.mark.django_db
def test_whoever_cannot_read_that_gets_the_page_as_it_is(client: Client) -> None:
    page = client.get("/accounts/login/")
    assert "Content-Encoding" not in page.headers
    assert b"<html" in page.content


def test_an_answer_of_the_api_keeps_its_strong_tag() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"{}" * 500, content_type="application/json", headers={"ETag": '"7-3fa9"'})

    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = "gzip"
    answered = PageCompressionMiddleware(answer)(request)
    assert isinstance(answered, HttpResponse)
    assert "Content-Encoding" not in answered.headers
    assert answered.headers["ETag"] == '"7-3fa9"'


def test_behind_a_proxy_the_proxy_compresses(settings: Settings) -> None:
    settings.NOVA_HAS_TRUSTED_PROXY = True
    with pytest.raises(MiddlewareNotUsed):
        PageCompressionMiddleware(lambda request: HttpResponse())
