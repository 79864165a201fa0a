"""The real program on a machine whose clock is wrong or steps: nothing is deleted, nothing is lost (rows 41 and 45 of
docs/reliability.md)."""
import json, os, sqlite3, unittest, urllib.error, urllib.request

from plant import ANDON, Andon, Broker, Folder, accepts, event, free_port, in_repository, now_ms, publish, run, wait_for, write

EVENT = "andon/v1/plant-a/camera/cam-01/event"
TOKEN = "0123456789abcdef0123456789abcdef"
HOUR, DAY = 3_600_000, 86_400_000


class Clock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tools = Folder()
        cls.addClassCleanup(cls.tools.remove)
        run("cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", cls.tools("shiftclock.so"),
            in_repository("Tests/clock/shiftclock.c"))

    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.port, self.status_port = free_port(), free_port()
        os.makedirs(self.folder("broker"))
        self.broker = Broker("dev", self.folder("broker"), {1883: self.port})
        self.addCleanup(self.broker.stop)
        self.broker.start()
        write(self.folder("token"), TOKEN + "\n", 0o600)
        self.path = self.folder("andon.yaml")
        write(self.path, f"""
bridge: {{id: bridge-01, data_dir: {self.folder("data")}}}
broker: {{url: "mqtt://127.0.0.1:{self.port}"}}
http: {{listen: "127.0.0.1:{self.status_port}", token_file: {self.folder("token")}}}
sites: [{{id: plant-a, timezone: UTC}}]
""")
        self.shift(0)

    def shift(self, by_ms):
        """Steps the program's clock, also while it runs."""
        write(self.folder("offset.new"), str(by_ms))
        os.rename(self.folder("offset.new"), self.folder("offset"))

    def start(self, until_ready=True):
        andon = Andon(self.path, {"LD_PRELOAD": self.tools("shiftclock.so"), "SHIFTCLOCK_FILE": self.folder("offset")})
        self.addCleanup(andon.kill)
        if until_ready:
            andon.wait_until_ready(self.status_port)
        else:
            wait_for("the listener", lambda: accepts(self.status_port))
        return andon

    def site(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/status", timeout=5) as answer:
            return json.load(answer)["sites"][0]

    def post(self, *events):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.status_port}/api/v1/sites/plant-a/cameras/cam-02/events", method="POST",
            data=("[" + ",".join(events) + "]").encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def send(self, numbers, at_ms=None):
        """One event of the current time each, by the cameras' correct clock."""
        at = now_ms() if at_ms is None else at_ms
        lines = [event(at - number % 1000, number, worker=f"W{number % 7}") for number in numbers]
        self.assertEqual(publish(self.port, EVENT, lines).returncode, 0)

    def books(self):
        with sqlite3.connect(f"file:{self.folder('data/sites/plant-a.sqlite')}?mode=ro", uri=True, timeout=5) as database:
            counted = dict(database.execute("SELECT name, value FROM counter"))
            rows = dict(database.execute("SELECT code, count(*) FROM quarantine GROUP BY 1"))
            events = database.execute("SELECT count(*) FROM event").fetchone()[0]
        database.close()
        found = {name: counted.get(name, 0) for name in
                 ("received", "stored", "low_confidence", "duplicate", "rejected", "quarantine_replayed")}
        self.assertEqual(found["received"], found["stored"] + found["low_confidence"] + found["duplicate"] + found["rejected"])
        self.assertEqual(found["stored"] + found["low_confidence"], events)
        self.assertEqual(found["rejected"], sum(rows.values()) + found["quarantine_replayed"])
        return found | {"events": events, "rows": rows}

    def received(self, count):
        wait_for(f"{count} received", lambda: self.site()["counters"]["received"] >= count)
        books = self.books()
        self.assertEqual(books["received"], count)
        return books

    def keep_house(self, andon):
        """A round of the maintenance service, otherwise once a minute: a recompute of summaries asks for one."""
        rounds = andon.log().count("summaries recomputed")
        at = now_ms()
        publish(self.port, "andon/v1/plant-a/cmd/kpi/recompute", [json.dumps({"from_ms": at - HOUR, "to_ms": at})])
        wait_for("a round", lambda: andon.log().count("summaries recomputed") > rounds)

    def test_fault41_a_clock_410_days_ahead_running_and_at_boot_leaves_every_event(self):
        andon = self.start()
        self.send(range(500))
        self.assertEqual(self.received(500)["stored"], 500)
        self.keep_house(andon)
        wait_for("a look at the file", lambda: "cutoff_ms" in self.site()["retention"])
        self.assertFalse(self.site()["retention"]["held"])

        self.shift(410 * DAY)
        wait_for("the step", lambda: any(gap["cause"] == "clock_step" for gap in self.site()["gaps"]))
        self.keep_house(andon)
        retention = wait_for("the hold", lambda: self.site()["retention"]["held"] and self.site()["retention"])
        self.assertRegex(retention["reason"], "clock stepped by 3542[34]")
        self.assertEqual((retention["deleted"], self.books()["events"]), (0, 500))
        self.assertEqual(andon.log().count("retention is held"), 1)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}/metrics", timeout=5) as answer:
            self.assertIn('andon_retention_held{site="plant-a"} 1', answer.read().decode())
        self.assertEqual(andon.stop(), 0)

        # At the start: the hold survives the restart, and a file without a hold gets one.
        with sqlite3.connect(self.folder("data/sites/plant-a.sqlite")) as database:
            self.assertEqual(database.execute("SELECT count(*) FROM retention_mark WHERE held_for_ms > 0").fetchone(), (1,))
            database.execute("DELETE FROM retention_mark")
        database.close()
        andon = self.start()
        self.keep_house(andon)
        retention = wait_for("the hold", lambda: self.site()["retention"]["held"] and self.site()["retention"])
        self.assertIn("days after the site's newest events", retention["reason"])
        self.assertEqual(self.books()["events"], 500)
        self.assertEqual(andon.stop(), 0)

        # The command is refused until a person confirms the clock.
        shifted = {**os.environ, "LD_PRELOAD": self.tools("shiftclock.so"), "SHIFTCLOCK_FILE": self.folder("offset")}
        refused = run(ANDON, "store", "prune", "--config", self.path, env=shifted, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("--yes-the-clock-is-right", refused.stdout)
        self.assertEqual(self.books()["events"], 500)
        done = run(ANDON, "store", "prune", "--config", self.path, "--yes-the-clock-is-right", env=shifted)
        self.assertIn("plant-a: 500 events deleted", done.stdout)

    def test_fault45_steps_of_2_hours_back_and_9_days_forward_lose_nothing(self):
        andon = self.start()
        self.send(range(10))
        self.received(10)
        sent = 10
        for step in (-2 * HOUR, 9 * DAY):
            self.shift(step)
            self.send(range(sent, sent + 20))
            # Replayed events count as received again.
            books = self.received(sent + 20 + self.books()["quarantine_replayed"])
            sent += 20
            self.assertEqual(books["rows"], {"bridge_clock": 20}, "none is refused for good")
            site = self.site()
            self.assertTrue(any(gap["cause"] == "bridge_clock" and gap["may_miss_events"] for gap in site["gaps"]))
            self.assertIn("the clock stepped", site["warning"])
            # While the clock is wrong, a replay changes nothing.
            report = json.loads(run(ANDON, "quarantine", "replay", "--config", self.path, "--site", "plant-a", "--code",
                                    "bridge_clock").stdout)
            self.assertEqual((report["taken"], report["kept"]), (0, 20))
            gaps = len(self.site()["gaps"])
            self.shift(0)
            wait_for("the step back", lambda: len(self.site()["gaps"]) > gaps)
            report = json.loads(run(ANDON, "quarantine", "replay", "--config", self.path, "--site", "plant-a", "--code",
                                    "bridge_clock").stdout)
            self.assertEqual((report["taken"], report["stored"]), (20, 20))
            books = self.books()
            self.assertEqual((books["events"], books["rows"]), (sent, {}))
        self.assertEqual(andon.stop(), 0)

    def test_fault45_at_1970_posted_events_wait_and_nothing_is_acknowledged(self):
        andon = self.start()
        self.send(range(10))
        self.received(10)
        self.assertEqual(andon.stop(), 0)
        self.send(range(10, 20))
        self.shift(60_000 - now_ms())
        andon = self.start(until_ready=False)
        wait_for("the hold", lambda: "clock" in self.site().get("trouble", ""))
        posted = [event(now_ms(), number) for number in range(20, 25)]
        status, answer = self.post(*posted)
        self.assertEqual(status, 503, answer)
        self.assertIn("the machine's clock says", answer["detail"])
        self.assertEqual(self.books()["received"], 10)
        self.shift(0)
        andon.wait_until_ready(self.status_port)
        status, answer = self.post(*posted)
        self.assertEqual((status, answer["stored"]), (200, 5))
        books = self.received(25)
        self.assertEqual((books["events"], books["rows"]), (25, {}))
        # The same while the bridge runs.
        self.shift(60_000 - now_ms())
        wait_for("the hold", lambda: "clock" in self.site().get("trouble", ""))
        self.assertEqual(self.post(event(now_ms(), 30))[0], 503)
        self.send(range(31, 40))
        self.shift(0)
        andon.wait_until_ready(self.status_port)
        self.assertEqual(self.post(event(now_ms(), 30))[0], 200)
        books = self.received(35)
        self.assertEqual((books["events"], books["rows"]), (35, {}))
        self.assertEqual(andon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
