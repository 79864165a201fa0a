"""The HTTP API and the MQTT payloads of a running bridge, held against its own documents."""

import gzip
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import unittest

from openapi_spec_validator import validate

from plant import TOKEN, Plant, wait_for
from schemas import Documents

A = "/api/v1/sites/plant-a"


class APITest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plant = Plant(sites=("plant-a", "plant-b"), http=", cors_origins: ['https://panel.example'], max_body: 65536",
                          more="drift: {on_delay: 0}").__enter__()
        cls.listener = subprocess.Popen(
            ["mosquitto_sub", "-p", str(cls.plant.broker_port), "-V", "5", "-q", "1", "-t", "andon/#", "-F", "%j"],
            stdout=open(cls.plant.folder / "mqtt.jsonl", "w"))
        cls.plant.simulate(duration="3h", scenario="chaos", workers=8, workstations=6)
        cls.documents = Documents(cls.plant)

    @classmethod
    def tearDownClass(cls):
        cls.listener.kill()
        cls.listener.wait()
        cls.plant.__exit__()

    def fetch(self, template, method="GET", status=200, **values):
        """Sends a request and checks the answer against the document."""
        path = template
        for name in list(values):
            if "{" + name + "}" in path:
                path = path.replace("{" + name + "}", values.pop(name))
        body = values.pop("body", None)
        query = "&".join(f"{k}={v}" for k, v in values.items())
        got, headers, data = self.plant.request(method, path + ("?" + query if query else ""), body)
        self.assertEqual(got, status, data[:400])
        value = json.loads(data)
        self.documents.answer(template, method.lower(), got, headers["content-type"].split(";")[0], value)
        return value

    def test_the_document_is_openapi(self):
        validate(self.documents.openapi)

    def test_references_of_the_asyncapi_document_resolve(self):
        document = self.documents.asyncapi
        self.assertEqual(document["asyncapi"], "3.0.0")

        def walk(value):
            if isinstance(value, dict):
                if "$ref" in value:
                    target = document
                    for part in value["$ref"].removeprefix("#/").split("/"):
                        target = target[part]
                for item in value.values():
                    walk(item)
            elif isinstance(value, list):
                for item in value:
                    walk(item)

        walk(document)
        named = {operation["channel"]["$ref"].split("/")[-1] for operation in document["operations"].values()}
        self.assertEqual(named, set(document["channels"]))

    def test_answers_are_as_documented(self):
        now = int(time.time() * 1000)
        self.assertEqual([site["site_id"] for site in self.fetch("/api/v1/sites")["items"]], ["plant-a", "plant-b"])
        self.assertTrue(self.fetch("/status")["online"])
        for scope in ("site", "workstation", "worker"):
            for window in ("hour", "shift", "day"):
                self.fetch("/api/v1/sites/{site}/kpi", site="plant-a", scope=scope, window=window)
        everybody = self.fetch("/api/v1/sites/{site}/kpi", site="plant-a", scope="worker",
                               **{"from": now - 10_800_000, "to": now})["items"]
        self.assertTrue({f"W{n}" for n in range(1, 9)} <= {item["id"] for item in everybody})
        series = self.fetch("/api/v1/sites/{site}/kpi/series", site="plant-a", scope="worker",
                            **{"from": now - 7_200_000, "to": now})["items"]
        self.assertEqual({item["window"] for item in series}, {"hour"})
        for name in ("alerts", "models", "quarantine", "events"):
            self.assertTrue(self.fetch("/api/v1/sites/{site}/" + name, site="plant-a")["items"], name)
            self.fetch("/api/v1/sites/{site}/" + name, site="plant-b")

    def test_series_add_up_to_the_range(self):
        now = int(time.time() * 1000)
        end = now - now % 3_600_000
        values = {"site": "plant-a", "scope": "site", "from": end - 7_200_000, "to": end}
        hours = self.fetch("/api/v1/sites/{site}/kpi/series", **values)["items"]
        whole = self.fetch("/api/v1/sites/{site}/kpi", **values)["items"][0]
        self.assertEqual(len(hours), 2)
        self.assertEqual(sum(hour["units"] for hour in hours), whole["units"])
        self.assertAlmostEqual(sum(hour["working_s"] for hour in hours), whole["working_s"], places=3)

    def test_a_printed_report_is_one_sheet(self):
        """As a browser gets it, with its style sheet: one sheet, also with all the stops that it can have."""
        noon = int(time.time() * 1000) // 86_400_000 * 86_400_000 - 12 * 3_600_000
        for language in ("en", "de"):
            path = f"{A}/reports/shift?at={noon}&lang={language}"
            status, headers, page = self.plant.request("GET", path, headers={"Accept": "text/html,*/*;q=0.8"})
            self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"), page[:300])
            self.assertIn("style-src 'sha256-", headers["content-security-policy"])
            self.assertNotIn(b"<script", page)
            source, printed = self.plant.folder / f"report-{language}.html", self.plant.folder / f"report-{language}.pdf"
            row = re.search(rb'<tr><td class="t">.*?</tr>\n', page).group()
            source.write_bytes(page)
            self.assertEqual(self.sheets(source, printed), 1)
            # Longer than any report.
            source.write_bytes(page.replace(b"<footer>", b"<table>" + row * 60 + b"</table><footer>"))
            self.assertGreater(self.sheets(source, printed), 1, "the count of sheets means something")

    def sheets(self, source, printed):
        subprocess.run([shutil.which("chromium") or "/usr/bin/chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                        f"--user-data-dir={self.plant.folder}/chromium", "--no-pdf-header-footer", f"--print-to-pdf={printed}",
                        source.as_uri()], check=True, capture_output=True, timeout=120)
        return len(re.findall(rb"/Type\s*/Page[^s]", printed.read_bytes()))

    def test_windows_compared_are_as_documented(self):
        now = int(time.time() * 1000)
        two = self.fetch("/api/v1/sites/{site}/compare", site="plant-a", window="hour", a=now - 7_200_000, b=now - 3_600_000)["items"]
        self.assertEqual(two[1]["diff_units"], two[1]["units"] - two[0]["units"])
        self.assertNotIn("diff_units", two[0])
        self.fetch("/api/v1/sites/{site}/compare", site="plant-a", weeks=2)

    def test_as_of_gives_the_same_again(self):
        then = int(time.time() * 1000) - 3_600_000
        asked = {"site": "plant-a", "scope": "worker", "window": "shift", "as_of": then}
        first, second = (self.fetch("/api/v1/sites/{site}/kpi", **asked) for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual({item["timestamp_ms"] for item in first["items"]}, {then})

    def test_pages_together_are_everything_once(self):
        pages, cursor = [], {}
        while True:
            page = self.fetch("/api/v1/sites/{site}/events", site="plant-a", limit=97, worker="W3", **cursor)
            pages += page["items"]
            if "next_cursor" not in page:
                break
            cursor = {"cursor": page["next_cursor"]}
        whole = self.fetch("/api/v1/sites/{site}/events", site="plant-a", limit=1000, worker="W3")["items"]
        self.assertEqual(pages[:len(whole)], whole)
        self.assertEqual(len({json.dumps(item) for item in pages}), len(pages))
        self.assertEqual([p["timestamp_ms"] for p in pages], sorted((p["timestamp_ms"] for p in pages), reverse=True))
        self.assertEqual({item["worker_id"] for item in pages}, {"W3"})

    def test_problems_are_problems(self):
        cases = [
            ("/api/v1/sites/{site}/kpi", {"site": "nowhere", "window": "hour"}, 404, "unknown_site"),
            ("/api/v1/sites/{site}/kpi", {"site": "plant-a"}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/kpi", {"site": "plant-a", "window": "hour", "from": 1}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/kpi", {"site": "plant-a", "from": 5, "to": 5}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/kpi", {"site": "plant-a", "window": "week"}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/kpi/series", {"site": "plant-a", "from": 0, "to": 10**10}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/events", {"site": "plant-a", "cursor": "x"}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/events", {"site": "plant-a", "limit": 0}, 400, "bad_parameter"),
            ("/api/v1/sites/{site}/events", {"site": "plant-a", "wroker": "W1"}, 400, "bad_parameter"),
        ]
        for template, values, status, code in cases:
            problem = self.fetch(template, status=status, **values)
            self.assertEqual((problem["status"], problem["code"]), (status, code))
        status, headers, body = self.plant.request("GET", "/nothing")
        self.assertEqual((status, headers["content-type"]), (404, "application/problem+json"))
        status, headers, _ = self.plant.request("POST", "/status", b"{}")
        self.assertEqual((status, headers["allow"]), (405, "GET, HEAD"))
        status, headers, _ = self.plant.request("DELETE", A + "/alerts/x/ack")
        self.assertEqual((status, headers["allow"]), (405, "POST"))

    def test_a_camera_is_taken_out_of_service_and_put_back(self):
        template = "/api/v1/sites/{site}/cameras/{camera}/"
        self.plant.post([self.plant.event("OUT", station="OUT")], camera="cam-out")

        def camera():
            return next(c for c in self.fetch("/status")["sites"][0]["cameras"] if c["camera_id"] == "cam-out")

        until = int(time.time() + 3600) * 1000
        values = {"method": "POST", "site": "plant-a", "camera": "cam-out"}
        self.assertIsNone(camera()["out_of_service"])
        done = self.fetch(template + "out_of_service", reason="lens", by="m.rossi", until_ms=until, **values)
        self.assertEqual((done["cmd"], done["camera_id"], done["code"]), ("camera/out_of_service", "cam-out", "ok"))
        wait_for("the camera out of service", lambda: camera()["out_of_service"])
        out = camera()["out_of_service"]
        self.assertEqual((out["reason"], out["by"], out["until_ms"]), ("lens", "m.rossi", until))
        self.assertIn(b'andon_cameras_out_of_service{site="plant-a"} 1', self.plant.get("/metrics", raw=True))
        self.assertEqual(self.fetch(template + "in_service", **values)["code"], "ok")
        self.assertEqual(self.fetch(template + "in_service", **values)["code"], "not_out_of_service")
        wait_for("the camera back", lambda: camera()["out_of_service"] is None)
        self.fetch(template + "out_of_service", status=400, **values)
        values["camera"] = "cam-nowhere"
        self.assertEqual(self.fetch(template + "out_of_service", status=404, reason="x", **values)["code"], "unknown_camera")

    def test_posted_events_end_in_the_same_outcomes(self):
        events = [self.plant.event("P1", at=time.time() - 5), self.plant.event("P1", at=time.time() - 4, confidence=0.4),
                  self.plant.event("P1", confidence=95), {"nonsense": True}]
        events.append(dict(events[0]))
        before = self.plant.get("/status")["sites"][0]["counters"]
        result = self.fetch("/api/v1/sites/{site}/cameras/{camera}/events", "POST", site="plant-a", camera="cam-77", body=events)
        self.assertEqual([item["outcome"] for item in result["items"]],
                         ["stored", "low_confidence", "rejected", "rejected", "duplicate"])
        self.assertEqual([item["inserted"] for item in result["items"]], [True, True, False, False, False])
        again = self.fetch("/api/v1/sites/{site}/cameras/{camera}/events", "POST", site="plant-a", camera="cam-77", body=events[0])
        self.assertEqual(again["duplicate"], 1)
        after = self.plant.get("/status")["sites"][0]["counters"]
        self.assertEqual(after["received"] - before["received"], 6)
        self.assertEqual(after["received"], sum(after[k] for k in ("stored", "low_confidence", "duplicate", "rejected")))
        stored = self.fetch("/api/v1/sites/{site}/events", site="plant-a", worker="P1")["items"]
        self.assertEqual([item["outcome"] for item in stored], ["low_confidence", "stored"])
        refused = self.fetch("/api/v1/sites/{site}/cameras/{camera}/events", "POST", status=422, site="plant-a", camera="cam-77", body=b"no json")
        self.assertEqual(refused["items"][0]["code"], "json")

    def test_a_thousand_at_once_and_one_too_many(self):
        now = time.time()
        events = [{"timestamp": int(now * 1000) - n, "worker_id": "P2", "workstation_id": "S1", "event_type": "idle",
                   "confidence": 0.9} for n in range(400)]
        self.assertEqual(self.plant.post(events, camera="cam-78")[1]["stored"], 400)
        status, _, body = self.plant.request("POST", A + "/cameras/cam-78/events", b"[" + b" " * 70_000 + b"]")
        self.assertEqual((status, json.loads(body)["code"]), (413, "too_large"))
        for body, status, more in ((b"", 400, {}), (b"{}", 415, {"Content-Type": "text/xml"})):
            self.assertEqual(self.plant.request("POST", A + "/cameras/cam-78/events", body, more)[0], status)
        self.assertEqual(self.plant.request("POST", A + "/cameras/no%20camera/events", b"{}")[0], 404)

    def test_writing_needs_the_token(self):
        for token in (None, "wrong", TOKEN + "x"):
            status, headers, _ = self.plant.request("POST", A + "/cameras/cam-01/events", b"{}", token=token)
            self.assertEqual((status, headers["www-authenticate"]), (401, 'Bearer realm="andon"'))
        self.assertEqual(self.plant.request("GET", "/status", token=None)[0], 200)

    def test_caches_and_compression(self):
        status, headers, body = self.plant.request("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
        self.assertEqual((status, headers["content-encoding"]), (200, "gzip"))
        self.assertEqual(json.loads(gzip.decompress(body)), self.documents.openapi)
        self.assertIn("Accept-Encoding", headers["vary"])
        status, again, body = self.plant.request("GET", "/openapi.json", headers={"If-None-Match": headers["etag"]})
        self.assertEqual((status, body, again["etag"]), (304, b"", headers["etag"]))
        for path in ("/", "/app.js", "/status", "/metrics"):
            status, headers, body = self.plant.request("HEAD", path)
            self.assertEqual((status, body), (200, b""))
            self.assertGreater(int(headers["content-length"]), 500)

    def test_headers_keep_browsers_safe(self):
        for path in ("/", "/status", "/nothing"):
            headers = self.plant.request("GET", path)[1]
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertIn("default-src 'none'; script-src 'self'; style-src 'self'", headers["content-security-policy"])
            self.assertNotIn("unsafe", headers["content-security-policy"])

    def test_only_listed_origins_may_look_in(self):
        headers = self.plant.request("GET", "/status", headers={"Origin": "https://panel.example"})[1]
        self.assertEqual(headers["access-control-allow-origin"], "https://panel.example")
        headers = self.plant.request("OPTIONS", "/status", headers={"Origin": "https://panel.example"})[1]
        self.assertIn("Authorization", headers["access-control-allow-headers"])
        for method in ("GET", "OPTIONS"):
            headers = self.plant.request(method, "/status", headers={"Origin": "https://evil.example"})[1]
            self.assertFalse([name for name in headers if name.startswith("access-control")])

    def test_metrics_are_prometheus(self):
        text = self.plant.request("GET", "/metrics")[2]
        checked = subprocess.run([shutil.which("promtool") or "promtool", "check", "metrics"], input=text, capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        lines = text.decode().splitlines()
        for name in ('andon_events_total{site="plant-a",outcome="stored"}', 'andon_session_connected{site="plant-a"} 1',
                     'andon_commit_duration_seconds_count{site="plant-a"}', 'andon_kpi_tick_duration_seconds_count{site="plant-a"}',
                     'andon_rejections_total{site="plant-a",code="json"}', "process_resident_memory_bytes"):
            self.assertTrue([line for line in lines if line.startswith(name) and not line.endswith(" 0")], name)

    def test_what_goes_over_mqtt_is_as_documented(self):
        self.plant.request("POST", A + "/cameras/cam-79/events", b"{}")
        wanted = {"kpi", "alert", "alert_summary", "kpi_definitions", "availability", "reject", "camera_status"}
        seen = set()

        with open(self.plant.folder / "mqtt.jsonl") as lines:
            def complete():
                while True:
                    start = lines.tell()
                    line = lines.readline()
                    if not line.endswith("\n"):
                        # The listener is writing it.
                        lines.seek(start)
                        return wanted <= seen
                    message = json.loads(line)
                    topic, payload = message["topic"], message["payload"]
                    if topic.endswith("/event"):
                        continue
                    try:
                        value = json.loads(payload)
                    except json.JSONDecodeError:
                        value = payload
                    if "/tag/" in topic or topic.endswith("/availability") or (topic.endswith("/status") and "/camera/" in topic):
                        value = payload
                    seen.add(self.documents.message(topic, value))

            wait_for(lambda: f"{wanted - seen} over MQTT", complete)

    def test_what_cameras_send_is_as_documented(self):
        output = self.plant.folder / "normal.jsonl"
        subprocess.run([self.plant.binary, "simulate", "--config", str(self.plant.config), "--site", "plant-b", "--duration", "10m",
                        "--output", str(output)], check=True, capture_output=True)
        lines = output.read_text().splitlines()
        self.assertGreater(len(lines), 100)
        for line in lines[:300]:
            self.documents.named("events_in", json.loads(line))

    def test_the_stream(self):
        frames = Stream(self.plant, "site=plant-a&type=event,status,kpi,alert&scope=site,worker")
        posted = self.plant.event("P9")
        self.plant.post(posted)
        start = time.monotonic()
        event = frames.wait(lambda f: f["event"] == "event" and f["data"].get("worker_id") == "P9")
        self.assertLess(time.monotonic() - start, 2)
        self.documents.named("event_sample", event["data"])
        self.documents.named("kpi", frames.wait(lambda f: f["event"] == "kpi" and f["data"]["scope"] == "worker")["data"])
        self.documents.named("site_status", frames.wait(lambda f: f["event"] == "status")["data"])
        frames.close()
        self.plant.post(self.plant.event("P10"))
        again = Stream(self.plant, "site=plant-a&type=event", {"Last-Event-ID": event["id"]})
        missed = again.wait(lambda f: f["data"].get("worker_id") == "P10")
        self.assertFalse([f for f in again.frames if f["data"].get("worker_id") == "P9"], "nothing twice")
        self.assertNotEqual(missed["id"], event["id"])
        again.close()
        gap = Stream(self.plant, "type=event", {"Last-Event-ID": "elsewhere-7"})
        gap.wait(lambda f: f["event"] == "gap")
        gap.close()
        other = Stream(self.plant, "site=plant-b&type=event")
        self.plant.post(self.plant.event("P11"))
        self.plant.post(self.plant.event("P12"), site="plant-b")
        other.wait(lambda f: f["data"].get("worker_id") == "P12")
        self.assertFalse([f for f in other.frames if f["data"].get("site_id") == "plant-a"])
        other.close()
        for query in ("type=kpi,nonsense", "scope=plant", "site=nowhere"):
            self.assertIn(self.plant.request("GET", "/api/v1/stream?" + query)[0], (400, 404))


class Stream:
    """Follows the stream on a thread."""

    def __init__(self, plant, query, headers=None):
        self.frames = []
        self.connection = http.client.HTTPConnection("127.0.0.1", plant.port, timeout=30)
        self.connection.request("GET", "/api/v1/stream?" + query, headers={"Authorization": f"Bearer {TOKEN}", **(headers or {})})
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.socket = self.connection.sock
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        frame = {}
        try:
            for line in self.response:
                line = line.decode().rstrip("\n")
                if line.startswith("id: "):
                    frame["id"] = line[4:]
                elif line.startswith("event: "):
                    frame["event"] = line[7:]
                elif line.startswith("data: "):
                    frame["data"] = json.loads(line[6:])
                elif not line and frame:
                    if "data" in frame:
                        self.frames.append(frame)
                    frame = {}
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def wait(self, condition):
        return wait_for("a frame of the stream", lambda: next((f for f in list(self.frames) if condition(f)), None), 15)

    def close(self):
        try:
            self.response.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        except (OSError, AttributeError):
            pass


class LimitsTest(unittest.TestCase):
    """Small limits, each of which must take effect."""

    @classmethod
    def setUpClass(cls):
        cls.plant = Plant(http=", idle_timeout: 2s, request_timeout: 1s, max_streams: 2, token_for_reads: true").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.plant.__exit__()

    def closed_after(self, first, step=None, seconds=8):
        """How long the server takes to cut a connection that sends `first`, then a byte now and then."""
        start = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.plant.port)) as connection:
            connection.sendall(first)
            connection.settimeout(0.3)
            while time.monotonic() - start < seconds:
                try:
                    if step:
                        connection.sendall(step)
                    if connection.recv(65536) == b"":
                        return time.monotonic() - start
                except TimeoutError:
                    continue
                except OSError:
                    return time.monotonic() - start
        raise AssertionError("it was never cut")

    def test_an_idle_connection_is_cut(self):
        self.assertLess(self.closed_after(b""), 4)

    def test_a_head_that_never_ends_is_cut(self):
        self.assertLess(self.closed_after(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ", b"a"), 4)

    def test_a_body_that_never_ends_is_cut(self):
        head = f"POST {A}/cameras/c/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 9000\r\n\r\n["
        self.assertLess(self.closed_after(head.encode(), b" "), 4)

    def test_huge_heads_and_nonsense_are_refused(self):
        for data in (b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", b"\x16\x03\x01 nonsense\r\n\r\n", b"GET  HTTP/9\r\n\r\n"):
            self.closed_after(data)
        self.assertTrue(self.plant.get("/healthz", raw=True))

    def test_streams_are_counted(self):
        streams = [Stream(self.plant, "type=event") for _ in range(2)]
        status, headers, _ = self.plant.request("GET", "/api/v1/stream")
        self.assertEqual((status, headers["retry-after"]), (503, "10"))
        for stream in streams:
            stream.close()
        # The listener notices a closed connection at the second heartbeat: the first one is answered by a reset.
        wait_for("room for a stream", lambda: self.one_more(), 30)

    def one_more(self):
        try:
            Stream(self.plant, "type=event").close()
            return True
        except AssertionError:
            return False

    def test_reading_may_need_the_token_too(self):
        for path in ("/status", "/metrics", "/api/v1/sites", "/api/v1/stream"):
            self.assertEqual(self.plant.request("GET", path, token=None)[0], 401, path)
        for path in ("/", "/app.js", "/healthz", "/readyz", "/openapi.json"):
            self.assertEqual(self.plant.request("GET", path, token=None)[0], 200, path)


class RateTest(unittest.TestCase):
    def test_one_client_is_slowed_down(self):
        plant = Plant()
        plant.config.write_text(plant.config.read_text().replace("rate_limit: 0", "rate_limit: 5"))
        with plant:
            answers = [plant.request("GET", "/status") for _ in range(60)]
            refused = [headers for status, headers, _ in answers if status == 429]
            self.assertGreater(len(refused), 10)
            self.assertTrue(all(int(headers["retry-after"]) >= 1 for headers in refused))
            wait_for("the next request to be let in", lambda: plant.request("GET", "/status")[0] == 200)


class OutageTest(unittest.TestCase):
    def test_events_come_in_over_http_while_the_broker_is_gone(self):
        with Plant() as plant:
            plant.broker.kill()
            plant.broker.wait()
            wait_for("the loss to be seen", lambda: plant.request("GET", "/readyz")[0] == 503)
            status, result = plant.post([plant.event("W1"), plant.event("W2")])
            self.assertEqual((status, result["stored"]), (200, 2))
            plant.start_broker()
            wait_for("the session", lambda: plant.get("/readyz", raw=True), 30)
            self.assertEqual(plant.post(plant.event("W3"))[1]["stored"], 1)
            counters = plant.get("/status")["sites"][0]["counters"]
            self.assertEqual(counters["received"], counters["stored"])

    def test_what_was_answered_survives_a_kill(self):
        with Plant() as plant:
            stored = 0
            for n in range(20):
                stored += plant.post([{**plant.event(f"W{n}"), "timestamp": int(time.time() * 1000) - 1000 * m} for m in range(50)])[1]["stored"]
            plant.bridge.kill()
            plant.bridge.wait()
            plant.start_bridge()
            self.assertEqual(stored, 1000)
            self.assertEqual(plant.get("/status")["sites"][0]["counters"]["stored"], 1000)

    def test_streams_do_not_keep_the_bridge_from_stopping(self):
        with Plant() as plant:
            streams = [Stream(plant, "type=event") for _ in range(3)]
            start = time.monotonic()
            plant.stop_bridge()
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual(plant.bridge.returncode, 0)
            for stream in streams:
                stream.close()


class StartTest(unittest.TestCase):
    """Mistakes that only the start can detect end the program at once, with a message."""

    def refusal(self, plant):
        plant.start_broker()
        done = subprocess.run([plant.binary, "run", "--config", str(plant.config)], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        return done.stderr

    def test_a_port_that_is_taken(self):
        plant = Plant()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", plant.port))
            taken.listen()
            try:
                refusal = self.refusal(plant)
                self.assertIn(f"http.listen: cannot listen on 127.0.0.1:{plant.port}: port {plant.port} is in use", refusal)
            finally:
                plant.__exit__()

    def test_a_certificate_that_is_none(self):
        plant = Plant(http=", cert_file: /etc/hostname, key_file: /etc/hostname")
        try:
            self.assertIn("http.cert_file", self.refusal(plant))
        finally:
            plant.__exit__()


class TLSTest(unittest.TestCase):
    def test_https_when_a_certificate_is_set(self):
        plant = Plant(http=", cert_file: FOLDER/cert.pem, key_file: FOLDER/key.pem")
        plant.config.write_text(plant.config.read_text().replace("FOLDER", str(plant.folder)))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                        str(plant.folder / "key.pem"), "-out", str(plant.folder / "cert.pem"), "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.create_default_context()
        plant.get = lambda path, raw=False: self.secure(plant, context, path)
        try:
            context.load_verify_locations(str(plant.folder / "cert.pem"))
            plant.__enter__()
            self.assertIn(b"ready", self.secure(plant, context, "/readyz"))
            with self.assertRaises((OSError, http.client.HTTPException)):
                plant.request("GET", "/healthz")
        finally:
            plant.__exit__()

    def secure(self, plant, context, path):
        connection = http.client.HTTPSConnection("127.0.0.1", plant.port, context=context, timeout=5)
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(response.status)
        return response.read()


if __name__ == "__main__":
    unittest.main()
