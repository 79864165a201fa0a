"""The network of a fleet on one machine, whose links can be cut: packets vanish, no connection is reset.

With root each part has a network namespace of its own, on a bridge in a namespace that only this run has: no address of it is
known outside, and all of it ends with the run. Else everything is on 127.0.0.1, and relays stand between the parts.
"""
import contextlib, ctypes, os, subprocess, sys, time

FLAG = "FLEET_TEST_NETWORK"
LAN = "10.77.0"
DIES_WITH_ME = ["setpriv", "--pdeathsig", "KILL"]
CLONE_NEWNET = 0x40000000


def enter(wanted):
    """Starts the program again in a network of its own if that is possible and wanted; else returns.

    - wanted: "namespaces", "relays" or "auto".
    """
    if wanted == "relays" or os.environ.get(FLAG) or os.geteuid() != 0:
        if wanted == "namespaces" and not os.environ.get(FLAG):
            sys.exit("fleet-test: namespaces need root")
        return
    own = ["unshare", "--net", "--mount", "--propagation", "private", "--"]
    trial = "ip link set lo up && ip link add lan type bridge && ip link add left type veth peer name right"
    if subprocess.run([*own, "sh", "-c", trial], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ[FLAG] = "namespaces"
        os.execvp("unshare", [*own, sys.executable, *sys.argv])
    if wanted == "namespaces":
        sys.exit("fleet-test: this machine does not allow network namespaces")


def make():
    return Namespaces() if os.environ.get(FLAG) == "namespaces" else Relays()


def ip(*arguments, node=None):
    where = ["nsenter", f"--net=/proc/{node}/ns/net"] if node else []
    subprocess.run([*where, "ip", *arguments], check=True)


class Namespaces:
    """Each part of the fleet is a node with an address in the LAN; the program itself is .1, and is never cut off."""
    name = "network namespaces"

    def __init__(self):
        self.nodes, self.numbers = {}, {}
        self.own, self.libc = open("/proc/self/ns/net"), ctypes.CDLL(None, use_errno=True)
        ip("link", "set", "lo", "up")
        ip("link", "add", "lan", "type", "bridge")
        ip("address", "add", f"{LAN}.1/24", "dev", "lan")
        ip("link", "set", "lan", "up")

    def add(self, name):
        """A node with an interface on the LAN, and one from which nothing comes back."""
        holder = subprocess.Popen([*DIES_WITH_ME, "unshare", "--net", "sleep", "infinity"])
        pid, own = holder.pid, os.readlink("/proc/self/ns/net")
        end = time.monotonic() + 10
        while os.readlink(f"/proc/{pid}/ns/net") == own:
            if time.monotonic() > end:
                sys.exit("fleet-test: no namespace came")
            time.sleep(0.01)
        number = len(self.nodes) + 11
        ip("link", "add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", str(pid))
        ip("link", "set", f"port{number}", "master", "lan", "up")
        for command in ("link set lo up", f"address add {LAN}.{number}/24 dev eth0", "link set eth0 up",
                        "link add sink type veth peer name drop", "link set sink arp off up", "link set drop arp off up"):
            ip(*command.split(), node=pid)
        self.nodes[name], self.numbers[name] = holder, number

    def host(self, name):
        return f"{LAN}.{self.numbers[name]}"

    def command(self, node, arguments, user=None):
        """The command as it runs at a node; the process is the command itself."""
        drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
        return ["nsenter", f"--net=/proc/{self.nodes[node].pid}/ns/net", "--", "setpriv", *drop, "--pdeathsig", "KILL", *arguments]

    def way(self, source, target, port):
        """Where one node reaches a port of another."""
        return f"{self.host(target)}:{port}"

    def cut(self, one, other):
        for here, there in ((one, other), (other, one)):
            ip("route", "replace", f"{self.host(there)}/32", "dev", "sink", node=self.nodes[here].pid)

    def mend(self, one, other):
        for here, there in ((one, other), (other, one)):
            ip("route", "delete", f"{self.host(there)}/32", "dev", "sink", node=self.nodes[here].pid)

    @contextlib.contextmanager
    def inside(self, name):
        """Sockets that this thread opens are the node's."""
        with open(f"/proc/{self.nodes[name].pid}/ns/net") as there:
            if self.libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            if self.libc.setns(self.own.fileno(), CLONE_NEWNET) != 0:
                os.abort()

    def stop(self):
        for holder in self.nodes.values():
            holder.kill()
            holder.wait()


class Relays:
    """A relay for each pair of parts and port; connections that are tried during a cut are accepted, and hear nothing."""
    name = "relays"

    def __init__(self):
        program = os.path.join(os.path.dirname(__file__), "relay.py")
        self.process = subprocess.Popen([*DIES_WITH_ME, sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ways = {}

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def add(self, name):
        pass

    def host(self, name):
        return "127.0.0.1"

    def command(self, node, arguments, user=None):
        drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
        return ["setpriv", *drop, "--pdeathsig", "KILL", *arguments]

    def way(self, source, target, port):
        key = (self.group(source, target), port)
        if key not in self.ways:
            self.ways[key] = self.ask(f"open {key[0]} 127.0.0.1:{port}")
        return f"127.0.0.1:{self.ways[key]}"

    def group(self, one, other):
        return "+".join(sorted((one, other)))

    def cut(self, one, other):
        self.ask(f"cut {self.group(one, other)}")

    def mend(self, one, other):
        self.ask(f"mend {self.group(one, other)}")

    @contextlib.contextmanager
    def inside(self, name):
        yield

    def stop(self):
        self.process.kill()
        self.process.wait()
