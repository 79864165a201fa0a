"""`andon init` at a real mosquitto: with options, and asked on a terminal. What it writes is accepted by `andon check` and
runs; what is wrong is named with the option, or with the line to change; nothing that is there is lost."""
import json, os, pty, re, select, subprocess, time, unittest

from plant import ANDON, Andon, Broker, Folder, event, free_port, now_ms, publish, read, run, wait_for, write

# A commented line that is a key or an item, as the head of the file promises.
KEY = re.compile(r"^( *)# (?=(  )*([a-z_]+:( |$)|- \{))", re.M)


class Init(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        os.makedirs(self.folder("plant"))
        self.file = self.folder("plant/andon.yaml")

    def broker(self, *replacements):
        port = free_port()
        broker = Broker("dev", self.folder(), {1883: port}, replacements).start()
        self.addCleanup(broker.stop)
        return broker, port

    def init(self, *options, check=True, **more):
        return run(ANDON, "init", *options, check=check, cwd=self.folder("plant"), stdin=subprocess.DEVNULL, **more)

    def terminal(self, arguments, answers):
        """Runs on a terminal: each answer is typed after its question. Returns the exit status and what was shown."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder("plant"))
            os.execv(ANDON, [ANDON, *arguments])
        shown, at = "", 0
        for question, answer in answers:
            end = time.monotonic() + 20
            while not re.search(question + r"[^\n]*: ?$", shown[at:]):
                self.assertLess(time.monotonic(), end, f"not asked: {question}\n{shown}")
                if select.select([terminal], [], [], 0.1)[0]:
                    shown += os.read(terminal, 4096).decode()
            at = len(shown)
            os.write(terminal, (answer + "\n").encode())
        try:
            while part := os.read(terminal, 4096):
                shown += part.decode()
        except OSError:
            pass  # The other side is closed.
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.replace("\r\n", "\n")

    def findings(self, path):
        done = run(ANDON, "check", "--offline", "--json", "--config", path, check=False)
        return json.JSONDecoder().raw_decode(done.stdout)[0]

    def test_from_nothing_to_a_stored_event(self):
        broker, port = self.broker()
        listen = free_port()
        done = self.init("--site", "plant-a", "--broker", f"mqtt://127.0.0.1:{port}", "--timezone", "Europe/Berlin",
                         "--shifts", "early=06:00-14:00,late=14:00-22:00", "--workstations", "S1,S2", "--target", "75",
                         "--listen", f"127.0.0.1:{listen}")
        self.assertIn(f"ok       broker   127.0.0.1:{port} answers, MQTT 5", done.stdout)
        self.assertIn("andon/v1/plant-a/camera/CAMERA/event", done.stdout)
        self.assertEqual([f for f in self.findings(self.file) if f["level"] == "error"], [])
        self.assertEqual(os.stat(self.folder("plant/http-token")).st_mode & 0o777, 0o600)
        # From another folder: what it wrote names its files by whole paths.
        bridge = Andon(self.file)
        self.addCleanup(bridge.stop)
        bridge.wait_until_ready(listen)
        self.assertEqual(publish(port, "andon/v1/plant-a/camera/cam-01/event", [event(now_ms(), 1)]).returncode, 0)
        wait_for("the event", lambda: run(ANDON, "export", "--config", self.file, "--site", "plant-a").stdout)
        self.assertTrue(os.path.exists(self.folder("plant/data/sites/plant-a.sqlite")))

    def test_every_key_in_a_comment_is_understood(self):
        self.init("--site", "plant-a", "--offline")
        text, count = KEY.subn(lambda match: match[1], read(self.file))
        self.assertGreaterEqual(count, 9)
        # The example of TLS needs its scheme.
        write(self.file, text.replace("mqtt://127.0.0.1:1883", "mqtts://127.0.0.1:8883"))
        config = [f for f in self.findings(self.file) if f["subject"] in ("config", "mapping")]
        self.assertEqual([f for f in config if f["level"] != "ok"], [])
        self.assertIn("shifts early, late; lines line-1", " ".join(f["text"] for f in config))
        self.assertIn("frigate-events", " ".join(f["text"] for f in config))

    def test_asked_on_a_terminal(self):
        run("mosquitto_passwd", "-c", "-b", self.folder("users"), "bridge", "with spaces ü")
        os.chmod(self.folder("users"), 0o644)
        _, port = self.broker(("allow_anonymous true", f"allow_anonymous false\npassword_file {self.folder('users')}"))
        status, shown = self.terminal(["init"], [
            ("Site", "plant a"), ("Site", "plant-b"), ("Name", "Plant \"B\": \\ ü"), ("Time zone", "Europe/Berlino"), ("Time zone", "Europe/Berlin"),
            ("Broker", "127.0.0.1"), ("Broker", f"mqtt://127.0.0.1:{port}"), ("user", "bridge"),
            ("Topic", "andon/v1/plant-a/camera/cam-01/event"), ("Topic", "andon/v1/plant-b/camera/cam-01/event"),
            ("Shifts", "early=6-14"), ("Shifts", "early=06:00-14:00"), ("Workstations", "S1"), ("target", ""),
            ("Password of bridge", "with spaces ü"),
        ])
        self.assertEqual(status, 0, shown)
        for hint in ("1 to 64 of", "did you mean Europe/Berlin?", "make them the same", "06:00"):
            self.assertIn(hint, shown)
        self.assertIn('logged in as "bridge"', shown)
        self.assertNotIn("with spaces", shown, "a password is not shown")
        self.assertEqual(read(self.folder("plant/mqtt-password")), "with spaces ü\n")
        self.assertEqual(os.stat(self.folder("plant/mqtt-password")).st_mode & 0o777, 0o600)
        text = read(self.file)
        self.assertNotIn("with spaces", text)
        self.assertIn('name: "Plant \\"B\\": \\\\ ü"', text)
        self.assertIn("cameras: [cam-01]", text)
        self.assertEqual([f for f in self.findings(self.file) if f["level"] == "error"], [])

    def test_a_terminal_that_ends_leaves_nothing(self):
        status, shown = self.terminal(["init"], [("Site", "plant-b"), ("Name", "\x04")])
        self.assertEqual((status, os.listdir(self.folder("plant"))), (1, []), shown)
        self.assertIn("nothing is written", shown)

    def test_the_camera_s_topic_gives_site_and_root_or_the_profile(self):
        self.init("--camera-topic", "acme/plant-c/camera/press-1/event", "--workstations", "S1", "--offline")
        text = read(self.file)
        for part in ("root: acme\n", "- id: plant-c\n", "cameras: [press-1]"):
            self.assertIn(part, text)
        self.init("--site", "plant-a", "--camera-topic", "frigate/events", "--offline", "--force")
        self.assertIn("\nmappings:\n  - {profile: frigate-events, site: plant-a}\n", read(self.file))
        self.assertEqual([f for f in self.findings(self.file) if f["level"] == "error"], [])
        self.assertEqual(read(self.file + "~"), text, "the file from before is kept")

    def test_nothing_is_replaced_and_nothing_half_written(self):
        write(self.file, "mine")
        done = self.init("--site", "plant-a", "--offline", check=False)
        self.assertEqual((done.returncode, read(self.file)), (1, "mine"), done.stdout)
        self.assertIn("andon.yaml is there already; --force replaces it", done.stdout)
        self.assertEqual(os.listdir(self.folder("plant")), ["andon.yaml"])
        self.init("--site", "plant-a", "--offline", "--force")
        token = read(self.folder("plant/http-token"))
        self.init("--site", "plant-a", "--offline", "--force")
        self.assertEqual(read(self.folder("plant/http-token")), token, "a token that is in use stays")

    def test_wrong_options_are_named_and_write_nothing(self):
        for options, expected in (
            ((), "give --site: without a terminal nothing is asked for"),
            (("--site", "a b"), "--site: must be 1 to 64 of"),
            (("--site", "a", "--timezone", "Europe/Berlino"), "--timezone: must be an IANA time zone .* did you mean Europe/Berlin"),
            (("--site", "a", "--broker", "broker:1883"), "--broker: "),
            (("--site", "a", "--broker", "mqtt://me:secret@broker"), "--broker: "),
            (("--site", "a", "--shifts", "early=06:00-14:00,late=13:00-22:00"), "--shifts: .*overlap"),
            (("--site", "a", "--target", "75"), "--target: a target belongs to a line"),
            (("--site", "a", "--workstations", "S1", "--target", "fast"), "--target: "),
            (("--site", "a", "--ca-file", "ca.crt"), "--ca-file: "),
            (("--site", "a", "--camera-topic", "andon/v1/b/camera/c/event"), 'the camera sends for the site "b", and --site is "a"'),
            (("--site", "a", "--camera-topic", "my/own"), 'no ready profile reads "my/own"'),
            (("--site", "a", "--listen", "0.0.0.0:x"), "--listen: "),
        ):
            done = self.init(*options, "--offline", check=False)
            self.assertEqual(done.returncode, 64, done.stdout)
            self.assertRegex(done.stdout, expected)
            self.assertNotIn("sites[0]", done.stdout)
        self.assertEqual(os.listdir(self.folder("plant")), [])

    def test_what_is_wrong_at_the_broker_is_named_with_the_line(self):
        _, port = self.broker()
        line = lambda key: next(n for n, text in enumerate(read(self.file).splitlines(), 1) if text.strip().startswith(key))
        closed = free_port()
        done = self.init("--site", "plant-a", "--broker", f"mqtt://127.0.0.1:{closed}", check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, rf"(?m)^ERROR +broker .*Connection refused → .*check broker\.url \(andon\.yaml:{line('url')}\)")
        self.assertIn("Error: andon.yaml is written, and the broker has one error", done.stdout)
        # `andon check` names the same line, or the variable that wins over it.
        checked = run(ANDON, "check", "--config", self.file, check=False).stdout
        self.assertIn(f"check broker.url ({self.file}:{line('url')})", checked)
        checked = run(ANDON, "check", "--config", self.file, check=False,
                      env={**os.environ, "ANDON_BROKER_URL": f"mqtt://127.0.0.1:{closed}"}).stdout
        self.assertIn("check broker.url (the variable ANDON_BROKER_URL)", checked)

        _, port = self.broker(("allow_anonymous true", "allow_anonymous false"))
        done = self.init("--site", "plant-a", "--broker", f"mqtt://127.0.0.1:{port}", "--force", check=False)
        self.assertRegex(done.stdout, rf"(?m)^ERROR +login .* → check broker\.username \(add it to broker, andon\.yaml:{line('broker:')}\)")

    def test_in_the_package_s_folder_secrets_are_where_the_service_has_them(self):
        os.makedirs(self.folder("plant/credentials"), 0o700)
        done = run(ANDON, "init", "--site", "plant-a", "--user", "bridge", "--offline", cwd=self.folder("plant"), input="secret\n")
        text = read(self.file)
        for part in ('password_file: "/run/credentials/andon.service/mqtt-password"', 'data_dir: "/var/lib/andon"',
                     'token_file: "/run/credentials/andon.service/http-token"'):
            self.assertIn(part, text, done.stdout)
        self.assertEqual(read(self.folder("plant/credentials/mqtt-password")), "secret\n")
        self.assertGreaterEqual(len(read(self.folder("plant/credentials/http-token")).strip()), 32)


if __name__ == "__main__":
    unittest.main()
