"""The page of all sites in a real headless Chromium, against a real `andon overview` and a broker with retained topics."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

from selenium.webdriver.common.by import By

from plant import TOKEN, free_port, wait_for, Plant
from test_board import axe_source
from test_dashboard import CONTRAST, LABELS, Page

WIDE = "return document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} px wide`] : [];"
HOUR = 3_600_000


class Overview:
    """A mosquitto with sites, and one overview of it."""

    def __init__(self, sites=300):
        self.count = sites
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="andon-overview-"))
        self.broker_port, self.port = free_port(), free_port()
        self.binary = Plant().binary
        self.processes = []

    def __enter__(self):
        (self.folder / "token").write_text(TOKEN)
        # Started by root, mosquitto would become another user, who may not read the folder.
        user = "user root\n" if os.geteuid() == 0 else ""
        (self.folder / "mosquitto.conf").write_text(f"listener {self.broker_port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_type all\n{user}")
        (self.folder / "overview.yaml").write_text(
            f"http: {{listen: '127.0.0.1:{self.port}', token_file: {self.folder}/token, rate_limit: 0}}\n"
            f"overview: {{write: true, brokers: [{{name: north, dashboard: '{self.url}site/{{site}}', "
            f"broker: {{url: 'mqtt://127.0.0.1:{self.broker_port}'}}}}]}}\n")
        self.spawn(["mosquitto", "-c", self.folder / "mosquitto.conf"])
        wait_for("the broker", lambda: socket.create_connection(("127.0.0.1", self.broker_port)).close() or True)
        self.publish(self.topics())
        self.spawn([self.binary, "overview", "--config", self.folder / "overview.yaml"])
        wait_for("all sites", lambda: self.get("/api/v1/fleet/sites?limit=1")["total"] == self.count, 60)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self, command):
        log = open(self.folder / f"{pathlib.Path(str(command[0])).name}.log", "w")
        self.processes.append(subprocess.Popen([str(part) for part in command], stdout=log, stderr=log))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path):
        with urllib.request.urlopen(self.url + path.lstrip("/"), timeout=20) as answer:
            return json.load(answer)

    def kpi(self, index, **more):
        site, now = f"plant-{index:03}", int(time.time() * 1000)
        return (f"andon/v1/{site}/kpi/site/{site}/shift", json.dumps({
            "timestamp_ms": now, "site_id": site, "scope": "site", "id": site, "window": "shift", "shift_id": "early",
            "window_start_ms": now - HOUR, "window_end_ms": now + HOUR, "utilization_pct": 80.0, "coverage_pct": 97.0, "units": 90,
            "target_units": 80, "gap_units": 10, "pace_pct": 112.5, "quality": 192, **more}))

    def alert(self, index, state="unack_active"):
        site, now = f"plant-{index:03}", int(time.time() * 1000)
        return (f"andon/v1/{site}/alert/drift/cam-01", json.dumps({
            "timestamp_ms": now, "site_id": site, "alert_id": f"{site}/drift/cam-01", "state": state, "severity": 800, "rule": "confidence_low",
            "source_id": "cam-01", "name": "Press, left", "message": "Confidence is low.", "raised_ms": now - 60_000}))

    def topics(self):
        for index in range(self.count):
            more = {"gap_units": -12, "pace_pct": 85.0} if index % 10 == 1 else {"quality": 64} if index % 10 == 2 else {}
            yield self.kpi(index, **more)
            yield f"andon/v1/plant-{index:03}/meta/site", json.dumps({"site_id": f"plant-{index:03}", "name": f"Plant {index}", "time_zone": "UTC"})
            active = int(index == 7)
            yield f"andon/v1/plant-{index:03}/alert_summary", json.dumps({"site_id": f"plant-{index:03}", "active": active, "unacked": active, "highest_severity": 0})
        yield self.alert(7)

    def publish(self, pairs):
        """MQTT 3.1.1, QoS 0, retained."""
        def text(value):
            return len(value).to_bytes(2, "big") + value

        def packet(kind, body):
            count, length = len(body), bytearray()
            while True:
                count, digit = count // 128, count % 128
                length.append(digit | (128 if count else 0))
                if not count:
                    return bytes([kind]) + bytes(length) + body

        with socket.create_connection(("127.0.0.1", self.broker_port)) as connection:
            connection.sendall(packet(0x10, b"\x00\x04MQTT\x04\x02\x00\x3c" + text(b"test")))
            assert connection.recv(4)[3] == 0
            for topic, payload in pairs:
                connection.sendall(packet(0x31, text(topic.encode()) + payload.encode()))
            connection.sendall(packet(0xC0, b"") + packet(0xE0, b""))
            while connection.recv(4096):
                pass


class OverviewTest(Page):
    @classmethod
    def make_plant(cls):
        return Overview()

    def open(self, lang="en", width=1440, height=900, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.driver.get(f"{self.plant.url}?lang={lang}")
        wait_for("the tiles", lambda: self.tiles(), 30)

    def tiles(self):
        return self.driver.execute_script("return [...document.querySelectorAll('.site-tile')].sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((tile) => tile.innerText)")

    def text(self, selector):
        return self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def test_the_worst_come_first_and_only_what_is_seen_is_made(self):
        self.open()
        first = self.tiles()
        self.assertIn("Plant 7\n", first[0])
        self.assertIn("Critical alert", first[0])
        self.assertLess(len(first), 60)
        self.assertIn("Data missing", first[1])
        self.driver.execute_script("const box = document.querySelector('.window'); box.scrollTop = box.scrollHeight")
        wait_for("the last tiles", lambda: any("Fine" in tile for tile in self.tiles()))
        self.assertLess(len(self.tiles()), 60)

    def test_search_and_states(self):
        self.open()
        self.driver.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("plant 29")
        wait_for("those that are found", lambda: len(self.tiles()) == 11)
        self.driver.execute_script("const field = document.querySelector('input[type=search]'); field.value = ''; field.dispatchEvent(new Event('input'))")
        self.driver.find_element(By.CSS_SELECTOR, ".chip.behind").click()
        wait_for("those behind target", lambda: "Sites (30)" in self.text("#sites-title"))
        self.assertTrue(all("Behind target" in tile for tile in self.tiles()))

    def test_what_changes_comes_by_itself(self):
        self.open()
        self.plant.publish([self.plant.kpi(250, quality=500)])
        wait_for("the new state", lambda: any("Plant 250\n" in tile and "Old figures" in tile for tile in self.tiles()[:3]), 20)
        self.plant.publish([self.plant.kpi(250)])
        wait_for("the old state", lambda: not any("Plant 250\n" in tile for tile in self.tiles()[:3]), 20)

    def test_a_list_that_cannot_be_read_is_read_again(self):
        self.open()
        self.allowed_errors = ("ERR_BLOCKED_BY_CLIENT", "Failed to load resource")
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/api/v1/fleet/alerts*"]})
        try:
            self.driver.get(f"{self.plant.url}?lang=en")
            wait_for("the words", lambda: "no connection" in self.text(".connection"))
            self.assertNotIn("Live", self.text(".connection"))
        finally:
            self.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        wait_for("the tiles", lambda: self.tiles(), 30)
        wait_for("the live page", lambda: "Live" in self.text(".connection"))
        self.plant.publish([self.plant.kpi(260, quality=500)])
        wait_for("the new state", lambda: any("Plant 260\n" in tile and "Old figures" in tile for tile in self.tiles()[:3]), 20)
        self.plant.publish([self.plant.kpi(260)])

    def test_a_site_and_the_way_to_its_page(self):
        self.open()
        self.driver.execute_script("document.querySelector('[aria-posinset=\"1\"] .site-button').click()")
        wait_for("the site", lambda: "Plant 7" in self.text("#site-title"))
        self.assertIn("Confidence is low.", self.text("#site"))
        self.assertEqual(self.driver.find_element(By.CSS_SELECTOR, "#site a.primary").get_attribute("href"), f"{self.plant.url}site/plant-007")

    def test_an_alert_is_acknowledged(self):
        self.open()
        self.driver.execute_script("sessionStorage.setItem('andon.token', arguments[0]); sessionStorage.setItem('andon.by.asked', 'yes')", TOKEN)
        asked = subprocess.Popen(["mosquitto_sub", "-p", str(self.plant.broker_port), "-t", "andon/v1/+/cmd/alert/ack", "-C", "1", "-W", "60"], stdout=subprocess.PIPE)
        # The subscription must stand before the command leaves.
        wait_for("the subscription", lambda: f"andon/v1/+/cmd/alert/ack" in self.heard())
        self.driver.execute_script("document.querySelector('.side .alert-tools button').click()")
        command = json.loads(asked.communicate(timeout=60)[0])
        self.assertEqual(command["alert_id"], "plant-007/drift/cam-01")
        subprocess.run(["mosquitto_pub", "-p", str(self.plant.broker_port), "-t", "andon/v1/plant-007/cmd_result/alert/ack", "-m",
                        json.dumps({"req_id": command["req_id"], "cmd": "alert/ack", "ok": True, "code": "ok", "timestamp_ms": 1})], check=True)
        self.plant.publish([self.plant.alert(7, "acked_active")])
        wait_for("the words", lambda: "Acknowledged." in self.text("#banner"))
        wait_for("no button", lambda: not self.driver.find_elements(By.CSS_SELECTOR, ".side .alert-tools"))
        self.plant.publish([self.plant.alert(7)])

    def heard(self):
        return (self.plant.folder / "mosquitto.log").read_text()

    def test_labels_contrast_and_axe(self):
        self.driver.set_script_timeout(120)
        for lang, width, height, dark in (("en", 1440, 900, False), ("en", 1920, 1080, True), ("de", 390, 844, True), ("de", 390, 844, False)):
            self.open(lang, width, height, dark)
            for part in ("page", "site"):
                if part == "site":
                    self.driver.execute_script("document.querySelector('.site-button').click()")
                for script in (WIDE, LABELS, CONTRAST):
                    self.assertEqual(self.driver.execute_script(script), [], f"{part} {lang} {width}")
                self.driver.execute_script(axe_source())
                found = self.driver.execute_async_script("""
                  const done = arguments[0];
                  axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) =>
                    done(result.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`)));
                """)
                self.assertEqual(found, [], f"{part} {lang} {width}")


if __name__ == "__main__":
    unittest.main()
