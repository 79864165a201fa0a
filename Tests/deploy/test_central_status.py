"""What an operator sees of the central history: /status, /metrics and readiness while the database comes and goes, and
while another bridge takes the site."""
import json, os, re, subprocess, unittest, urllib.request

from plant import ANDON, MOSQUITTO, Andon, Folder, Postgres, accepts, event, free_port, in_repository, now_ms, publish, read, run, wait_for, write


class CentralStatus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.remove)
        cls.server = Postgres(cls.folder.path).start()
        cls.addClassCleanup(cls.server.stop)
        cls.server.text("CREATE DATABASE central")
        run(ANDON, "central", "init", "--url", cls.server.url("central"))
        cls.port = free_port()
        configuration = cls.folder("mosquitto.conf")
        write(configuration, f"listener {cls.port} 127.0.0.1\nallow_anonymous true\n" + ("user root\n" if os.geteuid() == 0 else ""))
        cls.broker = subprocess.Popen([MOSQUITTO, "-c", configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(lambda: (cls.broker.terminate(), cls.broker.wait(10)))
        wait_for("mosquitto accepts", lambda: accepts(cls.port))

    def bridge(self, name, site="plant-a"):
        http = free_port()
        file = self.folder(f"{name}.yaml")
        write(file, f"bridge: {{id: {name}, data_dir: {self.folder(name)}}}\nbroker: {{url: 'mqtt://127.0.0.1:{self.port}'}}\n"
              f"http: {{listen: '127.0.0.1:{http}'}}\ncentral: {{mode: history, url: '{self.server.url('central')}', events: true}}\n"
              f"sites: [{{id: {site}, timezone: UTC}}]\n")
        bridge = Andon(file)
        self.addCleanup(bridge.stop)
        bridge.wait_until_ready(http)
        return bridge, http

    def get(self, port, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def central(self, port):
        status = json.loads(self.get(port, "/status"))
        return status["central"], status["sites"][0].get("central", {})

    def metrics(self, port):
        return {name: float(value) for name, value in re.findall(r"(?m)^(andon_central_\S+) (\S+)$", self.get(port, "/metrics"))}

    def send(self, first, last, site="plant-a"):
        done = publish(self.port, f"andon/v1/{site}/camera/cam-01/event", [event(now_ms(), f"{site}-{n}") for n in range(first, last)])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_database_goes_and_comes_back(self):
        bridge, http = self.bridge("bridge-01")
        self.send(0, 10)
        wait_for("the rows are there", lambda: self.server.text("SELECT count(*) FROM andon.event WHERE site_id = 'plant-a'", "central") == "10")
        wait_for(lambda: f"nothing waits: {self.central(http)}", lambda: self.central(http)[1].get("state") == "shipping"
                 and "behind_since_ms" not in self.central(http)[1] and self.central(http)[1]["backfills"] == 0)
        there = self.metrics(http)
        named = set(re.findall(r"andon_central_\w+", read(in_repository("deploy/prometheus/andon.rules.yml"))))
        # A server that never went back has no time at which it did.
        self.assertEqual(named - {re.sub(r"\{.*", "", name) for name in there} - {"andon_central_regressed_timestamp_seconds"}, set())
        self.assertEqual((there["andon_central_connected"], there['andon_central_lag_seconds{site="plant-a"}']), (1, 0))

        self.server.stop()
        # It notices with the next thing that it wants to send.
        self.send(10, 30)
        wait_for(lambda: f"it is said: {self.central(http)}", lambda: self.central(http)[0]["connected"] < 2 and "error" in self.central(http)[0])
        wait_for(lambda: f"it waits: {self.central(http)}", lambda: self.central(http)[1]["backlog_bytes"] > 100
                 and self.central(http)[1]["state"] == "waiting" and "behind_since_ms" in self.central(http)[1])
        self.assertEqual(self.metrics(http)['andon_central_site_state{site="plant-a",state="waiting"}'], 1)
        # The plant does not notice.
        self.assertEqual(json.loads(self.get(http, "/status"))["sites"][0]["counters"]["stored"], 30)
        self.get(http, "/readyz")

        self.server.start()
        wait_for("all is there", lambda: self.server.text("SELECT count(*) FROM andon.event WHERE site_id = 'plant-a'", "central") == "30", 45)
        wait_for(lambda: f"it is said: {self.central(http)}", lambda: self.central(http)[1]["state"] == "shipping"
                 and self.metrics(http)["andon_central_connected"] == 1 and self.central(http)[1]["backlog_bytes"] == 0, 45)
        self.assertEqual(bridge.stop(), 0)

    def test_a_bridge_that_lost_its_site_says_to_whom(self):
        _, first = self.bridge("bridge-02", "plant-b")
        self.send(0, 3, "plant-b")
        wait_for("the site is taken", lambda: self.server.text(
            "SELECT bridge_id, stored FROM andon.head WHERE site_id = 'plant-b'", "central") == "bridge-02|3")
        _, second = self.bridge("bridge-03", "plant-b")
        wait_for("the other has it", lambda: self.server.text(
            "SELECT bridge_id FROM andon.head WHERE site_id = 'plant-b'", "central") == "bridge-03")
        self.send(3, 6, "plant-b")
        wait_for(lambda: f"it is said: {self.central(first)}", lambda: self.central(first)[1].get("state") == "fenced"
                 and self.central(first)[1].get("held_by") == "bridge-03")
        # Its own events stay its own: they are in its file.
        self.assertGreater(json.loads(self.get(first, "/status"))["sites"][0]["counters"]["stored"], 0)
        self.assertEqual(self.central(second)[1]["state"], "shipping")


if __name__ == "__main__":
    unittest.main()
