"""Does the load kit run, and does every visitor get to the end of a booking?"""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.load.figures import judged, percentile
from tests.load.server import ROOT

SECONDS = 120
KEYS = {
    "machine": {"cores", "python", "sqlite", "fdatasync_per_s"},
    "start": {"first_s", "second_s"},
    "booking_turns": {"ours_per_s", "raw_per_s", "ratio", "p99_ms", "writer_cpu_us"},
    "bookings": {"ours_per_s", "raw_per_s", "ratio", "p99_ms", "writer_cpu_us"},
    "http": {
        "updates_per_s", "p50_ms", "p99_ms", "server_cpu_s_per_1000_updates", "generator_cores",
        "idle_rss_mb", "peak_rss_mb", "errors",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """What the smallest run prints, by measure."""
    parts = ["start", "writer", "http"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.load", "--size", "least", "--only", *parts],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {line["measure"]: line for line in lines}


@pytest.mark.parametrize("measure", KEYS)
def test_every_measure_has_its_figures(figures: dict[str, dict[str, Any]], measure: str) -> None:
    assert figures[measure].keys() >= KEYS[measure]


def test_two_visitors_book_over_http_without_an_error(figures: dict[str, dict[str, Any]]) -> None:
    http = figures["http"]
    assert http["errors"] == 0, http
    assert http["updates"] > 0
    assert http["bookings"] > 0
    assert http["bookings"] == http["dialogues"]


def test_figures_are_judged_by_their_aims() -> None:
    told = judged({"fast": 9, "slow": 3}, at_least={"fast": 10}, at_most={"slow": 3})
    assert told["missed"] == ["fast"]
    assert told["aims"] == {"fast": ">= 10", "slow": "<= 3"}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 50) == 3.0
    assert percentile([3.0, 1.0, 2.0, 4.0], 99) == 4.0
    assert percentile([], 50) == 0.0
