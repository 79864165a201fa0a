"""The drills of docs/operations.md, with the real program and the broker of profile dev."""
import glob, json, os, re, shutil, signal, sqlite3, unittest, urllib.request

from plant import (ANDON, Andon, Broker, Folder, counts, event, free_port, now_ms, publish, read, run, wait_for,
                   write)

EVENT = "andon/v1/plant-a/camera/cam-01/event"


class Drill(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.port = free_port()
        os.makedirs(self.folder("broker"))
        self.broker = Broker("dev", self.folder("broker"), {1883: self.port})
        self.addCleanup(self.broker.stop)
        self.broker.start()
        self.at_ms = now_ms() - 3_600_000
        self.number = 0

    def bridge(self, name, bridge_id="bridge-01"):
        """A machine: a folder with configuration and data; returns the configuration's path."""
        os.makedirs(self.folder(name), exist_ok=True)
        path = self.folder(name, "andon.yaml")
        status = free_port()
        write(path, f"""
bridge: {{id: {bridge_id}, data_dir: {self.folder(name, "data")}}}
broker: {{url: "mqtt://127.0.0.1:{self.port}"}}
http: {{listen: "127.0.0.1:{status}"}}
sites: [{{id: plant-a, timezone: UTC}}]
""")
        return path, status

    def start(self, machine):
        path, status = machine
        andon = Andon(path)
        self.addCleanup(andon.kill)
        andon.wait_until_ready(status)
        return andon

    def send(self, count):
        lines = [event(self.at_ms + number, number) for number in range(self.number, self.number + count)]
        self.number += count
        self.assertEqual(publish(self.port, EVENT, lines).returncode, 0)

    def wait_for_events(self, machine, count):
        wait_for(f"{count} events, there are {counts(machine[0], 'plant-a')}",
                 lambda: counts(machine[0], "plant-a")["events"] >= count)
        self.assertEqual(counts(machine[0], "plant-a")["events"], count)

    def site_file(self, name):
        return self.folder(name, "data", "sites", "plant-a.sqlite")

    def test_backup_and_restore(self):
        machine = self.bridge("machine")
        andon = self.start(machine)
        self.send(100)
        self.wait_for_events(machine, 100)
        backups = self.folder("backups")
        copy = run(ANDON, "store", "backup", "--config", machine[0], "--to", backups).stdout.strip()
        self.assertEqual(glob.glob(f"{backups}/plant-a-*Z.sqlite"), [copy])
        self.send(50)
        self.wait_for_events(machine, 150)
        self.assertEqual(andon.stop(), 0)

        broken = self.folder("broken")
        os.makedirs(broken)
        for path in glob.glob(self.site_file("machine") + "*"):
            shutil.move(path, broken)
        shutil.copy(copy, self.site_file("machine"))
        checked = run(ANDON, "store", "check", "--config", machine[0], "--site", "plant-a", "--all").stdout
        self.assertIn("structure: sound", checked)
        self.assertIn("100 received, all accounted for", checked)
        andon = self.start(machine)
        self.assertEqual(counts(machine[0], "plant-a")["events"], 100)
        self.send(10)
        self.wait_for_events(machine, 110)
        self.assertEqual(andon.stop(), 0)

        # The damaged file can still be read: its events are imported, and those already present are duplicates.
        other = self.bridge("other")
        os.makedirs(os.path.dirname(self.site_file("other")))
        for path in glob.glob(f"{broken}/*"):
            shutil.copy(path, os.path.dirname(self.site_file("other")))
        exported = run(ANDON, "export", "--config", other[0], "--site", "plant-a").stdout
        write(self.folder("rest.jsonl"), "".join(line + "\n" for line in exported.splitlines() if line.startswith("{")))
        imported = run(ANDON, "import", "--config", machine[0], "--site", "plant-a", self.folder("rest.jsonl")).stdout
        self.assertIn('"stored":50', imported)
        self.assertIn('"duplicate":100', imported)
        self.assertEqual(counts(machine[0], "plant-a")["events"], 160)

    def test_a_damaged_backup_is_found_before_it_is_used(self):
        machine = self.bridge("machine")
        andon = self.start(machine)
        self.send(300)
        self.wait_for_events(machine, 300)
        copy = run(ANDON, "store", "backup", "--config", machine[0], "--to", self.folder("backups")).stdout.strip()
        andon.stop()
        for path in glob.glob(self.site_file("machine") + "*"):
            os.remove(path)
        shutil.copy(copy, self.site_file("machine"))
        with open(self.site_file("machine"), "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 8192)
        done = run(ANDON, "store", "check", "--config", machine[0], "--site", "plant-a", check=False)
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_a_site_moves_to_another_machine(self):
        old, new = self.bridge("old"), self.bridge("new")
        andon = self.start(old)
        self.send(40)
        self.wait_for_events(old, 40)
        self.assertEqual(andon.stop(), 0)
        self.send(25)
        os.makedirs(os.path.dirname(self.site_file("new")))
        for path in glob.glob(self.site_file("old") + "*"):
            if not path.endswith(".lock"):
                shutil.copy(path, os.path.dirname(self.site_file("new")))
        run(ANDON, "store", "check", "--config", new[0], "--site", "plant-a")
        andon = self.start(new)
        self.wait_for_events(new, 65)
        self.send(5)
        self.wait_for_events(new, 70)
        self.assertEqual(andon.stop(), 0)
        self.assertEqual(counts(old[0], "plant-a")["events"], 40)

    def test_one_site_of_several_moves_to_a_bridge_of_another_name(self):
        old, new = self.bridge("old"), self.bridge("new", "bridge-02")
        whole = read(old[0])

        def follow(machine, andon, *sites):
            """The machine's configuration lists these sites from now on."""
            listed = ", ".join(f"{{id: {site}, timezone: UTC}}" for site in sites)
            write(machine[0], re.sub(r"sites: .*", f"sites: [{listed}]", read(machine[0])))
            done = self.config(machine)["reloads"]
            andon.process.send_signal(signal.SIGHUP)
            wait_for("the reload", lambda: self.config(machine)["reloads"] == done + 1)
            andon.wait_until_ready(machine[1])

        write(old[0], re.sub(r"sites: .*", "sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC}]", whole))
        write(new[0], read(new[0]).replace("id: plant-a", "id: plant-c"))
        first, second = self.start(old), self.start(new)
        self.send(40)
        self.wait_for_events(old, 40)
        # 1. The new session begins before the old one ends.
        follow(new, second, "plant-c", "plant-a")
        follow(new, second, "plant-c")
        for path in glob.glob(self.site_file("new") + "*"):
            os.remove(path)
        self.send(7)
        self.wait_for_events(old, 47)
        # 2.
        follow(old, first, "plant-b")
        self.send(25)
        # 3.
        write(self.folder("whole.yaml"), whole)
        copy = run(ANDON, "store", "backup", "--config", self.folder("whole.yaml"), "--to", self.folder("backups")).stdout.strip()
        shutil.copy(copy, self.site_file("new"))
        # 4.
        follow(new, second, "plant-c", "plant-a")
        self.wait_for_events(new, 72)
        self.assertEqual(counts(new[0], "plant-a")["duplicate"], 7)
        # No other client's connection was affected.
        for client in ("bridge-01-plant-b", "bridge-02-plant-c"):
            self.assertEqual(len(re.findall(rf"New client connected from \S+ as andon-{client} ", self.broker.log())), 1)
        self.assertEqual((first.stop(), second.stop()), (0, 0))

    def config(self, machine):
        with urllib.request.urlopen(f"http://127.0.0.1:{machine[1]}/status", timeout=5) as answer:
            return json.load(answer)["config"]

    def test_the_broker_restarts(self):
        machine = self.bridge("machine")
        andon = self.start(machine)
        for _ in range(3):
            self.send(20)
            self.broker.stop()
            self.broker.start()
            self.send(20)
        self.wait_for_events(machine, 120)
        self.assertEqual(andon.stop(), 0)

    def test_a_program_refuses_the_file_of_a_newer_one(self):
        machine = self.bridge("machine")
        andon = self.start(machine)
        self.send(3)
        self.wait_for_events(machine, 3)
        self.assertEqual(andon.stop(), 0)
        with sqlite3.connect(self.site_file("machine")) as database:
            database.execute("INSERT INTO grdb_migrations VALUES ('v99-of-a-later-version')")
        database.close()
        refused = Andon(machine[0], log=self.folder("refused.log"))
        self.addCleanup(refused.kill)
        self.assertEqual(refused.process.wait(20), 1)
        self.assertRegex(refused.log(), r"newer")
        self.assertEqual(counts(machine[0], "plant-a")["events"], 3)


if __name__ == "__main__":
    unittest.main()
