"""Faults that come at random under load. Each is over, and what it hit runs again, when its function returns."""
import contextlib, os, pathlib, shutil, signal, sqlite3, subprocess, time

from .pieces import wait_for

SMALL_FOLDER = "160m"


def kill(fleet, name, chance):
    """SIGKILL, and a start later."""
    fleet.kill(name)
    time.sleep(chance.uniform(0, fleet.options.ttl))
    fleet.start(name)


def freeze(fleet, name, chance):
    fleet.bridges[name].send_signal(signal.SIGSTOP)
    time.sleep(chance.uniform(1, 2.5 * fleet.options.ttl))
    fleet.bridges[name].send_signal(signal.SIGCONT)


def end(fleet, name, chance):
    fleet.bridges[name].send_signal(signal.SIGTERM)
    fleet.bridges[name].wait()
    fleet.start(name)


def promote(fleet, name, chance):
    fleet.server.promote()


def standby(fleet, name, chance):
    fleet.server.pause_standby(chance.uniform(1, 10))


def cancel(fleet, name, chance):
    for _ in range(20):
        fleet.server.cancel_waits()
        time.sleep(0.02)


def broker(fleet, name, chance):
    fleet.broker.stop()
    time.sleep(chance.uniform(0, 2))
    fleet.broker.start()


def cut(fleet, name, chance):
    """Packets vanish between a bridge and the database, the broker or both, or between primary and standby, for 1 to 3 ttl."""
    databases = [(name, node) for node in fleet.server.nodes]
    kinds = {"database": databases, "broker": [(name, fleet.broker.node(name))], "both": [*databases, (name, fleet.broker.node(name))]}
    if fleet.server.has_standby:
        kinds["standby"] = [fleet.server.nodes]
    kind = chance.choice(sorted(kinds))
    held = fleet.held(name)
    for one, other in kinds[kind]:
        fleet.network.cut(one, other)
    began = time.monotonic()
    time.sleep(chance.uniform(1, 3) * fleet.options.ttl)
    if kind in ("database", "both") and time.monotonic() - began > 2 * fleet.options.ttl and held and len(fleet.names) > 1:
        still = set(fleet.held(name)) & set(held)
        fleet.found(f"{name} was cut off from the database for {time.monotonic() - began:.0f} s, and others had its {len(held)} sites"
                    + f"; not {sorted(still)}" * bool(still), not still)
    for one, other in kinds[kind]:
        fleet.network.mend(one, other)
    fleet.cuts[kind] = fleet.cuts.get(kind, 0) + 1
    fleet.server.wait_for_standby()


def add(fleet, name, chance):
    """One bridge more gets its share."""
    new = fleet.add()
    began = time.monotonic()
    fleet.start(new)
    wait_for(lambda: fleet.held(new), 60, f"sites of {new}")
    share, took = len(fleet.sites) // len(fleet.names), time.monotonic() - began
    try:
        wait_for(lambda: len(fleet.held(new)) >= share - 1, 60, "its share")
    except SystemExit:
        pass
    fleet.found(f"{new} joined under load: a site after {took:.1f} s, then {len(fleet.held(new))} of {len(fleet.sites)}", len(fleet.held(new)) >= share - 1)


def drain(fleet, name, chance):
    """A bridge is emptied by hand, is away, and comes back."""
    began, had = time.monotonic(), len(fleet.held(name))
    fleet.owner("drain", name)
    wait_for(lambda: fleet.holders() and not fleet.held(name), 90, f"{name} to be empty")
    took = time.monotonic() - began
    end(fleet, name, chance)
    time.sleep(2 * fleet.options.ttl)
    quiet = fleet.held(name)
    fleet.owner("drain", name, "--undo")
    wait_for(lambda: fleet.held(name), 90, f"{name} to have sites again")
    fleet.found(f"{name} gave its {had} sites away in {took:.1f} s, took none while it was drained, and has some again", not quiet)


def site_files(fleet, name):
    return sorted(pathlib.Path(fleet.folder, name, "sites").glob("*.sqlite"))


