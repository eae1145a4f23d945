"""JUnit XML: as its writers write it, and nothing else of what a file may try."""

import os
from pathlib import Path

import pytest

from safe_rollback.recovery.checks import junit
from safe_rollback.recovery.checks.junit import junit_counts, read_junit
from safe_rollback.recovery.checks.results import Counts

_PYTEST = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
failures="1" skipped="2" tests="5" time="0.077"><testcase classname="test_a" name="test_good" time="0.001" />
<testcase classname="test_a" name="test_bad"><failure message="assert 1 == 2">&gt;   def test_bad(): assert 1 == 2
E   assert 1 == 2</failure></testcase>
<testcase name="test_s"><skipped type="pytest.skip" message="x">x</skipped></testcase>
<testcase name="test_xf"><skipped type="pytest.xfail" message="" /></testcase>
<testcase name="test_err"><error message="failed on setup with &quot;RuntimeError&quot;">x</error></testcase>
</testsuite></testsuites>"""
_JEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="3" failures="1" errors="0" time="0.361">
  <testsuite name="t" errors="0" failures="1" skipped="1" timestamp="2026-03-01T10:00:00" time="0.2" tests="3">
    <testcase classname=" good" name=" good" time="0.002"></testcase>
    <testcase classname=" bad" name=" bad" time="0.003"><failure>Error: expect(received)</failure></testcase>
    <testcase classname=" skipped" name=" skipped" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>"""
_SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" name="x.ATest" tests="4" errors="1">
  <properties><property name="a" value="b"/></properties>
  <testcase name="bad" classname="x.ATest" time="0.047"><failure message="expected: &lt;1&gt;"
  type="E"><![CDATA[at x]]></failure><system-out>tests="99"</system-out></testcase>
  <testcase name="err" classname="x.ATest"><error message="x" type="java.lang.RuntimeException"/></testcase>
  <testcase name="good" classname="x.ATest" time="0.001"/>
  <testcase name="flaky" classname="x.ATest"><flakyFailure message="x"/></testcase>
  <testcase name="later" classname="x.ATest"><skipped message="@Disabled"/></testcase>
</testsuite>"""
_GO = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="1">
  <testsuite name="example.com/x" tests="2" failures="1" errors="0" id="0" time="0.006">
    <testcase name="TestGood" classname="example.com/x" time="0.000"></testcase>
    <testcase name="TestBad"><failure message="Failed"><![CDATA[a_test.go:4: no]]></failure></testcase>
  </testsuite>
  <testsuite name="example.com/x/broken" tests="1" errors="1">
  <testcase name="[build failed]"><error message="Build error"/></testcase></testsuite>
</testsuites>"""
_NODE = """<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="good" time="0.001417" classname="test"/>
	<testcase name="bad" time="0.001290" failure="1 == 2"><failure type="testCodeFailure"/></testcase>
	<testsuite name="outer" tests="2"><testsuite name="inner" tests="1"><testcase name="deep"/></testsuite>
	<testcase name="s"><skipped type="skipped" message="true"/></testcase></testsuite>
	<testcase name="later"><skipped type="todo" message="true"/></testcase>
	<!-- tests 4 -->
</testsuites>"""
_GTEST = """<testsuites><testsuite name="a"><testcase name="x" status="notrun"/><testcase name="y" status="run"
result="completed"/><error message="SetUpTestSuite"/></testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (_PYTEST, Counts(passed=1, failed=1, errors=1, skipped=2)),
        (_JEST, Counts(passed=1, failed=1, skipped=1)),
        (_SUREFIRE, Counts(passed=2, failed=1, errors=1, skipped=1)),
        (_GO, Counts(passed=1, failed=1, errors=1)),
        (_NODE, Counts(passed=2, failed=1, skipped=2)),
        (_GTEST, Counts(passed=1, errors=1, skipped=1)),
        ('<testsuite tests="5" failures="1" errors="x" skipped="1"/>', Counts(passed=3, failed=1, skipped=1)),
        ("<testcase><skipped/><failure/><error/><failure/></testcase>", Counts(errors=1)),
        ('<testsuites tests="0"/>', None),
        ('<testsuite name="a" tests="0"/>', Counts()),
    ],
)
def test_writers(text: str, counts: Counts | None, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(text)
    assert read_junit(str(path)) == counts
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_junit(str(path)) == counts


_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
)
_OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite><testcase/></testsuite>'


@pytest.mark.parametrize(
    "text",
    [_LAUGHS, _OUTSIDE, "", "no xml", "<testsuite><testcase></testsuite>", "<a>&undefined;</a>", "\0", "<html/>"],
)
def test_what_is_not_read_says_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(text)
    assert read_junit(str(path)) is None


def test_a_link_a_pipe_a_directory_and_a_large_file_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = tmp_path / "good.xml"
    good.write_text("<testsuite><testcase/></testsuite>")
    assert read_junit(str(good)) == Counts(passed=1)
    os.symlink(good, tmp_path / "link.xml")
    os.mkfifo(tmp_path / "pipe.xml")
    for path in (tmp_path / "link.xml", tmp_path / "pipe.xml", tmp_path, tmp_path / "none.xml"):
        assert read_junit(str(path)) is None
    monkeypatch.setattr(junit, "MAX_BYTES", 20)
    assert read_junit(str(good)) is None


def test_several_files_are_added(tmp_path: Path) -> None:
    for name, text in (("a", _JEST), ("b", _GO), ("c", "junk")):
        (tmp_path / name).write_text(text)
    assert junit_counts([str(tmp_path / name) for name in "abc"]) == Counts(passed=2, failed=2, errors=1, skipped=1)
    assert junit_counts([str(tmp_path / "c")]) is None
