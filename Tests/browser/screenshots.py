#!/usr/bin/env python3
"""Makes the pictures of docs/images: desktop, phone, dark, light, empty, large, German. `make screenshots` runs it."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.request

from plant import ROOT, Plant, browser, free_port, wait_for

TARGET = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images"


def picture(driver, name):
    time.sleep(1.2)
    TARGET.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(str(TARGET / f"{name}.png"))
    print(TARGET / f"{name}.png")


def look(plant, name, path, width, height, dark=False, act=None):
    driver = browser(width, height, dark)
    try:
        driver.get(plant.url + path)
        wait_for("the page", lambda: driver.execute_script(
            "return document.querySelector('main').innerText.length > 20 && !document.querySelector('[aria-busy=true]')"), 30)
        time.sleep(2.5)
        if act:
            act(driver)
        picture(driver, name)
        errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        if errors:
            sys.exit(f"screenshots: {name}: {errors}")
    finally:
        driver.quit()


class Demo:
    """`andon demo`, as a stranger sees it."""

    def __enter__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([os.environ.get("ANDON_BINARY") or ROOT / ".build/release/andon", "demo", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the demo's page", self.answers, 180)
        time.sleep(15)
        return self

    def answers(self):
        try:
            return urllib.request.urlopen(f"{self.url}/healthz", timeout=2).status == 200
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


def main():
    wanted = set(sys.argv[2:])

    def want(name):
        return not wanted or name in wanted

    if want("empty"):
        with Plant() as plant:
            look(plant, "empty", "/#/plant-a/plant", 1440, 900)
    demo = [
        ("board", "/#/plant-a/board?window=shift&line=line-2", 1920, 1080), ("timeline", "/#/plant-a/timeline?window=shift", 1440, 620),
        ("board-phone", "/#/plant-a/board?window=shift&line=line-2", 390, 1000),
        ("board-de", "/?lang=de#/plant-a/board?window=shift&line=line-2", 1920, 1080),
        ("board-phone-de", "/?lang=de#/plant-a/board?window=shift&line=line-2", 390, 1000),
        ("report-de", "/?lang=de#/plant-a/reports?line=line-2", 1440, 1000),
    ]
    if any(want(name) for name, *_ in demo):
        with Demo() as plant:
            for name, path, width, height in demo:
                if want(name):
                    look(plant, name, path, width, height)
    everyday = [
        ("board-dark", "/?kiosk=1#/plant-a/board?window=shift", 1920, 1080, True),
        ("board-german", "/?lang=de#/plant-a/board?window=shift", 1440, 900, False),
        ("stops", "/#/plant-a/stops?window=shift", 1440, 900, False),
        ("trends", "/#/plant-a/trends?window=hour", 1440, 900, False), ("report", "/#/plant-a/reports", 1440, 1000, False),
        ("alert", "/#/plant-a/alerts?find=plant-a/drift/cam-02", 1440, 900, False), ("stations-phone", "/#/plant-a/stations", 390, 1000, False),
        ("desktop", "/#/plant-a/plant?window=shift", 1440, 1180, False), ("dark", "/#/plant-a/plant?window=shift", 1440, 1180, True),
        ("wall", "/#/plant-a/plant?window=shift", 1920, 1080, True), ("phone", "/#/plant-a/plant?window=shift", 390, 1400, False),
        ("narrow", "/#/plant-a/plant?window=shift", 360, 1400, True), ("workers", "/#/plant-a/workers?window=day", 1440, 620, False),
        ("events", "/#/plant-a/events", 1440, 900, False), ("alerts", "/#/plant-a/alerts", 1440, 560, False),
        ("models", "/#/plant-a/models", 1440, 1000, False), ("models-dark", "/#/plant-a/models", 1440, 1000, True),
        ("quarantine", "/#/plant-a/quarantine", 1440, 700, False), ("bridge", "/#/plant-a/bridge", 1440, 760, False),
        ("sites", "/#/*/sites?window=day", 1440, 560, False), ("models-phone", "/#/plant-a/models", 390, 1400, False),
        ("events-phone", "/#/plant-a/events", 390, 900, False),
    ]
    if any(want(name) for name, *_ in everyday):
        with Plant(sites=("plant-a", "plant-b", "plant-c"), more="drift: {on_delay: 10m}") as plant:
            plant.simulate(duration="9h", scenario="drift", workers=8, workstations=8)
            plant.simulate(site="plant-b", duration="6h", seed=2, workers=5, workstations=4)
            plant.simulate(site="plant-c", duration="5h", seed=3, workers=12, workstations=8)
            plant.post([plant.event("W2", confidence=95), plant.event("W3", at=1), {"worker_id": "W4"},
                        plant.event("W1", kind="dancing")], camera="cam-03")
            plant.request("POST", "/api/v1/sites/plant-a/cameras/cam-05/events", b"<script>alert(1)</script>")
            for site, seed in (("plant-a", 7), ("plant-b", 8), ("plant-c", 9)):
                plant.simulate(site=site, wait=False, duration="1h", speed=1, seed=seed,
                               workers=8 if site == "plant-a" else 5, workstations=8 if site == "plant-a" else 4,
                               **{"from": int(time.time() * 1000)})
            time.sleep(14)
            for name, path, width, height, dark in everyday:
                if want(name):
                    look(plant, name, path, width, height, dark)
    if want("large"):
        with Plant(named=False) as plant:
            plant.simulate(duration="2h", workers=200, workstations=50, cameras=50)
            look(plant, "large", "/#/plant-a/plant?window=day", 1920, 1400)


main()
