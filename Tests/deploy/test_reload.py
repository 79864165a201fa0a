"""SIGHUP: the configuration is read again while the bridge runs. With the real program, the broker of profile dev and
a stand-in for systemd."""
import json, os, re, signal, socket, unittest, urllib.request

from plant import (ANDON, Andon, Broker, Folder, counts, event, free_port, in_repository, now_ms, publish, read, run, subscribe,
                   wait_for, write)


class Reload(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.port, self.status_port = free_port(), free_port()
        os.makedirs(self.folder("broker"))
        self.broker = Broker("dev", self.folder("broker"), {1883: self.port})
        self.addCleanup(self.broker.stop)
        self.broker.start()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(self.folder("notify"))
        self.notify.settimeout(30)
        self.path = self.folder("andon.yaml")
        self.number = 0

    def configure(self, sites, more=""):
        write(self.path, f"""
bridge: {{id: bridge-01, data_dir: {self.folder("data")}}}
broker: {{url: "mqtt://127.0.0.1:{self.port}"}}
http: {{listen: "127.0.0.1:{self.status_port}"}}
kpi: {{publish_interval: 200ms}}
{more}
sites: [{", ".join(sites)}]
""")

    def start(self):
        self.andon = Andon(self.path, {"NOTIFY_SOCKET": self.folder("notify")}, self.folder("andon.log"))
        self.addCleanup(self.andon.kill)
        self.andon.wait_until_ready(self.status_port)
        return self.andon

    def status(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/status", timeout=5) as answer:
            return json.load(answer)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def reload(self):
        """Sends SIGHUP as `systemctl reload` does, and waits as it does: until RELOADING=1 and then READY=1."""
        self.andon.process.send_signal(signal.SIGHUP)
        told = []
        while not (told and any(line.startswith("RELOADING=1") for line in told) and told[-1].startswith("READY=1")):
            told.append(self.notify.recv(4096).decode())
        reloading = next(line for line in told if line.startswith("RELOADING=1"))
        with open("/proc/uptime") as file:
            uptime = float(file.read().split()[0])
        monotonic = int(re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", reloading).group(1)) / 1e6
        self.assertLess(abs(monotonic - uptime), 60)

    def ready(self, sites):
        wait_for(f"sites {sites}: {self.andon.log()[-1500:]}",
                 lambda: {site["site_id"] for site in self.status()["sites"] if site["connected"]} == set(sites))

    def send(self, site, count):
        at = now_ms() - 600_000
        lines = [event(at + number, number) for number in range(self.number, self.number + count)]
        self.number += count
        self.assertEqual(publish(self.port, f"andon/v1/{site}/camera/cam-01/event", lines).returncode, 0)

    def sessions(self, site):
        """How often the site's client has connected, by the broker's own log."""
        return len(re.findall(rf"New client connected from \S+ as andon-bridge-01-{site} ", self.broker.log()))

    def connects(self):
        return {site: self.sessions(site) for site in ("plant-a", "plant-b", "plant-c")}

    def log_lines(self, message):
        lines = [json.loads(line) for line in self.andon.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line["message"].startswith(message)]

    def stored(self, site, count):
        wait_for(f"{count} events of {site}", lambda: counts(self.path, site)["events"] == count)

    def test_sites_come_change_and_go_while_the_others_run_on(self):
        a = "{id: plant-a, timezone: UTC}"
        self.configure([a, "{id: plant-b, timezone: UTC}"])
        self.start()
        self.send("plant-a", 10)
        self.send("plant-b", 10)
        self.stored("plant-a", 10)
        self.stored("plant-b", 10)
        self.assertEqual(self.connects(), {"plant-a": 1, "plant-b": 1, "plant-c": 0})

        # The same file again: no site is affected.
        self.reload()
        self.assertEqual(self.connects(), {"plant-a": 1, "plant-b": 1, "plant-c": 0})
        self.assertEqual(self.status()["config"]["reloads"], 1)

        # One site is added, one gets another drift limit.
        self.configure([a, "{id: plant-b, timezone: UTC, drift: {limit: 0.55, clear_limit: 0.6}}", "{id: plant-c, timezone: UTC}"])
        self.reload()
        self.ready(["plant-a", "plant-b", "plant-c"])
        self.assertEqual(self.connects(), {"plant-a": 1, "plant-b": 2, "plant-c": 1})
        line = self.log_lines("configuration read again")[-1]
        self.assertEqual((line["added"], line["removed"], line["changed"]), ("plant-c", "none", "plant-b"))
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/api/v1/sites", timeout=5) as answer:
            limits = {site["site_id"]: site["drift_limit"] for site in json.load(answer)["items"]}
        self.assertEqual(limits["plant-b"], 0.55)
        self.assertEqual(list(limits), ["plant-a", "plant-b", "plant-c"])
        for site in ("plant-a", "plant-b", "plant-c"):
            self.send(site, 5)
        self.stored("plant-a", 15)
        self.stored("plant-b", 15)
        self.stored("plant-c", 5)
        # The restarted site publishes its figures again.
        self.assertTrue(subscribe(self.port, "andon/v1/plant-b/kpi/site/plant-b/hour"))

        # One site is removed. The broker keeps its session: events in the meantime arrive when the site is added
        # again.
        self.configure([a, "{id: plant-c, timezone: UTC}"])
        self.reload()
        self.ready(["plant-a", "plant-c"])
        self.assertEqual(self.connects(), {"plant-a": 1, "plant-b": 2, "plant-c": 1})
        # A broker keeps retained topics without a time limit: those of a removed site are cleared.
        wait_for("the site to leave nothing retained", lambda: self.log_lines("a removed site left nothing retained"))
        self.assertEqual(subscribe(self.port, "andon/v1/plant-b/#", "--retained-only", seconds=1), [])
        self.assertTrue(subscribe(self.port, "andon/v1/plant-a/alert_summary"))
        self.send("plant-b", 7)
        self.send("plant-a", 5)
        self.stored("plant-a", 20)
        self.assertEqual(counts(self.path, "plant-b")["events"], 15)
        # Its file is closed: another process may now write it.
        other = self.folder("other.yaml")
        write(other, f"bridge: {{data_dir: {self.folder('data')}}}\nsites: [{{id: plant-b, timezone: UTC}}]\n")
        run(ANDON, "store", "prune", "--config", other)
        self.configure([a, "{id: plant-b, timezone: UTC}", "{id: plant-c, timezone: UTC}"])
        self.reload()
        self.ready(["plant-a", "plant-b", "plant-c"])
        self.stored("plant-b", 22)
        self.assertEqual(self.connects(), {"plant-a": 1, "plant-b": 3, "plant-c": 1})
        gaps = [gap for site in self.status()["sites"] for gap in site["gaps"]]
        self.assertEqual(gaps, [])
        self.assertEqual(self.andon.stop(), 0)

    def test_an_invalid_file_changes_nothing_and_says_so(self):
        self.configure(["{id: plant-a, timezone: UTC}", "{id: plant-b, timezone: UTC}"])
        self.start()
        before = self.connects()
        self.configure(["{id: plant-a, timezone: UTC}", "{id: plant-c, timezone: Mars/Olympus}"])
        self.reload()
        self.assertEqual(len(self.log_lines("configuration not taken over, nothing changed")), 1)
        status = self.status()
        self.assertIn("Mars/Olympus", status["config"]["error"])
        self.assertEqual(status["config"]["failed_reloads"], 1)
        self.assertEqual([site["site_id"] for site in status["sites"]], ["plant-a", "plant-b"])
        self.assertIn("andon_config_last_reload_successful 0", self.metrics())
        self.assertIn('andon_config_reloads_total{result="failed"} 1', self.metrics())
        self.send("plant-b", 3)
        self.stored("plant-b", 3)

        # A site whose file another process writes counts as a mistake: nothing of the new configuration takes effect.
        elsewhere = self.folder("elsewhere.yaml")
        write(elsewhere, f"bridge: {{id: b2, data_dir: {self.folder('data')}}}\nbroker: {{url: 'mqtt://127.0.0.1:{self.port}'}}\n"
              "http: {listen: 'off'}\nsites: [{id: plant-c, timezone: UTC}]\n")
        holder = Andon(elsewhere, log=self.folder("holder.log"))
        self.addCleanup(holder.kill)
        wait_for("the other bridge", lambda: os.path.exists(self.folder("data", "sites", "plant-c.sqlite")))
        self.configure(["{id: plant-a, timezone: UTC}", "{id: plant-c, timezone: UTC}"])
        self.reload()
        self.assertIn("in use by another Andon", self.status()["config"]["error"])
        self.assertEqual([site["site_id"] for site in self.status()["sites"]], ["plant-a", "plant-b"])
        holder.kill()

        # Corrected, the configuration takes effect.
        self.reload()
        self.ready(["plant-a", "plant-c"])
        self.assertNotIn("error", self.status()["config"])
        self.assertIn("andon_config_last_reload_successful 1", self.metrics())
        self.assertEqual(self.connects()["plant-a"], before["plant-a"])

    def test_what_needs_a_restart_is_named_and_the_rest_applied(self):
        self.configure(["{id: plant-a, timezone: UTC}"])
        self.start()
        self.configure(["{id: plant-a, timezone: UTC}", "{id: plant-b, timezone: UTC}"], "topics: {scalar_tags: true}")
        write(self.path, read(self.path).replace(f'"mqtt://127.0.0.1:{self.port}"', '"mqtt://127.0.0.1:1"'))
        self.reload()
        # The new site runs, with the old broker.
        self.ready(["plant-a", "plant-b"])
        line = self.log_lines("configuration read again; some of it needs a restart")[-1]
        self.assertEqual(line["needs_restart"], "broker.url,topics.scalar_tags")
        self.assertEqual(self.status()["config"]["needs_restart"], ["broker.url", "topics.scalar_tags"])
        self.assertIn("andon_config_needs_restart 2", self.metrics())
        self.assertEqual(self.sessions("plant-a"), 1)

    def test_the_log_says_more_for_a_while(self):
        write(self.folder("token"), "0123456789abcdef0123456789abcdef\n", 0o600)
        self.configure(["{id: plant-a, timezone: UTC}"])
        write(self.path, read(self.path).replace('http: {', f'http: {{token_file: {self.folder("token")}, '))
        self.start()
        self.assertEqual(self.status()["log_level"], "info")
        url = f"http://127.0.0.1:{self.status_port}/api/v1/log-level?level=debug&duration_s="

        def post(seconds):
            with urllib.request.urlopen(urllib.request.Request(
                    url + str(seconds), method="POST",
                    headers={"Authorization": "Bearer 0123456789abcdef0123456789abcdef"}), timeout=5) as answer:
                return json.load(answer)

        self.assertEqual(post(1), {"level": "debug", "normal": "info", "duration_s": 1})
        self.assertEqual(self.status()["log_level"], "debug")
        wait_for("the level of the start", lambda: self.status()["log_level"] == "info")
        # By the command topic, as an object and as the plain text of a button.
        command = "andon/v1/plant-a/cmd/bridge/log_level"
        for payload, level in (('{"level":"trace","duration_s":60}', "trace"), ("warning", "warning"), ("info", "info")):
            run("mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", command, "-m", payload)
            wait_for(level, lambda: self.status()["log_level"] == level)
        run("mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", command, "-m", '{"level":"loud"}')
        # While it is in force, lines below the configured level are logged.
        post(60)
        self.broker.stop()
        wait_for("a debug line", lambda: '"level":"debug"' in self.andon.log())
        self.assertEqual(self.andon.stop(), 0)

    def test_the_session_of_a_site_that_is_gone_for_good_can_be_ended(self):
        self.configure(["{id: plant-a, timezone: UTC}", "{id: plant-b, timezone: UTC}"])
        self.start()
        self.configure(["{id: plant-a, timezone: UTC}"])
        self.reload()
        command = re.search(r"^(mosquitto_sub .* -i andon-bridge-01-plant-b .*)$",
                            read(in_repository("docs/operations.md")), re.M).group(1)
        # The commands of the page, without the login of a secured broker.
        words = re.sub(r"-h \S+ -p \S+ --cafile \S+ -u \S+ -P \S+", f"-h 127.0.0.1 -p {self.port}", command).split()
        run(*words)
        self.send("plant-b", 4)
        self.configure(["{id: plant-a, timezone: UTC}", "{id: plant-b, timezone: UTC}"])
        self.reload()
        self.ready(["plant-a", "plant-b"])
        self.send("plant-b", 2)
        self.stored("plant-b", 2)


if __name__ == "__main__":
    unittest.main()
