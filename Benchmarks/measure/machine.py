"""What the measurements need from the machine: cores, clocks, ports, and words about it for the head of the tables."""
import os, pathlib, re, shutil, socket, statistics, subprocess, time

median = statistics.median


def spread(values, form=",.2f"):
    """`median (lowest … highest)`."""
    return f"{median(values):{form}} ({min(values):{form}} … {max(values):{form}})"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=90, pause=0.05):
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise SystemExit(f"bench: timed out after {seconds} s waiting for {what}")
        time.sleep(pause)
    return found


def cpu_of(pid):
    """User and system time of a running process with all its threads, seconds. Linux: the process's CPU clock."""
    return time.clock_gettime(~pid << 3 | 2)


class Cores:
    """The broker has the first core, with this script; what is measured has the second. Where there is one, all share it."""

    def __init__(self):
        self.all = os.sched_getaffinity(0)
        one = sorted(self.all)
        self.isolated = len(one) > 1
        self.broker = {one[0]} if self.isolated else self.all
        self.measured = {one[1]} if self.isolated else self.all

    def settle(self):
        """Keeps this script, and what it starts without a core of its own, off the measured core."""
        os.sched_setaffinity(0, self.broker)

    @staticmethod
    def pin(cores):
        """For `Popen(preexec_fn=…)`."""
        return lambda: os.sched_setaffinity(0, cores)


class Yardstick:
    """Its own range tells whether the machine was quiet enough for a result."""

    def __init__(self, limit_percent):
        self.limit, self.costs = limit_percent, []

    def add(self, microseconds):
        self.costs.append(microseconds)

    def check(self):
        """Ends the run when a round of the yardstick is too far from its median."""
        middle = median(self.costs)
        worst = max(abs(cost - middle) for cost in self.costs) / middle * 100
        if worst > self.limit:
            rounds = ", ".join(f"{cost:.2f}" for cost in self.costs)
            raise SystemExit(
                f"bench: no result. The yardstick itself (c_sink) took {rounds} µs an event: up to {worst:.0f} % from its median, "
                f"more than {self.limit:g} %.\nSomething else uses this machine (load average {os.getloadavg()[0]:.1f}). "
                "End it, and run the benchmark again.")
        return f"The yardstick's rounds were within ±{worst:.1f} % (limit ±{self.limit:g} %)."


def text_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def describe(folder, binary, versions):
    """Lines about machine, versions and command. `folder` is where the stores are."""
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    kind = text_of("stat", "-f", "-c", "%T", folder)
    if kind in ("tmpfs", "ramfs"):
        raise SystemExit(f"bench: {folder} is in memory, where a sync costs nothing. Set TMPDIR to a folder on a disk.")
    here = os.path.dirname(os.path.abspath(__file__))
    commit = text_of("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=10") or "no git"
    broker = re.search(r"version (\S+)", text_of(shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-h"))
    return [
        f"Machine: {processor[1] if processor else 'unknown processor'}, {os.cpu_count()} cores, "
        f"{memory} GiB, {system[1] if system else 'Linux'}, kernel {os.uname().release}, {kind}; "
        f"load average at the start {os.getloadavg()[0]:.1f}",
        f"Versions: andon {text_of(binary, '--version')} of commit {commit}, mosquitto {broker[1] if broker else '?'}, {versions}"]
