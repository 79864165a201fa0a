"""The broker profiles in mosquitto/, each started and used: dev, plant (TLS, passwords, certificates, rules) and edge."""
import os, shutil, subprocess, time, unittest

from plant import (ANDON, Andon, Broker, Folder, accepts, counts, event, free_port, in_repository, now_ms, publish, read, run,
                   subscribe, wait_for, write)

EVENT = "andon/v1/plant-a/camera/cam-01/event"
PROBE = "andon/v1/_bridge/probe/status"


class Secured:
    """Certificates, users and rules of a plant, made by the repository's own scripts."""

    def __init__(self, home, users=("bridge", "panel", "operator", "edge-plant-a"), cameras=("cam-01", "cam-02")):
        self.home = home
        self.passwords = {}
        os.makedirs(home, exist_ok=True)
        os.chmod(home, 0o755)
        shutil.copy(in_repository("mosquitto/plant.acl"), f"{home}/acl")
        os.chmod(f"{home}/acl", 0o640)
        if os.geteuid() == 0:
            shutil.chown(f"{home}/acl", "root", "mosquitto")
        run(in_repository("scripts/make-certs"), "--out", f"{home}/certs", "--host", "localhost", "--host", "127.0.0.1",
            *[word for camera in cameras for word in ("--camera", f"plant-a/{camera}")])
        for user in users:
            self.add("user", user)
        for camera in cameras:
            self.add("add", "plant-a", camera)

    def add(self, *words):
        lines = run(in_repository("scripts/camera"), "--files", self.home, *words).stdout.split("\n")
        fields = dict(line.split(None, 1) for line in lines if " " in line)
        self.passwords[fields["user"]] = fields["password"]

    def login(self, user):
        return ["--cafile", f"{self.home}/certs/ca.crt", "-u", user, "-P", self.passwords[user]]

    def certificate(self, name):
        return ["--cafile", f"{self.home}/certs/ca.crt", "--cert", f"{self.home}/certs/{name}.crt",
                "--key", f"{self.home}/certs/{name}.key"]


