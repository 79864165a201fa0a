"""The broker, and a panel that watches for the whole run which sites are said to be there."""
import os, pathlib, re, shutil, signal, subprocess, time

from .pieces import ROOT, accepts, free_port, wait_for


class Broker:
    """mosquitto."""
    user = ""

    def __init__(self, network, folder):
        self.network, self.folder, self.processes, self.outages = network, folder, {}, []
        network.add("broker")
        self.host, self.port = network.host("broker"), free_port()
        self.access = ["-h", self.host, "-p", str(self.port)]
        pathlib.Path(f"{folder}/mosquitto.conf").write_text(
            f"listener {self.port} {self.host}\nallow_anonymous true\nmax_queued_messages 0\nlog_type error\nlog_type subscribe\n"
            f"log_type notice\npersistence true\npersistence_location {folder}/\nautosave_interval 1\n"
            + ("user root\n" if os.geteuid() == 0 else ""))
        self.start()

    def start(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.processes["broker"] = subprocess.Popen(self.network.command("broker", [program, "-c", f"{self.folder}/mosquitto.conf"]),
                                                    stderr=open(f"{self.folder}/broker.log", "ab"))
        wait_for(lambda: accepts(self.host, self.port), 10, "the broker")

    def stop(self):
        self.outages.append(time.time())
        self.processes["broker"].send_signal(signal.SIGTERM)
        self.processes["broker"].wait()

    def node(self, name):
        """The part of the broker that a bridge uses."""
        return "broker"

    def retained(self, *filters):
        """Retained topics as {topic: payload}."""
        got = subprocess.run(["mosquitto_sub", *self.access, "-V", "mqttv311", "-W", "2", "--retained-only",
                              "-F", "%t %p", *(part for f in filters for part in ("-t", f))], capture_output=True, text=True).stdout
        return dict(line.partition(" ")[::2] for line in got.splitlines())

    def publish(self, topic, payload):
        subprocess.run(["mosquitto_pub", *self.access, "-q", "1", "-t", topic, "-m", payload], check=True)

    def connects(self):
        """When each client id connected, in whole seconds of the epoch."""
        found = {}
        with open(f"{self.folder}/broker.log", errors="replace") as log:
            for line in log:
                match = re.match(r"(\d+): New client connected from \S+ as (\S+)", line)
                if match:
                    found.setdefault(match[2], []).append(int(match[1]))
        return found


class Panel:
    """Watches `{root}/+/availability` for the whole run, as a screen in a plant does."""

    def __init__(self, broker, will_delay):
        self.broker, self.will_delay, self.path = broker, will_delay, f"{broker.folder}/panel.log"
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "mosquitto_sub", *broker.access, "-V", "mqttv5", "-q", "1",
                                         "-i", "panel", "-F", "%U %r %t %p", "-t", f"{ROOT}/+/availability"],
                                        stdout=open(self.path, "w"), stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def verdict(self):
        """(text, whether it holds): `offline` only when the site's publisher had not connected for the will delay."""
        connects, last, changes, messages, excused, after_outage, wrong = self.broker.connects(), {}, 0, 0, 0, 0, []
        for line in pathlib.Path(self.path).read_text().splitlines():
            moment, retained, topic, payload = line.split(" ", 3)
            site, at = topic.split("/")[2], float(moment)
            messages += 1
            changes += last.get(site, payload) != payload
            last[site] = payload
            if payload != "offline" or retained == "1":
                continue
            # The log has whole seconds: one that connected in the same second may have come later.
            newest = max((c for c in connects.get(f"andon-acme-{site}-pub", []) if c <= at - 1), default=0)
            if at - newest > self.will_delay - 1.5:
                excused += 1
            elif any(0 <= at - outage <= self.will_delay + 5 for outage in self.broker.outages):
                after_outage += 1
            else:
                wrong.append(f"{site} at {at:.0f}, {at - newest:.1f} s after its publisher connected")
        text = (f"a panel saw {changes} changes of availability in {messages} messages; {excused} times offline when no bridge came for"
                f" {self.will_delay} s, {after_outage} after the broker stopped, {len(wrong)} times without a reason")
        return text + "".join(f"\n       {w}" for w in wrong[:5]), messages > 0 and not wrong
