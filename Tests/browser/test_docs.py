"""Every MQTT topic and every JSON field that docs/mqtt.md and docs/integration name is seen on the wire: of a real
bridge behind a real broker, with simulated cameras."""

import json
import pathlib
import re
import subprocess
import time
import unittest

from plant import ROOT, Plant, wait_for

PAGES = [ROOT / "docs/mqtt.md", *sorted((ROOT / "docs/integration").glob("*.md"))]
TOPIC = re.compile(r"(?:\{root\}|andon/v1)/[A-Za-z0-9_{}+#/-]+")
WORD = re.compile(r"`([a-z][a-z0-9_]*)`")
# Field names in the languages that the pages quote: JavaScript, Ignition expressions, Telegraf settings and SQL.
QUOTED = [re.compile(r"\ba\.([a-z_]+)"), re.compile(r"\[\.\]([a-z_]+)"), re.compile(r'_path = "([a-z_]+)"'),
          re.compile(r'ORDER BY .*\b(rev)\b')]
LISTS = [re.compile(r"tags = \[(.*)\]"), re.compile(r"DISTINCT ON \((.*?), time\)")]
# Names in code type that are not MQTT topics or fields, each with its reason.
OTHERS = {
    "panel": "user at the broker", "operator": "user at the broker", "alert_event": "part of a topic", "kpi_final": "part of a topic",
    "cmd_result": "part of a topic", "andon_camera_at_most_once": "metric of cameras that send with QoS 0", "note": "optional in /status", "null": "JSON", "float": "type of WinCC OA", "int": "type of WinCC OA",
    "seq": "optional in an event", "boot_id": "optional in an event", "sequence": "cause of a gap in /status", "gaps": "in /status",
    "andon_camera_events_missing": "metric of numbered events", "andon_camera_events_lost_total": "metric of numbered events",
    "data_gap": "class of an alert",
    "string": "type of WinCC OA", "long": "type of WinCC OA",
}
SCALARS = {"quality", "state", "workstation_id", "last_event_ms"}


def pattern(topic):
    """What a page writes as a topic, as a regular expression for topics."""
    topic = topic.replace("{root}", "andon/v1")
    parts = ["[^/]+" if part == "+" or part.startswith("{") else re.escape(part) for part in topic.rstrip("/").split("/")]
    if parts[-1] == re.escape("#"):
        parts[-1] = ".+"
    return re.compile("/".join(parts) + r"\Z")


# Published by a bridge of a fleet only; scripts/fleet-test looks at it.
OF_A_FLEET = {"{root}/{site}/availability"}


def topics_of(text):
    return {match.group().rstrip("/") for match in TOPIC.finditer(text)} - OF_A_FLEET


def words_of(text):
    words = set(WORD.findall(text))
    for rule in QUOTED:
        words |= set(rule.findall(text))
    for rule in LISTS:
        for found in rule.findall(text):
            words |= {word.strip(' "') for word in found.split(",")}
    return words


def members(value, names, words):
    """All names and all short texts in a JSON value."""
    if isinstance(value, dict):
        names |= set(value)
        for inner in value.values():
            members(inner, names, words)
    elif isinstance(value, list):
        for inner in value:
            members(inner, names, words)
    elif isinstance(value, str):
        words.add(value)


class Wire:
    """What a subscriber to everything has seen so far."""

    def __init__(self, plant):
        self.path = plant.folder / "wire"
        command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(plant.broker_port), "-q", "1", "-t", "andon/v1/#",
                   "-t", "homeassistant/#", "-F", "%t %p"]
        with open(self.path, "wb") as output:
            plant.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output))

    def messages(self):
        for line in self.path.read_text(errors="replace").splitlines():
            topic, _, payload = line.partition(" ")
            if payload:
                yield topic, payload

    def read(self):
        self.topics, self.objects, self.fields, self.words = {}, {}, set(), set()
        for topic, payload in self.messages():
            self.topics[topic] = payload
            self.words.add(payload.strip('"'))
            try:
                value = json.loads(payload)
            except ValueError:
                continue
            if isinstance(value, (dict, list)):
                members(value, self.fields, self.words)
            if isinstance(value, dict):
                self.objects.setdefault(topic, set()).update(value)
        return self

    def has(self, topic):
        """A topic, or a field of the object on it as a panel's tag browser spells it."""
        rule = pattern(topic)
        if any(rule.match(seen) for seen in self.topics):
            return True
        head, _, field = topic.rpartition("/")
        rule = pattern(head)
        return any(field in fields for seen, fields in self.objects.items() if rule.match(seen))


class DocumentedWireTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        more = ("topics: {scalar_tags: true}\ndrift: {window: 20, on_delay: 0s}\nuns: {enterprise: acme}\n"
                "discovery: {home_assistant: true}\n")
        areas = ('[{id: hall-1, lines: [{id: line-1, workstations: [S1, S2], cameras: [cam-01], '
                 'shifts: [{id: all, start: "00:00", end: "00:00"}]}]}]')
        cls.plant = Plant(more=more, areas=areas)
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
    def publish(cls, topic, payload, *more):
        text = payload if isinstance(payload, str) else json.dumps(payload)
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(cls.plant.broker_port), "-q", "1", "-t", topic, "-m", text, *more],
                       check=True, timeout=20)

    @classmethod
    def drive(cls):
        """All that a camera, a panel and a person do: history, a failing model, junk, a will, a command."""
        plant = cls.plant
        plant.simulate(duration="3h", workers=3, cameras=3)
        camera = "andon/v1/plant-a/camera/cam-01"
        now = time.time()
        events = [plant.event(confidence=0.72, at=now - 60 + 2 * i, model_version="v2", event_id=f"e{i}",
                              site_id="plant-a", camera_id="cam-01") for i in range(30)]
        # Since then shifts are over: their reports are told.
        events.append(plant.event(at=now - 20 * 3600, event_id="yesterday"))
        events.append(plant.event(kind="product_count", at=now, count=3, confidence=0.9, event_id="p1"))
        cls.publish(f"{camera}/status", "online", "-r")
        cls.publish(f"{camera}/event", events)
        cls.publish(f"{camera}/event", {"timestamp": "yesterday"})
        wait_for("the alert", lambda: "andon/v1/plant-a/alert/drift/cam-01" in cls.wire.read().topics, 30)
        cls.publish("andon/v1/plant-a/cmd/alert/ack", {"req_id": "r1", "alert_id": "plant-a/drift/cam-01", "by": "me"})
        wait_for("the answer", lambda: cls.wire.read().has("andon/v1/plant-a/cmd_result/alert/ack"), 30)

    def missing_topics(self, page):
        wire = self.wire.read()
        return sorted(topic for topic in topics_of(page.read_text()) if not wire.has(topic))

    def test_every_topic_that_a_page_names_is_published(self):
        for page in PAGES:
            with self.subTest(page=page.name):
                try:
                    wait_for("the topics", lambda: not self.missing_topics(page), 40)
                except AssertionError:
                    self.fail(f"{page.name} names what nobody publishes: {self.missing_topics(page)}")

    def test_every_field_that_a_page_names_is_in_a_payload(self):
        # The allowed values of a field are in the document that the bridge generates from its code.
        declared = set()
        members(self.plant.get("/asyncapi.json"), set(), declared)
        # The pages name /status and /metrics where they describe the mistakes of a camera.
        members(self.plant.get("/openapi.json"), set(), declared)
        declared |= set(re.findall(r"andon_\w+", self.plant.get("/metrics", raw=True).decode()))
        wire = self.wire.read()
        segments = {part for topic in wire.topics for part in topic.split("/")}
        known = wire.fields | wire.words | segments | declared | set(OTHERS)
        for page in PAGES:
            with self.subTest(page=page.name):
                self.assertEqual(sorted(words_of(page.read_text()) - known), [])
        # The rules must find these names: a page in another format must not pass unread.
        for page, word in (("node-red.md", "site_id"), ("telegraf.md", "window_start_ms"), ("ignition.md", "quality"),
                           ("fuxa.md", "units_per_hour"), ("mqtt.md", "timed_out_s")):
            self.assertIn(word, words_of((ROOT / "docs/integration" / page if page != "mqtt.md" else PAGES[0]).read_text()))
            self.assertIn(word, wire.fields)

    def test_a_panel_without_json_finds_every_member_as_a_scalar(self):
        head = "andon/v1/plant-a/kpi/worker/W1/shift"
        wire = wait_for("W1's shift", lambda: head in self.wire.read().topics and self.wire, 30)
        value = json.loads(wire.topics[head])
        wanted = {name for name in value if name in SCALARS or re.search(r"(_pct|_s|_per_hour)\Z|^units\Z", name)}
        self.assertLessEqual(SCALARS, wanted, "the object itself has them")

        def missing():
            seen = self.wire.read().topics
            return sorted(name for name in wanted if f"andon/v1/plant-a/tag/worker/W1/shift/{name}" not in seen)

        try:
            wait_for("the scalars", lambda: not missing(), 15)
        except AssertionError:
            self.fail(f"no scalar: {missing()}")
        for name in wanted:
            text = self.wire.topics[f"andon/v1/plant-a/tag/worker/W1/shift/{name}"]
            self.assertRegex(text, r"^[A-Za-z0-9_.-]+$", f"{name} is bare")


if __name__ == "__main__":
    unittest.main()
