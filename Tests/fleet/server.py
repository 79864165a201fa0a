"""A PostgreSQL primary with a synchronous standby, which changes places with it."""
import glob, os, pwd, shutil, signal, subprocess, sys, time

from .pieces import free_port, wait_for


class Server:
    def __init__(self, network, folder, has_standby):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[-2]))
        if not programs:
            sys.exit("fleet-test: there is no PostgreSQL: scripts/bootstrap --tests")
        self.programs, self.folder, self.has_standby, self.number = programs[-1], folder, has_standby, 0
        self.network, self.nodes = network, ("pg0", "pg1")
        for node in self.nodes:
            network.add(node)
        self.ports = [free_port(), free_port()]
        self.processes, self.data, self.primary = [None, None], [None, None], 0
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        os.chmod(folder, 0o711)
        self.log = open(f"{folder}/pg.log", "ab")
        self.data[0] = self.make_folder()
        self.command(0, "initdb", "-D", self.data[0], "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=trust")
        with open(f"{self.data[0]}/postgresql.conf", "a") as conf:
            conf.write("wal_level = replica\nmax_wal_senders = 10\nmax_connections = 200\n"
                       "unix_socket_directories = ''\nhot_standby = on\nwal_sender_timeout = 5s\nwal_receiver_timeout = 5s\n")
        with open(f"{self.data[0]}/pg_hba.conf", "a") as rules:
            rules.write("host all all 10.77.0.0/24 trust\nhost replication all 10.77.0.0/24 trust\n")
        self.start(0)
        if has_standby:
            self.add_standby()

    def make_folder(self):
        self.number += 1
        path = f"{self.folder}/pg{self.number}"
        os.mkdir(path, 0o700)
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def popen(self, which, name, *arguments, **options):
        return subprocess.Popen(self.network.command(self.nodes[which], [f"{self.programs}/{name}", *arguments], self.user),
                                stderr=self.log, stdout=self.log, cwd="/", **options)

    def command(self, which, name, *arguments):
        if self.popen(which, name, *arguments).wait() != 0:
            raise SystemExit(f"fleet-test: {name} failed: pg.log")

    def start(self, which):
        self.processes[which] = self.popen(which, "postgres", "-D", self.data[which], "-p", str(self.ports[which]),
                                           "-h", self.network.host(self.nodes[which]))
        wait_for(lambda: self.text("SELECT 1", "postgres", which) == "1", 60, "PostgreSQL")

    def add_standby(self):
        """A fresh copy of the primary, which every commit waits for from then on."""
        which = 1 - self.primary
        if self.data[which]:
            shutil.rmtree(self.data[which], ignore_errors=True)
        self.data[which] = self.make_folder()
        self.text("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active", "postgres")
        self.text(f"SELECT pg_create_physical_replication_slot('node{which}')", "postgres")
        host, port = self.network.way(self.nodes[which], self.nodes[self.primary], self.ports[self.primary]).split(":")
        source = f"host={host} port={port} user=postgres application_name=node{which}"
        self.command(which, "pg_basebackup", "-c", "fast", "-D", self.data[which], "-R", "-X", "stream", "-S", f"node{which}", "-d", source)
        self.start(which)
        self.text(f"ALTER SYSTEM SET synchronous_standby_names = 'node{which}'", "postgres")
        self.text("SELECT pg_reload_conf()", "postgres")
        self.wait_for_standby()

    def wait_for_standby(self):
        if self.has_standby:
            wait_for(lambda: self.text("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "postgres") == "1",
                     60, "the synchronous standby")

    def promote(self):
        """The primary dies, the standby takes its place, and gets a standby of its own."""
        old = self.primary
        self.processes[old].send_signal(signal.SIGKILL)
        self.processes[old].wait()
        self.primary = 1 - old
        self.text("ALTER SYSTEM RESET synchronous_standby_names", "postgres")
        self.text("SELECT pg_promote(true)", "postgres")
        wait_for(lambda: self.text("SELECT pg_is_in_recovery()", "postgres") == "f", 60, "the promotion")
        self.text("ALTER SYSTEM SET synchronous_standby_names = ''", "postgres")
        self.text("SELECT pg_reload_conf()", "postgres")
        self.add_standby()

    def pause_standby(self, seconds):
        standby = self.processes[1 - self.primary]
        os.kill(standby.pid, signal.SIGSTOP)
        children = subprocess.run(["pgrep", "-P", str(standby.pid)], capture_output=True, text=True).stdout.split()
        for child in children:
            os.kill(int(child), signal.SIGSTOP)
        time.sleep(seconds)
        for child in children:
            os.kill(int(child), signal.SIGCONT)
        os.kill(standby.pid, signal.SIGCONT)

    def cancel_waits(self):
        """What an administrator does who is tired of waiting: success, and perhaps not on the standby."""
        self.text("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "postgres")

    def url(self, user, node=None):
        """As a node reaches it; the program itself unless a node is given."""
        hosts = ",".join(self.network.way(node, name, port) if node else f"{self.network.host(name)}:{port}"
                         for name, port in zip(self.nodes, self.ports))
        return f"postgresql://{user}@{hosts}/central?target_session_attrs=read-write&connect_timeout=3&sslmode=disable"

    def text(self, sql, database="central", which=None):
        which = self.primary if which is None else which
        place = f"{self.network.host(self.nodes[which])}:{self.ports[which]}"
        got = subprocess.run([f"{self.programs}/psql", "-XAtq", "-d", f"postgresql://postgres@{place}/{database}", "-c", sql],
                             capture_output=True, text=True, cwd="/")
        return got.stdout.rstrip("\n") if got.returncode == 0 else None

    def stop(self):
        for process in self.processes:
            if process and process.poll() is None:
                process.kill()
                process.wait()
