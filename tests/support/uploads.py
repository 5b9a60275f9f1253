"""Uploads by hand."""

UPLOADS = "/api/v1/batches/"


def head(path: str, length: int, token: str = "", content_type: str = "text/plain", *more: str) -> bytes:
    """Return the beginning of a POST; `more` are lines of its header."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {length}",
        f"Content-Type: {content_type}",
        *([f"Authorization: Bearer {token}"] if token else []),
        *more,
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def form(content: bytes) -> tuple[bytes, str]:
    """Return a form with one file, and its content type."""
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nlogistic-regression\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + content + b"\r\n",
        b"--x--\r\n",
    ]
    return b"".join(parts), "multipart/form-data; boundary=x"
