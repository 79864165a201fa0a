"""The files of docs/integration/files and deploy/grafana are well formed, and every topic, field, entity and metric that they name
is on the wire of a running bridge."""

import json
import re
import subprocess
import time
import unittest
import xml.etree.ElementTree

import yaml
from plant import ROOT, Plant, wait_for
from test_docs import Wire, pattern

FILES = ROOT / "docs/integration/files"
# The plant of the files: one line with two presses and a camera.
AREAS = ('[{id: hall-1, name: Hall 1, lines: [{id: line-1, name: Line 1, workstations: [S1, S2], cameras: [cam-01], '
         'shifts: [{id: all, start: "00:00", end: "00:00"}]}]}]'
         "\n    cameras: {cam-01: {name: 'Press 1, left', place: Column 7, workstations: [S1]}}")


def load(name):
    return json.loads((FILES / name).read_text())


def slug(text):
    """How Home Assistant makes an id of a name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


class IntegrationFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plant = Plant(areas=AREAS, http=", public_url: 'https://andon.plant.example'",
                          more="drift: {window: 20, on_delay: 0s}\nalerts: {group_window: 0s}\ndiscovery: {home_assistant: true}\n")
        cls.plant.__enter__()
        try:
            cls.wire = Wire(cls.plant)
            cls.drive()
        except BaseException:
            cls.plant.__exit__()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.plant.__exit__()

    @classmethod
    def drive(cls):
        """Work and products at both presses, and a model that fails."""
        plant, now = cls.plant, time.time()
        events = []
        for station in ("S1", "S2"):
            worker = f"W{station[1]}"
            events += [plant.event(worker, station=station, at=now - 120),
                       plant.event(worker, "product_count", station=station, at=now - 60, count=3)]
        events += [plant.event("W1", confidence=0.72, at=now - 50 + i) for i in range(30)]
        status, _ = plant.post(events)
        assert status == 200, status
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(plant.broker_port), "-q", "1", "-r",
                        "-t", "andon/v1/plant-a/camera/cam-01/status", "-m", "online"], check=True, timeout=20)
        wait_for("the alert", lambda: "andon/v1/plant-a/alert/drift/cam-01" in cls.wire.read().topics, 30)
        wait_for("the call", lambda: cls.wire.read().has("andon/v1/plant-a/alert_event/drift/cam-01"), 30)

    def assert_on_wire(self, topic, *fields):
        """Some topic that fits has all of the fields: a value may take a publish interval to come."""
        rule = pattern(topic)

        def missing():
            wire = self.wire.read()
            found = [names for seen, names in wire.objects.items() if rule.match(seen)]
            return [] if any(set(fields) <= names for names in found) else [sorted(set(fields) - names) for names in found] or [topic]

        try:
            wait_for("the fields", lambda: not missing(), 30)
        except AssertionError:
            self.fail(f"{topic}: not on the wire: {missing()}")

    def test_ignition(self):
        top = load("ignition-tags.json")["tags"]
        types = {item["name"]: item for item in next(item for item in top if item["name"] == "_types_")["tags"]}
        instances = [item for folder in top if folder["name"] != "_types_" for item in folder["tags"]]
        self.assertEqual({item["typeId"] for item in instances}, set(types))
        kinds = {"Float8": (float, int), "Int4": int, "Int8": int, "String": str, "Boolean": bool}
        for item in instances:
            kind = types[item["typeId"]]
            self.assertEqual(set(item["parameters"]), set(kind["parameters"]))
            values = {name: value["value"] for name, value in item["parameters"].items()}
            members = {}
            for tag in kind["tags"]:
                if tag["valueSource"] == "expr":
                    self.assertLessEqual(set(re.findall(r"\[\.\](\w+)", tag["expression"])), {other["name"] for other in kind["tags"]})
                    continue
                path = tag["sourceTagPath"]["binding"]
                self.assertTrue(path.startswith("[MQTT Engine]Andon/"))
                topic, _, field = path.removeprefix("[MQTT Engine]Andon/").format(**values).rpartition("/")
                members.setdefault(topic, {})[field] = tag["dataType"]
            for topic, fields in members.items():
                self.assert_on_wire(topic, *fields)
                shown = json.loads(self.wire.topics[topic])
                for field, data_type in fields.items():
                    self.assertIsInstance(shown[field], kinds[data_type], f"{topic} {field}")
                    if data_type == "Int4":
                        self.assertLess(abs(shown[field]), 2**31)

    def test_node_red(self):
        flow = load("node-red-flow.json")
        nodes = {node["id"]: node for node in flow}
        self.assertEqual(len(nodes), len(flow), "ids are unique")
        used = {}
        for node in flow:
            for target in (target for wires in node.get("wires", []) for target in wires):
                self.assertIn(target, nodes)
            self.assertTrue(node["type"] in ("tab", "mqtt-broker", "tls-config") or node["z"] in nodes)
            if node["type"] == "mqtt in":
                self.assertEqual(nodes[node["broker"]]["type"], "mqtt-broker")
                target = nodes[node["wires"][0][0]]
                self.assertEqual(target["type"], "function")
                # `const kpi = msg.payload` and what is read of it.
                name = re.search(r"const (\w+) = msg\.payload", target["func"]).group(1)
                used[node["topic"]] = set(re.findall(rf"\b{name}\.(\w+)", target["func"]))
        self.assertEqual(set(used), {"andon/v1/+/meta/site", "andon/v1/+/kpi/line/+/shift", "andon/v1/+/alert_event/#"})
        for topic, fields in used.items():
            self.assertGreater(len(fields), 2)
            self.assert_on_wire(topic, *fields)

    def test_fuxa(self):
        project = load("fuxa-project.json")
        device = project["devices"]["d_andon"]
        self.assertEqual(device["type"], "MQTTclient")
        topics = {}
        for ident, tag in device["tags"].items():
            self.assertEqual((tag["id"], tag["type"], tag["options"]["subs"]), (ident, "json", [tag["memaddress"]]))
            topics.setdefault(tag["address"], set()).add(tag["memaddress"])
        for topic, fields in topics.items():
            self.assert_on_wire(topic, *fields)
        for view in project["hmi"]["views"]:
            svg = xml.etree.ElementTree.fromstring(view["svgcontent"])
            drawn = {element.get("id") for element in svg.iter() if element.get("id")}
            self.assertEqual(drawn, set(view["items"]))
            for item in view["items"].values():
                self.assertIn(item["property"]["variableId"], device["tags"])

    def test_home_assistant(self):
        board = yaml.safe_load((FILES / "home-assistant-dashboard.yaml").read_text())
        named = set()

        def collect(value):
            if isinstance(value, dict):
                for inner in value.values():
                    collect(inner)
            elif isinstance(value, list):
                for inner in value:
                    collect(inner)
            elif isinstance(value, str) and re.fullmatch(r"(binary_)?sensor\.\w+", value):
                named.add(value)

        collect(board)
        self.assertGreater(len(named), 8)

        def entities():
            found = set()
            for topic, payload in self.wire.read().topics.items():
                if topic.startswith("homeassistant/device/") and topic.endswith("/config"):
                    config = json.loads(payload)
                    for part in config["components"].values():
                        found.add(f"{part['platform']}.{slug(config['device']['name'] + ' ' + part['name'])}")
            return found

        try:
            wait_for("the entities", lambda: named <= entities(), 20)
        except AssertionError:
            self.fail(f"not described: {sorted(named - entities())}")

    def test_grafana(self):
        metrics = ""
        for name in ("andon-production.json",):
            board = json.loads((ROOT / "deploy/grafana" / name).read_text())
            self.assertEqual(len({panel["id"] for panel in board["panels"]}), len(board["panels"]))
            named = set()
            for panel in board["panels"]:
                for target in panel["targets"]:
                    named |= set(re.findall(r"\bandon_\w+", target["expr"]))
                    self.assertNotIn("worker\"", target["expr"])
                    # Prometheus' own parser reads the query.
                    query = target["expr"].replace("$site", ".*").replace("$window", "hour")
                    rules = self.plant.folder / "rules.yml"
                    rules.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [{"record": "a:b", "expr": query}]}]}))
                    done = subprocess.run(["promtool", "check", "rules", str(rules)], capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, f"{query}: {done.stdout}{done.stderr}")
            variables = " ".join(json.dumps(item) for item in board["templating"]["list"])
            named |= set(re.findall(r"\bandon_\w+", variables))

            def there():
                nonlocal metrics
                metrics = self.plant.get("/metrics", raw=True).decode()
                return named <= set(re.findall(r"^(andon_\w+)[{ ]", metrics, re.M))

            try:
                wait_for("the metrics", there, 20)
            except AssertionError:
                self.fail(f"no such metric: {sorted(named - set(re.findall(r'^(andon_[a-z_]+)[{ ]', metrics, re.M)))}")
        scopes = set(re.findall(r'^andon_kpi_\w+\{.*?scope="(\w+)"', metrics, re.M))
        self.assertEqual(scopes, {"site", "area", "line", "workstation"}, "never workers")
        # The gauge is the retained topic's figure.
        value = json.loads(self.wire.read().topics["andon/v1/plant-a/kpi/line/line-1/hour"])["units"]
        shown = re.search(r'^andon_kpi_units\{site="plant-a",scope="line",id="line-1",window="hour"\} (\d+)', metrics, re.M)
        self.assertEqual(int(shown.group(1)), value)
        # promtool reads the page.
        done = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True)
        self.assertNotIn("error", (done.stdout + done.stderr).lower().replace("errors_total", ""))


if __name__ == "__main__":
    unittest.main()
