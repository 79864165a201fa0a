"""The fleet: bridges, each with its folder and its ways to the others, and what they say of themselves."""
import json, os, pathlib, signal, subprocess, urllib.request

from . import network
from .broker import Broker
from .ejabberd import Pair
from .pieces import ROOT, free_port, wait_for
from .server import Server


class Fleet:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.network = network.make()
        self.sites = [f"plant-{n:02}" for n in range(options.sites)]
        self.names, self.bridges, self.http, self.small, self.findings = [], {}, {}, None, []
        self.cuts, self.older = {}, {}
        self.broker = self.server = None
        self.server = Server(self.network, folder, not options.single)
        self.server.text("CREATE DATABASE central", "postgres")
        self.run("central", "init", "--url", self.server.url("postgres"))
        for role in ("andon_bridge", "andon_owner", "andon_reader"):
            self.server.text(f"ALTER ROLE {role} LOGIN")
        self.broker = self.make_broker()
        for _ in range(options.bridges):
            self.add()
        pathlib.Path(f"{folder}/sites.yaml").write_text(self.sites_section(self.sites))
        self.run("fleet", "apply", f"{folder}/sites.yaml", "--url", self.server.url("andon_owner"))

    def make_broker(self):
        if self.options.broker == "ejabberd":
            return Pair(self.network, self.folder, self.options.ejabberd)
        return Broker(self.network, self.folder)

    def sites_section(self, sites):
        return "sites:\n" + "".join(f"  - {{id: {site}, timezone: UTC, drift: {{window: 20, on_delay: 0s, clear_delay: 0s}}}}\n" for site in sites)

    def add(self):
        """One more bridge, not started yet; its name."""
        name = f"bridge-{len(self.names) + 1:02}"
        self.names.append(name)
        self.network.add(name)
        self.http[name] = free_port()
        self.configure(name)
        return name

    def configure(self, name):
        options = self.options
        pathlib.Path(f"{self.folder}/{name}.yaml").write_text(
            f"bridge: {{id: {name}, data_dir: {self.folder}/{name}}}\n"
            f"broker: {{url: 'mqtt://{self.network.way(name, self.broker.node(name), self.broker.port)}'{self.broker.user}}}\n"
            f"http: {{listen: '127.0.0.1:{self.http[name]}'}}\n"
            f"central: {{mode: fleet, url: '{self.server.url('andon_bridge', name)}', cluster: acme, beat: {options.beat}ms, ttl: {options.ttl}s,"
            f" accept_single_node: {'true' if options.single else 'false'}, broker_grace: {options.grace}s}}\n")

    def run(self, *arguments):
        return subprocess.run([self.options.binary, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

    def start(self, name):
        command = [self.options.binary, "run", "--config", f"{self.folder}/{name}.yaml"]
        environment = {**os.environ, "ANDON_BROKER_PASSWORD": "x"} if self.broker.user else None
        self.bridges[name] = subprocess.Popen(self.network.command(name, command), env=environment, stderr=open(f"{self.folder}/{name}.log", "ab"))

    def kill(self, name):
        self.bridges[name].send_signal(signal.SIGKILL)
        self.bridges[name].wait()

    def holders(self):
        rows = self.server.text("SELECT h.site_id, h.bridge_id FROM andon.head h JOIN andon.bridge b ON b.bridge_id = h.bridge_id"
                                " AND b.incarnation = h.incarnation WHERE NOT b.dead")
        return dict(row.split("|") for row in rows.split("\n")) if rows else {}

    def events(self):
        return int(self.server.text("SELECT count(*) FROM andon.event") or -1)

    def held(self, name):
        return sorted(site for site, holder in self.holders().items() if holder == name)

    def answer(self, name, path):
        try:
            with self.network.inside(name), urllib.request.urlopen(f"http://127.0.0.1:{self.http[name]}{path}", timeout=3) as reply:
                return json.load(reply)
        except (OSError, ValueError):
            return None

    def all_connected(self, without=()):
        """Every site has its session on the bridge that holds it, and that is none of `without`."""
        holders = self.holders()
        if set(holders) != set(self.sites) or set(holders.values()) & set(without):
            return False
        for name in set(holders.values()):
            status = self.answer(name, "/status")
            online = {site["site_id"] for site in (status or {}).get("sites", []) if site.get("connected")}
            if not {site for site, holder in holders.items() if holder == name} <= online:
                return False
        return True

    def reader(self, data, sites, *more):
        """A configuration with sites, for commands that read files of a bridge; its path."""
        path = f"{self.folder}/read.yaml"
        pathlib.Path(path).write_text(f"bridge: {{data_dir: {data}}}\nbroker: {{url: 'mqtt://127.0.0.1:1'}}\n"
                                      + "".join(line + "\n" for line in more) + self.sites_section(sites))
        return path

    def figures(self, site, data, as_of, *options):
        """What the file in a folder says of a site's hours; the text itself."""
        path = self.reader(data, [site])
        return "".join(self.run("kpi", "--config", path, "--site", site, "--scope", scope, "--from", str(as_of - 7_200_000),
                                "--to", str(as_of), "--as-of", str(as_of), "--json", *options) for scope in ("site", "workstation", "worker"))

    def alerts(self):
        """The retained alerts at the broker and those of the holders: by id, with state and occurrence."""
        def short(record):
            return record["alert_id"], (record["state"], record.get("occurrence_id"), record.get("raised_ms"))

        # The nightly audit of a bridge is published, and is no alert of the list.
        seen = dict(short(json.loads(payload)) for topic, payload in self.broker.retained(f"{ROOT}/+/alert/#").items()
                    if topic.split("/")[4] != "self_audit")
        held = dict(short(record) for site, holder in self.holders().items()
                    for record in (self.answer(holder, f"/api/v1/sites/{site}/alerts") or {}).get("items", []))
        return seen, held

    def owner(self, *arguments):
        return self.run("fleet", *arguments, "--url", self.server.url("andon_owner"))

    def found(self, text, holds):
        """Something that a fault or a stage found out; told in the end with the rest."""
        self.findings.append((text, bool(holds)))
        if not holds:
            print(f"fleet-test: FAIL {text}", flush=True)

    def stop(self):
        for process in [*self.bridges.values(), *(self.broker.processes.values() if self.broker else ())]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        if self.small:
            subprocess.run(["umount", "-l", f"{self.folder}/{self.small}"])
        if self.server:
            self.server.stop()
        self.network.stop()
