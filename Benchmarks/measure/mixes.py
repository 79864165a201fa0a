"""Backlogs of other kinds, each round in turn with the yardstick and a plain one: more workers, late events, duplicates,
many sites, and what arrives late when there is history."""
import os, shutil, subprocess, time

from .cpu import c_sink
from .machine import Cores, Yardstick, median, spread
from .programs import Bridge

HISTORY_HOURS, OUTAGE_HOURS, STEP_MS, CAMERAS = 6, 2, 20, 6
SITE = "plant"


class History:
    """Six hours of one site at 50 events/s, imported once; each drain gets a copy."""

    def __init__(self, bench, events):
        self.bench, self.number = bench, HISTORY_HOURS * 3_600_000 // STEP_MS
        self.since = self.number - OUTAGE_HOURS * 3_600_000 // STEP_MS
        self.first = int(time.time() * 1000) - (self.number + events) * STEP_MS
        self.folders, self.copies = {}, 0

    def timeline(self):
        return {"first": self.first, "step": STEP_MS}

    def imported(self, has_outage):
        if has_outage not in self.folders:
            data = self.folders[has_outage] = f"{self.bench.folder}/history-{has_outage}"
            self.bench.fresh_broker()
            bridge = Bridge(self.bench, [SITE], data=data)
            words = ["--first", str(self.first), "--step", str(STEP_MS)] + (["--hole", str(self.since)] if has_outage else [])
            lines = self.bench.launch([f"{self.bench.folder}/backlog", "lines", str(self.number), *words], self.bench.cores.all, stdout=subprocess.PIPE)
            reader = self.bench.launch([self.bench.binary, "import", "--config", bridge.config, "--site", SITE, "-"], self.bench.cores.all,
                                       stdin=lines.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            lines.stdout.close()
            self.bench.end(reader, None)
            self.bench.end(lines, None)
        return self.folders[has_outage]

    def bridge(self, has_outage):
        self.copies += 1
        data = f"{self.bench.folder}/copy{self.copies}"
        shutil.copytree(self.imported(has_outage), data)
        return Bridge(self.bench, [SITE], data=data)


def cost_of(bench, program, sites, events, **options):
    """µs an event of one drained backlog, spread over the sites."""
    program.prepare()
    for site in sites:
        bench.fill(site, events // len(sites), **options)
    total = events // len(sites) * len(sites) * options.get("passes", 1)
    cost = program.drain(total).cpu * 1e6 / total
    for path in (getattr(program, "data", None), getattr(program, "store", None)):
        if path:
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.remove(path)
    return cost


class Mix:
    def __init__(self, name, base, run):
        self.name, self.base, self.run, self.costs = name, base, run, []

    def row(self):
        middle = median(self.costs)
        share = median([base / cost for base, cost in zip(self.base.costs, self.costs)]) if self.base else 1
        return f"| {self.name} | {spread(self.costs)} | {1e6 / middle:,.0f} | {share:.2f} |"


def measure(bench, options):
    events, late_events = options.events, OUTAGE_HOURS * 3_600_000 // STEP_MS // CAMERAS * 2
    history = History(bench, late_events)
    counter = iter(range(10 ** 6))

    def one(**more):
        site = f"mix{next(counter)}"
        return cost_of(bench, Bridge(bench, [site]), [site], events, **more)

    def many(count):
        sites = [f"mix{next(counter)}" for _ in range(count)]
        return cost_of(bench, Bridge(bench, sites), sites, events)

    def after(has_outage=False, **more):
        return cost_of(bench, history.bridge(has_outage), [SITE], late_events, **{"from": history.number}, **history.timeline(), **more)

    def bar():
        site = f"mix{next(counter)}"
        return cost_of(bench, c_sink(bench, site), [site], events)

    plain = Mix("50 workers, in order", None, one)
    behind = Mix(f"in order, {HISTORY_HOURS} h of history at 50 events/s", None, after)
    mixes = [
        plain, Mix("1 000 workers, in order", plain, lambda: one(workers=1000)), Mix("10 000 workers, in order", plain, lambda: one(workers=10_000)),
        Mix("a fifth up to 6 h late, no history", plain, lambda: one(late=20)), Mix("all of it twice", plain, lambda: one(passes=2)),
        Mix("four sites", plain, lambda: many(4)), Mix("100 sites", plain, lambda: many(100)),
        behind, Mix(f"1 % up to 6 h late, {HISTORY_HOURS} h of history at 50 events/s", behind, lambda: after(late=1)),
        Mix(f"one camera's backlog of {OUTAGE_HOURS} h after an outage, the others in order; the same history", behind,
            lambda: after(True, catch_up=history.since))]
    yardstick = Yardstick(options.noise)
    for _ in range(options.rounds):
        bench.fresh_broker()
        yardstick.add(bar())
        for mix in mixes:
            bench.fresh_broker()
            mix.costs.append(mix.run())
    verdict = yardstick.check()
    print(f"\n### Other backlogs: {events:,} events ({late_events:,} with history), {options.rounds} rounds in turn, median (lowest … highest)\n")
    print("| backlog | CPU, µs an event | events a second and core | rate, of the plain one's |\n|---|---|---|---|")
    for mix in mixes:
        print(mix.row())
    print(f"\n{verdict} {CAMERAS} cameras each. With history the plain backlog is the one in order after the same history.", flush=True)


def rates(bench, options):
    """Wall rates on all cores: an illustration, since broker and bridge share them."""
    print(f"\n### Rates of a drain on all cores, broker beside it: {options.events:,} events, median (lowest … highest)\n")
    print("| sites | wall, events/s | memory at the first commit, at most, at the end, MiB |\n|---|---|---|")
    for count in (1, 4, 100):
        found, memory = [], []
        for number in range(options.rounds):
            bench.fresh_broker(bench.cores.all)
            sites = [f"rate{count}x{number}x{i}" for i in range(count)]
            bridge = Bridge(bench, sites, cores=bench.cores.all)
            bridge.prepare()
            for site in sites:
                bench.fill(site, options.events // count)
            found.append(bridge.drain(options.events // count * count).rate)
            memory = bridge.memory_at
        print(f"| {count} | {spread(found, ',.0f')} | {memory[0]:.0f}, {max(memory):.0f}, {memory[-1]:.0f} |", flush=True)
