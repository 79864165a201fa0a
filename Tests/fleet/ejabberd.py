"""Two nodes of ejabberd 23.01 as one broker: a site's session moves between nodes, and a node dies with the sessions in its memory.

The programs are Debian's, unpacked by `scripts/bootstrap --ejabberd`; nothing is installed and no service starts. Each node
has a namespace of its own, so this needs root.
"""
import calendar, glob, os, pathlib, re, signal, sqlite3, subprocess, sys, time

from .pieces import wait_for

PORT = 1883
USER = ["-u", "fleet@localhost", "-P", "x"]
WORDS = "-V mqttv5 -q 1".split()


class Pair:
    """Bridges use the nodes in turn, cameras and panels the first one."""
    user = ", username: fleet@localhost"

    def __init__(self, network, folder, programs):
        if network.name == "relays":
            sys.exit("fleet-test: the pair of brokers needs network namespaces")
        if not os.path.isdir(f"{programs}/usr/lib/erlang"):
            sys.exit("fleet-test: there is no ejabberd: scripts/bootstrap --ejabberd")
        self.network, self.folder, self.programs = network, folder, os.path.abspath(programs)
        self.nodes, self.processes, self.outages = ("broker", "broker-2"), {}, []
        for node in self.nodes:
            network.add(node)
            os.makedirs(f"{folder}/{node}/db")
            pathlib.Path(f"{folder}/{node}/ejabberd.yml").write_text(
                f"hosts: [localhost]\nlisten:\n  - {{port: {PORT}, ip: '{network.host(node)}', module: mod_mqtt, max_payload_size: 1000000, backlog: 200}}\n"
                "loglevel: info\nauth_method: [anonymous]\nanonymous_protocol: login_anon\nallow_multiple_connections: true\n"
                "modules:\n  mod_mqtt: {max_queue: infinity, session_expiry: 1 hour}\n")
            self.start_node(node)
        self.host, self.port = network.host(self.nodes[0]), PORT
        self.access = ["-h", self.host, "-p", str(PORT), *USER]
        first, second = (f"ejabberd@{network.host(node)}" for node in self.nodes)
        self.ask(self.nodes[1], f"ejabberd_cluster,join,['{first}']")
        wait_for(lambda: all(second in self.ask(self.nodes[0], "ejabberd_cluster,get_nodes,[]") and self.is_up(node) for node in self.nodes), 60, "the pair of brokers")

    def node(self, name):
        """The node that a bridge uses."""
        return self.nodes[int(name.split("-")[1]) % 2]

    def environment(self, node):
        erlang = f"{self.programs}/usr/lib/erlang"
        libraries = glob.glob(f"{self.programs}/usr/lib/*-linux-gnu")[0]
        programs = glob.glob(f"{erlang}/erts-*/bin")[0]
        home = f"{self.folder}/{node}"
        return {**os.environ, "ROOTDIR": erlang, "BINDIR": programs, "EMU": "beam", "PROGNAME": "erl", "ERL_LIBS": libraries, "HOME": home,
                "PATH": f"{programs}:{os.environ['PATH']}", "LD_LIBRARY_PATH": libraries,
                "EJABBERD_CONFIG_PATH": f"{home}/ejabberd.yml", "EJABBERD_LOG_PATH": f"{home}/ejabberd.log"}

    def erlang(self, node, name, *arguments, **options):
        environment = self.environment(node)
        command = [f"{environment['BINDIR']}/erlexec", "-name", f"{name}@{self.network.host(node)}", "-setcookie", "fleet", "-noinput", *arguments]
        return subprocess.Popen(self.network.command(node, command), env=environment, cwd=f"{self.folder}/{node}", **options)

    def start_node(self, node):
        home = f"{self.folder}/{node}"
        before = self.log(node).count("is started in the node")
        self.processes[node] = self.erlang(node, "ejabberd", "+P", "100000", "-mnesia", "dir", f'"{home}/db"', "-s", "ejabberd",
                                           stdout=open(f"{home}.log", "ab"), stderr=subprocess.STDOUT)
        wait_for(lambda: self.log(node).count("is started in the node") > before, 90, f"{node} to start")

    def log(self, node):
        try:
            return pathlib.Path(f"{self.folder}/{node}/ejabberd.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def ask(self, node, call):
        expression = f"io:format(\"~w~n\",[rpc:call('ejabberd@{self.network.host(node)}',{call})]),halt()."
        return self.erlang(node, "ask", "-hidden", "-eval", expression, stdout=subprocess.PIPE, text=True).communicate(timeout=60)[0]

    def is_up(self, node):
        return subprocess.run(["mosquitto_pub", "-h", self.network.host(node), "-p", str(PORT), *USER, *WORDS, "-t", "probe", "-m", "x"],
                              capture_output=True).returncode == 0

    def kill_node(self, node):
        self.outages.append(time.time())
        self.processes[node].send_signal(signal.SIGKILL)
        self.processes[node].wait()

    def retained(self, *filters):
        """Of both nodes; these do not always have what the other one got, so a topic of the first node wins."""
        found = {}
        for node in reversed(self.nodes):
            got = subprocess.run(["mosquitto_sub", "-h", self.network.host(node), "-p", str(PORT), *USER, *WORDS, "-W", "3", "--retained-only",
                                  "-F", "%t %p", *(part for f in filters for part in ("-t", f))], capture_output=True, text=True).stdout
            found |= dict(line.partition(" ")[::2] for line in got.splitlines())
        return found

    def publish(self, topic, payload):
        subprocess.run(["mosquitto_pub", *self.access, *WORDS, "-t", topic, "-m", payload], check=True)

    def connects(self):
        """When each client id connected, in whole seconds of the epoch."""
        found = {}
        for node in self.nodes:
            for moment, client in re.findall(r"^(\S+ \S+)\.\d+\+00:00 .*Opened MQTT session for fleet@localhost/(\S+) from", self.log(node), re.M):
                found.setdefault(client, []).append(calendar.timegm(time.strptime(moment, "%Y-%m-%d %H:%M:%S")))
        return found


def losses(fleet, cameras):
    """(texts, lost events): what the pair lost, of what it had acknowledged, and whether the sites know."""
    there = (fleet.server.text("SELECT string_agg(event_id, ' ') FROM andon.event") or "").split()
    lost = set(cameras.sent) - set(there)
    by_site, told, untold = {}, {}, []
    for event in lost:
        site = cameras.site_of(int(event[1:]))
        by_site[site] = by_site.get(site, 0) + 1
    for site, holder in fleet.holders().items():
        with sqlite3.connect(f"file:{fleet.folder}/{holder}/sites/{site}.sqlite?mode=ro", uri=True, timeout=5) as db:
            told[site] = db.execute("SELECT count(*) FROM gap WHERE cause = 'session_lost'").fetchone()[0]
        if by_site.get(site) and not told[site]:
            untold.append(f"{site}: {by_site[site]} events")
    acknowledged = len(lost & cameras.acknowledged)
    return [
        (f"the database has each event once, and none that no camera sent ({len(there)})",
         len(there) == len(set(there)) and set(there) <= cameras.sent),
        (f"the brokers lost {len(lost)} events of {len(by_site)} sites, {acknowledged} of them acknowledged to cameras; each of these sites has a gap session_lost"
         + f" ({sum(told.values())} gaps)" + "".join(f"\n       {w}" for w in untold), not untold and (fleet.broker.outages or not lost)),
    ], lost
