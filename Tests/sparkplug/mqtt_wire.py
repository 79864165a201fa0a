"""A little MQTT 5 on plain sockets: a client, and a tap that records what another client sends to the broker."""
import queue, socket, struct, threading, time


def packet(first, body):
    size, head = len(body), b""
    while True:
        size, digit = divmod(size, 128)
        head += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + head + body


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def take_text(body, at):
    size = struct.unpack(">H", body[at:at + 2])[0]
    return body[at + 2:at + 2 + size], at + 2 + size


def take_varint(body, at):
    value = shift = 0
    while True:
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def split(buffer):
    """The whole packets in the buffer as (first byte, body), and the rest."""
    packets = []
    while len(buffer) >= 2:
        size = shift = 0
        at = 1
        while at < len(buffer):
            byte = buffer[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        else:
            break
        if len(buffer) < at + size:
            break
        packets.append((buffer[0], buffer[at:at + size]))
        buffer = buffer[at + size:]
    return packets, buffer


def parse_publish(first, body):
    qos, retain = first >> 1 & 3, bool(first & 1)
    topic, at = take_text(body, 0)
    mid = None
    if qos:
        mid, at = struct.unpack(">H", body[at:at + 2])[0], at + 2
    size, at = take_varint(body, at)
    return topic.decode(), body[at + size:], qos, retain, mid


def parse_connect(body):
    """What a Sparkplug check wants to know of a CONNECT."""
    protocol, at = take_text(body, 0)
    version, flags = body[at], body[at + 1]
    at += 4
    expiry = 0
    if version == 5:
        size, at = take_varint(body, at)
        properties, at = body[at:at + size], at + size
        where = 0
        while where < len(properties):
            kind = properties[where]
            if kind == 0x11:
                expiry = struct.unpack(">I", properties[where + 1:where + 5])[0]
                where += 5
            elif kind == 0x27:
                where += 5
            elif kind in (0x21, 0x22):
                where += 3
            else:
                break
    client, at = take_text(body, at)
    will = None
    if flags & 4:
        delay = 0
        if version == 5:
            size, at = take_varint(body, at)
            delay = size
            at += size
        topic, at = take_text(body, at)
        payload, at = take_text(body, at)
        will = {"topic": topic.decode(), "payload": payload, "qos": flags >> 3 & 3, "retain": bool(flags & 0x20),
                "properties": delay}
    return {"version": version, "clean": bool(flags & 2), "expiry": expiry, "client": client.decode(), "will": will}


class Client(threading.Thread):
    """Connects, subscribes with the publisher's retain flags shown, and keeps what comes with its time."""

    def __init__(self, port, name, keep=None):
        super().__init__(daemon=True)
        self.port, self.name_, self.keep = port, name, keep
        self.lock, self.buffer, self.mid = threading.Lock(), b"", 0
        self.acknowledged, self.messages, self.closed = queue.Queue(), [], False
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.send(packet(0x10, text("MQTT") + bytes([5, 2]) + struct.pack(">H", 0) + b"\0" + text(name)))
        self.await_packet(0x20)
        self.start()

    def send(self, data):
        with self.lock:
            self.socket.sendall(data)

    def await_packet(self, kind):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            self.buffer += self.socket.recv(65536)
            packets, self.buffer = split(self.buffer)
            if packets:
                assert packets[0][0] == kind, packets
                return
        raise TimeoutError("no answer from the broker")

    def run(self):
        self.socket.settimeout(None)
        try:
            while True:
                data = self.socket.recv(65536)
                if not data:
                    break
                self.buffer += data
                packets, self.buffer = split(self.buffer)
                for first, body in packets:
                    kind = first >> 4
                    if kind == 3:
                        topic, payload, qos, retain, mid = parse_publish(first, body)
                        if mid is not None:
                            self.send(packet(0x40, struct.pack(">H", mid)))
                        (self.keep or self.messages.append)((topic, payload, qos, retain))
                    elif kind in (4, 9):
                        self.acknowledged.put(struct.unpack(">H", body[:2])[0])
        except OSError:
            pass
        self.closed = True

    def next_mid(self):
        self.mid = self.mid % 65535 + 1
        return self.mid

    def subscribe(self, *filters):
        body = struct.pack(">H", self.next_mid()) + b"\0"
        for name in filters:
            body += text(name) + bytes([1 | 8])
        self.send(packet(0x82, body))
        self.acknowledged.get(timeout=5)

    def publish(self, topic, payload, qos=1, retain=False):
        payload = payload.encode() if isinstance(payload, str) else payload
        middle = struct.pack(">H", self.next_mid()) if qos else b""
        self.send(packet(0x30 | qos << 1 | retain, text(topic) + middle + b"\0" + payload))
        if qos:
            self.acknowledged.get(timeout=5)

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


class Tap:
    """Stands between clients and the broker and keeps every packet that a client sends."""

    def __init__(self, target):
        self.target, self.connections = target, []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            record = []
            self.connections.append(record)
            threading.Thread(target=self.serve, args=(client, record), daemon=True).start()

    def serve(self, client, record):
        try:
            broker = socket.create_connection(("127.0.0.1", self.target), 2)
            broker.settimeout(None)
            broker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            # The broker is down. The client's packets are recorded all the same.
            client.settimeout(0.5)
            try:
                self.note(record, client.recv(65536), b"")
            except OSError:
                pass
            client.close()
            return
        threading.Thread(target=self.pump, args=(broker, client, None), daemon=True).start()
        self.pump(client, broker, record)

    def pump(self, source, sink, record):
        rest = b""
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if record is not None:
                    rest = self.note(record, data, rest)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @staticmethod
    def note(record, data, rest):
        packets, rest = split(rest + data)
        record.extend((time.monotonic(), first, body) for first, body in packets)
        return rest
