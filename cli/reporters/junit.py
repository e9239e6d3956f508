"""Suites as JUnit XML, which build servers read."""

import xml.etree.ElementTree as ET

from click import unstyle

from cli.reporters.text import explain
from cli.suites import SuiteReport, TestReport
from engine.verification.run import CaseResult


def write_junit(report: TestReport) -> str:
    """Return a test suite for each file; one that cannot be read is a case that is in error."""
    root = ET.Element("testsuites", name="dunning")
    for suite in report.suites:
        root.append(_suite(suite))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(suite: SuiteReport) -> ET.Element:
    statuses = [case.status for case in suite.cases]
    element = ET.Element(
        "testsuite",
        name=suite.file,
        tests=str(len(statuses) + len(suite.diagnostics)),
        failures=str(statuses.count("failed")),
        errors=str(len(suite.diagnostics)),
        skipped=str(statuses.count("skipped")),
    )
    for diagnostic in suite.diagnostics:
        case = ET.SubElement(
            element, "testcase", classname=suite.file, name=f"{diagnostic.code}, line {diagnostic.line}"
        )
        ET.SubElement(case, "error", message=diagnostic.message).text = diagnostic.hint
    for result in suite.cases:
        element.append(_case(result, suite))
    return element


def _case(result: CaseResult, suite: SuiteReport) -> ET.Element:
    name = suite.ruleset or suite.file
    case = ET.Element("testcase", classname=name, name=result.name, file=suite.file, line=str(result.at.line))
    if result.status == "skipped":
        ET.SubElement(case, "skipped", message=result.skip or "")
    if result.status == "failed":
        found = [f"{each.what}: expected {each.expected}, came {each.came}" for each in result.mismatches]
        failure = ET.SubElement(case, "failure", message="; ".join(found))
        failure.text = "\n".join([*found, *(unstyle(line) for why in result.why for line in explain(why))])
    return case
