#!/usr/bin/env python3
"""What the dashboard costs a browser: compressed size, time to the first figures, frames, memory. Prints figures; run it
with a release build on a quiet machine:

    .build/python/bin/python3 Tests/browser/measure_page.py .build/release/andon [ROUNDS [PART…]]      PART: size, first, frames, memory

Memory, with 40 workers at 20 stations: each round draws the board 200 times, visits every view, asks the bridge for all
of its figures again and posts 40 events. After each the browser collects garbage and is asked for what is left.
"""

import statistics
import sys
import time

from plant import ROOT, Plant, browser, wait_for

VIEWS = ("board", "plant", "stations", "timeline", "stops", "trends", "reports", "workers", "events", "alerts", "models",
         "quarantine", "bridge")
DRAWINGS = 200
FIRST = """
window.firstFigure = undefined;
new MutationObserver(() => {
  const figure = document.querySelector('[data-figure=gap]')?.textContent;
  if (window.firstFigure === undefined && figure && figure !== '–') window.firstFigure = performance.now();
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
FRAMES = """
const [seconds, done] = arguments, deltas = [];
let before = performance.now();
const first = before;
requestAnimationFrame(function frame() {
  const at = performance.now();
  deltas.push(at - before);
  before = at;
  if (at - first < 1000 * seconds) requestAnimationFrame(frame);
  else done([deltas.length / ((at - first) / 1000), Math.max(...deltas), deltas.filter((n) => n > 25).length]);
});
"""
DRAW = """
const [count, done] = arguments;
import('/actions.js').then(async ({ actions }) => {
  for (let n = 0; n < count; n += 1) { actions.set({}); await new Promise(requestAnimationFrame); }
  done(true);
});
"""


def size(plant):
    total = 0
    for file in sorted((ROOT / "dashboard").iterdir()):
        total += len(plant.request("GET", f"/{file.name}", headers={"Accept-Encoding": "gzip"})[2])
    print(f"compressed size: {total} bytes in {len(list((ROOT / 'dashboard').iterdir()))} files")


def first_figures(plant, driver):
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": FIRST})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    taken = []
    for _ in range(11):
        driver.get("about:blank")
        driver.get(plant.url + "/#/plant-a/board")
        taken.append(wait_for("the figure", lambda: driver.execute_script("return window.firstFigure"), 20))
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    print(f"first figures, 200 stations, nothing cached: median {statistics.median(taken):.0f} ms, worst {max(taken):.0f} ms of {len(taken)}")


def frames(plant, driver):
    start = int(time.time()) - 600
    plant.post([plant.event(f"W{n}", kind="idle", station=f"S{n}", at=start) for n in range(1, 31)])
    wait_for("stops that count up", lambda: driver.execute_script("return document.querySelectorAll('.now.stopped, .count-up').length > 0"), 30)
    driver.set_script_timeout(60)
    rate, worst, late = driver.execute_async_script(FRAMES, 10)
    print(f"frames while stops count up, 10 s: {rate:.1f} a second, longest {worst:.0f} ms, {late} of {rate * 10:.0f} longer than 25 ms")


def memory(plant, driver, rounds):
    driver.set_script_timeout(600)
    driver.execute_cdp_cmd("Performance.enable", {})
    left = []
    for number in range(rounds):
        driver.execute_async_script(DRAW, DRAWINGS)
        for view in VIEWS:
            driver.execute_script("location.hash = arguments[0]", f"#/plant-a/{view}?window=shift")
            wait_for(view, lambda: driver.execute_script("return document.querySelector('main').className === arguments[0] && !document.querySelector('main [aria-busy=true]')", f"view-{view}"), 120)
        # Of workers and stations that are there already: more of them would be more to show.
        plant.post([plant.event(f"W{n}", station=f"S{(n + 1) // 2}") for n in range(1, 41)])
        # Another window and back: all figures are forgotten and asked for again.
        for window in ("day", "shift"):
            driver.execute_script("location.hash = arguments[0]", f"#/plant-a/board?window={window}")
            wait_for("the board", lambda: driver.execute_script("return document.querySelector('.hero') !== null"), 120)
        driver.execute_async_script(DRAW, 20)
        for _ in range(2):
            driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
        metrics = {m["name"]: m["value"] for m in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
        left.append(metrics["JSHeapUsedSize"] / 1e6)
        print(f"round {number + 1}: {left[-1]:.2f} MB, {metrics['Nodes']:.0f} nodes, {metrics['JSEventListeners']:.0f} listeners", flush=True)
    half = len(left) // 2
    print(f"memory: first half {statistics.mean(left[:half]):.2f} MB, second half {statistics.mean(left[half:]):.2f} MB, after {DRAWINGS * rounds} drawings and {rounds * (len(VIEWS) + 2)} views")


def main():
    binary, rounds = (sys.argv[1] if len(sys.argv) > 1 else None), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    parts = set(sys.argv[3:]) or {"size", "first", "frames", "memory"}
    if parts - {"memory"}:
        quick(binary, parts)
    if "memory" in parts:
        slow(binary, rounds)


def quick(binary, parts):
    with Plant(named=False, binary=binary) as plant:
        plant.simulate(duration="2h", workers=200, workstations=200, cameras=50)
        if "size" in parts:
            size(plant)
        driver = browser(1920, 1080)
        try:
            first_figures(plant, driver)
            if "frames" in parts:
                frames(plant, driver)
        finally:
            driver.quit()


def slow(binary, rounds):
    with Plant(named=False, binary=binary) as plant:
        plant.simulate(duration="2h", workers=40, workstations=20, cameras=10)
        driver = browser(1920, 1080)
        try:
            driver.get(plant.url + "/#/plant-a/board")
            memory(plant, driver, rounds)
        finally:
            driver.quit()


main()
