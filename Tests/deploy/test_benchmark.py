"""The benchmark's own programs: a yardstick is worth nothing when it loses events, and a result nothing when the machine
was busy."""
import contextlib, json, sqlite3, subprocess, sys, unittest

from plant import ANDON, in_repository

sys.path.insert(0, in_repository("Benchmarks"))
from measure.cpu import c_sink  # noqa: E402
from measure.machine import Yardstick  # noqa: E402
from measure.programs import Postgres, Workbench  # noqa: E402


EVENTS = 3000


class Noise(unittest.TestCase):
    @staticmethod
    def yardstick(*costs):
        found = Yardstick(10)
        for cost in costs:
            found.add(cost)
        return found

    def test_a_busy_machine_gives_no_result(self):
        with self.assertRaisesRegex(SystemExit, r"no result.*3\.50, 3\.60, 3\.40, 4\.20, 3\.50.*20 % from its median"):
            self.yardstick(3.5, 3.6, 3.4, 4.2, 3.5).check()

    def test_a_quiet_machine_gives_one(self):
        self.assertIn("within ±8.6 %", self.yardstick(3.5, 3.6, 3.4, 3.8, 3.5).check())


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = Workbench(ANDON, None)
        cls.addClassCleanup(cls.bench.close)

    def setUp(self):
        self.bench.fresh_broker()
        self.site = self.id().rsplit(".", 1)[-1][:40]

    def test_a_c_sink_that_cannot_commit_acknowledges_nothing(self):
        sink = c_sink(self.bench, self.site)
        sink.prepare()
        self.bench.fill(self.site, EVENTS)
        command = [*sink.command, str(self.bench.port), sink.client, sink.topic, sink.store, str(EVENTS)]
        failed = subprocess.run(["prlimit", "--fsize=65536", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.assertNotEqual(failed.returncode, 0, "the file cannot hold the events")
        # A first small commit may have fitted. All the rest is still at the broker: a run that hears nothing ends in an error.
        self.assertLess(self.rows(sink), EVENTS)
        while self.rows(sink) < EVENTS:
            sink.run(1)
        self.assertEqual(self.rows(sink), EVENTS)

    @staticmethod
    def rows(sink):
        with contextlib.closing(sqlite3.connect(sink.store)) as database:
            return database.execute("SELECT count(*) FROM event").fetchone()[0]

    def test_the_c_sink_stores_each_event_once_and_refuses_what_is_none(self):
        sink = c_sink(self.bench, self.site)
        sink.prepare()
        self.bench.fill(self.site, EVENTS, passes=2, workers=7)
        for payload in ("", "{}", '{"timestamp":1,"worker_id":"W1"}', "[1]"):
            subprocess.run(["mosquitto_pub", "-p", str(self.bench.port), "-q", "1", "-t", f"andon/v1/{self.site}/camera/cam-01/event",
                            "-m", payload], check=True, timeout=20)
        _, result = sink.run(2 * EVENTS + 4)
        self.assertEqual((result["received"], result["rejected"]), (2 * EVENTS + 4, 4))
        with contextlib.closing(sqlite3.connect(sink.store)) as database:
            self.assertEqual(database.execute("SELECT count(*), count(DISTINCT hex(event_id)), max(length(event_id)) FROM event").fetchone(),
                             (EVENTS, EVENTS, 16))
            self.assertEqual(database.execute("SELECT count(*) FROM name WHERE kind = 0").fetchone(), (7,))

    @unittest.skipUnless(Postgres.find(), "PostgreSQL is not installed: scripts/bootstrap --bench")
    def test_the_postgres_sink_stores_each_event_once(self):
        self.bench.compile("postgres_sink", "-I/usr/include/postgresql", "-lmosquitto", "-lpq")
        sink = Postgres(self.bench, self.site)
        sink.prepare()
        self.bench.fill(self.site, EVENTS, passes=2)
        sink.drain(2 * EVENTS)
        sink.start()
        try:
            out = subprocess.run([f"{sink.programs}/psql", "-AtX", sink.store, "-c", "SELECT count(*), count(DISTINCT event_id) FROM event"],
                                 check=True, capture_output=True, text=True, timeout=20).stdout
        finally:
            sink.stop()
        self.assertEqual(out.strip(), f"{EVENTS}|{EVENTS}")

    def test_an_outage_and_its_backlog_are_all_events_once(self):
        def lines(count, *options):
            out = subprocess.run([f"{self.bench.folder}/backlog", "lines", str(count), "--first", "1000000", "--step", "20", *options],
                                 check=True, capture_output=True, text=True, timeout=20).stdout
            return [json.loads(line) for line in out.splitlines()]
        before = lines(600, "--hole", "360")
        # The last camera misses 40 events; while they come, the others send as many.
        after = lines(80, "--from", "600", "--catch-up", "360")
        self.assertEqual(len(before), 560)
        ids = [event["event_id"] for event in before + after]
        self.assertEqual(len(set(ids)), len(ids))
        missed = {event["event_id"] for event in lines(600)} - {event["event_id"] for event in before}
        self.assertEqual({event["event_id"] for event in after if event["camera_id"] == "cam-06"}, missed)
        for camera in {event["camera_id"] for event in after}:
            times = [event["timestamp"] for event in before + after if event["camera_id"] == camera]
            self.assertEqual(times, sorted(times))


if __name__ == "__main__":
    unittest.main()
