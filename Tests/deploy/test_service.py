"""The service unit, and the real program under a stand-in for systemd."""
import os, re, shutil, signal, socket, time, unittest

from plant import ANDON, Andon, Folder, in_repository, read, run, wait_for, write

UNIT = in_repository("deploy/systemd/andon.service")
OVERVIEW = in_repository("deploy/systemd/andon-overview.service")


class Unit(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_the_exposure_stays_low(self):
        report = run("systemd-analyze", "security", "--offline=yes", UNIT).stdout
        score = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", report).group(1))
        self.assertLessEqual(score, 1.5, report)
        written = re.search(r"exposure level ([0-9.]+)", read(in_repository("docs/operations.md")))
        self.assertEqual(float(written.group(1)), score, "docs/operations.md names another score")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_the_overview_has_no_more_rights(self):
        report = run("systemd-analyze", "security", "--offline=yes", OVERVIEW).stdout
        self.assertLessEqual(float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", report).group(1)), 1.5, report)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_takes_every_line(self):
        for unit in (UNIT, OVERVIEW):
            folder = Folder()
            self.addCleanup(folder.remove)
            # The same unit with the built program: systemd-analyze verify checks that it can be executed.
            path = folder(os.path.basename(unit))
            write(path, read(unit).replace("/usr/bin/andon", ANDON).replace("Documentation=man:andon(1)\n", ""))
            done = run("systemd-analyze", "verify", "--man=no", path, check=False)
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_what_the_unit_starts_exists(self):
        for unit in (UNIT, OVERVIEW):
            command = re.search(r"^ExecStart=/usr/bin/andon (.*)$", read(unit), re.M).group(1).split()
            known = run(ANDON, command[0], "--help").stdout
            for option in (word for word in command if word.startswith("--")):
                self.assertIn(option, known)


class Notification(unittest.TestCase):
    def test_the_program_says_ready_feeds_the_watchdog_and_says_stopping(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(folder("notify"))
        listener.settimeout(20)
        # No broker listens at that port: a broker that is away must not prevent the start of the service.
        write(folder("andon.yaml"), f"bridge: {{data_dir: {folder('data')}}}\nbroker: {{url: 'mqtt://127.0.0.1:1'}}\n"
              "http: {listen: 'off'}\nsites: [{id: plant-a, timezone: UTC}]\n")
        andon = Andon(folder("andon.yaml"), {"NOTIFY_SOCKET": folder("notify"), "WATCHDOG_USEC": "400000"})
        self.addCleanup(andon.kill)
        self.assertEqual(listener.recv(4096).decode().split("\n")[0], "READY=1")
        fed = []
        while len(fed) < 4:
            if listener.recv(4096) == b"WATCHDOG=1":
                fed.append(time.monotonic())
        self.assertLess(max(later - earlier for earlier, later in zip(fed, fed[1:])), 0.4)
        andon.process.send_signal(signal.SIGSTOP)
        while True:
            listener.settimeout(0.6)
            try:
                listener.recv(4096)
            except TimeoutError:
                break  # Halted, it feeds nothing: systemd would end it.
        andon.process.send_signal(signal.SIGCONT)
        listener.settimeout(20)
        andon.process.terminate()
        while listener.recv(4096) != b"STOPPING=1":
            pass
        self.assertEqual(andon.stop(), 0)

    def test_a_file_that_another_process_has_is_a_failed_start(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        write(folder("andon.yaml"), f"bridge: {{data_dir: {folder('data')}}}\nbroker: {{url: 'mqtt://127.0.0.1:1'}}\n"
              "http: {listen: 'off'}\nsites: [{id: plant-a, timezone: UTC}]\n")
        first = Andon(folder("andon.yaml"))
        self.addCleanup(first.kill)
        wait_for("the site's file", lambda: os.path.exists(folder("data", "sites", "plant-a.sqlite")))
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(folder("notify"))
        listener.setblocking(False)
        second = Andon(folder("andon.yaml"), {"NOTIFY_SOCKET": folder("notify")}, folder("second.log"))
        self.addCleanup(second.kill)
        self.assertEqual(second.process.wait(20), 1)
        self.assertRaises(BlockingIOError, listener.recv, 4096)


if __name__ == "__main__":
    unittest.main()
