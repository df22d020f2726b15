"""The report of bin/bench says what was measured beside what is aimed at, and misses nothing that missed its aim."""

from pathlib import Path

import pytest

from bench import report
from bench.figures import Figure, keep, read

MILLION = 1_000_000


def line(name: str, small: Figure | None, large: Figure | None) -> str:
    return " ".join(report.line(name, small, large, MILLION).split())


def test_a_page_that_meets_its_aim_is_told_without_a_word() -> None:
    told = line(
        "inbox", Figure("inbox", 5.0, 9.0, queries=9), Figure("inbox", 6.0, 11.0, queries=9)
    )
    assert told == "inbox 8 (20) 5.0 (9.0) ms 9q 6.0 (11.0) ms 9q × 1.2"


@pytest.mark.parametrize(
    ("median", "p95", "remark"),
    [(16.0, 18.0, "2.0 times the aim"), (7.0, 60.0, "3.0 times the aim")],
)
def test_a_page_that_is_too_slow_is_marked(median: float, p95: float, remark: str) -> None:
    assert line("inbox", None, Figure("inbox", median, p95)).endswith(f"✗ {remark}")


def test_a_rate_is_to_be_high() -> None:
    name = "inbox, 8 clients"
    assert "✗" not in line(name, None, Figure(name, 210.0, unit="a second"))
    assert line(name, None, Figure(name, 50.0, unit="a second")).endswith("✗ 4.0 times the aim")


def test_a_page_that_grows_with_the_desk_is_marked_though_it_is_quick() -> None:
    told = line("mine", Figure("mine", 1.0, 2.0), Figure("mine", 3.0, 5.0))
    assert told.endswith("× 3.0 ✗ grows by more than 1.5")


def test_what_the_desk_does_not_offer_is_left_empty() -> None:
    assert line("inbox", None, Figure("inbox", None)) == "inbox 8 (20)"


def test_filling_a_desk_may_take_its_share_of_a_quarter_of_an_hour() -> None:
    assert report.aim_of("filling the desk", MILLION).median == 15
    assert report.aim_of("filling the desk", MILLION // 10).median == 1.5


def test_figures_are_read_as_they_were_kept(tmp_path: Path) -> None:
    figures = [Figure("inbox", 5.0, 9.0, cpu=4.0, rounds=200, queries=9), Figure("mine", None)]
    keep(figures, str(tmp_path / "figures.json"))
    assert read(tmp_path / "figures.json") == figures


def test_two_runs_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    key = ("sqlite", MILLION, "inbox")
    report.compare({key: Figure("inbox", 12.0)}, {key: Figure("inbox", 6.0)})
    assert "12.0       6.0  × 0.50" in capsys.readouterr().out
