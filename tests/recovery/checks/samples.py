"""What test runners print at their end, as they print it; paths shortened."""

from safe_rollback.recovery.checks.results import Counts

_VITEST = (
    "\x1b[2m Test Files \x1b[22m \x1b[1m\x1b[31m1 failed\x1b[39m\x1b[22m\x1b[90m (1)\x1b[39m\n"
    "\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[31m1 failed\x1b[39m\x1b[22m\x1b[2m | \x1b[22m\x1b[1m\x1b[32m"
    "1 passed\x1b[39m\x1b[22m\x1b[2m | \x1b[22m\x1b[33m1 skipped\x1b[39m\x1b[2m | \x1b[22m\x1b[90m1 todo"
    "\x1b[39m\x1b[90m (4)\x1b[39m\n\x1b[2m   Start at \x1b[22m 23:18:42\n"
)
_DENO = (
    "bad \x1b[0m\x1b[38;5;245m=> ./a.test.ts:1:35\x1b[0m\n\n\x1b[0m\x1b[31mFAILED\x1b[0m | 2 passed (2 steps) | "
    "1 failed | 1 ignored \x1b[0m\x1b[38;5;245m(13ms)\x1b[0m\n\n"
    "\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: Test failed\n"
)

SAMPLES: tuple[tuple[str, str, Counts], ...] = (
    (
        "pytest",
        """\
FAILED test_a.py::T::test_f - Failed: Unexpected success
ERROR test_a.py::test_err - RuntimeError
==== 4 failed, 2 passed, 2 skipped, 2 xfailed, 1 xpassed, 1 error in 0.90s =====
""",
        Counts(passed=3, failed=4, errors=1, skipped=4),
    ),
    ("pytest", "....\n4 passed, 3 deselected, 1 warning in 83.10s (0:01:23)\n", Counts(passed=4)),
    ("pytest", "============================ no tests ran in 0.83s =============================\n", Counts()),
    (
        "pytest",
        "!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!\n1 error in 0.86s\n",
        Counts(errors=1),
    ),
    (
        "unittest",
        """\
----------------------------------------------------------------------
Ran 6 tests in 0.001s

FAILED (failures=1, errors=1, skipped=1, expected failures=1, unexpected successes=1)
""",
        Counts(passed=1, failed=2, errors=1, skipped=2),
    ),
    ("unittest", "Ran 3 tests in 0.000s\n\nOK\n", Counts(passed=3)),
    (
        "node --test",
        """\
ok 4 - later # TODO
  ---
  duration_ms: 0.107146
  ...
1..4
# tests 4
# suites 0
# pass 1
# fail 1
# cancelled 0
# skipped 1
# todo 1
# duration_ms 128.30681
""",
        Counts(passed=1, failed=1, skipped=2),
    ),
    (
        "node --test",
        """\
✔ later (0.108215ms) # TODO
ℹ tests 4
ℹ suites 0
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 1
ℹ duration_ms 131.847042

✖ failing tests:

test at a.test.mjs:2:25
✖ bad (1.116135ms)
""",
        Counts(passed=1, failed=1, skipped=2),
    ),
    (
        "jest",
        """\
Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 skipped, 1 todo, 1 passed, 4 total
Snapshots:   0 total
Time:        0.361 s
Ran all test suites.
""",
        Counts(passed=1, failed=1, skipped=2),
    ),
    (
        "jest",
        """\
FAIL ./b.test.js
  ● Test suite failed to run

    load

    > 1 | throw new Error('load')
        |       ^
      2 |

      at Object.<anonymous> (b.test.js:1:7)

PASS ./a.test.js

Test Suites: 1 failed, 1 passed, 2 total
Tests:       1 passed, 1 total
Snapshots:   0 total
Time:        0.596 s
Ran all test suites.
""",
        Counts(passed=1, errors=1),
    ),
    (
        "vitest",
        _VITEST,
        Counts(passed=1, failed=1, skipped=2),
    ),
    (
        "vitest",
        """\
⎯⎯⎯⎯⎯⎯ Failed Suites 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  b.test.mjs [ b.test.mjs ]
Error: load
 ❯ b.test.mjs:1:7

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯


 Test Files  1 failed | 1 passed (2)
      Tests  1 passed (1)
   Start at  23:30:36
   Duration  518ms (transform 32ms, setup 0ms, import 40ms, tests 3ms, environment 0ms)
""",
        Counts(passed=1, errors=1),
    ),
    (
        "mocha",
        """\
  x
    ✔ good
    1) bad
    - later
    - skipped


  1 passing (5ms)
  2 pending
  1 failing

  1) x
       bad:
     Error: no
      at Context.<anonymous> (m/a.spec.js:1:69)
""",
        Counts(passed=1, failed=1, skipped=2),
    ),
    ("mocha", "  12 passing (1m)\n\n", Counts(passed=12)),
    (
        "go test",
        """\
# example.com/x/broken [example.com/x/broken.test]
broken/c_test.go:3:28: undefined: undefined
=== RUN   TestGood
--- PASS: TestGood (0.00s)
=== RUN   TestBad
    a_test.go:4: no
--- FAIL: TestBad (0.00s)
=== RUN   TestSkip
    a_test.go:5: later
--- SKIP: TestSkip (0.00s)
=== RUN   TestTable
=== RUN   TestTable/one
=== RUN   TestTable/two
    a_test.go:6: x
--- FAIL: TestTable (0.00s)
    --- PASS: TestTable/one (0.00s)
    --- FAIL: TestTable/two (0.00s)
FAIL
FAIL\texample.com/x\t0.006s
FAIL\texample.com/x/broken [build failed]
=== RUN   TestFine
--- PASS: TestFine (0.00s)
PASS
ok  \texample.com/x/sub\t0.014s
FAIL
""",
        Counts(passed=3, failed=3, errors=1, skipped=1),
    ),
    ("gotestsum", "\nDONE 12 tests, 1 skipped, 2 failures in 0.512s\n", Counts(passed=9, failed=2, skipped=1)),
    (
        "cargo test",
        """\
failures:
    tests::bad

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.09s

error: test failed, to rerun pass `--lib`
   Doc-tests x

running 1 test
test src/lib.rs - f (line 1) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
""",
        Counts(passed=2, failed=1, skipped=1),
    ),
    (
        "cargo nextest",
        """\
------------
     Summary [   0.005s] 4 tests run: 2 passed (1 slow), 1 failed, 1 timed out, 3 skipped
        FAIL [   0.003s] x tests::bad
""",
        Counts(passed=2, failed=2, skipped=3),
    ),
    (
        "rspec",
        """\
Finished in 0.02144 seconds (files took 0.12528 seconds to load)
4 examples, 1 failure, 2 pending

Failed examples:

rspec ./spec/a_spec.rb:3 # x bad
""",
        Counts(passed=1, failed=1, skipped=2),
    ),
    ("rspec", "0 examples, 0 failures, 1 error occurred outside of examples\n", Counts(errors=1)),
    (
        "minitest",
        "4 runs, 2 assertions, 1 failures, 1 errors, 1 skips\n\nYou have skipped tests.\n",
        Counts(passed=1, failed=1, errors=1, skipped=1),
    ),
    (
        "test-unit",
        """\
Finished in 0.009614802 seconds.
-------------------------------------------------------------------------------
5 tests, 2 assertions, 1 failures, 1 errors, 1 pendings, 1 omissions, 0 notifications
25% passed
-------------------------------------------------------------------------------
""",
        Counts(passed=1, failed=1, errors=1, skipped=2),
    ),
    (
        "phpunit",
        "ERRORS!\nTests: 6, Assertions: 2, Errors: 1, Failures: 1, Skipped: 1, Incomplete: 1, Risky: 1.\n",
        Counts(passed=2, failed=1, errors=1, skipped=2),
    ),
    ("phpunit, all passed", "Time: 00:00.003, Memory: 4.00 MB\n\nOK (1 test, 1 assertion)\n", Counts(passed=1)),
    (
        "phpunit",
        "OK, but incomplete, skipped, or risky tests!\nTests: 2, Assertions: 1, Skipped: 1.\n",
        Counts(passed=1, skipped=1),
    ),
    (
        "pest",
        "  Tests:    1 failed, 1 skipped, 3 passed (5 assertions)\n  Duration: 0.10s\n",
        Counts(passed=3, failed=1, skipped=1),
    ),
    (
        "dotnet test",
        """\
Failed!  - Failed:     1, Passed:     5, Skipped:     2, Total:     8, Duration: 6 s - Shop.Tests.dll (net8.0)
Passed!  - Failed:     0, Passed:    10, Skipped:     0, Total:    10, Duration: 1 s - Web.Tests.dll (net8.0)
""",
        Counts(passed=15, failed=1, skipped=2),
    ),
    (
        "dotnet test, terminal logger",
        "Test summary: total: 8, failed: 1, succeeded: 5, skipped: 2, duration: 1.4s\nBuild failed with 1 error(s)\n",
        Counts(passed=5, failed=1, skipped=2),
    ),
    (
        "vstest",
        "Total tests: 5\n     Passed: 3\n     Failed: 1\n    Skipped: 1\n Total time: 1.2 Seconds\n",
        Counts(passed=3, failed=1, skipped=1),
    ),
    (
        "surefire",
        """\
[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.148 s -- in x.BTest
[ERROR] Tests run: 4, Failures: 1, Errors: 1, Skipped: 1, Time elapsed: 0.093 s <<< FAILURE! -- in x.ATest
[INFO] Results:
[INFO]
[ERROR] Failures:
[ERROR]   ATest.bad:2 expected: <1> but was: <2>
[INFO]
[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1
[INFO]
[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0
[INFO] BUILD FAILURE
""",
        Counts(passed=4, failed=1, errors=1, skipped=1),
    ),
    (
        "gradle",
        """\
ATest > bad() FAILED
    org.opentest4j.AssertionFailedError at ATest.java:2

5 tests completed, 1 failed, 1 skipped

> Task :test FAILED
""",
        Counts(passed=3, failed=1, skipped=1),
    ),
    (
        "bun test",
        """\
 1 pass
 1 skip
 1 todo
 2 fail
 1 error
 1 expect() calls
Ran 5 tests across 2 files. [45.00ms]
""",
        Counts(passed=1, failed=1, errors=1, skipped=2),
    ),
    ("bun test", "\n 3 pass\n 0 fail\n 4 expect() calls\nRan 3 tests across 1 file. [4.00ms]\n", Counts(passed=3)),
    (
        "deno test",
        _DENO,
        Counts(passed=2, failed=1, skipped=1),
    ),
    ("deno test", "ok | 3 passed | 0 failed (12ms)\n", Counts(passed=3)),
)

UNKNOWN: tuple[str, ...] = (
    "",
    "All good.\n",
    "3 passed, 1 failed\n",
    "Tests passed: 3\nTests: all\n",
    # Only what failed: how many passed is not said.
    "--- FAIL: TestBad (0.00s)\n    a_test.go:4: no\nFAIL\nFAIL\texample.com/x\t0.013s\nFAIL\n",
    "ok  \texample.com/x/sub\t(cached)\n",
    "BUILD SUCCESSFUL in 2s\n3 actionable tasks: 3 executed\n",
    "error: could not compile `x` (lib test) due to 1 previous error\n",
)
