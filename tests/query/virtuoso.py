"""A real Virtuoso in a folder of its own: started on loopback, filled, asked, stopped."""

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GRAPH = "http://skills.example.org/"
NEEDED = ("virtuoso-t", "isql-vt")
_PATIENCE = 90  # seconds
_SETTINGS = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
ServerThreads = 4
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 600
DefaultGraph = {graph}
"""


def missing() -> str:
    """Tell what is not installed; empty if nothing is."""
    gone = [name for name in NEEDED if shutil.which(name) is None]
    return f"{', '.join(gone)} not installed; see scripts/system_packages" if gone else ""


@contextmanager
def virtuoso(folder: Path, triples: Path, *, buffers: int = 20_000) -> Iterator[str]:
    """Give the address of a Virtuoso that holds the triples of an N-Triples file."""
    sql, http = _free_port(), _free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(
        _SETTINGS.format(
            folder=folder, sql=sql, http=http, graph=GRAPH, buffers=buffers, dirty=buffers * 3 // 4
        ),
        encoding="utf-8",
    )
    with (folder / "output.txt").open("wb") as output:
        server = subprocess.Popen(
            [_path("virtuoso-t"), "+foreground", "+configfile", str(settings)],
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        address = f"http://127.0.0.1:{http}/sparql"
        _wait(server, address)
        shutil.copyfile(triples, folder / "triples.nt")
        _sql(
            sql,
            "log_enable(2);",
            f"DB.DBA.TTLP_MT(file_open('{folder}/triples.nt'), '', '{GRAPH}', 0, 2);",
            "checkpoint;",
        )
        yield address
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _path(name: str) -> str:
    """Find a program that `missing` has found there."""
    return shutil.which(name) or name


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(_PATIENCE * 5):
        if server.poll() is not None:
            raise AssertionError("Virtuoso did not start; see output.txt in its folder")
        try:
            with urllib.request.urlopen(f"{address}?query=ASK%20%7B%7D", timeout=5):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"Virtuoso did not answer within {_PATIENCE} seconds")


def _sql(port: int, *commands: str) -> None:
    done = subprocess.run(
        [
            _path("isql-vt"),
            f"127.0.0.1:{port}",
            "dba",
            "dba",
            "PROMPT=OFF",
            f"exec={' '.join(commands)}",
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode or "Error" in done.stderr:
        raise AssertionError(f"Virtuoso refused: {done.stdout}{done.stderr}")
