"""`andon quarantine show|replay|purge` with the real program, beside a running bridge and without one."""
import json, os, re, shutil, sqlite3, subprocess, unittest, urllib.error, urllib.request

from plant import (ANDON, Andon, Broker, Folder, event, free_port, in_repository, now_ms, publish, read, run, wait_for,
                   write)
from test_brokers import Secured

EVENT = "andon/v1/plant-a/camera/cam-01/event"


class Quarantine(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.port, self.status = free_port(), free_port()
        os.makedirs(self.folder("broker"))
        self.broker = Broker("dev", self.folder("broker"), {1883: self.port})
        self.addCleanup(self.broker.stop)
        self.broker.start()
        self.path = self.folder("andon.yaml")
        write(self.folder("token"), "0123456789abcdef0123456789abcdef\n", 0o600)
        self.configure("workers: 3")
        self.at = now_ms() - 30_000

    def configure(self, limits):
        write(self.path, f"""
bridge: {{id: bridge-01, data_dir: {self.folder("data")}}}
broker: {{url: "mqtt://127.0.0.1:{self.port}"}}
http: {{listen: "127.0.0.1:{self.status}", token_file: {self.folder("token")}}}
limits: {{{limits}}}
sites: [{{id: plant-a, timezone: UTC}}]
""")

    def start(self):
        andon = Andon(self.path)
        self.addCleanup(andon.kill)
        andon.wait_until_ready(self.status)
        return andon

    def send(self, lines):
        self.assertEqual(publish(self.port, EVENT, lines).returncode, 0)

    def names(self, first, last):
        """One event each of workers W{first}…W{last}."""
        return [event(self.at + number, number, worker=f"W{number}") for number in range(first, last + 1)]

    def books(self):
        """The counters and the number of rows in the quarantine."""
        with sqlite3.connect(f"file:{self.folder('data/sites/plant-a.sqlite')}?mode=ro", uri=True, timeout=5) as database:
            found = dict(database.execute("SELECT name, value FROM counter"))
            rows = database.execute("SELECT count(*) FROM quarantine").fetchone()[0]
            events = database.execute("SELECT count(*) FROM event").fetchone()[0]
        database.close()
        return {name: found.get(name, 0) for name in (
            "received", "stored", "low_confidence", "duplicate", "rejected", "quarantine_dropped", "quarantine_replayed",
            "quarantine_purged")} | {"rows": rows, "events": events}

    def balanced(self):
        books = self.books()
        self.assertEqual(books["received"], books["stored"] + books["low_confidence"] + books["duplicate"] + books["rejected"])
        self.assertEqual(books["rejected"], books["rows"] + books["quarantine_dropped"] + books["quarantine_replayed"]
                         + books["quarantine_purged"])
        self.assertEqual(books["events"], books["stored"] + books["low_confidence"])
        return books

    def quarantine(self, action, *words):
        done = run(ANDON, "quarantine", action, "--config", self.path, "--site", "plant-a", *words)
        return json.loads(done.stdout)

    def received(self, count):
        wait_for(f"{count} received: {self.path}", lambda: os.path.exists(self.folder("data/sites/plant-a.sqlite"))
                 and self.books()["received"] == count)

    def test_after_the_limit_was_raised_the_refused_come_in_through_the_running_bridge(self):
        andon = self.start()
        self.send(self.names(1, 10) + ["no json", event(self.at, 99, worker="W1").replace("0.9", "95")])
        self.received(12)
        before = self.balanced()
        self.assertEqual((before["stored"], before["rejected"], before["rows"]), (3, 9, 9))
        # Before the configuration is corrected, a replay changes nothing and loses nothing.
        self.assertEqual(self.quarantine("replay", "--code", "cardinality")["rejected"], 7)
        self.assertEqual(self.balanced()["rows"], 9)

        self.configure("workers: 100")
        andon.process.send_signal(1)
        wait_for("the reload", lambda: "configuration read again" in andon.log())
        andon.wait_until_ready(self.status)
        report = self.quarantine("replay", "--code", "cardinality")
        self.assertEqual({name: report[name] for name in ("taken", "kept", "received", "stored", "rejected", "has_more")},
                         {"taken": 7, "kept": 0, "received": 7, "stored": 7, "rejected": 0, "has_more": False})
        books = self.balanced()
        self.assertEqual((books["events"], books["rows"], books["quarantine_replayed"]), (10, 2, 14))
        # A second replay finds no rows; events that a camera sends again are duplicates.
        self.assertEqual(self.quarantine("replay", "--code", "cardinality")["taken"], 0)
        self.send(self.names(1, 10))
        self.received(books["received"] + 10)
        self.assertEqual(self.balanced()["events"], 10)
        # The figures contain them.
        kpi = run(ANDON, "kpi", "--config", self.path, "--site", "plant-a", "--scope", "worker", "--window", "day").stdout
        self.assertRegex(kpi, r"(?m)^W9 ")
        status = json.load(urllib.request.urlopen(f"http://127.0.0.1:{self.status}/status", timeout=5))
        self.assertEqual(status["sites"][0]["counters"]["quarantine_replayed"], 14)
        self.assertEqual(andon.stop(), 0)

    def test_without_a_bridge_it_works_directly_and_more_than_one_transaction_of_them(self):
        andon = self.start()
        self.send(self.names(1, 2503))
        self.received(2503)
        self.assertEqual(andon.stop(), 0)
        self.assertEqual(self.balanced()["rejected"], 2500)
        self.configure("workers: 5000")
        report = self.quarantine("replay", "--all")
        self.assertEqual((report["taken"], report["stored"], report["rejected"]), (2500, 2500, 0))
        books = self.balanced()
        self.assertEqual((books["events"], books["rows"]), (2503, 0))
        # Ids are never reused, also when all rows are deleted.
        self.start()
        self.send(["no json"])
        self.received(books["received"] + 1)
        shown = json.loads(run(ANDON, "quarantine", "list", "--config", self.path, "--site", "plant-a", "--json").stdout)
        self.assertEqual(shown["id"], 2501)

    def test_by_http_by_a_button_and_only_with_the_token(self):
        self.start()
        self.send(self.names(1, 6))
        self.received(6)
        url = f"http://127.0.0.1:{self.status}/api/v1/sites/plant-a/quarantine/"

        def post(path, token="0123456789abcdef0123456789abcdef"):
            request = urllib.request.Request(url + path, method="POST", headers={"Authorization": f"Bearer {token}"})
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, json.load(error)

        self.assertEqual(post("replay", "wrong")[0], 401)
        self.assertEqual(post("purge")[1]["field"], "all")
        self.assertEqual(post("replay?code=typo")[0], 400)
        status, report = post("replay?limit=2")
        self.assertEqual((status, report["taken"], report["rejected"], report["has_more"]), (200, 2, 2, True))
        self.assertEqual(self.balanced()["rows"], 3)
        self.assertEqual(post("purge?id=3")[1]["taken"], 1)
        # By the command topic; the same request twice is executed once.
        answers = subprocess.Popen(
            ["mosquitto_sub", "-p", str(self.port), "-t", "andon/v1/plant-a/cmd_result/quarantine/purge", "-C", "3", "-W", "20"],
            stdout=subprocess.PIPE, text=True)
        wait_for("the subscription", lambda: "cmd_result" in self.broker.log() or answers.poll() is None)
        command = "andon/v1/plant-a/cmd/quarantine/purge"
        for text in ('{"req_id":"r1"}', '{"req_id":"r2","all":true}', '{"req_id":"r2","all":true}'):
            run("mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", command, "-m", text)
        first, second, third = [json.loads(line) for line in answers.communicate(timeout=30)[0].splitlines()]
        self.assertEqual((first["ok"], first["code"]), (False, "bad_request"))
        self.assertEqual((second["ok"], second["taken"]), (True, 2))
        self.assertEqual(third, second)
        books = self.balanced()
        self.assertEqual((books["rows"], books["quarantine_purged"]), (0, 3))

    def test_purge_by_age_and_what_cannot_be_replayed_stays(self):
        andon = self.start()
        big = json.dumps({"timestamp": self.at, "worker_id": "W1", "workstation_id": "S1", "event_type": "working",
                          "confidence": 95, "note": "x" * 70_000})
        self.send([big, "no json", "also none"])
        self.received(3)
        self.assertEqual(andon.stop(), 0)
        report = self.quarantine("replay", "--all")
        self.assertEqual((report["taken"], report["kept"], report["rejected"]), (2, 1, 2))
        self.balanced()
        # One row is old.
        with sqlite3.connect(self.folder("data/sites/plant-a.sqlite")) as database:
            database.execute("UPDATE quarantine SET received_at_ms = received_at_ms - 31 * 86400000 WHERE code = 'json' "
                             "AND id = (SELECT max(id) FROM quarantine)")
        database.close()
        self.assertEqual(self.quarantine("purge", "--older-than", "30d")["taken"], 1)
        self.assertEqual(self.balanced()["rows"], 2)
        refused = run(ANDON, "quarantine", "purge", "--config", self.path, "--site", "plant-a", check=False)
        self.assertEqual(refused.returncode, 64)
        self.assertEqual(self.balanced()["rows"], 2)

    def test_show_points_at_the_field(self):
        andon = self.start()
        self.send([event(self.at, 7).replace("0.9", "95"), '{"timestamp": 1, nonsense}'])
        self.received(2)
        andon.stop()

        def show(number):
            return run(ANDON, "quarantine", "show", "--config", self.path, "--site", "plant-a", str(number)).stdout.splitlines()

        lines = show(1)
        mark = next(index for index, line in enumerate(lines) if line.lstrip().startswith("^ "))
        self.assertIn("confidence", lines[mark])
        self.assertTrue(lines[mark - 1][lines[mark].index("^"):].startswith('"confidence": 95'), "\n".join(lines))
        self.assertTrue(any(line.startswith("event     e7") for line in lines))
        lines = show(2)
        mark = next(index for index, line in enumerate(lines) if line.lstrip().startswith("^ "))
        self.assertTrue(lines[mark - 1][lines[mark].index("^"):].startswith("nonsense"), "\n".join(lines))
        missing = run(ANDON, "quarantine", "show", "--config", self.path, "--site", "plant-a", "9", check=False)
        self.assertEqual(missing.returncode, 1)

    def test_with_the_rules_of_a_plant_the_bridges_own_login_is_enough(self):
        plant = Secured(self.folder("plant"))
        port = free_port()
        broker = Broker("plant", self.folder("plant"), {8883: port, 8884: free_port()})
        self.addCleanup(broker.stop)
        broker.start()
        write(self.folder("password"), plant.passwords["bridge"], 0o600)
        text = read(self.path).replace(f'"mqtt://127.0.0.1:{self.port}"',
                                       f'"mqtts://localhost:{port}", username: bridge, password_file: {self.folder("password")}, '
                                       f'tls: {{ca_file: {self.folder("plant/certs/ca.crt")}}}')
        write(self.path, text)
        self.start()
        self.assertEqual(publish(port, EVENT, self.names(1, 5), *plant.login("plant-a/camera/cam-01")).returncode, 0)
        self.received(5)
        self.assertEqual(self.quarantine("purge", "--all")["taken"], 2)
        # Without the rule the command names the missing rule.
        rules = self.folder("plant/acl")
        write(rules, read(rules).replace("topic write andon/v1/+/cmd/quarantine/+\n", ""), 0o640)
        broker.reload()
        self.assertEqual(publish(port, EVENT, self.names(6, 7), *plant.login("plant-a/camera/cam-01")).returncode, 0)
        self.received(7)

        def refused():
            done = run(ANDON, "quarantine", "purge", "--config", self.path, "--site", "plant-a", "--all", check=False)
            return done.returncode == 1 and "must let this user write andon/v1/plant-a/cmd/quarantine/purge" in done.stdout
        self.assertTrue(refused())


if __name__ == "__main__":
    unittest.main()
