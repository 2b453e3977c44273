"""The endpoint: answers at one path, on loopback, and goes away when told."""

import socket
import threading
import urllib.error
import urllib.request

import pytest

from router.telemetry.endpoint import MetricsEndpoint


@pytest.fixture
def endpoint():
    endpoint = MetricsEndpoint(lambda accept: ("text/plain", f"up 1 {accept}".encode()))
    endpoint.start()
    yield endpoint
    endpoint.stop()


def get(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_metrics_are_served_as_asked_for(endpoint):
    status, content_type, body = get(endpoint.address, Accept="a/b")

    assert (200, "text/plain", b"up 1 a/b") == (status, content_type, body)


def test_the_address_is_loopback_with_the_port_that_was_given(endpoint):
    assert endpoint.address.startswith("http://127.0.0.1:")
    assert ":0/" not in endpoint.address


def test_any_other_path_is_not_found_and_says_where_to_look(endpoint):
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(endpoint.address.replace("/metrics", "/"))

    assert 404 == refused.value.code
    assert b"/metrics" in refused.value.read()
    refused.value.close()


def test_a_head_request_has_no_body(endpoint):
    request = urllib.request.Request(endpoint.address, method="HEAD")
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert ("5", b"") == (answer.headers["Content-Length"], answer.read())


def test_nonsense_on_the_socket_ends_only_that_connection(endpoint):
    port = int(endpoint.address.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"\x00\xff nonsense\r\n\r\n")
        connection.recv(4096)

    assert 200 == get(endpoint.address)[0]


def test_after_stopping_the_port_is_free_and_the_thread_gone():
    endpoint = MetricsEndpoint(lambda accept: ("text/plain", b""))
    port = endpoint.start()

    endpoint.stop()
    endpoint.stop()

    assert "metrics" not in {thread.name for thread in threading.enumerate()}
    again = MetricsEndpoint(lambda accept: ("text/plain", b""), port=port)
    assert port == again.start()
    again.stop()


def test_a_taken_port_is_refused_with_a_plain_line(endpoint):
    port = int(endpoint.address.split(":")[2].split("/")[0])

    with pytest.raises(OSError, match=f"cannot serve metrics at 127.0.0.1:{port}: "):
        MetricsEndpoint(lambda accept: ("text/plain", b""), port=port).start()
