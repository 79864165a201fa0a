"""The main figure: CPU time of a durable, deduplicated event, in turn with the yardstick and with other ways to do it."""
import os

from .machine import Yardstick, median, spread
from .programs import HERE, Bridge, Postgres, Sink


def c_sink(bench, site):
    return Sink(bench, "C sink: the yardstick", [f"{bench.folder}/c_sink"], site, f"{bench.folder}/{site}.c.sqlite")


def python_sink(bench, site):
    return Sink(bench, "Python sink, paho-mqtt and sqlite3", [bench.python, f"{HERE}/python_sink.py"], site, f"{bench.folder}/{site}.py.sqlite")


def row(name, drains, events, bar):
    """One line of the table. `bar` is the median CPU of the yardstick, µs."""
    cost = [drain.cpu * 1e6 / events for drain in drains]
    broker = [drain.broker * 1e6 / events for drain in drains]
    size = median([drain.size for drain in drains]) / events
    return (f"| {name} | {spread(cost)} | {1e6 / median(cost):,.0f} | {median(cost) / bar:.2f} | {spread(broker)} | "
            f"{spread([drain.rate for drain in drains], ',.0f')} | {size:,.0f} |")


def measure(bench, options):
    makers = [lambda site: c_sink(bench, site), lambda site: Bridge(bench, [site])]
    if Postgres.find():
        bench.compile("postgres_sink", f"-I{options.libpq}", "-lmosquitto", "-lpq")
        makers.append(lambda site: Postgres(bench, site))
    if bench.python:
        makers.append(lambda site: python_sink(bench, site))
    yardstick, drains = Yardstick(options.noise), {}
    for number in range(options.rounds):
        site = f"cpu{number}"
        bench.fresh_broker()
        programs = [make(site) for make in makers]
        for program in programs:
            program.prepare()
        bench.fill(site, options.events)
        first = number % len(programs)
        for program in programs[first:] + programs[:first]:
            drains.setdefault(program.name, []).append(program.drain(options.events))
        yardstick.add(drains[programs[0].name][-1].cpu * 1e6 / options.events)
    verdict = yardstick.check()
    print(f"\n### CPU of an event: {options.events:,} queued events, {options.rounds} rounds in turn, median (lowest … highest)\n")
    print("| program | CPU, µs an event | events a second and core | of the yardstick | broker's CPU beside it, µs | wall, events/s | disk, bytes an event |\n"
          "|---|---|---|---|---|---|---|")
    bar = median(yardstick.costs)
    for program in programs:
        print(row(program.name, drains[program.name], options.events, bar))
    if not Postgres.find():
        print("\nPostgreSQL is not installed: scripts/bootstrap --bench")
    print(f"\n{verdict}", flush=True)
