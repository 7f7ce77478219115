#!/usr/bin/env python3
"""reloads.py BUILD [COUNT]: replaces the model of a running `yolo serve` COUNT times (500) under load.

Every tenth file is broken. No request may fail, each answer must be that of the model whose hash it names, and memory
must not grow. Needs nothing but Python; the server computes at 64 px, so that loading is most of the work.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "assets/sample"
IMAGE = SAMPLE / "shapes-val/images/val/0004.jpg"
PATIENCE_S = 120


def replace(file: Path, by: Path) -> None:
    """As files should be replaced: written beside, then renamed."""
    beside = file.with_name(file.name + ".tmp")
    shutil.copy(by, beside)
    beside.rename(file)


def rss_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


@dataclass
class Report:
    requests: int = 0
    failed: list[str] = field(default_factory=list)
    mixed: int = 0
    generations: set[str] = field(default_factory=set)
    reloads: int = 0
    refused: int = 0
    before_mb: float = 0
    after_mb: float = 0
    seconds: float = 0

    @property
    def growth_mb(self) -> float:
        return self.after_mb - self.before_mb

    def __str__(self) -> str:
        return (
            f"{self.reloads} reloads, {self.refused} broken files refused, {self.requests} requests, "
            f"{len(self.failed)} failed, {self.mixed} mixed, {self.before_mb:.0f} MB -> {self.after_mb:.0f} MB, "
            f"{self.seconds:.0f} s"
        )


class Load:
    """Clients of the model `m` of a server, which may be any of some files."""

    def __init__(self, address: str, pid: int, files: list[Path]) -> None:
        self.address, self.pid, self.files = address, pid, files
        self.by_hash = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}
        self.answers: dict[str, Any] = {}
        self.lock = threading.Lock()
        self.image = IMAGE.read_bytes()
        pixels = struct.pack("<%df" % (3 * 64 * 64), *((i % 251) / 251 for i in range(3 * 64 * 64)))
        self.requests = {"m_boxes": self.image, "m": pixels}

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, timeout=PATIENCE_S)

    def get(self, path: str) -> Any:
        connection = self.connect()
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())

    def served(self) -> Path | None:
        return self.by_hash.get(self.get("/v2/models/m")["parameters"]["sha256"])

    def stats(self) -> dict[str, Any]:
        return self.get("/v2/models/m/stats")["model_stats"][0]

    def _wait(self, holds: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, what
            time.sleep(0.02)

    def wait_for(self, file: Path) -> None:
        self._wait(lambda: self.served() == file, f"{file} is not served")

    def wait_for_refusal(self, words: str) -> None:
        self._wait(lambda: words in self.stats()["reload"]["reason"], f"nothing is refused as {words}")

    def ask(self, connection: http.client.HTTPConnection, model: str, report: Report) -> None:
        """One request. What it says is compared with what the same model said before."""
        try:
            headers = {"Inference-Header-Content-Length": "0"}
            connection.request("POST", f"/v2/models/{model}/infer", self.requests[model], headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            with self.lock:
                report.failed.append(repr(error))
            connection.close()
            return
        with self.lock:
            report.requests += 1
            if response.status != 200:
                report.failed.append(f"{response.status} {body[:200]!r}")
                return
            split = int(response.headers["Inference-Header-Content-Length"])
            head = json.loads(body[:split])
            sha = head["parameters"]["sha256"]
            # The text of results comes first, behind its length; both change with the speed that it names.
            text = 4 if model == "m_boxes" else 0
            said = re.sub(rb'"speed": ?\{[^}]*\}', b"", body[split + text :])
            report.generations.add(sha)
            wanted = self.answers.setdefault((model, sha), said)
            report.mixed += said != wanted or sha not in self.by_hash

    def run(self, file: Path, count: int, broken_each: int = 10, clients: int = 3) -> Report:
        report = Report()
        stop = threading.Event()

        def client(index: int) -> None:
            connection = self.connect()
            while not stop.is_set():
                self.ask(connection, ("m_boxes", "m")[index % 2], report)

        threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        broken = file.with_name("broken")
        broken.write_bytes(self.files[0].read_bytes()[:10000])
        reloaded = refused = 0
        last = self.files[0]
        try:
            for i in range(1, count + 1):
                if i % broken_each == 0:
                    replace(file, broken)
                    refused += 1
                    self._wait(lambda: self.stats()["reload"]["fail"] == refused, f"file {i} is not refused")
                    assert self.served() == last
                else:
                    last = self.files[(self.files.index(last) + 1) % len(self.files)]
                    replace(file, last)
                    reloaded += 1
                    self._wait(lambda: self.stats()["reload"]["success"] == reloaded, f"file {i} is not loaded")
                    assert self.served() == last
                if i == max(count // 10, len(self.files) + 1):
                    # Each model was there once: what stays from now on is a leak.
                    report.before_mb = rss_mb(self.pid)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        report.reloads, report.refused = reloaded, refused
        report.after_mb = rss_mb(self.pid)
        report.seconds = time.monotonic() - begin
        return report


def main() -> None:
    build, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500
    files = [SAMPLE / f"yolov8-shapes{suffix}.pt" for suffix in ("", "-seg", "-pose")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m.pt"
        shutil.copy(files[0], file)
        command = [str(build / "yolo"), "serve", f"model={file}", "port=0", "imgsz=64", "precision=f32", "drain=0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = next(found[1] for line in server.stdout if (found := re.search(r"http://([\w.:]+:\d+)", line)))
            threading.Thread(target=server.stdout.read, daemon=True).start()
            report = Load(address, server.pid, files).run(file, count)
        finally:
            server.terminate()
            server.wait()
    print(report)
    sys.exit(bool(report.failed or report.mixed or report.growth_mb > 30))


if __name__ == "__main__":
    main()
