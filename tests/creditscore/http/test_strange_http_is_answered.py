"""Whatever bytes arrive, the web server answers below 500 and does not hang."""

import http.client
import json
from collections.abc import Iterator

import pytest

from creditscore.http.bodies import MAX_BYTES
from tests.support.web import WebServer, statuses

pytestmark = pytest.mark.django_db(transaction=True)
HOST = b"Host: localhost\r\n"
END = b"Connection: close\r\n\r\n"
API_POST = b"POST /api/v1/auth/token/ HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
PAIR = b'{"username": "nobody", "password": "wrong"}'
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def get(target: bytes = b"/account/login/", headers: bytes = HOST, method: bytes = b"GET") -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + headers + END


def length(value: bytes) -> bytes:
    return API_POST + b"Content-Length: " + value + b"\r\n" + END + PAIR


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get(headers=b"Host: localhost:1\r\n"), 200),
        (get(headers=b"Host: evil.example\r\n"), 400),
        (get(headers=b"Host: local host\r\n"), 400),
        (get(headers=b"Host: localhost\0\r\n"), 400),
        (get(headers=b"Host: localhost:99999999999\r\n"), 200),
        (get(headers=b"Host: \xff\xfe\r\n"), 400),
        (get(headers=HOST + HOST), 400),
        (get(headers=b""), 400),
        (get(b"http://localhost/account/login/"), 200),
        (get(b"http://[/account/login/"), 400),
        (get(b"http://evil.example/account/login/"), 200),
        (get(b"*", method=b"OPTIONS"), 404),
        (get(b"example.org:443", method=b"CONNECT"), 404),
        (get(b"//evil.example/account/login/"), 404),
        (get(b"/" + b"a" * 20_000), 404),
        (get(b"/?" + b"a" * 20_000), 200),
        (get(b"/account/login/?" + b"&a=1" * 2_000), 400),
        (get(b"/" + b"a" * 100_000), 431),
        (get(headers=HOST + b"X-Long: " + b"a" * 100_000 + b"\r\n"), 431),
        (get(headers=HOST + b"X: y\r\n" * 10_000), 431),
        (get(b"/%00"), 404),
        (get(b"/%zz%ff%fe%"), 404),
        (get(b"/\xff\xfe"), 400),
        (get(b"/models/%00/"), 404),
        (get(b"/?label=%00"), 200),
        (get(b"/account/login/?next=%00%ff"), 200),
        (get(method=b"TRACE"), 405),
        (get(method=b"FOO"), 403),
        (get(method=b"get"), 400),
        (get(b"/api/v1/models/", method=b"TRACE"), 405),
        (get(b"/api/v1/models/", method=b"FOO"), 405),
        (get(headers=HOST + b"Range: bytes=0-9\r\n"), 200),
        (get(headers=HOST + b"Range: bytes=9-0,x\r\n"), 200),
        (get(headers=HOST + b"Expect: 100-continue\r\n"), 200),
        (get(headers=HOST + b"Expect: nonsense\r\n"), 200),
        (get(headers=HOST + b"Accept-Language: \xff;q=x,,,\r\nCookie: =;;\xff\r\n"), 200),
        (get(headers=HOST + b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n"), 200),
        (get(headers=HOST + b" folded: x\r\n"), 400),
        (get(headers=HOST + b"X-Folded: x\r\n y\r\n"), 400),
        (get(headers=HOST + b"X-Folded: x\r\n\ty\r\n"), 400),
        (get(headers=HOST + b"X-Folded:\r\n \r\n"), 400),
        (get(headers=HOST + b"No colon\r\n"), 400),
        (get(headers=HOST + b"Bare\rCR: x\r\n"), 400),
        (b"GET /account/login/ HTTP/9.9\r\n" + HOST + END, 200),
        (b"GET /account/login/\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (length(b"%d" % len(PAIR)), 401),
        (length(b"-1"), 400),
        (length(b"+5"), 400),
        (length(b"5_0"), 400),
        (length(b"five"), 400),
        (length(b""), 400),
        (length(b"9" * 5_000), 400),
        (length(b"1000000000000"), 413),
        (length(b"5"), 400),
        (length(b"5\r\nContent-Length: 43"), 400),
        (length(b"5, 5"), 400),
        (length(b"100000"), 408),
        (API_POST + CHUNKED + END + b"2b\r\n" + PAIR + b"\r\n0\r\n\r\n", 401),
        (API_POST + CHUNKED + END + b"zz\r\n" + PAIR, 400),
        (API_POST + CHUNKED + END + b"-1\r\n" + PAIR, 400),
        (API_POST + CHUNKED + END + b"5\r\n" + PAIR + b"\r\n0\r\n\r\n", 400),
        (API_POST + CHUNKED + b"Content-Length: 5\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST + CHUNKED + CHUNKED + END + b"0\r\n\r\n", 400),
        (API_POST + b"Transfer-Encoding: chunked, chunked\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST + b"Transfer-Encoding: chunked\r\n , chunked\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST + b"Transfer-Encoding: chunked\r\n\t, chunked\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST + b"Transfer-Encoding:\r\n chunked\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST + b"Content-Length:\r\n 43\r\n" + END + PAIR, 400),
        (API_POST + b"Transfer-Encoding: gzip\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST + b"Transfer-Encoding: \x0bchunked\r\n" + END + b"0\r\n\r\n", 400),
        (API_POST.replace(b"1.1", b"1.0") + CHUNKED + END + b"0\r\n\r\n", 400),
        (API_POST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n" + END + b"{}", 415),
        (API_POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n" + END + b"{}", 415),
        (
            b"POST /account/login/ HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: 2\r\n"
            + HOST
            + END
            + b"{}",
            415,
        ),
        (API_POST + CHUNKED + END + b"f4240\r\n" + b" " * MAX_BYTES + b"\r\n1\r\n \r\n0\r\n\r\n", 413),
        (API_POST + CHUNKED + END + b"1;" + b"a" * 20_000, 400),
    ],
)
def test_a_request(web: WebServer, request_bytes: bytes, status: int) -> None:
    answer = web.send(request_bytes)
    assert statuses(answer) == [status], answer[:500]
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\nserver:" not in head
    assert b"waitress" not in answer.lower()


def test_an_answer_without_a_body_keeps_the_connection(web: WebServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.request("GET", "/static/js/core.js")
    first = connection.getresponse()
    first.read()
    opened = connection.sock
    for _request in range(2):
        connection.request(
            "GET", "/static/js/core.js", headers={"If-Modified-Since": first.headers["Last-Modified"]}
        )
        response = connection.getresponse()
        response.read()
        assert (response.status, response.headers["Connection"]) == (304, None)
        assert connection.sock is opened
    connection.request(
        "GET",
        "/static/js/core.js",
        headers={"If-Modified-Since": first.headers["Last-Modified"], "Connection": "close"},
    )
    assert connection.getresponse().headers["Connection"] == "close"
    connection.close()


def test_a_smuggled_request_is_not_answered(web: WebServer) -> None:
    inner = b"GET /healthz HTTP/1.1\r\n" + HOST + END
    smuggled = API_POST + CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n" + inner
    assert statuses(web.send(smuggled)) == [400]


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(web: WebServer) -> None:
    with web.connect() as client:
        client.sendall(API_POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(PAIR) + END)
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
        client.sendall(PAIR)
        assert client.recv(1000).startswith(b"HTTP/1.1 401 ")


def test_a_client_that_asks_before_it_sends_too_much_is_refused(web: WebServer) -> None:
    request = API_POST + b"Expect: 100-continue\r\nContent-Length: 5000000\r\n" + END
    assert statuses(web.send(request)) == [413]


def chunks(size: int) -> Iterator[bytes]:
    for _number in range(size // 1_000):
        yield b" " * 1_000


@pytest.mark.parametrize(
    ("size", "status"), [(MAX_BYTES, 400), (MAX_BYTES + 1_000, 413), (9 * MAX_BYTES, 413)]
)
@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_is_read_up_to_its_limit(web: WebServer, size: int, status: int, chunked: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    body = chunks(size) if chunked else b" " * size
    connection.request("POST", "/api/v1/auth/token/", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    code = json.load(response)["code"]
    connection.close()
    assert response.status == status
    assert code == {400: "malformed", 413: "too_large"}[status]


@pytest.mark.parametrize(
    "path", ["/", "/account/login/", "/admin/login/", "/predictions/new/", "/nowhere", "/docs/"]
)
@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "image/png", ""],
)
def test_every_page_refuses_a_long_body(web: WebServer, path: str, content_type: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    headers = {"Accept-Language": "ru"} | ({"Content-Type": content_type} if content_type else {})
    connection.request("POST", path, b"x" * (MAX_BYTES + 1), headers)
    response = connection.getresponse()
    page = response.read().decode()
    connection.close()
    assert response.status == 413
    assert 'lang="ru"' in page
    assert ">413<" in page


@pytest.mark.parametrize(
    "path", ["/account/login/", "/api/v1/models/", "/static/js/core.js", "/nowhere", "/docs/"]
)
def test_head_has_the_header_of_get_alone(web: WebServer, path: str) -> None:
    target = path.encode()
    head, got = web.send(get(target, method=b"HEAD")), web.send(get(target))
    assert statuses(head) == statuses(got)
    assert head.endswith(b"\r\n\r\n")
    assert head.count(b"\r\n\r\n") == 1
