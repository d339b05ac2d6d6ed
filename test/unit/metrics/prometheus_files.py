#!/usr/bin/env python3
"""Checks that the rules and the dashboard of docs/prometheus ask for metrics that a server has.

    prometheus_files.py DOCS < TEXT    the folder docs, and the metrics of a server; exit code 1, and a line for each fault
"""

import json
import pathlib
import re
import sys

OF_PROMETHEUS = {"job", "instance", "le", "alertname", "severity"}  # labels that it, or the rules, add
SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? \S+$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
SELECTOR = re.compile(r'(fairlead_\w+)(?:\{([^}]*)\})?')
MATCHER = re.compile(r'(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"')
GROUPING = re.compile(r'\b(?:by|without|on|ignoring)\s*\(([^)]*)\)')


def read_metrics(text):
    """The values of each label of each sample name."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels = SAMPLE.match(line).groups()
            values = found.setdefault(name, {})
            for label, value in LABEL.findall(labels or ""):
                values.setdefault(label, set()).add(value)
    return found


class Checker:
    def __init__(self, metrics):
        self.metrics = metrics
        self.faults = []
        self.asked = set()

    def expect(self, holds, where, fault):
        if not holds:
            self.faults.append(f"{where}: {fault}")

    def check(self, where, expression, texts=()):
        """An expression, and the texts that show labels of its result."""
        known = set(OF_PROMETHEUS)
        for name, selector in SELECTOR.findall(expression):
            self.asked.add(name)
            self.expect(name in self.metrics, where, f"a server has no {name}")
            labels = self.metrics.get(name, {})
            known.update(labels)
            for label, how, value in MATCHER.findall(selector):
                self.expect(label in labels or label in OF_PROMETHEUS, where, f"{name} has no label {label}")
                for each in value.split("|") if label in labels and "$" not in value else ():
                    self.expect(any(re.fullmatch(each, seen) for seen in labels[label]), where,
                                f"{label} of {name} is never {each}")
        shown = [label.strip() for group in GROUPING.findall(expression) for label in group.split(",")]
        for text in texts:
            shown += re.findall(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}", text)
        for label in filter(None, shown):
            self.expect(label in known, where, f"there is no label {label}")


def check_rules(checker, text, page):
    """The file has one form: each rule begins with `- alert:`, and its expression ends where `for:` or `labels:` begins."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    alerts = re.findall(r"^ +- alert: (\w+)\n +expr:(.*?)\n +(?:for|labels):(.*?)(?=\n +- alert:|\Z)", text,
                        re.MULTILINE | re.DOTALL)
    checker.expect(alerts and len(alerts) == text.count("alert:"), "rules", "some rules have another form")
    for name, expression, rest in alerts:
        checker.check(name, expression, [rest])
        checker.expect("summary:" in rest and "description:" in rest, name, "it has no summary or no description")
    described = set(re.findall(r"^\| `(Fairlead\w+)`", page, re.MULTILINE))
    for name in described ^ {name for name, *_ in alerts}:
        checker.expect(False, name, "it is in only one of operations.md and the rules")


def check_dashboard(checker, text):
    shown = json.loads(text)
    panels = shown["panels"]
    checker.expect(len({each["id"] for each in panels}) == len(panels), "dashboard", "two panels have the same id")
    variables = {each["name"] for each in shown["templating"]["list"]} | {"__rate_interval", "__all"}
    for name in re.findall(r"\$\{?(\w+)", text):
        checker.expect(name in variables, "dashboard", f"there is no variable {name}")
    for each in shown["templating"]["list"]:
        query = each["query"]
        checker.check(f"variable {each['name']}", query if isinstance(query, str) else query["query"])
    for panel in panels:
        checker.expect(panel["type"] == "row" or panel["targets"], panel["title"], "it shows nothing")
        for target in panel.get("targets", []):
            checker.check(panel["title"], target["expr"], [target["legendFormat"]])


def main(docs):
    checker = Checker(read_metrics(sys.stdin.read()))
    read = lambda name: (docs / name).read_text(encoding="utf-8")
    check_rules(checker, read("prometheus/fairlead.rules.yml"), read("operations.md"))
    check_dashboard(checker, read("prometheus/fairlead.json"))
    print("\n".join(checker.faults) or f"{len(checker.asked)} metrics asked for, each of them there")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
