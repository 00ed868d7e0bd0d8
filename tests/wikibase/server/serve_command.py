"""Runs `wbskills serve`, and sends requests to it."""

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from click.testing import CliRunner, Result

from wbskills.cli.serve import serve

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMMAND = [sys.executable, "-c", "from wbskills.cli.serve import serve; serve()"]


@contextmanager
def running(*arguments: str, given: str = "") -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run the command on a free port; yield the process, its address, and its output."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(given)
        process.stdin.close()
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        found = re.search(r"http://\S+?(?=/)(?=/\s)", printed)
        assert found is not None, printed
        yield process, found.group(), printed
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def connect(address: str) -> http.client.HTTPConnection:
    """Open a connection that is kept."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, str]:
    """Send a request; return status and body of the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=named)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def invoked(*arguments: str) -> Result:
    """Run the command until it refuses."""
    return CliRunner().invoke(serve, [*arguments])
