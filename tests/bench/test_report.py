"""The report: what stands between the marks, and that nothing else is touched."""

from pathlib import Path

import pytest

from bench import report
from bench.results import load_results
from tests.bench.sample import sample

NAMES = ("run", "targets", "servers", "orders", "streams", "topics", "log", "batches")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    marks = (
        f"<!-- begin {name}: written by make bench -->\nof before\n<!-- end {name}: written by make bench -->"
        for name in NAMES
    )
    path = tmp_path / "performance.md"
    path.write_text("# Ours\n\n" + "\n\nwords between\n\n".join(marks) + "\n\nthe end\n", "utf-8")
    return path


def block(page: Path, name: str) -> str:
    text = page.read_text("utf-8")
    begin, end = f"<!-- begin {name}: written by make bench -->", f"<!-- end {name}: written by make bench -->"
    return text[text.index(begin) + len(begin) : text.index(end)].strip()


def test_words_outside_the_marks_stay(page: Path) -> None:
    report.write(sample(), page)
    text = page.read_text("utf-8")
    assert text.startswith("# Ours\n\n<!-- begin run")
    assert text.count("words between") == len(NAMES) - 1
    assert text.endswith("-->\n\nthe end\n")
    assert "of before" not in text


def test_a_second_report_of_the_same_changes_nothing(page: Path) -> None:
    report.write(sample(), page)
    once = page.read_bytes()
    report.write(load_results(page.with_suffix("") / "results.json"), page)
    assert page.read_bytes() == once


def test_a_reader_sees_where_and_how_it_was_measured(page: Path) -> None:
    report.write(sample(), page)
    run = " ".join(block(page, "run").split())
    for words in (
        "`python -m bench --rounds 2`",
        "abc1234",
        "2026-11-23",
        "in 10 minutes",
        "2 cores",
        "Python 3.11.2",
        "medians of 2 rounds",
    ):
        assert words in run


def test_what_failed_or_is_missing_is_said(page: Path) -> None:
    report.write(sample(), page)
    run = block(page, "run")
    assert "- Not measured: Socket.IO, there is no Node on this machine." in run
    assert "- **Failed**: storm, round 2: AssertionError: 2 were lost." in run
    assert "| Socket.IO | not measured |" in block(page, "servers")
    assert "| 10,000,000 | failed | failed |" in block(page, "log")


def test_an_interrupted_run_has_a_report_of_what_there_is(page: Path) -> None:
    results = sample()
    results.rounds = {"Nchan": results.rounds["Nchan"]}
    results.growth = {}
    report.write(results, page)
    assert "| **Festival Push** | not measured |" in block(page, "servers")
    assert block(page, "orders") == block(page, "log") == "Left out of this run."
    assert "unknown: Festival Push was left out" in block(page, "targets")


def test_servers_stand_in_order_with_their_versions(page: Path) -> None:
    report.write(sample(), page)
    names = [line.split(" | ")[0] for line in block(page, "servers").splitlines() if line.startswith("| ")]
    assert names[2:] == ["| C floor", "| **Festival Push**", "| Nchan 1.3.6", "| Socket.IO"]


def test_what_was_left_out_is_said_and_its_charts_go(page: Path) -> None:
    folder = page.with_suffix("")
    report.write(sample(), page)
    assert (folder / "streams-cpu.svg").exists()
    shorter = sample()
    shorter.growth = {}
    report.write(shorter, page)
    assert block(page, "streams") == block(page, "topics") == "Left out of this run."
    assert not (folder / "streams-cpu.svg").exists()


def test_every_picture_on_the_page_is_there_and_none_is_left_over(page: Path) -> None:
    report.write(sample(), page)
    text = page.read_text("utf-8")
    charts = {path.name for path in page.with_suffix("").glob("*.svg")}
    assert charts
    assert all(f"(performance/{name})" in text for name in charts)
    assert text.count(".svg)") == len(charts)


def test_a_page_without_a_mark_is_refused_before_anything_is_written(page: Path) -> None:
    page.write_text(page.read_text("utf-8").replace("<!-- end log: written by make bench -->", ""), "utf-8")
    before = page.read_bytes()
    with pytest.raises(ValueError, match="end log"):
        report.write(sample(), page)
    assert page.read_bytes() == before
    assert not page.with_suffix("").exists()


def test_the_page_of_the_docs_has_all_marks() -> None:
    text = report.PAGE.read_text("utf-8")
    for name in NAMES:
        assert text.count(f"<!-- begin {name}: written by make bench -->") == 1
        assert text.count(f"<!-- end {name}: written by make bench -->") == 1
