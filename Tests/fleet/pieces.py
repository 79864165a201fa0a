"""What the modules share: the pieces of scripts/crash-test, and the cameras."""
import importlib.machinery, importlib.util, json, pathlib, random, socket, struct, time

loader = importlib.machinery.SourceFileLoader("crash", str(pathlib.Path(__file__).parents[2] / "scripts/crash-test"))
crash = importlib.util.module_from_spec(importlib.util.spec_from_loader("crash", loader))
loader.exec_module(crash)
free_port = crash.free_port
ROOT = "andon/v1"


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise SystemExit(f"fleet-test: timed out after {seconds} s waiting for {what}")


def accepts(host, port):
    try:
        socket.create_connection((host, port), 0.2).close()
        return True
    except OSError:
        return False


class Cameras(crash.Publisher):
    """Those of all sites over one connection; it connects again when the broker is back, and sends again what is not acknowledged.

    `doubtful`: sites whose events have a low confidence for now, so that alerts come. `resting`: no new events.
    """

    def __init__(self, broker, sites, rate):
        super().__init__(broker.port, None, rate)
        self.host, self.sites, self.flying, self.serial = broker.host, sites, {}, 0
        self.user = broker.access[4:]
        self.doubtful, self.resting, self.connections = set(), False, 0

    def connect(self):
        connection = socket.create_connection((self.host, self.port), 5)
        texts = [b"fleettest", *(text.encode() for text in self.user[1::2])]
        flags = b"\xc2" if self.user else b"\x02"
        body = b"\x00\x04MQTT\x04" + flags + b"\x00\x3c" + b"".join(struct.pack(">H", len(text)) + text for text in texts)
        connection.sendall(bytes([0x10, len(body)]) + body)
        if connection.recv(4)[:1] != b"\x20":
            raise ConnectionError
        self.connections += 1
        return connection

    def site_of(self, serial):
        return self.sites[serial % len(self.sites)]

    def topic(self, serial):
        return f"{ROOT}/{self.site_of(serial)}/camera/cam-{serial % 4}/event"

    def event(self, serial):
        station = serial // len(self.sites) % 7
        low = serial % 10 == 0 or self.site_of(serial) in self.doubtful
        return {"worker_id": f"W{station}", "workstation_id": f"S{station}", "confidence": 0.6 if low else 0.9,
                "event_type": ("working", "idle", "absent")[serial % 3]}

    def publish(self):
        allowed, last, connection, buffer = 0.0, time.monotonic(), None, b""
        while not self.stopping or self.flying:
            try:
                if connection is None:
                    connection, buffer = self.connect(), b""
                    connection.settimeout(0.005)
                    for _, packet in self.flying.values():
                        connection.sendall(packet)
                now = time.monotonic()
                allowed, last = min(allowed + (0 if self.resting else (now - last) * self.rate), 60 * self.rate), now
                while not self.stopping and len(self.flying) < self.WINDOW and allowed >= 1:
                    self.serial += 1
                    allowed -= 1
                    mid = next(i for i in (self.serial % 60000 + 1, random.randint(1, 65000)) if i not in self.flying)
                    self.flying[mid] = (f"e{self.serial}", self.packet(self.serial, mid))
                    self.sent.add(f"e{self.serial}")
                    connection.sendall(self.flying[mid][1])
                try:
                    data = connection.recv(65536)
                except TimeoutError:
                    continue
                if not data:
                    raise ConnectionError
                buffer += data
                while len(buffer) >= 4 and buffer[0] == 0x40:
                    answered = self.flying.pop(int.from_bytes(buffer[2:4], "big"), None)
                    if answered:
                        self.acknowledged.add(answered[0])
                    buffer = buffer[4:]
            except OSError:
                if connection:
                    connection.close()
                connection = None
                time.sleep(0.05)
