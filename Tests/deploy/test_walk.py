"""Walks docs/getting-to-production.md: every command of it, in its order, in folders and on ports of a test."""
import json, os, re, shutil, signal, subprocess, unittest

from plant import ANDON, Folder, free_port, in_repository, read, run, write

SYSTEMCTL = r"""#!/bin/bash
# Stands for systemd: starts and ends what the page starts and ends.
set -e
wait_for() { for _ in $(seq 300); do "$@" && return; sleep 0.1; done; echo "systemctl: not in time: $*" >&2; exit 1; }
listens() { (exec 3<>/dev/tcp/127.0.0.1/$1) 2>/dev/null; }
ready() { curl -fsS -o /dev/null http://127.0.0.1:@STATUS@/readyz 2>/dev/null; }
case "$*" in
  "restart mosquitto")
    mosquitto -c /etc/mosquitto/mosquitto.conf >>@ROOT@/mosquitto.log 2>&1 & echo $! >@ROOT@/mosquitto.pid
    wait_for listens @PORT@ ;;
  "enable --now andon" | "start andon")
    unset ANDON_BROKER_PASSWORD_FILE ANDON_HTTP_TOKEN_FILE
    andon run --config /etc/andon/andon.yaml >>@ROOT@/andon.log 2>&1 & echo $! >@ROOT@/andon.pid
    wait_for ready ;;
  "kill --signal=KILL andon") kill -KILL $(cat @ROOT@/andon.pid) ;;
  *) echo "systemctl: unknown here: $*" >&2; exit 1 ;;
esac
"""


class Walk(unittest.TestCase):
    def setUp(self):
        self.root = Folder()
        self.port, self.status = free_port(), free_port()
        self.addCleanup(self.root.remove)
        self.addCleanup(self.end)
        for path in ("bin", "etc/mosquitto/conf.d", "etc/andon/credentials", "usr/share/andon", "var/lib/mosquitto", "var/backups"):
            os.makedirs(self.root(path))
        # The files of the package, in their installed places.
        os.symlink(ANDON, self.root("bin/andon"))
        for name in ("make-certs", "camera"):
            shutil.copy(in_repository(f"scripts/{name}"), self.root("usr/share/andon", name))
        shutil.copytree(in_repository("mosquitto"), self.root("usr/share/andon/mosquitto"))
        write(self.root("etc/andon/credentials/http-token"), "0123456789abcdef0123456789abcdef\n", 0o600)
        if os.geteuid() == 0:
            shutil.chown(self.root("var/lib/mosquitto"), "mosquitto", "mosquitto")
        # The profile with the test's ports and folders; the page copies it unchanged.
        profile = self.root("usr/share/andon/mosquitto/plant.conf")
        write(profile, self.placed(read(profile)).replace("listener 8884", f"listener {free_port()} 127.0.0.1")
              .replace(f"listener {self.port}", f"listener {self.port} 127.0.0.1"))
        camera = self.root("usr/share/andon/camera")
        write(camera, read(camera).replace("files=/etc/mosquitto/andon ", f"files={self.root('etc/mosquitto/andon')} "), 0o755)
        # The file of Debian's package: the same setting in two files would prevent the start of the broker.
        write(self.root("etc/mosquitto/mosquitto.conf"), self.placed(
            "persistence true\npersistence_location /var/lib/mosquitto/\ninclude_dir /etc/mosquitto/conf.d\n"))
        write(self.root("bin/systemctl"), self.placed(SYSTEMCTL), 0o755)
        for name in ("apt", "make"):
            write(self.root("bin", name), f'#!/bin/sh\necho "{name} $*" >>{self.root("done")}\n', 0o755)

    def placed(self, text):
        text = text.replace("/run/credentials/andon.service/", "/etc/andon/credentials/")
        for folder in ("/etc/mosquitto/", "/etc/andon/", "/usr/share/andon/", "/var/lib/", "/var/backups/"):
            text = text.replace(folder, self.root() + folder)
        return (text.replace("broker.plant.example", "localhost").replace("8883", str(self.port))
                .replace("127.0.0.1:8080", f"127.0.0.1:{self.status}").replace("@ROOT@", self.root())
                .replace("@PORT@", str(self.port)).replace("@STATUS@", str(self.status)))

    def end(self):
        for name in ("andon", "mosquitto"):
            if os.path.exists(self.root(f"{name}.pid")):
                try:
                    os.kill(int(read(self.root(f"{name}.pid"))), signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def test_every_command_of_the_page(self):
        blocks = re.findall(r"```sh\n(.*?)```", read(in_repository("docs/getting-to-production.md")), re.S)
        self.assertGreaterEqual(len(blocks), 9)
        environment = {**os.environ, "PATH": f"{self.root('bin')}:/usr/sbin:{os.environ['PATH']}"}
        outputs = []
        for block in blocks:
            # One shell after the other, with the variables that the person exported and the values printed before.
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", self.placed(block) + "\nexport -p >" + self.root("exported")],
                                  env=environment, cwd=self.root(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, text=True, timeout=90)
            outputs.append(done.stdout)
            logs = "".join(read(self.root(name)) for name in ("mosquitto.log", "andon.log") if os.path.exists(self.root(name)))
            self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}\n{logs[-3000:]}")
            for name, value in re.findall(r'declare -x (ANDON_\w+)="(.*)"', read(self.root("exported"))):
                environment[name] = value
            for user, password in re.findall(r"user +(\S+)\npassword +(\S+)", done.stdout):
                environment["PASSWORD" if "/camera/" in user else "PANEL_PASSWORD"] = password
        everything = "\n".join(outputs)
        self.assertIn("may read events", everything)
        self.assertNotIn("error ", next(output for output in outputs if "may read events" in output))
        kpi = next(json.loads(line) for output in outputs for line in output.splitlines() if line.startswith('{"timestamp_ms"'))
        self.assertEqual((kpi["id"], kpi["state"], kpi["workstation_id"]), ("W1", "working", "S3"))
        self.assertIn("1 received, all accounted for", outputs[-1])
        self.assertEqual(len(os.listdir(self.root("var/backups/andon"))), 1)


if __name__ == "__main__":
    unittest.main()
