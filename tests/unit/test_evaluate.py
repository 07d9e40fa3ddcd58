"""``socialbridge evaluate``: a file in, figures out, one clear line for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli import cli
from bridge.curation.ranking import evaluation, table
from bridge.errors import InputError
from tests.unit.test_ranking import programmes


def run(*words: object) -> Result:
    """The command, as typed."""
    return CliRunner().invoke(cli, ["evaluate", *map(str, words)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A catalogue's interactions, with people and items by odd names."""
    past = programmes()
    rows = zip(past.person - 7, past.item, past.at, strict=True)
    lines = [f"{person},course {item},{at:.0f}" for person, item, at in rows]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["user,item,timestamp", *lines, lines[0]]) + "\n", "utf-8")
    return path


def test_it_prints_one_object_for_a_machine(log: Path) -> None:
    """The keys are those that are documented, and each model of the comparison has its own."""
    found = json.loads(run(log, "--json", "--compare").output)
    keys = {"hr", "ndcg", "mrr", "coverage", "people", "fit_seconds", "ms_per_person", "peak_mb"}
    assert keys | {"compare"} == set(found)
    names = [
        "popularity",
        "recent popularity",
        "item-kNN",
        "EASE",
        "order rules",
        "EASE + order rules",
    ]
    assert names == [other["model"] for other in found["compare"]]
    assert found["ndcg"] > found["compare"][0]["ndcg"]


def test_it_prints_a_table_for_people(log: Path) -> None:
    """With what it was compared with."""
    output = run(log, "--compare").output
    assert "NDCG@10" in output
    assert "item-kNN" in output


def test_words_of_items_are_taken_along(log: Path, tmp_path: Path) -> None:
    """Items that the log does not name are left out."""
    items = tmp_path / "items.csv"
    items.write_text("item,title\ncourse 1,Feedback at work\ncourse 2,Feedback\nother,x\n", "utf-8")
    assert 0 == run(log, "--items", items, "--json").exit_code


def test_a_column_decides_the_split() -> None:
    """Train and valid are the past; the first test row is what was wanted; drop is left out."""
    rows = "a,1,1,train\na,2,2,valid\nb,1,3,train\na,3,9,test\na,4,8,test\nb,9,9,drop\n"
    split = table.interactions(f"user,item,timestamp,part\n{rows}".splitlines(), "part").split()
    assert ([0], [3], 3.0) == (split.people.tolist(), split.wanted.tolist(), split.cut)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no column 'user'"),
        ("user,item\n1,2\n", "no column 'timestamp'"),
        ("user,item,timestamp\n1,2\n", "Line 2 has 2 columns"),
        ("user,item,timestamp\n1,2,yesterday\n", "'yesterday' is no time"),
        ("user,item,timestamp\n1,2,nan\n", "'nan' is no time"),
        ("user,item,timestamp\n1,2,1e300\n", "'1e300' is no time"),
        ("user,item,timestamp\n", "Nobody can be tried"),
        ("user,item,timestamp\n1,1,1\n", "Nobody can be tried"),
        ("user,item,timestamp\n" + "1,1,1\n" * 50, "Nobody can be tried"),
    ],
)
def test_what_cannot_be_read_is_one_line(content: str, said: str) -> None:
    """It names the line or the column."""
    with pytest.raises(InputError, match=said):
        table.interactions(content.splitlines()).split()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([f"1,{n},{n}" for n in range(9)], None),
        ([f"{n},1,{n}" for n in range(9)], "Nobody can be tried"),
        ([f"{p},{i},{7 * p + i}" for p in range(6) for i in range(4)], None),
        ([f"{p},{i},5" for p in range(6) for i in range(4)], "Nobody can be tried"),
        ([f"-{p},-{i},{i - p}" for p in range(1, 6) for i in range(9)] * 3, None),
        ([f"{p},{i},{99_999_999_999 + i}" for p in range(6) for i in range(9)], None),
    ],
    ids=["one person", "one item", "everything", "one moment", "negative, three times", "future"],
)
def test_odd_files_get_figures_or_one_line(
    rows: list[str], said: str | None, tmp_path: Path
) -> None:
    """Whatever stands in them: no warning, no figure that is none, no traceback."""
    path = tmp_path / "odd.csv"
    path.write_text("\n".join(["user,item,timestamp", *rows]), "utf-8")
    if said:
        with pytest.raises(InputError, match=said):
            table.interactions(path.read_text().splitlines()).split()
        return
    found = json.loads(run(path, "--json", "--compare").output)
    figures = [found[name] for name in ("hr", "ndcg", "mrr", "coverage")]
    assert all(0 <= figure <= 1 for figure in figures)
    assert found["people"] > 0


def test_of_many_people_some_are_tried(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said how many, where a machine that reads the figures does not stumble over it."""
    monkeypatch.setattr(evaluation, "MOST_CELLS", 120 * 20)
    monkeypatch.setattr(table, "MANY", 1000)
    done = run(log, "--json")
    found = json.loads(done.stdout)
    assert 0 < found["people"] <= 20
    assert f"Trying {found['people']} of " in done.stderr
    assert "1,000 rows read" in done.stderr


def test_a_word_that_is_no_part_is_named() -> None:
    """With the words that are."""
    lines = ["user,item,timestamp,part", "1,1,1,exam"]
    with pytest.raises(InputError, match=r"Line 2: 'exam' stands in part.*train, valid, test"):
        table.interactions(lines, "part")


def test_dates_may_be_written_as_dates() -> None:
    """In UTC unless they say otherwise."""
    lines = ["user,item,timestamp", "1,1,1970-01-02", "1,2,1970-01-01T02:00+02:00", "-5,x,-1"]
    assert [86_400.0, 0.0, -1.0] == table.interactions(lines).at.tolist()


def test_items_without_a_name_are_refused() -> None:
    """The column is named."""
    with pytest.raises(InputError, match="no column 'item'"):
        table.texts(["id,title", "1,x"], {"1": 0})
