"""The drills of docs/operations.md: their commands as they stand there, in folders and on ports of a test. `systemctl`,
`sudo`, `scp` and the owner of `install` are stand-ins."""
import json, os, re, shutil, signal, subprocess, unittest, urllib.request

from plant import ANDON, Broker, Folder, counts, event, free_port, in_repository, now_ms, publish, read, run, wait_for, write

SYSTEMCTL = r"""#!/bin/bash
set -e
ready() { curl -fsS -o /dev/null http://127.0.0.1:@STATUS@/readyz 2>/dev/null; }
case "$*" in
  "start andon" | "enable --now andon")
    andon run --config /etc/andon/andon.yaml >>@ROOT@/andon.log 2>&1 & echo $! >@ROOT@/andon.pid
    for _ in $(seq 300); do ready && exit; sleep 0.1; done; exit 1 ;;
  "stop andon" | "disable --now andon")
    kill $(cat @ROOT@/andon.pid); while kill -0 $(cat @ROOT@/andon.pid) 2>/dev/null; do sleep 0.05; done ;;
  *) echo "systemctl: unknown here: $*" >&2; exit 1 ;;
esac
"""
INSTALL = """#!/bin/bash
words=(); while [ $# -gt 0 ]; do case $1 in -o|-g) shift 2;; *) words+=("$1"); shift;; esac; done
exec /usr/bin/install "${words[@]}"
"""


class Machine:
    def __init__(self, home, broker_port, other=None):
        self.root, self.status = home, free_port()
        for path in ("bin", "etc/andon", "var/lib/andon", "var/backups/andon", "root"):
            os.makedirs(f"{home}/{path}")
        os.symlink(ANDON, f"{home}/bin/andon")
        write(f"{home}/bin/systemctl", self.placed(SYSTEMCTL), 0o755)
        write(f"{home}/bin/install", INSTALL, 0o755)
        write(f"{home}/bin/sudo", '#!/bin/sh\n[ "$1 $2" = "-u andon" ] || exit 1\nshift 2\nexec "$@"\n', 0o755)
        if other:
            write(f"{home}/bin/scp", f'#!/bin/sh\nexec cp "$1" "{other.root}/${{2#*:}}"\n', 0o755)
        write(f"{home}/etc/andon/andon.yaml", self.placed(f"""
bridge: {{id: bridge-01, data_dir: /var/lib/andon}}
broker: {{url: "mqtt://127.0.0.1:{broker_port}"}}
http: {{listen: "127.0.0.1:@STATUS@"}}
sites: [{{id: plant-a, timezone: UTC}}]
"""))

    @property
    def configuration(self):
        return f"{self.root}/etc/andon/andon.yaml"

    def placed(self, text):
        for folder in ("/etc/andon/", "/var/lib/andon", "/var/backups/andon"):
            text = text.replace(folder, self.root + folder)
        # Not after a machine's name (HOST:/root/): the stand-in for scp replaces those paths.
        text = re.sub(r"(?<![\w:])/root/", f"{self.root}/root/", text)
        return text.replace("@ROOT@", self.root).replace("@STATUS@", str(self.status))

    def do(self, block):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", self.placed(block)], cwd=self.root, text=True, timeout=90,
                              env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        log = read(f"{self.root}/andon.log") if os.path.exists(f"{self.root}/andon.log") else ""
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{log[-3000:]}"
        return done.stdout

    def gaps(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status}/status", timeout=5) as answer:
            return [gap["cause"] for gap in json.load(answer)["sites"][0]["gaps"]]

    def end(self):
        if os.path.exists(f"{self.root}/andon.pid"):
            try:
                os.kill(int(read(f"{self.root}/andon.pid")), signal.SIGKILL)
            except ProcessLookupError:
                pass


def blocks(heading):
    """The commands below a heading of the page, block by block."""
    page = read(in_repository("docs/operations.md"))
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## )", page, re.M | re.S).group(1)
    return re.findall(r"```sh\n(.*?)```", section, re.S)


class Operations(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.port = free_port()
        os.makedirs(self.folder("broker"))
        self.broker = Broker("dev", self.folder("broker"), {1883: self.port})
        self.addCleanup(self.broker.stop)
        self.broker.start()
        self.at, self.number = now_ms() - 3_600_000, 0

    def machine(self, name, other=None):
        machine = Machine(self.folder(name), self.port, other)
        self.addCleanup(machine.end)
        return machine

    def send(self, count):
        lines = [event(self.at + number, number) for number in range(self.number, self.number + count)]
        self.number += count
        self.assertEqual(publish(self.port, "andon/v1/plant-a/camera/cam-01/event", lines).returncode, 0)

    def stored(self, machine, count):
        wait_for(f"{count} events at {machine.root}", lambda: counts(machine.configuration, "plant-a")["events"] == count)

    def test_backup_and_restore(self):
        backup, restore = blocks("Drill: backup and restore")
        machine = self.machine("machine")
        machine.do("systemctl start andon")
        self.send(100)
        self.stored(machine, 100)
        machine.do(backup)
        self.send(50)
        self.stored(machine, 150)
        said = machine.do(restore)
        self.assertIn("100 received, all accounted for", said)
        self.assertEqual(counts(machine.configuration, "plant-a")["events"], 100)
        self.assertEqual(machine.gaps(), ["store_restored"])
        self.send(10)
        self.stored(machine, 110)
        machine.do("systemctl stop andon")

    def test_move_to_another_machine(self):
        on_old, on_new = blocks("Drill: move a site to another machine")
        new = self.machine("new")
        old = self.machine("old", new)
        old.do("systemctl start andon")
        self.send(40)
        self.stored(old, 40)
        # The camera continues to send while the site is moved.
        stopped, rest = on_old.split("\n", 1)
        old.do(stopped)
        self.send(25)
        old.do(rest)
        self.send(5)
        self.assertIn("40 received, all accounted for", new.do(on_new))
        self.stored(new, 70)
        self.assertEqual(new.gaps(), [])
        self.assertEqual(counts(old.configuration, "plant-a")["events"], 40)
        new.do("systemctl stop andon")


if __name__ == "__main__":
    unittest.main()
