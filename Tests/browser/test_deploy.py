"""The deployment files speak of metrics that the bridge really has, and Prometheus' own tool reads them."""

import json
import re
import subprocess
import unittest

from plant import ROOT, Plant, wait_for

RULES = ROOT / "deploy/prometheus/andon.rules.yml"
# Metrics of the central history: only a bridge in that mode has them.
CENTRAL = {f"andon_central_{name}" for name in (
    "connected", "lag_seconds", "backlog_bytes", "backlog_limit_bytes", "refused_rows_total", "site_state",
    "regressed_timestamp_seconds")}
# Only a bridge of a fleet has them.
FLEET = {"andon_fleet_member", "andon_fleet_unowned_sites"}


class DeployTest(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_are_sound_and_fire(self):
        self.promtool("check", "rules", RULES)
        self.promtool("check", "config", "--syntax-only", ROOT / "deploy/prometheus/prometheus.yml")
        self.promtool("test", "rules", ROOT / "deploy/prometheus/andon.test.yml")

    def test_every_runbook_is_a_section(self):
        """The headings of a page as GitHub makes anchors of them."""
        named = re.findall(r"runbook: (\S+)#(\S+)", RULES.read_text())
        self.assertGreater(len(named), 5)
        for page, anchor in named:
            headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.M)
            self.assertIn(anchor, [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings])

    def test_every_metric_that_is_named_exists(self):
        dashboard = json.loads((ROOT / "deploy/grafana/andon.json").read_text())
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertEqual(len({panel["id"] for panel in dashboard["panels"]}), len(dashboard["panels"]))
        named = set(re.findall(r"\b(?:andon|process)_\w+", " ".join(expressions) + RULES.read_text()))
        # Of routes there are metrics only where one is configured.
        route = "notify: {routes: [{id: oncall, kind: webhook, url: 'http://127.0.0.1:9/'}]}"
        with Plant(more=route) as plant:
            plant.post([plant.event("W1"), {}])
            # The sender gets its answer shortly before the ingest loop updates the status.
            text = wait_for("the lag", lambda: (lambda t: t if "andon_ingest_lag" in t else None)(
                plant.request("GET", "/metrics")[2].decode()))
        there = set(re.findall(r"^(\w+?)(?:\{| )", text, re.M))
        self.assertFalse(named - there - {"andon_audit_mismatches", "andon_session_retries_total"} - CENTRAL - FLEET)
        self.assertGreater(len(named), 15)


if __name__ == "__main__":
    unittest.main()
