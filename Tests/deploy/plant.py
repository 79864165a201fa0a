"""What the deployment tests share: a plant in a temporary folder, with the repository's own files in the places where
a real plant has them. Loopback only; everything is bounded in time and gone at the end."""
import glob, json, os, pwd, re, shutil, signal, socket, sqlite3, subprocess, tempfile, time, urllib.request

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ANDON = os.environ.get("ANDON", os.path.join(REPOSITORY, ".build/debug/andon"))
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def in_repository(path):
    return os.path.join(REPOSITORY, path)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def run(*command, check=True, timeout=60, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done


def wait_for(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
        return True
    except OSError:
        return False


def now_ms():
    return int(time.time() * 1000)


def event(at_ms, number, worker="W1", kind="working"):
    return json.dumps({"timestamp": at_ms, "worker_id": worker, "workstation_id": "S1", "event_type": kind,
                       "confidence": 0.9, "event_id": f"e{number}"})


class Folder:
    """A temporary folder that the user mosquitto can enter, as a plant's /etc and /var are."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="andon-deploy-")
        os.chmod(self.path, 0o755)

    def __call__(self, *names):
        return os.path.join(self.path, *names)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Broker:
    """mosquitto with one of the repository's profiles; only paths, ports and names of hosts are put in."""

    def __init__(self, profile, home, ports, replacements=()):
        self.home, self.ports, self.process = home, ports, None
        text = read(in_repository(f"mosquitto/{profile}.conf"))
        for standard, port in ports.items():
            assert f"listener {standard}\n" in text, f"{profile}.conf has no listener {standard}"
            text = text.replace(f"listener {standard}\n", f"listener {port} 127.0.0.1\n")
        text = text.replace("/etc/mosquitto/andon", home).replace("/var/lib/mosquitto/", f"{home}/data/")
        for old, new in replacements:
            assert old in text, f"{profile}.conf has no \"{old}\""
            text = text.replace(old, new)
        self.configuration = f"{home}/mosquitto.conf"
        write(self.configuration, text)
        os.makedirs(f"{home}/data", exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(f"{home}/data", "mosquitto", "mosquitto")

    def start(self):
        # Every start appends to the same log.
        log = open(f"{self.home}/broker.log", "ab")
        self.process = subprocess.Popen([MOSQUITTO, "-c", self.configuration], stdout=log, stderr=log)
        log.close()
        wait_for(f"mosquitto accepts: {self.log()}", lambda: self.process.poll() is not None
                 or all(accepts(port) for port in self.ports.values()))
        assert self.process.poll() is None, f"mosquitto ended: {self.log()}"
        return self

    def log(self):
        try:
            return read(f"{self.home}/broker.log")
        except FileNotFoundError:
            return ""

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, with_signal=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(with_signal)
            self.process.wait(20)
        self.process = None


class Postgres:
    """PostgreSQL of Debian's package in a folder and on a port of its own. The superuser `postgres` needs no password on
    this machine, other users do. As root it runs as the user postgres, because it refuses to run as root."""

    def __init__(self, folder, port=None, certificate=None, settings=()):
        """certificate: the files of the certificate and of its key, with which connections may be encrypted."""
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
        if not programs:
            raise AssertionError("there is no PostgreSQL: scripts/bootstrap --tests")
        self.programs, self.home, self.port, self.process = programs[-1], f"{folder}/postgres", port or free_port(), None
        self.owner = {}
        os.mkdir(self.home)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            self.owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.give(self.home)
        run(f"{self.programs}/initdb", "-D", self.data, "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=trust",
            "--no-sync", cwd="/", **self.owner)
        write(f"{self.data}/pg_hba.conf", "local all all trust\nhost all postgres samehost trust\nhost all all samehost scram-sha-256\n")
        self.settings = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.home}",
                         "lc_messages=C", *settings]
        if certificate:
            names = [f"{self.home}/server.crt", f"{self.home}/server.key"]
            for source, name in zip(certificate, names):
                shutil.copyfile(source, name)
                os.chmod(name, 0o600)
                self.give(name)
            self.settings += ["ssl=on", f"ssl_cert_file={names[0]}", f"ssl_key_file={names[1]}"]

    @property
    def data(self):
        return f"{self.home}/data"

    def give(self, path):
        if self.owner:
            os.chown(path, self.owner["user"], self.owner["group"])

    def log(self):
        return read(f"{self.home}/log")

    def start(self):
        options = [part for setting in self.settings for part in ("-c", setting)]
        with open(f"{self.home}/log", "ab") as log:
            self.process = subprocess.Popen([f"{self.programs}/postgres", "-D", self.data, *options], stdout=log, stderr=log,
                                            cwd="/", **self.owner)
        wait_for(lambda: f"PostgreSQL accepts: {self.log()}", lambda: self.process.poll() is not None or run(
            f"{self.programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), check=False).returncode == 0, 60)
        assert self.process.poll() is None, f"PostgreSQL ended: {self.log()}"
        return self

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
        self.process = None

    def url(self, database, user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def text(self, sql, database="postgres", user="postgres", timeout=600):
        """The rows, columns separated by |. Over the socket no user needs a password."""
        return run(f"{self.programs}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.home, "-p", str(self.port), "-U", user,
                   "-d", database, input=sql, cwd="/", timeout=timeout).stdout.rstrip("\n")


class Andon:
    """The real program as a service."""

    def __init__(self, configuration, environment=None, log=None):
        self.log_path = log or configuration + ".log"
        output = open(self.log_path, "ab")
        self.process = subprocess.Popen([ANDON, "run", "--config", configuration], stdout=output, stderr=output,
                                        env={**os.environ, **(environment or {})})
        output.close()

    def log(self):
        return read(self.log_path)

    def wait_until_ready(self, port):
        """Until every site has its session: /readyz answers 200."""
        def is_ready():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                    return answer.status == 200
            except OSError:
                assert self.process.poll() is None, f"andon ended: {self.log()}"
                return False
        wait_for(f"ready: {self.log()[-2000:]}", is_ready, 30)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)


def publish(port, topic, lines, *options, seconds=30):
    """Each line a message at QoS 1, by mosquitto_pub; returns the finished process. mosquitto_pub retries for ever when
    a handshake fails: that it took too long counts as an exit code, too."""
    return run("timeout", str(seconds), "mosquitto_pub", "-h", "localhost", "-p", str(port), "-q", "1", "-V", "mqttv5",
               "-t", topic, "-l", *options, input="".join(line + "\n" for line in lines), check=False)


def subscribe(port, topic, *options, count=1, seconds=3):
    """The lines mosquitto_sub prints until `count` messages or `seconds` have passed."""
    done = run("mosquitto_sub", "-h", "localhost", "-p", str(port), "-V", "mqttv5", "-q", "1", "-t", topic,
               "-C", str(count), "-W", str(seconds), *options, check=False)
    return [line for line in done.stdout.splitlines() if line and not line.startswith("Timed out")]


def counts(configuration, site):
    """Rows and outcome counters of a site's file, read as any reader may while the bridge runs."""
    folder = re.search(r"data_dir: ([^,}\s]+)", read(configuration)).group(1)
    found = {"events": 0, "distinct": 0, "received": 0, "duplicate": 0}
    path = f"{folder}/sites/{site}.sqlite"
    if os.path.exists(path):
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as database:
                found["events"], found["distinct"] = database.execute(
                    "SELECT count(*), count(DISTINCT event_id) FROM event").fetchone()
                found.update({name: value for name, value in database.execute("SELECT name, value FROM counter")
                              if name in found})
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
    return found
