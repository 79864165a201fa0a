"""The likeliest mistakes of the first hour, each made on purpose at a real mosquitto: the running bridge names it within
seconds, in its log and in /status, and `andon check` names it with what to change. docs/operations.md has the table; what
the page shows is tested by Tests/browser/test_mistakes.py."""
import json, os, re, subprocess, unittest, urllib.request

from plant import ANDON, Andon, Broker, Folder, event, free_port, in_repository, now_ms, publish, read, run, wait_for, write
from test_brokers import Secured

# Within seconds, on a loaded machine.
SECONDS = 40


class Base(unittest.TestCase):
    def configure(self, url, more="", data="data", site="plant-a", **login):
        """A configuration of one site; returns its path and the port of its HTTP listener."""
        listen, path = free_port(), self.folder(f"{data}.yaml")
        login = "".join(f"\n  {key}: {value}" for key, value in login.items())
        write(path, f"""bridge: {{id: bridge-01, data_dir: {self.folder(data)}}}
broker:
  url: {url}{login}
http: {{listen: "127.0.0.1:{listen}"}}
sites:
  - {{id: {site}, timezone: Europe/Berlin{more}}}
""")
        return path, listen

    def start(self, path, listen, ready=True):
        bridge = Andon(path)
        self.addCleanup(bridge.stop)
        if ready:
            bridge.wait_until_ready(listen)
        else:
            wait_for("it listens", lambda: self.status(listen))
        return bridge

    def status(self, listen):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{listen}/status", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return None

    def check(self, path, *options):
        done = run(ANDON, "check", "--config", path, "--queue", "50", "--json", *options, check=False)
        return json.JSONDecoder().raw_decode(done.stdout)[0]

    def found(self, path, text, advice, level="warning", *options):
        """A finding whose text and advice match; looks again, since a check listens for some seconds only."""
        last = []

        def look():
            last[:] = self.check(path, *options)
            return any(f["level"] == level and re.search(text, f["text"]) and re.search(advice, f["advice"]) for f in last)
        wait_for(lambda: f"{text} → {advice} in {json.dumps(last, indent=1, ensure_ascii=False)}", look, SECONDS)

    def logged(self, bridge, *patterns):
        def lines():
            return [line for line in bridge.log().splitlines() if all(re.search(pattern, line) for pattern in patterns)]
        return wait_for(lambda: f"{patterns} in {bridge.log()[-3000:]}", lines, SECONDS)

    def again_and_again(self, port, topic, message, qos=1, *options):
        """A camera that sends all the time, by mosquitto_pub."""
        with open(self.folder("camera.log"), "ab") as log:
            camera = subprocess.Popen(["sh", "-c", 'while mosquitto_pub "$@"; do sleep 0.2; done', "camera", "-h", "localhost", "-p",
                                       str(port), "-q", str(qos), "-t", topic, "-m", message, *options],
                                      stdout=log, stderr=log, start_new_session=True)

        def end():
            os.killpg(camera.pid, 9)
            camera.wait()
        self.addCleanup(end)