def delete_beside(path, kept=()):
    """Deletes what lies beside a file, and is no older one that the bridge itself moved away."""
    for suffix in ("-wal", "-shm", "-journal", ".lock"):
        if suffix not in kept:
            pathlib.Path(f"{path}{suffix}").unlink(missing_ok=True)


def file(fleet, name, chance):
    """Half of the files of a bridge are deleted while it is away."""
    fleet.kill(name)
    files = site_files(fleet, name)
    for path in chance.sample(files, len(files) // 2):
        path.unlink()
        delete_beside(path)
    fleet.start(name)


def older(fleet, name, chance):
    """All files of a bridge that is away are older copies of themselves; beside them all, only the lock, or nothing is left."""
    copies = {}
    for path in site_files(fleet, name):
        copy = f"{fleet.folder}/copy-{path.name}"
        try:
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as source:
                with contextlib.closing(sqlite3.connect(copy)) as target:
                    source.backup(target)
            copies[path] = copy
        except sqlite3.Error:
            # Half of an older file, from a fault like this one a moment ago.
            pathlib.Path(copy).unlink(missing_ok=True)
    time.sleep(chance.uniform(1, fleet.options.ttl))
    fleet.kill(name)
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, 3 * fleet.options.ttl))
    kept = chance.choice([("-wal", "-shm", "-journal", ".lock"), (".lock",), ()])
    for path, copy in copies.items():
        if path.exists():
            delete_beside(path, kept)
            shutil.move(copy, path)
    fleet.older[" ".join(kept) or "nothing"] = fleet.older.get(" ".join(kept) or "nothing", 0) + len(copies)
    fleet.start(name)


def full(fleet, name, chance):
    """The disk of one bridge, a small one, is full until it has given its sites away or half a minute is over. It may not end."""
    if not fleet.small:
        print("fleet-test: no fault `full`: only root can mount a small disk", flush=True)
        return
    name, folder = fleet.small, f"{fleet.folder}/{fleet.small}"
    had, began = fleet.held(name), time.monotonic()
    with open(f"{folder}/filling", "wb", buffering=0) as filling:
        end_of_it = began + 35
        while time.monotonic() < end_of_it and (fleet.held(name) or time.monotonic() - began < 5):
            try:
                for size in (1 << 20, 4096, 512):
                    while True:
                        filling.write(bytes(size))
            except OSError:
                time.sleep(0.2)
    left, took = fleet.held(name), time.monotonic() - began
    os.unlink(f"{folder}/filling")
    running = fleet.bridges[name].poll() is None
    if not running:
        fleet.start(name)
    began = time.monotonic()
    wait_for(fleet.all_connected, 90, f"all sites after the disk of {name} was full")
    fleet.found(f"the disk of {name} was full for {took:.0f} s: it had {len(had)} sites, kept {len(left)}, and all sites had their session"
                f" {time.monotonic() - began:.1f} s after there was room again" + "; it ended" * (not running), running)


def mount_small(fleet, name):
    """Puts the folder of a bridge on a small disk in memory."""
    folder = f"{fleet.folder}/{name}"
    os.makedirs(folder, mode=0o750, exist_ok=True)
    if os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_FOLDER},mode=0750", "tmpfs", folder]).returncode == 0:
        fleet.small = name


def node(fleet, name, chance):
    """The second of two brokers is killed, with the sessions in its memory, and comes back after the others took its sites."""
    victim = fleet.broker.nodes[1]
    fleet.broker.kill_node(victim)
    time.sleep(fleet.options.grace + 3 * fleet.options.ttl)
    away = [name for name in fleet.names if fleet.broker.node(name) == victim and fleet.held(name)]
    fleet.found(f"bridges without a broker gave their sites to those that have one{'; not ' * bool(away)}{', '.join(away)}", not away)
    fleet.broker.start_node(victim)


KINDS = {f.__name__: f for f in (kill, freeze, promote, standby, cancel, broker, end, file, cut, add, drain, older, full, node)}
