"""The programs that are measured and what they need: broker, bridge, sinks, PostgreSQL. Each runs in a folder of the run
and ends with it."""
import contextlib, dataclasses, glob, json, os, pathlib, pwd, secrets, shutil, signal, socket, subprocess, tempfile, time, urllib.request

from .machine import Cores, cpu_of, free_port, wait_for

HERE = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass
class Drain:
    """One drained backlog. CPU times in seconds, an idle start taken off."""
    cpu: float
    broker: float
    rate: float
    size: int = 0


class Workbench:
    """A folder, compiled helpers, a broker, and every process that was started."""

    def __init__(self, binary, python):
        self.binary, self.python = os.path.abspath(binary), python
        self.folder = tempfile.mkdtemp(prefix="andon-bench-")
        os.chmod(self.folder, 0o711)  # PostgreSQL runs as another user.
        self.cores, self.processes, self.port, self.mosquitto = Cores(), [], 0, None
        self.compile("backlog", "-lmosquitto")
        self.compile("c_sink", "-lmosquitto", "-lsqlite3")
        self.compile("pacer")

    def compile(self, name, *options):
        subprocess.run(["cc", "-std=gnu11", "-O2", "-o", f"{self.folder}/{name}", f"{HERE}/{name}.c", *options], check=True)

    def launch(self, command, cores=None, **more):
        process = subprocess.Popen(command, preexec_fn=Cores.pin(cores or self.cores.measured), **more)
        self.processes.append(process)
        return process

    def end(self, process, how=signal.SIGTERM):
        """Ends a process, or waits for it with `how` None; its CPU seconds, those of children that it waited for included."""
        if how is not None:
            process.send_signal(how)
        _, code, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
        self.processes.remove(process)
        if process.returncode:
            raise SystemExit(f"bench: {process.args[0]} ended with {process.returncode}")
        return usage.ru_utime + usage.ru_stime

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the broker

    def fresh_broker(self, cores=None):
        """A broker without sessions, on a port of its own."""
        if self.mosquitto:
            self.mosquitto.kill()
            self.mosquitto.wait()
            self.processes.remove(self.mosquitto)
        self.port = free_port()
        config = pathlib.Path(f"{self.folder}/mosquitto.conf")
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"
            "set_tcp_nodelay true\nlog_type error\n" + ("user root\n" if os.geteuid() == 0 else ""))
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.mosquitto = self.launch([program, "-c", str(config)], cores or self.cores.broker, stderr=subprocess.DEVNULL)
        wait_for("the broker", self.broker_answers, 10)

    def broker_answers(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True

    def fill(self, site, events, **options):
        """Queues events for all sessions that are subscribed; `options` are those of backlog.c."""
        words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
        subprocess.run([f"{self.folder}/backlog", "fill", str(self.port), site, str(events), *words], check=True,
                       preexec_fn=Cores.pin(self.cores.all))

    def broker_cpu(self):
        return cpu_of(self.mosquitto.pid)


class Bridge:
    """Andon on one configuration: `prepare`, then fill its queue, then `drain`."""
    name = "Andon, everything on"
    runs, http = 0, None

    def __init__(self, bench, sites, port=None, more="", data=None, cores=None):
        Bridge.runs += 1
        Bridge.http = Bridge.http or free_port()
        self.bench, self.sites, self.process, self.cores = bench, sites, None, cores
        self.data = data or f"{bench.folder}/data{Bridge.runs}"
        self.config, self.idle, self.received_before = f"{bench.folder}/{Bridge.runs}.yaml", 0, 0
        pathlib.Path(self.config).write_text(
            f"bridge: {{id: b{Bridge.runs}, data_dir: {self.data}}}\nbroker: {{url: 'mqtt://127.0.0.1:{port or bench.port}'}}\n"
            f"http: {{listen: '127.0.0.1:{Bridge.http}'}}\nlimits: {{workers: 20000}}\n{more}sites:\n"
            + "".join(f"  - {{id: {site}, timezone: UTC}}\n" for site in sites))

    def start(self):
        self.process = self.bench.launch([self.bench.binary, "run", "--config", self.config, "--log-level", "error"], self.cores)

    def stop(self):
        process, self.process = self.process, None
        return self.bench.end(process)

    def status(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{Bridge.http}/status", timeout=5) as answer:
                return json.load(answer)["sites"]
        except OSError:
            return []

    def received(self):
        return sum(site["counters"]["received"] for site in self.status())

    def memory(self):
        """Resident memory, MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def await_sessions(self):
        wait_for("sessions", lambda: sum(site["connected"] for site in self.status()) == len(self.sites), pause=0.1)

    def prepare(self):
        """Makes store and session, and measures a start that has nothing to do."""
        for _ in range(2):
            self.start()
            self.await_sessions()
            self.received_before = self.received()
            self.idle = self.stop()

    def drain(self, total):
        broker, points = self.bench.broker_cpu(), []
        self.start()

        def progress():
            received = self.received() - self.received_before
            if received > 0:
                points.append((time.monotonic(), received))
                self.memory_at = self.memory_at + [self.memory()]
            return received >= total

        self.memory_at = []
        wait_for("the backlog", progress, 600, pause=0.1)
        cpu = self.stop() - self.idle
        # The last look may be long after the last event.
        (t0, n0), (t1, n1) = points[0], points[-2] if len(points) > 2 else points[-1]
        return Drain(cpu, self.bench.broker_cpu() - broker, (n1 - n0) / (t1 - t0) if t1 > t0 else float("nan"), self.size())

    def size(self):
        return sum(file.stat().st_size for file in pathlib.Path(self.data, "sites").iterdir() if ".sqlite" in file.name)


class Sink:
    """A program of this folder that takes messages into a store: PORT CLIENT TOPIC STORE N."""

    def __init__(self, bench, name, command, site, store):
        self.bench, self.name, self.command, self.store = bench, name, command, store
        self.client, self.topic, self.idle = f"sink-{os.path.basename(command[-1])}-{site}", f"andon/v1/{site}/camera/+/event", 0

    def run(self, count):
        process = self.bench.launch([*self.command, str(self.bench.port), self.client, self.topic, self.store, str(count)],
                                    stdout=subprocess.PIPE, text=True)
        with process.stdout:
            out = process.stdout.read()
        cpu = self.bench.end(process, None)
        return cpu, json.loads(out)

    def prepare(self):
        self.run(0)
        self.idle, _ = self.run(0)

    def drain(self, total):
        broker = self.bench.broker_cpu()
        cpu, result = self.run(total)
        if result["received"] != total or result["rejected"]:
            raise SystemExit(f"bench: {self.name} took {result} of {total}")
        return Drain(cpu - self.idle, self.bench.broker_cpu() - broker, total / max(result["seconds"], 0.001), result["bytes"])


class Postgres(Sink):
    """The sink with its server. The CPU is the server's, all its processes, and the client's."""

    def __init__(self, bench, site):
        self.programs = self.find()
        self.data, self.port, self.server = f"{bench.folder}/postgres-{site}", free_port(), None
        self.password = secrets.token_hex(16)
        self.user = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        super().__init__(bench, "PostgreSQL, COPY + ON CONFLICT, client and server", [f"{bench.folder}/postgres_sink"], site,
                         f"host=127.0.0.1 port={self.port} user={self.user} password={self.password} dbname=postgres")

    @staticmethod
    def find():
        """The folder of the newest server's programs, or None."""
        found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
        if found:
            return os.path.dirname(max(found, key=lambda path: int(path.split("/")[4])))
        return os.path.dirname(shutil.which("initdb") or "") or None

    def as_user(self, command):
        return {"args": command, "user": self.user if os.geteuid() == 0 else None, "cwd": self.data}

    def prepare(self):
        os.mkdir(self.data, 0o700)
        if os.geteuid() == 0:
            shutil.chown(self.data, self.user)
        secret = pathlib.Path(self.data, "password")
        secret.write_text(self.password)
        secret.chmod(0o644)  # in a folder of that user alone
        subprocess.run(**self.as_user([f"{self.programs}/initdb", "-D", f"{self.data}/db", "-U", self.user, "--encoding=UTF8", "--locale=C",
                                       "--auth=scram-sha-256", f"--pwfile={secret}"]), check=True, stdout=subprocess.DEVNULL)
        for _ in range(2):
            self.start()
            client, _ = self.run(0)
            self.idle = client + self.stop()

    def start(self):
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "on", "synchronous_commit": "on",
                   "log_min_messages": "error"}
        command = [f"{self.programs}/postgres", "-D", f"{self.data}/db", *(f"--{key}={value}" for key, value in options.items())]
        arguments = self.as_user(command)
        self.server = self.bench.launch(arguments.pop("args"), **arguments, stderr=subprocess.DEVNULL)
        wait_for("PostgreSQL", lambda: subprocess.run(
            [f"{self.programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0, 30)

    def stop(self):
        server, self.server = self.server, None
        return self.bench.end(server, signal.SIGINT)

    def drain(self, total):
        self.start()
        result = super().drain(total)
        result.cpu += self.stop()
        return result
