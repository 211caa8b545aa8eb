"""The fake GitHub as a server: TLS, tokens, permissions and pages, on the loopback."""

import contextlib
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from workflows.calls import ROUTES, RefusedError
from workflows.github import TOKEN, GitHub, Request

PREFIX = "/api/v3"
HOSTS = ("github.com", "*.github.com", "*.githubusercontent.com", "example.org")
Json = Any


def _answer(github: GitHub, job: str, method: str, url: str, body: Json) -> tuple[int, Json]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    path = parts.path.removeprefix(PREFIX)
    for known, pattern, permission, function in ROUTES:
        match = pattern.fullmatch(path)
        if known != method or not match:
            continue
        if not _may(github.permissions.get(job, {}), permission):
            return 403, {"message": "Resource not accessible by integration"}
        try:
            return 201 if method == "POST" else 200, function(github, query, body, *match.groups())
        except RefusedError as refusal:
            return refusal.status, {"message": str(refusal)}
    return 404, {"message": f"Not Found: the fake has no {method} {path}"}


def _may(granted: dict[str, str], wanted: str) -> bool:
    """Tell whether a job's permissions hold one of the wanted."""
    levels = {"none": 0, "read": 1, "write": 2}
    pairs = [each.split(": ") for each in wanted.split("|") if each]
    return not pairs or any(levels[granted.get(k, "none")] >= levels[v] for k, v in pairs)


class _Handler(BaseHTTPRequestHandler):
    github: GitHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Keep the output of the tests clean."""

    def handle_any(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        host = self.headers.get("Host", "").split(":")[0]
        page = self.github.pages.get((host, urlsplit(self.path).path))
        if page or not self.path.startswith(PREFIX):
            self._send(*(page or (404, {}, b"")))
            return
        body = json.loads(raw) if raw else None
        job, _, token = self.headers.get("Authorization", "").removeprefix("token ").partition("|")
        known = token == TOKEN
        status, answer = 401, {"message": "Bad credentials"}
        if known:
            if self.github.meanwhile:
                self.github.meanwhile(job, self.command, urlsplit(self.path).path)
            status, answer = _answer(self.github, job, self.command, self.path, body)
        self.github.requests.append(Request(job, self.command, self.path, body, status))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if isinstance(answer, list):
            answer = self._page(answer, headers)
        self._send(status, headers, b"" if status == 204 else json.dumps(answer).encode())

    def _page(self, answer: list[Json], headers: dict[str, str]) -> list[Json]:
        """Cut a list as GitHub does, and name the next page."""
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        if len(answer) > page * size:
            more = urlencode(query | {"page": page + 1})
            headers["Link"] = f'<https://{self.headers["Host"]}{parts.path}?{more}>; rel="next"'
        return answer[(page - 1) * size : page * size]

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815  # their names there


def certificate(folder: Path) -> Path:
    """Make a certificate for the loopback and for GitHub's names, with its key in one file."""
    names = ",".join(["IP:127.0.0.1", *(f"DNS:{host}" for host in HOSTS)])
    key, pem = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext"]
    command += [f"subjectAltName={names}", "-keyout", str(key), "-out", str(pem)]
    subprocess.run(command, check=True, capture_output=True)
    return pem


@contextlib.contextmanager
def serve(github: GitHub, pem: Path) -> Iterator[int]:
    """Answer on a free port of the loopback until the block ends."""
    handler = type("Handler", (_Handler,), {"github": github, "timeout": 10})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem.with_name("key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
