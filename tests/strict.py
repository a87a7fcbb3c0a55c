"""Nothing is skipped: a test that skips itself, or is expected to fail, has failed."""

from collections.abc import Generator

import pytest

REFUSED = "Nothing is skipped here, and nothing is expected to fail: install what is missing, or mend the test.\n"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip, an xfail and an xpass into a failure."""
    return _refuse((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a module that skips itself into an error."""
    report = yield
    if report.skipped:
        report.outcome, report.longrepr = "failed", f"{REFUSED}{report.longrepr}"
    return report


def _refuse(report: pytest.TestReport) -> pytest.TestReport:
    if report.skipped or hasattr(report, "wasxfail"):
        report.__dict__.pop("wasxfail", None)
        report.outcome, report.longrepr = "failed", f"{REFUSED}{report.longrepr}"
    return report
