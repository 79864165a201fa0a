#!/usr/bin/env python3
"""Relays between parts of a fleet where network namespaces are not allowed: a cut relay stops forwarding and closes nothing.

Reads commands, one a line: `open GROUP HOST:PORT` answers with the port it listens on, `cut GROUP` and `mend GROUP` with `ok`.
Ends with its input. Listens on 127.0.0.1 only. `network.py` starts it.
"""
import selectors, socket, sys

PIECE = 65536


class Half:
    """One direction of a connection: at most one piece is on its way."""

    def __init__(self, source, target):
        self.source, self.target, self.piece, self.ended = source, target, b"", False


class Connection:
    def __init__(self, relay, near, far):
        self.relay, self.ends = relay, (near, far)
        self.halves = (Half(near, far), Half(far, near))
        for end in self.ends:
            end.setblocking(False)
        self.watch()

    def watch(self):
        """Asks for what can be done now; of a connection that is cut, nothing."""
        selector = self.relay.selector
        for end in self.ends:
            mask = 0
            for half in self.halves:
                if half.source is end and not half.piece and not half.ended:
                    mask |= selectors.EVENT_READ
                if half.target is end and half.piece:
                    mask |= selectors.EVENT_WRITE
            if self.relay.is_cut:
                mask = 0
            known = end in selector.get_map()
            if mask and known:
                selector.modify(end, mask, self.step)
            elif mask:
                selector.register(end, mask, self.step)
            elif known:
                selector.unregister(end)

    def step(self):
        try:
            for half in self.halves:
                self.forward(half)
        except OSError:
            return self.close()
        if any(half.ended and not half.piece for half in self.halves):
            return self.close()
        self.watch()

    def forward(self, half):
        if not half.piece and not half.ended:
            try:
                half.piece = half.source.recv(PIECE)
                half.ended = not half.piece
            except BlockingIOError:
                pass
        if half.piece:
            try:
                half.piece = half.piece[half.target.send(half.piece):]
            except BlockingIOError:
                pass

    def close(self):
        for end in self.ends:
            if end in self.relay.selector.get_map():
                self.relay.selector.unregister(end)
            end.close()
        self.relay.connections.discard(self)


class Relay:
    def __init__(self, selector, target):
        self.selector, self.target, self.is_cut, self.connections = selector, target, False, set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.listener.setblocking(False)
        selector.register(self.listener, selectors.EVENT_READ, self.accept)

    def accept(self):
        try:
            near, _ = self.listener.accept()
        except OSError:
            return
        try:
            self.connections.add(Connection(self, near, socket.create_connection(self.target, 1)))
        except OSError:
            near.close()

    def cut(self):
        self.is_cut = True
        self.selector.unregister(self.listener)
        for connection in self.connections:
            connection.watch()

    def mend(self):
        """Goes on with the connections that were there. Those that the kernel accepted meanwhile never got there, so they end."""
        self.is_cut = False
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                break
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        for connection in list(self.connections):
            connection.watch()


def main():
    selector, groups = selectors.DefaultSelector(), {}

    def command():
        words = sys.stdin.buffer.readline().decode().split()
        if not words:
            sys.exit(0)
        answer = "ok"
        if words[0] == "open":
            host, _, port = words[2].rpartition(":")
            relay = Relay(selector, (host, int(port)))
            groups.setdefault(words[1], []).append(relay)
            answer = str(relay.listener.getsockname()[1])
        else:
            for relay in groups.get(words[1], []):
                if relay.is_cut == (words[0] == "mend"):
                    relay.mend() if words[0] == "mend" else relay.cut()
        print(answer, flush=True)

    selector.register(sys.stdin.buffer, selectors.EVENT_READ, command)
    while True:
        for key, _ in selector.select():
            # What was closed a moment ago is no longer there.
            if key.fileobj.fileno() >= 0 and key.fileobj in selector.get_map():
                key.data()


main()
