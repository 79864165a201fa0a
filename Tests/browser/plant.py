"""A private plant for tests of the dashboard and the API: a mosquitto, a bridge and simulated cameras in a
temporary folder, all on 127.0.0.1, gone with the `with` block."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOKEN = "test-token-7f3a"
NAMES = ["Anna Weber", "Ben Kaya", "Carla Rossi", "David Chen", "Eva Novak", "Farid Haddad", "Greta Lind", "Hugo Sala"]
STATIONS = ["Press 1", "Press 2", "Welding", "Assembly", "Inspection", "Packing", "Palletizer", "Loading"]
SHIFTS = """
      - {id: early, start: "06:00", end: "14:00", breaks: [{start: "10:00", end: "10:15"}]}
      - {id: late, start: "14:00", end: "22:00"}
      - {id: night, start: "22:00", end: "06:00"}"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=20, step=0.05):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            result = condition()
        except (OSError, http.client.HTTPException):
            result = None
        if result:
            return result
        time.sleep(step)
    raise AssertionError(f"timed out after {seconds} s waiting for {what() if callable(what) else what}")


class Plant:
    def __init__(self, sites=("plant-a",), http="", more="", binary=None, named=True, timezone="Europe/Berlin",
                 areas="", of_sites=None):
        self.binary = str(binary or os.environ.get("ANDON_BINARY") or ROOT / ".build/debug/andon")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="andon-browser-"))
        self.sites = list(sites)
        self.broker_port, self.port = free_port(), free_port()
        self.processes = []
        self.bridge = None
        (self.folder / "token").write_text(TOKEN)
        user = "user root\n" if os.geteuid() == 0 else ""
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.broker_port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 1000000\nsys_interval 1\n{user}")
        names = ""
        if named:
            names = "\n    workers: {" + ", ".join(f"W{i + 1}: {{name: {n}}}" for i, n in enumerate(NAMES)) + "}"
            names += "\n    workstations: {" + ", ".join(f"S{i + 1}: {{name: {n}}}" for i, n in enumerate(STATIONS)) + "}"
        listed = "".join(
            f"\n  - id: {site}\n    name: {site.replace('-', ' ').title()}\n    timezone: {timezone}\n    shifts:{SHIFTS}{names}"
            + (f"\n    areas: {areas}" if areas else "")
            # The first site asks for what the others do not have.
            + ("\n    privacy: {ranking: true}" if site == self.sites[0] else "")
            + "".join(f"\n    {line}" for line in (of_sites or {}).get(site, []))
            for site in self.sites)
        self.config = self.folder / "andon.yaml"
        self.config.write_text(
            f"bridge: {{id: test, data_dir: {self.folder}/data}}\n"
            f"broker: {{url: 'mqtt://127.0.0.1:{self.broker_port}'}}\n"
            f"http: {{listen: '127.0.0.1:{self.port}', token_file: {self.folder}/token, rate_limit: 0{http}}}\n"
            f"kpi: {{publish_interval: 1s}}\n{more}\nsites:{listed}\n")

    def __enter__(self):
        self.start_broker()
        self.start_bridge()
        return self

    def __exit__(self, *_):
        if self.bridge and self.bridge.poll() not in (None, 0):
            print(f"the bridge ended with {self.bridge.poll()}:\n{self.log()[-6000:]}")
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self, command, name):
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start_broker(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.broker = self.spawn([program, "-c", str(self.folder / "mosquitto.conf")], "broker")
        wait_for("the broker", lambda: socket.create_connection(("127.0.0.1", self.broker_port), 0.2).close() or True)

    def start_bridge(self):
        self.bridge = self.spawn([self.binary, "run", "--config", str(self.config)], "bridge")
        wait_for("the bridge", lambda: self.get("/readyz", raw=True), 30)

    def stop_bridge(self):
        self.bridge.send_signal(signal.SIGTERM)
        self.bridge.wait(10)

    def log(self, name="bridge"):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def request(self, method, path, body=None, headers=None, token=TOKEN):
        """Returns status, headers and body for any status."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def get(self, path, raw=False):
        status, _, body = self.request("GET", path)
        if status != 200:
            raise OSError(f"{path}: {status} {body[:300]!r}")
        return body or True if raw else json.loads(body)

    def post(self, events, site=None, camera="cam-01"):
        status, _, body = self.request("POST", f"/api/v1/sites/{site or self.sites[0]}/cameras/{camera}/events", events)
        return status, json.loads(body)

    def event(self, worker="W1", kind="working", station="S1", confidence=0.93, at=None, **more):
        return {"timestamp": int((at or time.time()) * 1000), "worker_id": worker, "workstation_id": station,
                "event_type": kind, "confidence": confidence, **more}

    def simulate(self, site=None, wait=True, **options):
        """`andon simulate`; keyword arguments are its options."""
        command = [self.binary, "simulate", "--config", str(self.config), "--site", site or self.sites[0]]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        if not wait:
            return self.spawn(command, "simulate")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        self.settle()

    def settle(self):
        """Waits until the counters no longer change."""
        last = [None, 0]

        def still():
            now = [site["counters"]["received"] for site in self.get("/status")["sites"]]
            last[1] = last[1] + 1 if now == last[0] else 0
            last[0] = now
            return last[1] >= 5

        wait_for("a quiet moment", still, 120, 0.6)


def browser(width=1440, height=900, dark=False):
    """A headless Chromium that can only reach this machine."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-gpu",
                     "--disable-background-networking", "--disable-component-update", "--no-first-run", "--lang=en-US",
                     f"--window-size={width},{height}", "--force-device-scale-factor=1"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver") or "/usr/bin/chromedriver"))
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    return driver