class AtAnOpenBroker(Base):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        cls.port = free_port()
        cls.broker = Broker("dev", cls.folder(), {1883: cls.port}).start()
        cls.url = f"mqtt://localhost:{cls.port}"

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.remove()

    def test_a_wrong_site_in_the_topic(self):
        path, listen = self.configure(self.url, data="one", site="plant-one")
        bridge = self.start(path, listen)
        topic = "andon/v1/plant-noe/camera/cam-01/event"
        # The bridge looks most of the time, but not always.
        self.again_and_again(self.port, topic, event(now_ms(), 1))
        self.logged(bridge, "site that is not configured", re.escape(topic), r"correct the site in the camera's topic \(plant-one\?\)")
        wait_for("/status", lambda: [site["topic"] for site in self.status(listen)["unlisted_sites"]] == [topic], SECONDS)
        self.found(path, f"{topic} came in, and this configuration lists no site plant-noe", rf"camera's topic \(plant-one\?\), or add .* to sites \({re.escape(path)}:5\)")

    def test_a_wrong_payload(self):
        path, listen = self.configure(self.url, data="two", site="plant-two")
        bridge = self.start(path, listen)
        topic, payload = "andon/v1/plant-two/camera/cam-01/event", '{"worker":"W1","state":"busy"}'
        self.assertEqual(publish(self.port, topic, [payload] * 3).returncode, 0)
        lines = self.logged(bridge, "an event is rejected", "cam-01", "andon quarantine list --site plant-two")
        self.assertEqual(len(lines), 1, "once for a camera and a reason")
        self.assertNotIn("busy", bridge.log(), "what came is not logged")
        wait_for("/status", lambda: self.status(listen)["sites"][0]["counters"]["rejected"] == 3, SECONDS)
        self.again_and_again(self.port, topic, payload)
        self.found(path, r"0 events good, \d+ rejected, the first: camera cam-01", r"docs/mqtt\.md")

    def test_qos_0(self):
        path, listen = self.configure(self.url, data="three", site="plant-three")
        bridge = self.start(path, listen)
        self.again_and_again(self.port, "andon/v1/plant-three/camera/cam-01/event", event(now_ms(), 1), 0)
        self.logged(bridge, "cameras send with QoS 0", "cam-01", r"let them send with QoS 1 \(Frigate: mqtt\.qos: 1\)")
        wait_for("/status", lambda: "sent with QoS 0" in self.status(listen)["sites"][0].get("warning", ""), SECONDS)
        self.found(path, "camera cam-01 sent with QoS 0", "QoS 1")

    def test_a_wrong_port(self):
        path, listen = self.configure(f"mqtt://localhost:{free_port()}", data="four", site="plant-four")
        bridge = self.start(path, listen, ready=False)
        self.logged(bridge, "Connection refused", r"broker\.url")
        wait_for("/status", lambda: "broker.url" in self.status(listen)["publisher"].get("trouble", ""), SECONDS)
        self.found(path, "Connection refused", rf"check broker\.url \({re.escape(path)}:3\)", "error")

    def test_a_status_that_is_not_retained(self):
        path, listen = self.configure(self.url, data="five", site="plant-five")
        bridge = self.start(path, listen)
        topic = "andon/v1/plant-five/camera/{}/status"
        self.assertEqual(publish(self.port, topic.format("cam-01"), ["online"]).returncode, 0)
        self.assertEqual(publish(self.port, topic.format("cam-02"), ["online"], "-r").returncode, 0)
        self.logged(bridge, "a status is not retained", "camera cam-01 published", "set the retain flag")
        wait_for("/status", lambda: "camera cam-01 published a status that is not retained" in self.status(listen)["sites"][0].get("warning", ""), SECONDS)
        self.found(path, "the broker keeps no status of cam-01: ", "publish online to andon/v1/plant-five/camera/cam-01/status with the retain flag")
        # Mended, it is not named any more.
        self.assertEqual(publish(self.port, topic.format("cam-01"), ["online"], "-r").returncode, 0)
        wait_for("nothing to mend", lambda: "warning" not in self.status(listen)["sites"][0], SECONDS)
        self.assertEqual([f for f in self.check(path) if f["subject"] == "status"], [])

    def test_a_clock_that_is_off(self):
        path, listen = self.configure(self.url, data="six", site="plant-six")
        bridge = self.start(path, listen)
        topic = "andon/v1/plant-six/camera/cam-01/event"
        self.again_and_again(self.port, topic, event(now_ms() + 3_600_000, 1))
        self.logged(bridge, "an event is rejected", "cam-01", "too_future")
        self.found(path, r"camera cam-01 is 3\d{3} s ahead of this machine's clock", "NTP", "error")


class AtASecuredBroker(Base):
    def test_a_missing_rule_of_the_acl(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        plant = Secured(self.folder("plant"))
        rules = read(self.folder("plant/acl"))
        for line in ("topic write andon/v1/+/kpi/#", "topic read andon/v1/+/camera/+/event"):
            self.assertIn(line + "\n", rules)
        port = free_port()
        broker = Broker("plant", self.folder("plant"), {8883: port, 8884: free_port()})
        write(self.folder("plant/acl"), rules.replace("topic write andon/v1/+/kpi/#\n", ""), 0o640)
        broker.start()
        self.addCleanup(broker.stop)
        write(self.folder("password"), plant.passwords["bridge"], 0o600)
        path, listen = self.configure(f"mqtts://localhost:{port}", username="bridge", password_file=self.folder("password"),
                                      tls=f"{{ca_file: {self.folder('plant/certs/ca.crt')}}}")
        bridge = self.start(path, listen, ready=False)
        done = run("mosquitto_pub", "-h", "localhost", "-p", str(port), "-q", "1", *plant.login("plant-a/camera/cam-01"),
                   "-t", "andon/v1/plant-a/camera/cam-01/event", "-m", event(now_ms(), 1))
        self.assertEqual(done.returncode, 0)
        wait_for(lambda: f"the refusal in {self.status(listen)}", lambda: "not authorized" in json.dumps(self.status(listen)["publisher"]), SECONDS)
        self.logged(bridge, "not authorized", "kpi")
        self.found(path, "may not publish to .*/kpi/", r"topic write andon/v1/\+/kpi/# in the broker's ACL file", "error")
        # mosquitto grants a subscription that its rules forbid, and delivers nothing: only the check can prove it.
        write(self.folder("plant/acl"), rules.replace("topic read andon/v1/+/camera/+/event\n", ""), 0o640)
        broker.reload()
        self.found(path, "delivers nothing: its ACL forbids reading", r"topic read andon/v1/plant-a/camera/\+/event in the broker's ACL file", "error")


if __name__ == "__main__":
    unittest.main()
