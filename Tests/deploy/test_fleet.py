"""docs/fleet.md, "A running installation becomes a fleet", walked with real programs: nothing is lost or there twice on the way."""
import json, os, re, subprocess, unittest, urllib.request

from plant import ANDON, Andon, Folder, Postgres, counts, event, free_port, in_repository, now_ms, read, run, wait_for, write

SITE = "andon/v1/plant-a"


class BecomingAFleet(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.server = Postgres(self.folder.path).start()
        self.addCleanup(self.server.stop)
        self.port, self.sent = free_port(), 0
        write(self.folder("mosquitto.conf"), f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
              + ("user root\n" if os.geteuid() == 0 else ""))
        broker = subprocess.Popen(["mosquitto", "-c", self.folder("mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"})
        self.addCleanup(lambda: (broker.terminate(), broker.wait(10)))
        self.server.text("CREATE DATABASE andon")
        self.andon("central", "init", "--url", self.url("postgres"))
        for role in ("andon_bridge", "andon_owner", "andon_reader"):
            self.server.text(f"ALTER ROLE {role} LOGIN PASSWORD 'secret'", "andon")
        write(self.folder("secret"), "secret\n", 0o600)
        write(self.folder("sites.yaml"), "sites: [{id: plant-a, timezone: UTC}]\n")

    def url(self, role):
        return self.server.url("andon", role)

    def andon(self, *arguments):
        return run(ANDON, *arguments).stdout

    def owner(self, *arguments):
        return self.andon("fleet", *arguments, "--url", self.url("andon_owner"), "--password-file", self.folder("secret"))

    def configuration(self, name, mode, more=""):
        """Of a bridge on the machine `name`."""
        path, self.http = self.folder(f"{name}-{mode}.yaml"), free_port()
        write(path, f"bridge: {{id: {name}, data_dir: {self.folder(name)}}}\nbroker: {{url: 'mqtt://127.0.0.1:{self.port}'}}\n"
              f"http: {{listen: '127.0.0.1:{self.http}'}}\ncentral: {{mode: {mode}, url: '{self.url('andon_bridge')}',"
              f" password_file: {self.folder('secret')}{more}}}\n" + ("" if mode == "fleet" else read(self.folder("sites.yaml"))))
        return path, self.http

    def start(self, configuration, http):
        bridge = Andon(configuration)
        self.addCleanup(bridge.stop)
        wait_for(lambda: f"the bridge is ready:\n{bridge.log()[-3000:]}", lambda: self.has_site(http), 60)
        return bridge

    def status(self, http):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{http}/status", timeout=3) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return {}

    def has_site(self, http):
        return any(site.get("connected") for site in self.status(http).get("sites", []))

    def publish(self, count):
        lines = []
        for _ in range(count):
            self.sent += 1
            lines.append(event(now_ms() - 60_000 + self.sent, self.sent, f"W{self.sent % 3}", ("working", "idle")[self.sent % 2]))
        run("mosquitto_pub", "-p", str(self.port), "-V", "mqttv5", "-q", "1", "-t", f"{SITE}/camera/cam-01/event", "-l",
            input="\n".join(lines) + "\n")

    def stored(self):
        return int(self.server.text("SELECT count(*) FROM andon.event", "andon"))

    def figures(self, configuration, as_of):
        return self.andon("kpi", "--config", configuration, "--site", "plant-a", "--scope", "worker", "--from", str(as_of - 3_600_000),
                          "--to", str(as_of), "--as-of", str(as_of), "--json", "--recompute")

    def test_the_drill(self):
        # The commands are those of the page.
        page = read(in_repository("docs/fleet.md"))
        sub = re.search(r"```sh\n(mosquitto_sub .*? -E)\n```", page, re.S).group(1)
        end = re.search(r"```sh\n(mosquitto_sub -h \S+ -V mqttv5 -i andon-bridge-01-plant-a .*?)\n```", page, re.S).group(1)

        def by_hand(command):
            run("bash", "-ec", command.replace("-h broker.plant.example", f"-h 127.0.0.1 -p {self.port}"))

        history, http = self.configuration("bridge-01", "history")
        bridge = self.start(history, http)
        self.publish(40)
        wait_for("40 events are stored", lambda: counts(history, "plant-a")["events"] == 40)
        self.assertIn("bridge-01 holds it, which is not of the fleet", self.owner("apply", self.folder("sites.yaml")))
        by_hand(sub)
        # Both sessions get these.
        self.publish(20)
        wait_for("60 events are stored", lambda: counts(history, "plant-a")["events"] == 60)
        bridge.stop()
        # Only the new session gets these.
        self.publish(15)
        self.assertIn("1 site: all is in", self.andon("central", "drain", "--config", history))
        self.assertIn("plant-a: taken over", self.owner("apply", self.folder("sites.yaml"), "--take"))
        self.assertEqual(self.stored(), 0, "history was without events")

        first, http = self.configuration("bridge-01", "fleet", ", cluster: acme, accept_single_node: true, beat: 500ms, ttl: 3s")
        bridge = self.start(first, http)
        self.assertNotIn("was made from the central database", bridge.log())
        self.publish(10)
        wait_for(lambda: f"85 events in the database; {self.stored()}", lambda: self.stored() == 85, 60)
        self.assertEqual(self.server.text("SELECT count(DISTINCT event_id) FROM andon.event", "andon"), "85")
        wait_for("the state is there", lambda: self.server.text("SELECT count(*) FROM andon.site_base", "andon") == "1", 60)
        wait_for("nothing is read from the tables any more",
                 lambda: self.status(http)["sites"][0].get("central", {}).get("backfills") == 0, 60)
        by_hand(end)
        as_of = now_ms()
        before = self.figures(first, as_of)
        self.assertGreater(len(before), 300)

        # Another machine goes on with all of it.
        second, http = self.configuration("bridge-02", "fleet", ", cluster: acme, accept_single_node: true, beat: 500ms, ttl: 3s")
        other = Andon(second)
        self.addCleanup(other.stop)
        bridge.stop()
        wait_for(lambda: f"bridge-02 has the site:\n{other.log()[-3000:]}", lambda: self.has_site(http), 60)
        self.assertEqual(self.figures(second, as_of), before)
        self.publish(5)
        wait_for("90 events in the database", lambda: self.stored() == 90, 30)
        self.assertEqual(self.status(http)["fleet"]["member"], True)
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/metrics", timeout=3) as answer:
            metrics = answer.read().decode()
        # The names that alert rules use.
        for line in ("andon_fleet_member 1", "andon_fleet_unowned_sites 0", "andon_fleet_held_sites 1"):
            self.assertRegex(metrics, f"(?m)^{line}")
        self.assertRegex(metrics, r'(?m)^andon_central_epoch\{site="plant-a"\} [2-9]')

        # And back: the machine that had the site last runs it alone.
        other.stop()
        write(self.folder("others.yaml"), "sites: [{id: plant-b, timezone: UTC}]\n")
        self.assertIn("plant-a: removed", self.owner("apply", self.folder("others.yaml"), "--remove"))
        alone, http = self.configuration("bridge-02", "history", ", events: true")
        self.start(alone, http)
        self.publish(5)
        wait_for("95 events in the file", lambda: counts(alone, "plant-a")["events"] == 95)
        wait_for("95 events in the database", lambda: self.stored() == 95, 30)


if __name__ == "__main__":
    unittest.main()
