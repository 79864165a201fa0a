"""Mistakes on purpose, at a plant that is set up by the repository's own profile and scripts: `andon check` finds each, by
a line that says what to do, and ends with status 1."""
import os, re, shutil, subprocess, unittest

from plant import ANDON, Broker, Folder, event, free_port, in_repository, now_ms, read, run, write
from test_brokers import Secured


class Mistakes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        cls.plant = Secured(cls.folder())
        cls.port = free_port()
        cls.broker = Broker("plant", cls.folder(), {8883: cls.port, 8884: free_port()}).start()
        write(cls.folder("password"), cls.plant.passwords["bridge"], 0o600)

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.remove()

    def check(self, port=None, authority=None, site="{id: plant-a, timezone: Europe/Berlin}", queue=100):
        path = self.folder("andon.yaml")
        write(path, f"""
bridge: {{id: bridge-01, data_dir: {self.folder("data")}}}
broker:
  url: mqtts://localhost:{port or self.port}
  username: bridge
  password_file: {self.folder("password")}
  tls: {{ca_file: {authority or self.folder("certs/ca.crt")}}}
sites: [{site}]
""")
        done = run(ANDON, "check", "--config", path, "--queue", str(queue), "--rate", "1", check=False)
        return done.returncode, done.stdout

    def found(self, pattern, **settings):
        """One line with the mistake and what to do, and status 1."""
        status, said = self.check(**settings)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, pattern)

    def test_nothing_is_wrong(self):
        status, said = self.check()
        self.assertEqual(status, 0, said)

    @unittest.skipUnless(os.geteuid() == 0, "giving a folder to somebody needs root")
    def test_a_check_by_root_leaves_nothing_and_finds_what_root_left(self):
        data = self.folder("data")
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(data)
        shutil.chown(data, "mosquitto")
        self.addCleanup(shutil.rmtree, data)
        self.assertEqual(self.check()[0], 0)
        self.assertEqual(os.listdir(data), [])
        os.makedirs(f"{data}/sites")
        self.found(r"(?m)^ERROR +folder .*belongs to root, .* to mosquitto: the service cannot write it → chown -R mosquitto: ")

    def test_wrong_authority(self):
        run(in_repository("scripts/make-certs"), "--out", self.folder("stranger"), "--host", "localhost")
        self.found(r"(?m)^ERROR .*certificate.* → .*broker\.tls\.ca_file", authority=self.folder("stranger/ca.crt"))

    def test_missing_rule(self):
        rules = self.folder("acl")
        whole = read(rules)
        self.addCleanup(self.broker.reload)
        self.addCleanup(write, rules, whole, 0o640)
        for line in ("topic read andon/v1/+/camera/+/event", "topic write andon/v1/+/kpi_final/#"):
            self.assertIn(line + "\n", whole)
            write(rules, whole.replace(line + "\n", ""), 0o640)
            self.broker.reload()
            wanted = re.escape(line).replace(r"v1/\+/camera", "v1/plant-a/camera")
            self.found(rf"(?m)^ERROR .* → {wanted}.* in the broker's ACL file")

    def test_a_queue_of_a_thousand(self):
        os.makedirs(self.folder("short"))
        plant = Secured(self.folder("short"))
        port = free_port()
        short = Broker("plant", self.folder("short"), {8883: port, 8884: free_port()}, [
            (re.search(r"^max_queued_messages \d+$", read(in_repository("mosquitto/plant.conf")), re.M).group(0),
             "max_queued_messages 1000")]).start()
        self.addCleanup(short.stop)
        self.addCleanup(write, self.folder("password"), self.plant.passwords["bridge"], 0o600)
        write(self.folder("password"), plant.passwords["bridge"], 0o600)
        self.found(r"(?m)^ERROR +queue .*kept only 10\d\d of 1500 messages, 1\d min at 1 messages a second.* → set max_queued_messages",
                   port=port, authority=self.folder("short/certs/ca.crt"), queue=1500)

    def test_wrong_zone(self):
        self.found(r"andon\.yaml:8: sites\[0\]\.timezone: must be an IANA time zone such as Europe/Berlin, not \"Europe/Berlino\"",
                   site="{id: plant-a, timezone: Europe/Berlino}")

    def test_overlapping_shifts(self):
        self.found(r"andon\.yaml:8: sites\[0\]\.shifts\[1\].*overlap",
                   site='{id: plant-a, timezone: UTC, shifts: [{id: early, start: "06:00", end: "14:00"}, '
                        '{id: late, start: "13:30", end: "22:00"}]}')

    def test_a_clock_ten_minutes_off(self):
        for offset, word in ((-600_000, "behind"), (600_000, "ahead")):
            with open(self.folder("camera.log"), "wb") as log:
                camera = subprocess.Popen(
                    ["sh", "-c", 'while mosquitto_pub "$@"; do sleep 0.1; done', "camera", "-h", "localhost", "-p",
                     str(self.port), "-q", "1", *self.plant.login("plant-a/camera/cam-01"),
                     "-t", "andon/v1/plant-a/camera/cam-01/event", "-m", event(now_ms() + offset, 1)],
                    stdout=log, stderr=log, start_new_session=True)
            try:
                self.found(rf"(?m)^ERROR .*camera cam-01 is (59|60)\d s {word}.* → .*(NTP|clock)")
            finally:
                os.killpg(camera.pid, 9)
                camera.wait()


if __name__ == "__main__":
    unittest.main()
