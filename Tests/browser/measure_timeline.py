#!/usr/bin/env python3
"""How long a timeline of one shift of 40 stations takes. Prints figures; run it with a release build on a quiet machine:

    .build/python/bin/python3 Tests/browser/measure_timeline.py .build/release/andon
"""

import json
import statistics
import sys
import time

from plant import Plant

HOURS = 8


def main():
    with Plant(named=False, timezone="UTC", binary=sys.argv[1] if len(sys.argv) > 1 else None) as plant:
        plant.simulate(duration=f"{HOURS}h", workers=40, workstations=40, cameras=10)
        events = plant.get("/status")["sites"][0]["counters"]["stored"]
        end = int(time.time() * 1000)
        path = f"/api/v1/sites/plant-a/timeline?from={end - HOURS * 3_600_000}&to={end}&as_of="
        taken = []
        for number in range(30):
            # Another present each time: equal questions share an answer.
            start = time.perf_counter()
            status, _, body = plant.request("GET", f"{path}{end - number}")
            taken.append(1000 * (time.perf_counter() - start))
            assert status == 200, body[:300]
        items = json.loads(body)["items"]
        stations = len({item["workstation_id"] for item in items})
        print(f"{events} events, {stations} stations, {HOURS} h, {len(items)} runs, {len(body)} bytes: "
              f"median {statistics.median(taken):.0f} ms, best {min(taken):.0f} ms, worst {max(taken):.0f} ms of {len(taken)}")


main()