class DevProfile(unittest.TestCase):
    def test_a_retained_message_survives_a_restart(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        port = free_port()
        broker = Broker("dev", folder(), {1883: port})
        self.addCleanup(broker.stop)
        broker.start()
        self.assertEqual(publish(port, "andon/v1/plant-a/camera/cam-01/status", ["online"], "-r").returncode, 0)
        broker.stop()
        broker.start()
        self.assertEqual(subscribe(port, "andon/v1/plant-a/camera/+/status"), ["online"])


class PlantProfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        cls.plant = Secured(cls.folder())
        cls.passwords, cls.certificates = free_port(), free_port()
        cls.broker = Broker("plant", cls.folder(), {8883: cls.passwords, 8884: cls.certificates}).start()

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.remove()

    def reaches(self, writer, topic, reader="bridge", filter=None, port=None, login=None):
        """Whether what the writer publishes comes to the reader. A second message that may pass proves that the
        reader listened, so that nothing is taken for forbidden that was only late."""
        heard = self.folder("heard")
        with open(heard, "wb") as output:
            listening = subprocess.Popen(
                ["mosquitto_sub", "-h", "localhost", "-p", str(self.passwords), "-V", "mqttv5", "-q", "1", "-R", "-t",
                 filter or topic, "-t", PROBE, "-W", "20", "-v", *self.plant.login(reader)], stdout=output)

        def ask(text):
            # The message is not retained, so it is repeated until the reader is subscribed.
            end = time.monotonic() + 10
            while f"{PROBE} {text}" not in read(heard).splitlines():
                self.assertLess(time.monotonic(), end, f"{reader} never heard the probe")
                publish(self.passwords, PROBE, [text], *self.plant.login("bridge"))

        try:
            ask("listening")
            publish(port or self.passwords, topic, ["the message"], *(login or self.plant.login(writer)))
            ask("after it")
            return f"{topic} the message" in read(heard).splitlines()
        finally:
            listening.kill()
            listening.wait()

    def test_a_camera_writes_its_own_events_and_no_others(self):
        camera = "plant-a/camera/cam-01"
        self.assertTrue(self.reaches(camera, EVENT))
        self.assertTrue(self.reaches(camera, "andon/v1/plant-a/camera/cam-01/status"))
        for topic in ("andon/v1/plant-a/camera/cam-02/event", "andon/v1/plant-b/camera/cam-01/event",
                      "andon/v1/plant-a/cmd/alert/ack", "andon/v1/_bridge/bridge-01/status"):
            self.assertFalse(self.reaches(camera, topic), topic)

    def test_a_camera_reads_its_own_reject_notices_only(self):
        own, other = (f"andon/v1/plant-a/camera/{camera}/reject" for camera in ("cam-01", "cam-02"))
        self.assertEqual(publish(self.passwords, own, ["bad"], "-r", *self.plant.login("bridge")).returncode, 0)
        self.assertEqual(publish(self.passwords, other, ["bad"], "-r", *self.plant.login("bridge")).returncode, 0)
        camera = self.plant.login("plant-a/camera/cam-01")
        self.assertEqual(subscribe(self.passwords, "andon/v1/plant-a/camera/+/reject", "-v", *camera, count=2),
                         [f"{own} bad"])

    def test_a_certificate_is_a_login_of_the_same_name(self):
        login = self.plant.certificate("plant-a_camera_cam-01")
        self.assertTrue(self.reaches(None, EVENT, port=self.certificates, login=login))
        self.assertFalse(self.reaches(None, EVENT.replace("01", "02"), port=self.certificates, login=login))

    def test_panels_read_and_only_operators_command(self):
        kpi = "andon/v1/plant-a/kpi/site/plant-a/hour"
        self.assertTrue(self.reaches("bridge", kpi, reader="panel"))
        self.assertTrue(self.reaches("bridge", "andon/v1/plant-a/alert/drift/cam-01", reader="operator"))
        self.assertFalse(self.reaches("panel", kpi))
        self.assertFalse(self.reaches("plant-a/camera/cam-01", EVENT, reader="panel"))
        command = "andon/v1/plant-a/cmd/alert/ack"
        self.assertFalse(self.reaches("panel", command))
        self.assertTrue(self.reaches("operator", command))

    def test_andon_check_finds_nothing_missing(self):
        write(self.folder("password"), self.plant.passwords["bridge"], 0o600)
        write(self.folder("andon.yaml"), f"""
bridge: {{id: bridge-01, data_dir: {self.folder("data")}}}
broker:
  url: mqtts://localhost:{self.passwords}
  username: bridge
  password_file: {self.folder("password")}
  tls: {{ca_file: {self.folder("certs", "ca.crt")}}}
sites: [{{id: plant-a, timezone: UTC}}]
""")
        done = run(ANDON, "check", "--config", self.folder("andon.yaml"), check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("may publish KPIs", done.stdout)
        self.assertIn("may read events: proven", done.stdout)
        self.assertIn("keeps the session", done.stdout)
        # The same rules without the bridge's right to read: the check reports it with the rule to add.
        rules = self.folder("acl")
        whole = read(rules)
        write(rules, whole.replace("topic read andon/v1/+/camera/+/event\n", ""), 0o640)
        self.broker.reload()
        try:
            done = wait_for("the finding", lambda: self.checked_with("delivers nothing"), 30)
            self.assertIn("topic read andon/v1/plant-a/camera/+/event", done)
        finally:
            write(rules, whole, 0o640)
            self.broker.reload()

    def checked_with(self, words):
        done = run(ANDON, "check", "--config", self.folder("andon.yaml"), check=False)
        return done.stdout if done.returncode == 1 and words in done.stdout else None

    def refused(self, port, *login):
        return publish(port, EVENT, ["x"], *login, seconds=2).returncode != 0

    def test_the_door_is_closed_for_others(self):
        right = self.plant.login("plant-a/camera/cam-01")
        wrong = right[:-1] + ["not-the-password"]
        self.assertFalse(self.refused(self.passwords, *right))
        self.assertTrue(self.refused(self.passwords, *wrong))
        self.assertTrue(self.refused(self.passwords, *right[:2]), "without a name")
        self.assertTrue(self.refused(self.certificates, *right), "without a certificate")
        self.assertTrue(self.refused(self.passwords, *right[2:]), "in the clear")
        stranger = self.folder("stranger")
        run(in_repository("scripts/make-certs"), "--out", stranger, "--host", "localhost")
        self.assertTrue(self.refused(self.passwords, "--cafile", f"{stranger}/ca.crt", *right[2:]), "another authority")

    def test_a_revoked_camera_stays_outside(self):
        self.plant.add("add", "plant-a", "cam-09")
        run(in_repository("scripts/make-certs"), "--out", self.folder("certs"), "--camera", "plant-a/cam-09")
        self.broker.reload()
        login = self.plant.login("plant-a/camera/cam-09")
        certificate = self.plant.certificate("plant-a_camera_cam-09")
        for name in (".crt", ".key"):
            shutil.copy(self.folder("certs", "plant-a_camera_cam-09" + name), self.folder("stolen" + name))
        topic = EVENT.replace("01", "09")
        wait_for("cam-09 is let in", lambda: publish(self.passwords, topic, ["x"], *login).returncode == 0)
        self.assertEqual(publish(self.certificates, topic, ["x"], *certificate).returncode, 0)

        run(in_repository("scripts/camera"), "--files", self.folder(), "revoke", "plant-a", "cam-09")
        self.assertEqual(run(in_repository("scripts/camera"), "--files", self.folder(), "list").stdout,
                         "plant-a cam-01\nplant-a cam-02\n")
        run(in_repository("scripts/make-certs"), "--out", self.folder("certs"), "--revoke", "plant-a/cam-09")
        self.broker.stop()
        self.broker.start()
        self.assertTrue(self.refused(self.passwords, *login))
        stolen = certificate[:2] + ["--cert", self.folder("stolen.crt"), "--key", self.folder("stolen.key")]
        self.assertTrue(self.refused(self.certificates, *stolen))
        self.assertEqual(publish(self.passwords, EVENT, ["x"], *self.plant.login("plant-a/camera/cam-01")).returncode, 0)


class EdgeProfile(unittest.TestCase):
    def test_ten_thousand_events_wait_for_the_plant_and_all_arrive_once(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        plant = Secured(folder("plant"))
        port = free_port()
        plant_broker = Broker("plant", folder("plant"), {8883: port, 8884: free_port()})
        self.addCleanup(plant_broker.stop)
        shutil.copytree(folder("plant", "certs"), folder("edge", "certs"))
        edge = Secured.__new__(Secured)
        edge.home, edge.passwords = folder("edge"), {}
        shutil.copy(folder("plant", "acl"), folder("edge", "acl"))
        if os.geteuid() == 0:
            shutil.chown(folder("edge", "acl"), "root", "mosquitto")
            shutil.chown(folder("edge", "certs", "server.key"), "root", "mosquitto")
        edge.add("add", "plant-a", "cam-01")
        local = free_port()
        edge_broker = Broker("edge", folder("edge"), {8883: local}, [
            ("address broker.plant.example:8883", f"address localhost:{port}"),
            ("remote_password CHANGE-ME", f"remote_password {plant.passwords['edge-plant-a']}"),
            ("restart_timeout 1 30", "restart_timeout 1 2"),
        ])
        self.addCleanup(edge_broker.stop)

        configuration, status = folder("andon.yaml"), free_port()
        write(folder("password"), plant.passwords["bridge"], 0o600)
        write(configuration, f"""
bridge: {{id: bridge-01, data_dir: {folder("data")}}}
broker:
  url: mqtts://localhost:{port}
  username: bridge
  password_file: {folder("password")}
  tls: {{ca_file: {folder("plant", "certs", "ca.crt")}}}
http: {{listen: "127.0.0.1:{status}"}}
sites: [{{id: plant-a, timezone: UTC}}]
""")
        # One connection first, so that the plant's broker knows the session and Andon's subscription.
        plant_broker.start()
        andon = Andon(configuration)
        self.addCleanup(andon.kill)
        andon.wait_until_ready(status)
        edge_broker.start()
        login = edge.login("plant-a/camera/cam-01")
        at_ms = now_ms() - 600_000
        self.assertEqual(publish(local, EVENT, [event(at_ms, 0)], *login).returncode, 0)
        wait_for("the first event in the store", lambda: counts(configuration, "plant-a")["events"] == 1)

        plant_broker.stop()
        first = [event(at_ms + number, number) for number in range(1, 6001)]
        self.assertEqual(publish(local, EVENT, first, *login).returncode, 0)
        # The edge machine restarts during the outage.
        edge_broker.stop()
        edge_broker.start()
        second = [event(at_ms + number, number) for number in range(6001, 10_000)]
        self.assertEqual(publish(local, EVENT, second, *login).returncode, 0)
        self.assertEqual(counts(configuration, "plant-a")["events"], 1)

        plant_broker.start()
        wait_for(lambda: f"10 000 events in the store, not {counts(configuration, 'plant-a')}; bridge: {andon.log()[-3000:]}",
                 lambda: counts(configuration, "plant-a")["events"] >= 10_000, 40)
        self.assertEqual(counts(configuration, "plant-a"), 
                         {"events": 10_000, "distinct": 10_000, "received": 10_000, "duplicate": 0})
        self.assertEqual(andon.stop(), 0)

    def test_properties_and_retained_status_go_along(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        plant = Secured(folder("plant"))
        port = free_port()
        plant_broker = Broker("plant", folder("plant"), {8883: port, 8884: free_port()}).start()
        self.addCleanup(plant_broker.stop)
        local = free_port()
        edge = Secured(folder("edge"))
        edge_broker = Broker("edge", folder("edge"), {8883: local}, [
            ("address broker.plant.example:8883", f"address localhost:{port}"),
            ("bridge_cafile " + folder("edge", "certs", "ca.crt"), "bridge_cafile " + folder("plant", "certs", "ca.crt")),
            ("remote_password CHANGE-ME", f"remote_password {plant.passwords['edge-plant-a']}"),
        ]).start()
        self.addCleanup(edge_broker.stop)
        status = EVENT.replace("/event", "/status")
        published = publish(local, status, ["online"], "-r", "-D", "publish", "content-type", "text/plain",
                            "-D", "publish", "user-property", "firmware", "7.1",
                            *edge.login("plant-a/camera/cam-01"))
        self.assertEqual(published.returncode, 0, published.stdout)
        reader = plant.login("bridge")
        got = wait_for("the status at the plant", lambda: subscribe(port, status, "-F", "%p|%r|%C|%P", *reader))
        self.assertEqual(got, ["online|1|text/plain|firmware:7.1"])
        # Towards the camera: the bridge's message about a rejected event.
        publish(port, EVENT.replace("/event", "/reject"), ["because"], "-r", *reader)
        wait_for("the notice at the edge", lambda: subscribe(
            local, EVENT.replace("/event", "/reject"), *edge.login("plant-a/camera/cam-01"), seconds=2) == ["because"])


class Scripts(unittest.TestCase):
    def test_names_that_cannot_be_are_refused(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        camera = in_repository("scripts/camera")
        for words in (["add", "plant/a", "cam"], ["add", "plant-a", "+"], ["add", "plant-a"], ["add", "plant-a", "c:1"],
                      ["user", "#"], ["forget", "plant-a", "cam"]):
            self.assertEqual(run(camera, "--files", folder(), *words, check=False).returncode, 64, words)
        certs = in_repository("scripts/make-certs")
        for words in (["--out", folder()], ["--host", "localhost"], ["--out", folder(), "--host", "a b"],
                      ["--out", folder("x"), "--host", "h", "--camera", "plant-a"]):
            self.assertEqual(run(certs, *words, check=False).returncode, 64, words)

    def test_adding_again_changes_the_password_of_that_camera_only(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        plant = Secured.__new__(Secured)
        plant.home, plant.passwords = folder(), {}
        # A second connection with the same client id ends the first one.
        for site in ("a", "plant-a"):
            plant.add("add", site, "cam-01")
        before = dict(line.split(":", 1) for line in read(folder("passwd")).splitlines())
        plant.add("add", "a", "cam-01")
        after = dict(line.split(":", 1) for line in read(folder("passwd")).splitlines())
        self.assertEqual(after.keys(), before.keys())
        self.assertEqual(after["plant-a/camera/cam-01"], before["plant-a/camera/cam-01"])
        self.assertNotEqual(after["a/camera/cam-01"], before["a/camera/cam-01"])
        self.assertEqual(sorted(os.listdir(folder())), ["passwd"])


if __name__ == "__main__":
    unittest.main()
