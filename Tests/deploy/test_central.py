"""docs/central.md, walked: its commands in their order against a PostgreSQL with TLS, a broker and a bridge."""
import os, re, subprocess, unittest
from urllib.parse import quote

from plant import ANDON, Folder, Postgres, free_port, in_repository, read, run, wait_for, write

PAGE = "docs/central.md"
# What a command of another machine's administration becomes here. `sudo -u postgres` connects as that user's programs do.
SUDO = """#!/bin/bash
if [ "$1" = -u ]; then shift 2; export PGHOST={home} PGPORT={port} PGUSER=postgres; fi
exec "$@"
"""
# `restart andon` returns when the database has the first event of the site.
SYSTEMCTL = """#!/bin/bash
set -e
case "$2" in
postgresql) exec kill -HUP {server} ;;
andon)
  [ -e {folder}/andon.pid ] && kill "$(cat {folder}/andon.pid)"
  {andon} run --config {folder}/etc/andon.yaml >{folder}/andon.log 2>&1 & echo $! >{folder}/andon.pid
  for turn in $(seq 400); do curl -fsS -o {folder}/ready http://127.0.0.1:{http}/readyz 2>/dev/null && break; sleep 0.05; done
  mosquitto_pub -h 127.0.0.1 -p {broker} -V mqttv5 -q 1 -t andon/v1/plant-a/camera/cam-01/event \\
    -m '{{"timestamp": '"$(date +%s)000"', "worker_id": "W1", "workstation_id": "S1", "event_type": "working", "confidence": 0.9, "event_id": "e1"}}'
  for turn in $(seq 400); do
    [ "$({psql} -XAtq -h {home} -p {port} -U postgres -d andon -c 'SELECT stored FROM andon.head WHERE shipped_at IS NOT NULL')" = 1 ] && exit
    sleep 0.05
  done
  echo "no event in the central database" >&2; tail -n 20 {folder}/andon.log >&2; exit 1 ;;
esac
"""


class CentralPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = read(in_repository(PAGE))
        cls.blocks = [(bool(hand), block) for hand, block in re.findall(r"(<!-- by hand -->\n)?```sh\n(.*?)```", text, re.S)]
        cls.yaml = re.search(r"```yaml\n(central:.*?)```", text, re.S).group(1)
        cls.sql = re.findall(r"```sql\n(.*?)```", text, re.S)

    def test_what_is_left_to_a_person_is_no_command_of_ours(self):
        for by_hand, block in self.blocks:
            if by_hand:
                self.assertNotRegex(block, r"\b(andon [a-z]+|psql|pg_dump|pg_restore|createdb)\b")
        self.assertGreater(len([block for by_hand, block in self.blocks if not by_hand]), 8)

    def test_the_page_from_its_beginning_to_its_end(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        server = Postgres(folder.path).start()
        self.addCleanup(server.stop)
        etc, bin, work, broker, http = folder("etc"), folder("bin"), folder("work"), free_port(), free_port()
        for path in (etc, bin, work):
            os.mkdir(path)
        names = {"home": server.home, "port": server.port, "server": server.process.pid, "folder": folder.path, "andon": ANDON,
                 "http": http, "broker": broker, "psql": f"{server.programs}/psql"}
        write(f"{bin}/sudo", SUDO.format(**names), 0o755)
        write(f"{bin}/systemctl", SYSTEMCTL.format(**names), 0o755)
        os.symlink(ANDON, f"{bin}/andon")
        write(folder("mosquitto.conf"), f"listener {broker} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n" + ("user root\n" if os.geteuid() == 0 else ""))
        mosquitto = subprocess.Popen(["mosquitto", "-c", folder("mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"})
        self.addCleanup(lambda: (mosquitto.terminate(), mosquitto.wait(10)))
        self.addCleanup(self.end, folder("andon.pid"))

        def here(text):
            for there, ours in {
                    "/usr/share/andon/make-certs": in_repository("scripts/make-certs"), "/etc/postgresql/15/main": server.data,
                    "/etc/andon/": f"{etc}/", " -o andon -g andon": "", "@pg.plant.example/": f"@localhost:{server.port}/",
                    "@%2Fvar%2Frun%2Fpostgresql/": f"@{quote(server.home, safe='')}:{server.port}/",
                    "--host pg.plant.example": "--host localhost",
                    # Of a server on this machine no certificate is asked for unless the URL says so.
                    "?sslrootcert": "?sslmode=verify-full&sslrootcert"}.items():
                text = text.replace(there, ours)
            return text

        write(f"{etc}/andon.yaml", f"bridge: {{id: bridge-01, data_dir: {folder('data')}}}\nbroker: {{url: 'mqtt://127.0.0.1:{broker}'}}\n"
              f"http: {{listen: '127.0.0.1:{http}'}}\nsites: [{{id: plant-a, timezone: UTC}}]\n" + here(self.yaml), 0o600)
        shown = ""
        for number, (by_hand, block) in enumerate(self.blocks):
            if not by_hand:
                done = run("bash", "-euo", "pipefail", "-c", here(block), check=False, cwd=work, env={
                    "HOME": folder.path, "LANG": "C.UTF-8", "PATH": f"{bin}:{server.programs}:{os.environ['PATH']}:/usr/sbin",
                    **{name: value for name, value in os.environ.items() if name.startswith("LD_")}})
                self.assertEqual(done.returncode, 0, f"block {number}:\n{block}\n{done.stdout}\n{server.log()}")
                shown += done.stdout
        # `andon central status`, then the same from SQL.
        self.assertRegex(shown, r"schema 3 · layout native")
        self.assertRegex(shown, r"(?m)^plant-a +bridge-01 +\d+ +20\S+Z .* 1$")
        self.assertRegex(shown, r"(?m)^ plant-a +\| current +\| +[\d.]+ \| +1 \| +0$")
        self.assertIn("schema 3, nothing to do", shown, "migrate")
        self.assertRegex(server.text("SELECT count(*) FROM andon.head h WHERE h.bridge_id = 'bridge-01'", "andon"), "^1$")
        # Every connection but those of the socket was encrypted: the rule that lets them in asks for it.
        self.assertEqual(server.text("SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'andon_bridge'"), "t")
        for sql in self.sql:
            server.text(sql, "andon", user="andon_reader")

    def end(self, path):
        """The bridge, which is no child of this process."""
        if os.path.exists(path):
            pid = int(read(path))
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                return
            wait_for("the bridge ended", lambda: not os.path.exists(f"/proc/{pid}") or " Z " in read(f"/proc/{pid}/stat"))


if __name__ == "__main__":
    unittest.main()
