"""Events as they come: what is written for each, how long until the PUBACK, and how many sites a core carries."""
import json, os, subprocess, sys, time

from .machine import cpu_of, free_port, wait_for
from .programs import Bridge

RATES = {1: 20, 10: 20, 20: 40, 100: 20, 200: 20, 1000: 15, 2000: 15, 10_000: 15}  # events/s: seconds
IDLE_SITES, IDLE_SECONDS = 20, 15


def io_of(pid):
    with open(f"/proc/{pid}/io") as f:
        return int(dict(line.split(": ") for line in f.read().splitlines())["write_bytes"])


class Sample:
    def __init__(self, bridge, counted=True):
        self.at, self.cpu, self.written = time.monotonic(), cpu_of(bridge.process.pid), io_of(bridge.process.pid)
        self.events = bridge.received() if counted else 0


def at_rate(bench, rate, seconds):
    """The pacer is the broker of this bridge. Returns its figures and two samples, a second from either end."""
    port = free_port()
    bridge = Bridge(bench, ["live"], port=port)
    pacer = bench.launch([f"{bench.folder}/pacer", str(port), "live", str(rate), str(seconds)], bench.cores.broker, stdout=subprocess.PIPE, text=True)
    time.sleep(0.2)
    bridge.start()
    wait_for("the first event", bridge.received, 30)
    time.sleep(1)
    first = Sample(bridge)
    time.sleep(max(1, seconds - 3))
    last = Sample(bridge)
    out = pacer.stdout.read()
    bench.end(pacer, None)
    bridge.stop()
    return json.loads(out), first, last


def idle(bench, count):
    """CPU seconds a second of a bridge whose sites get nothing."""
    bench.fresh_broker()
    bridge = Bridge(bench, [f"idle{count}x{i}" for i in range(count)])
    bridge.start()
    bridge.await_sessions()
    time.sleep(2)
    first = Sample(bridge, counted=False)
    time.sleep(IDLE_SECONDS)
    last = Sample(bridge, counted=False)
    bridge.stop()
    return (last.cpu - first.cpu) / (last.at - first.at)


def measure(bench, options):
    print("\n### Live: one site, 200 workers, each event a message of its own, `kpi.publish_interval` 5 s\n")
    print("| events/s | written, bytes an event | written, kB/s | CPU, µs an event | of a core | PUBACK p50 | p99 | p99.9 | KPI p50 | p99 |\n"
          "|---|---|---|---|---|---|---|---|---|---|")
    load = {}
    for rate, seconds in RATES.items():
        answer, first, last = at_rate(bench, rate, seconds)
        took, events = last.at - first.at, last.events - first.events
        load[rate] = (last.cpu - first.cpu) / took
        written = last.written - first.written
        ack, kpi = answer["ack"], answer["kpi"]
        print(f"| {rate:,} | {written / events:,.0f} | {written / took / 1000:,.0f} | {(last.cpu - first.cpu) * 1e6 / events:,.0f} | {load[rate] * 100:.1f} % | "
              f"{ack[0]:.1f} ms | {ack[1]:.1f} ms | {ack[2]:.1f} ms | {kpi[0]:.0f} ms | {kpi[1]:.0f} ms |", flush=True)
    alone = idle(bench, 1)
    each = (idle(bench, 1 + IDLE_SITES) - alone) / IDLE_SITES
    print(f"\nA process with one idle site takes {alone * 100:.2f} % of a core, each further idle site {each * 100:.3f} %. From these figures, not from a run with "
          "so many sites:\n\n| events/s a site | sites a core |\n|---|---|")
    for rate in (1, 10, 100, 1000):
        print(f"| {rate:,} | {1 / max(load[rate] - alone + each, 1e-9):,.0f} |")
    sys.stdout.flush()


def disk(bench, options):
    """Bytes that an event leaves in the file and sends through the log, without a network: `andon-bench ingest`."""
    program, events = bench.binary + "-bench", 400_000
    print(f"\n### Bytes of an event, ids of 36 characters, commits of 8 192 (`andon-bench ingest --events {events} --workers N`)\n")
    print("| workers | disk | write-ahead log |\n|---|---|---|")
    for workers in (50, 1000, 10_000):
        out = subprocess.run([program, "ingest", "--events", str(events), "--workers", str(workers)], check=True, capture_output=True, text=True).stdout
        figure = {words[1]: words[0] for line in out.splitlines() if " bytes of " in line for words in [line.replace(" an event", "").split(" bytes of ")]}
        print(f"| {workers:,} | {figure['disk']} | {figure['log']} |", flush=True)


def growth(bench, options):
    rows, slice_ = options.rows, max(1, options.rows // 10)
    print(f"\n### Growth: events a second, bytes to commit, by rows stored (`andon-bench ingest --events {rows} --slice {slice_}`)\n\n```")
    sys.stdout.flush()
    subprocess.run([bench.binary + "-bench", "ingest", "--events", str(rows), "--slice", str(slice_)], check=True)
    print("```", flush=True)
