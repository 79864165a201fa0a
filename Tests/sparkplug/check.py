#!/usr/bin/env python3
"""Checks the Sparkplug B payloads of the real bridge against the assertions of the Sparkplug 3.0 specification.

Starts a private mosquitto and two bridges (one of two sites, one that waits for a primary host), is their cameras
and their SCADA host, kills and restarts them and the broker. Talks to 127.0.0.1 only; takes about half a minute.
Exit code 0 when every assertion of assertions.py that applies was exercised and none was violated.
"""
import argparse, json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time
from collections import defaultdict
from assertions import CHECKED, NOT_APPLICABLE
from mqtt_wire import Client, Tap, parse_connect, parse_publish, take_text
from sparkplug_decoder import BOOLEAN, FIELD_OF_TYPE, INT32, INT64, Payload, command, metric, payload

ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
VERBS = {"NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"}
counts, violations = defaultdict(int), defaultdict(list)


def ensure(holds, detail, *ids):
    for name in ids:
        assert name in CHECKED, name
        counts[name] += 1
        if not holds and len(violations[name]) < 3:
            violations[name].append(detail)


def wait(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"sparkplug: timed out after {seconds} s waiting for {what}")


def now_ms():
    return int(time.time() * 1000)


class Node:
    """What a host knows of one edge node."""

    def __init__(self, key):
        self.key, self.online, self.bd_seq, self.seq = key, False, None, None
        self.aliases, self.devices, self.values, self.names = {}, {}, {}, {}
        self.births, self.deaths, self.history, self.log = 0, [], [], []
        # After the host lost its own connection, its state is unknown until the next birth.
        self.is_lost = False
        # The sequence went from 255 to 0.
        self.has_wrapped = False

    def tag(self, device, name):
        entry = self.values.get((device, name))
        return entry and entry[0]


class Host:
    """Follows every message as a SCADA host would, and checks it."""

    def __init__(self):
        self.nodes, self.ids, self.count, self.raw = {}, {}, 0, []

    def __call__(self, message):
        topic, payload, qos, retain = message
        if not topic.startswith("spBv1.0/"):
            self.other[topic] = payload
            return
        if topic.startswith("spBv1.0/STATE/"):
            return
        self.count += 1
        self.raw.append((topic, payload))
        self.follow(topic, payload, qos, retain)

    other = {}

    def follow(self, topic, raw, qos, retain):
        parts = topic.split("/")
        verb = parts[2] if len(parts) > 2 else "?"
        if verb in ("NCMD", "DCMD"):
            return
        ensure(len(parts) in (4, 5) and parts[0] == "spBv1.0" and verb in VERBS, topic,
               "topic-structure", "topic-structure-namespace-a")
        group, node_id, device = parts[1], parts[3], parts[4] if len(parts) == 5 else None
        ensure(ID.match(group), topic, "intro-group-id-chars", "intro-group-id-string",
               "topic-structure-namespace-valid-group-id")
        ensure(ID.match(node_id), topic, "intro-edge-node-id-chars", "intro-edge-node-id-string",
               "topic-structure-namespace-valid-edge-node-id")
        if verb[0] == "D":
            ensure(device and ID.match(device), topic, "intro-device-id-chars", "intro-device-id-string",
                   "topic-structure-namespace-valid-device-id",
                   "topic-structure-namespace-device-id-associated-message-types")
        else:
            ensure(device is None, topic, "topic-structure-namespace-device-id-non-associated-message-types")
        for name in filter(None, (group, node_id, device)):
            ensure(self.ids.setdefault(name.lower(), name) == name, name, "case-sensitivity-sparkplug-ids")
        low = verb.lower()
        ensure(True, topic, f"topics-{low}-topic")
        key = (group, node_id)
        node = self.nodes.setdefault(key, Node(key))
        if node.is_lost and verb != "NBIRTH":
            return
        node.is_lost = False
        try:
            payload = Payload(raw)
        except ValueError as error:
            return ensure(False, f"{topic}: {error}", f"payloads-{low}-seq")
        node.log.append((verb, device, payload))
        if verb == "NDEATH":
            return self.death(node, payload, topic)
        ensure(qos == 0 and not retain, f"{topic} qos {qos} retain {retain}", f"topics-{low}-mqtt",
               *([f"payloads-{low}-qos", f"payloads-{low}-retain"] if verb != "DDEATH" else []))
        fresh = payload.timestamp is not None and abs(payload.timestamp - now_ms()) < 30_000
        ensure(fresh, f"{topic} timestamp {payload.timestamp}", f"payloads-{low}-timestamp",
               "payloads-timestamp-in-UTC", *([f"topics-{low}-timestamp"] if verb != "DDEATH" else []))
        self.sequence(node, verb, payload, topic)
        for metric in payload.metrics:
            self.metric(metric, topic)
        times = [m.timestamp for m in payload.metrics if not m.is_historical]
        ensure(times == sorted(times), f"{topic}: not in the order of time",
               f"operational-behavior-data-publish-{'nbirth' if verb[0] == 'N' else 'dbirth'}-order")
        if verb == "NBIRTH":
            self.node_birth(node, payload, topic, qos, retain)
        elif verb == "DBIRTH":
            self.device_birth(node, device, payload, topic, qos, retain)
        elif verb == "DDEATH":
            ensure(payload.seq is not None, topic, "payloads-ddeath-seq-number", "topics-ddeath-seq-num")
            ensure(device in node.devices, topic, "operational-behavior-device-ddeath")
            node.devices.pop(device, None)
        else:
            self.data(node, verb, device, payload, topic)

    def sequence(self, node, verb, payload, topic):
        low = verb.lower()
        valid = payload.seq is not None and payload.seq <= 255
        ensure(valid, topic, "payloads-sequence-num-always-included", f"payloads-{low}-seq")
        if verb == "NBIRTH":
            ensure(payload.seq == 0, f"{topic} seq {payload.seq}", "topics-nbirth-seq-num", "payloads-nbirth-seq",
                   "payloads-sequence-num-req-nbirth",
                   "message-flow-edge-node-birth-publish-nbirth-payload-seq")
        else:
            holds = valid and node.seq is not None and payload.seq == (node.seq + 1) % 256
            detail = f"{topic} seq {payload.seq} after {node.seq}"
            names = {"DBIRTH": ["topics-dbirth-seq", "message-flow-device-birth-publish-dbirth-payload-seq"],
                     "DDEATH": ["topics-ddeath-seq-num"]}.get(verb, [f"topics-{low}-seq-num"])
            ensure(holds, detail, "payloads-sequence-num-incrementing", f"payloads-{low}-seq-inc", *names)
            node.has_wrapped = node.has_wrapped or (holds and payload.seq == 0)
        node.seq = payload.seq

    def metric(self, metric, topic):
        detail = f"{topic} {metric.name or metric.alias}"
        ensure(metric.name or metric.alias is not None, detail, "payloads-name-requirement")
        ensure(metric.timestamp is not None, detail, "payloads-name-birth-data-requirement")
        ensure(metric.timestamp is not None and 1_500_000_000_000 < metric.timestamp <= now_ms() + 60_000,
               f"{detail} at {metric.timestamp}", "payloads-metric-timestamp-in-UTC")
        ensure(len(metric.keys) == len(metric.properties), detail, "payloads-propertyset-keys-array-size",
               "payloads-propertyset-values-array-size")
        quality = metric.property("Quality")
        if quality:
            ensure(quality.type == INT32, detail, "payloads-propertyset-quality-value-type")
            ensure(quality.field == "int_value" and quality.value in (0, 192, 500), f"{detail}: {quality.value}",
                   "payloads-propertyset-quality-value-value")

    def birth_metrics(self, node, device, payload, topic):
        names = [m.name for m in payload.metrics]
        kind = "dbirth" if device else "nbirth"
        ensure(all(names) and all(m.datatype for m in payload.metrics)
               and all(m.is_null or m.field for m in payload.metrics), topic, f"topics-{kind}-metrics")
        ensure(len({n.lower() for n in names if n}) == len(names), topic, "case-sensitivity-metric-names")
        for metric in payload.metrics:
            detail = f"{topic} {metric.name}"
            ensure(metric.datatype is not None, detail, "payloads-metric-datatype-req")
            ensure(metric.datatype in FIELD_OF_TYPE, detail, "payloads-metric-datatype-value",
                   "payloads-metric-datatype-value-type")
            ensure(metric.field is None if metric.is_null else metric.field == FIELD_OF_TYPE.get(metric.datatype),
                   f"{detail} {metric.field}",
                   f"operational-behavior-data-publish-{kind}-values")
            for key, value in zip(metric.keys, metric.properties):
                ensure(value.type is not None, f"{detail} {key}", "payloads-metric-propertyvalue-type-req")
                ensure(value.type in FIELD_OF_TYPE, f"{detail} {key}", "payloads-metric-propertyvalue-type-type",
                       "payloads-metric-propertyvalue-type-value")
            if metric.alias is None:
                ensure(metric.name in ("bdSeq", "Node Control/Rebirth"), detail, "payloads-alias-birth-requirement")
                continue
            ensure(bool(metric.name), detail, "payloads-alias-birth-requirement")
            owner = node.aliases.setdefault(metric.alias, (device, metric.name))
            ensure(owner == (device, metric.name), f"{detail}: alias of {owner}", "payloads-alias-uniqueness")
            node.names[metric.alias] = (device, metric.name, metric.datatype)
            self.learn(node, device, metric.name, metric)

    @staticmethod
    def learn(node, device, name, metric):
        quality = metric.property("Quality")
        node.values[device, name] = (metric.value, quality.value if quality else None, metric.timestamp)

    def node_birth(self, node, payload, topic, qos, retain):
        node.births += 1
        node.devices, node.values, node.names, node.aliases = {}, {}, {}, {}
        ensure(True, topic, "message-flow-edge-node-birth-publish-nbirth-topic",
               "message-flow-edge-node-birth-publish-nbirth-payload")
        ensure(qos == 0, topic, "message-flow-edge-node-birth-publish-nbirth-qos")
        ensure(not retain, topic, "message-flow-edge-node-birth-publish-nbirth-retained")
        number = payload.metric("bdSeq")
        good = number is not None and number.datatype == INT64 and 0 <= number.value <= 255
        ensure(good, topic, "topics-nbirth-bdseq-included", "payloads-nbirth-bdseq",
               "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq")
        node.bd_seq, node.online = number.value if number else None, True
        rebirth = payload.metric("Node Control/Rebirth")
        ensure(rebirth is not None, topic, "operational-behavior-data-commands-rebirth-name")
        ensure(rebirth and rebirth.datatype == BOOLEAN, topic, "operational-behavior-data-commands-rebirth-datatype")
        ensure(rebirth and rebirth.value is False, topic, "operational-behavior-data-commands-rebirth-value",
               "topics-nbirth-rebirth-metric", "payloads-nbirth-rebirth-req")
        ensure(rebirth and rebirth.alias is None, topic, "operational-behavior-data-commands-rebirth-name-aliases")
        self.birth_metrics(node, None, payload, topic)

    def device_birth(self, node, device, payload, topic, qos, retain):
        ensure(node.online, topic, "message-flow-device-birth-publish-nbirth-wait",
               "message-flow-device-birth-publish-dbirth-match-edge-node-topic", "payloads-dbirth-order")
        ensure(True, topic, "message-flow-device-birth-publish-dbirth-topic",
               "message-flow-device-birth-publish-dbirth-payload")
        ensure(qos == 0, topic, "message-flow-device-birth-publish-dbirth-qos")
        ensure(not retain, topic, "message-flow-device-birth-publish-dbirth-retained")
        ensure(device not in node.devices, topic, "topic-structure-namespace-unique-device-id")
        node.devices[device] = payload
        self.birth_metrics(node, device, payload, topic)

    def data(self, node, verb, device, payload, topic):
        kind = "nbirth" if verb == "NDATA" else "dbirth"
        low = verb.lower()
        ensure(node.online and (device is None or device in node.devices), topic, f"payloads-{low}-order")
        ensure(bool(payload.metrics), topic, f"topics-{low}-payload")
        for metric in payload.metrics:
            detail = f"{topic} {metric.alias}"
            ensure(metric.name is None and metric.alias is not None, detail, "payloads-alias-data-cmd-requirement")
            ensure(metric.datatype is None, detail, "payloads-metric-datatype-not-req")
            born = node.names.get(metric.alias)
            ensure(born is not None and born[0] == device, detail, f"operational-behavior-data-publish-{kind}",
                   f"topics-{kind}-metric-reqs")
            if born is None:
                continue
            ensure(metric.is_null or metric.field == FIELD_OF_TYPE[born[2]], f"{detail} {metric.field}",
                   f"topics-{low}-payload")
            if metric.is_historical:
                node.history.append((device, born[1], metric.value, metric.timestamp))
                continue
            before = node.values.get((device, born[1]))
            quality = metric.property("Quality")
            after = (metric.value, quality.value if quality else None)
            ensure(before is None or before[:2] != after, f"{detail} {born[1]} {after} again",
                   f"operational-behavior-data-publish-{kind}-change", "principles-rbe-recommended")
            self.learn(node, device, born[1], metric)

    def death(self, node, payload, topic):
        number = payload.metric("bdSeq")
        ensure(payload.seq is None, topic, "topics-ndeath-seq", "payloads-ndeath-seq")
        ensure(len(payload.metrics) == 1 and number is not None, topic, "topics-ndeath-payload")
        node.deaths.append(number.value if number else None)
        if number and number.value == node.bd_seq:
            node.online = False


def check_tap(tap):
    """What the broker never shows: CONNECT, SUBSCRIBE, the first PUBLISH, DISCONNECT."""
    numbers, clients = defaultdict(list), {}
    for record in list(tap.connections):
        if not record or record[0][1] != 0x10:
            continue
        connect = parse_connect(record[0][2])
        if not connect["client"].endswith(".sparkplug"):
            continue
        will, name = connect["will"], connect["client"]
        ensure(will is not None, name, "message-flow-edge-node-birth-publish-will-message",
               "payloads-ndeath-will-message")
        parts = will["topic"].split("/")
        ensure(len(parts) == 4 and parts[0] == "spBv1.0" and parts[2] == "NDEATH", will["topic"],
               "message-flow-edge-node-birth-publish-will-message-topic")
        key = (parts[1], parts[3])
        ensure(clients.setdefault(key, name) == name and list(clients.values()).count(name) == 1, name,
               "intro-edge-node-id-uniqueness", "topic-structure-namespace-unique-edge-node-descriptor",
               "payloads-nbirth-edge-node-descriptor")
        ensure(connect["version"] == 5 and connect["clean"] and connect["expiry"] == 0, name,
               "principles-persistence-clean-session-50")
        ensure(will["qos"] == 1, name, "message-flow-edge-node-birth-publish-will-message-qos",
               "payloads-ndeath-will-message-qos")
        ensure(not will["retain"], name, "message-flow-edge-node-birth-publish-will-message-will-retained",
               "payloads-ndeath-will-message-retain")
        payload = Payload(will["payload"])
        metric = payload.metric("bdSeq")
        ensure(metric is not None and metric.datatype == INT64, name,
               "message-flow-edge-node-birth-publish-will-message-payload")
        numbers[key].append(metric.value)
        subscribed, published = {}, False
        for _, first, body in record[1:]:
            if first >> 4 == 8:
                at = 3 + body[2]
                while at < len(body):
                    topic, at = take_text(body, at)
                    subscribed[topic.decode()] = body[at] & 3
                    at += 1
            elif first >> 4 == 3:
                topic, payload, qos, retain, _ = parse_publish(first, body)
                if not published:
                    published = True
                    group, node = key
                    ensure(topic == f"spBv1.0/{group}/NBIRTH/{node}", topic, "principles-birth-certificates-order",
                           "message-flow-edge-node-birth-publish-connect")
                    ensure(subscribed.get(f"spBv1.0/{group}/NCMD/{node}") == 1, str(subscribed),
                           "message-flow-edge-node-ncmd-subscribe")
                    ensure(subscribed.get(f"spBv1.0/{group}/DCMD/{node}/+") == 1, str(subscribed),
                           "message-flow-device-dcmd-subscribe")
                if "/NBIRTH/" in topic:
                    birth = Payload(payload).metric("bdSeq").value
                    ensure(birth == metric.value, f"{topic} {birth} after {metric.value}",
                           "topics-nbirth-bdseq-matching", "payloads-nbirth-bdseq-repeat")
            elif first >> 4 == 14:
                ensure(len(body) > 0 and body[0] == 4, f"{name} DISCONNECT {body.hex()}",
                       "payloads-ndeath-will-message-publisher-disconnect-mqtt50",
                       "operational-behavior-edge-node-intentional-disconnect-packet")
    for key, values in numbers.items():
        follows = all(b == (a + 1) % 256 for a, b in zip(values, values[1:]))
        ensure(values[0] == 0 and follows, f"{key}: {values}", "topics-nbirth-bdseq-increment",
               "message-flow-edge-node-birth-publish-will-message-payload-bdSeq")
    return numbers


def check_with_pysparkplug(host):
    """The same messages decoded by pysparkplug; both decoders must give the same values."""
    try:
        import pysparkplug
    except ImportError:
        return "pysparkplug is not installed here: Tests/sparkplug/with-pysparkplug makes a place for it"
    kinds = {"NBIRTH": pysparkplug.NBirth, "NDATA": pysparkplug.NData, "NDEATH": pysparkplug.NDeath,
             "DBIRTH": pysparkplug.DBirth, "DDATA": pysparkplug.DData, "DDEATH": pysparkplug.DDeath}
    births, metrics = {}, 0
    for topic, raw in host.raw:
        parts = topic.split("/")
        if parts[2] not in kinds:
            continue
        key = (parts[1], parts[3], parts[4] if len(parts) == 5 else None)
        theirs = kinds[parts[2]].decode(raw, birth=births.get(key))
        if parts[2].endswith("BIRTH"):
            births[key] = theirs
        ours = Payload(raw)
        for mine, other in zip(ours.metrics, getattr(theirs, "metrics", ())):
            value = other.value
            if hasattr(value, "timestamp"):
                value = round(value.timestamp() * 1000)
            if value != mine.value or bool(other.is_null) != mine.is_null:
                raise SystemExit(f"sparkplug: {topic}: pysparkplug reads {other}, we {mine.value}")
            metrics += 1
    return f"pysparkplug {pysparkplug.__version__} decodes all {len(host.raw)} messages, {metrics} metrics alike"


def check_docs(path):
    text = open(path).read()
    rows = set(re.findall(r"^\| `([A-Za-z0-9-]+\*?)` \|", text, re.M))
    listed = set(CHECKED) | {f"tck-id-{name}" + "*" * name.endswith("-") for name in NOT_APPLICABLE}
    missing, extra = listed - rows, rows - listed
    if missing or extra:
        raise SystemExit(f"sparkplug: {path} lacks {sorted(missing)} and has {sorted(extra)} too many")


def table():
    rows = ["| id | how | result |", "|---|---|---|"]
    for name in sorted(CHECKED):
        result = "passed" if counts[name] and not violations[name] else "FAILED"
        rows.append(f"| `{name}` | {CHECKED[name]} | {result} |")
    return "\n".join(rows)


def self_test():
    """A checker that finds nothing proves nothing: each of these streams breaks the named assertion."""
    at = now_ms()
    number = metric("bdSeq", at=at, type=INT64, long=3)
    rebirth = metric("Node Control/Rebirth", at=at, type=BOOLEAN, boolean=False)
    tag = metric("units", 1, at, INT64, 5, quality=(3, 192))
    other = metric("units", 2, at, INT64, 5, quality=(3, 192))
    node = ("spBv1.0/g/NBIRTH/n", payload(at, 0, number, rebirth, tag))
    device = ("spBv1.0/g/DBIRTH/n/d", payload(at, 1, other))
    ndata, ddata = "spBv1.0/g/NDATA/n", "spBv1.0/g/DDATA/n/d"

    def data(*metrics, seq=1, topic=ndata, when=at):
        return node, (topic, payload(when, seq, *metrics))

    changed = metric(alias=1, at=at, long=6)
    broken = {
        "topics-nbirth-seq-num": [(node[0], payload(at, 5, number, rebirth))],
        "payloads-nbirth-bdseq": [(node[0], payload(at, 0, rebirth))],
        "topics-nbirth-rebirth-metric": [(node[0], payload(at, 0, number))],
        "operational-behavior-data-commands-rebirth-value":
            [(node[0], payload(at, 0, number, metric("Node Control/Rebirth", at=at, type=BOOLEAN, boolean=True)))],
        "operational-behavior-data-commands-rebirth-name-aliases":
            [(node[0], payload(at, 0, number, metric("Node Control/Rebirth", 9, at, BOOLEAN, boolean=False)))],
        "topics-nbirth-timestamp": [(node[0], payload(None, 0, number, rebirth))],
        "payloads-nbirth-timestamp": [(node[0], payload(at - 3_600_000, 0, number, rebirth))],
        "payloads-sequence-num-incrementing": data(changed, seq=2),
        "payloads-sequence-num-always-included": data(changed, seq=None),
        "payloads-alias-data-cmd-requirement": data(metric("units", 1, at, long=6)),
        "payloads-metric-datatype-not-req": data(metric(alias=1, at=at, type=INT64, long=6)),
        "operational-behavior-data-publish-nbirth": data(metric(alias=7, at=at, long=6)),
        "operational-behavior-data-publish-nbirth-change": data(metric(alias=1, at=at, long=5, quality=(3, 192))),
        "operational-behavior-data-publish-nbirth-order":
            data(metric(alias=1, at=at, long=6), metric(alias=1, at=at - 1, long=7)),
        "payloads-name-birth-data-requirement": data(metric(alias=1, long=6)),
        "payloads-propertyset-quality-value-value": data(metric(alias=1, at=at, long=6, quality=(3, 193))),
        "payloads-propertyset-quality-value-type": data(metric(alias=1, at=at, long=6, quality=(4, 192))),
        "topics-ndata-payload": data(metric(alias=1, at=at, boolean=True)),
        "payloads-ddata-order": data(metric(alias=1, at=at, long=6), topic=ddata),
        "payloads-alias-uniqueness": [node, (device[0], payload(at, 1, metric("x", 1, at, INT64, 5)))],
        "payloads-alias-birth-requirement": [node, (device[0], payload(at, 1, metric("x", None, at, INT64, 5)))],
        "payloads-metric-datatype-req": [node, (device[0], payload(at, 1, metric("x", 4, at, None, 5)))],
        "operational-behavior-data-publish-dbirth-values":
            [node, (device[0], payload(at, 1, metric("x", 4, at, INT64, 5, null=True)))],
        "case-sensitivity-metric-names":
            [node, (device[0], payload(at, 1, metric("x", 4, at, INT64, 5), metric("X", 5, at, INT64, 5)))],
        "message-flow-device-birth-publish-nbirth-wait": [device],
        "topic-structure-namespace-unique-device-id": [node, device, (device[0], payload(at, 2, other))],
        "operational-behavior-device-ddeath": [node, ("spBv1.0/g/DDEATH/n/d", payload(at, 1))],
        "topics-ndeath-payload": [node, ("spBv1.0/g/NDEATH/n", payload(None, None, number, rebirth))],
        "topics-ndeath-seq": [node, ("spBv1.0/g/NDEATH/n", payload(None, 1, number))],
        "case-sensitivity-sparkplug-ids": [node, ("spBv1.0/G/NBIRTH/n", node[1])],
        "topic-structure": [("spBv1.0/g/NOTHING/n", node[1])],
    }
    for name, stream in broken.items():
        host = Host()
        for topic, raw in stream:
            try:
                host.follow(topic, raw, 0, False)
            except (AssertionError, KeyError, AttributeError, TypeError):
                pass
        if not violations[name]:
            raise SystemExit(f"sparkplug: the checker does not see a violation of {name}")
        counts.clear()
        violations.clear()
    host = Host()
    for topic, raw in (node, device, (ndata, payload(at, 2, changed)), (ddata, payload(at, 3, metric(alias=2, at=at, null=True)))):
        host.follow(topic, raw, 0, False)
    if violations:
        raise SystemExit(f"sparkplug: the checker sees violations where there are none: {dict(violations)}")
    counts.clear()
    for qos, retain in ((1, False), (0, True)):
        Host().follow(*node, qos, retain)
        if not violations["topics-nbirth-mqtt"]:
            raise SystemExit("sparkplug: the checker does not see QoS and retain")
        counts.clear()
        violations.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--docs", help="docs/sparkplug.md, whose table must name what is checked")
    parser.add_argument("--table", action="store_true", help="print the table for the docs")
    options = parser.parse_args()
    if options.docs:
        check_docs(options.docs)
    self_test()
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="andon-sparkplug-")
    processes = {}
    try:
        run(options, folder, processes)
    except SystemExit:
        for name in ("b1", "b2", "broker"):
            shutil.copy(f"{folder}/{name}.log", f"/tmp/andon-sparkplug-{name}.log")
        raise
    finally:
        for process in processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    failed = False
    for name in sorted(CHECKED):
        if not counts[name] or violations[name]:
            failed = True
            print(f"  FAIL tck-id-{name}: {violations[name] or 'never exercised'}")
    if options.table:
        print(table())
    if failed:
        sys.exit("sparkplug: failed")
    print(f"sparkplug: {len(CHECKED)} assertions held, {sum(counts.values())} checks, "
          f"{len(NOT_APPLICABLE)} groups of others not applicable, {time.monotonic() - began:.0f} s")


def run(options, folder, processes):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tap = Tap(port)
    with open(f"{folder}/mosquitto.conf", "w") as f:
        f.write(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_type error\n"
                f"set_tcp_nodelay true\npersistence true\npersistence_location {folder}/\n"
                + ("user root\n" if os.geteuid() == 0 else ""))
    for name, sites, more in (("b1", "plant-a plant-b", ""), ("b2", "plant-c", ", primary_host: scada")):
        listed = ", ".join(f"{{id: {site}, timezone: UTC}}" for site in sites.split())
        with open(f"{folder}/{name}.yaml", "w") as f:
            f.write(f"bridge: {{id: {name}, data_dir: {folder}/{name}}}\n"
                    f"broker: {{url: 'mqtt://127.0.0.1:{tap.port}'}}\nhttp: {{listen: 'off'}}\n"
                    f"sparkplug: {{enabled: true{more}}}\n"
                    f"kpi: {{publish_interval: 200ms, windows: [hour, day]}}\nsites: [{listed}]\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"

    def start_broker():
        log = open(f"{folder}/broker.log", "ab")
        processes["broker"] = subprocess.Popen([program, "-c", f"{folder}/mosquitto.conf"], stderr=log, stdout=log)

        def accepts():
            try:
                return socket.create_connection(("127.0.0.1", port), 0.2).close() is None
            except OSError:
                return False
        wait(accepts, 10, "the broker")

    def start(name):
        log = open(f"{folder}/{name}.log", "ab")
        processes[name] = subprocess.Popen([options.binary, "run", "--config", f"{folder}/{name}.yaml"], stderr=log)

    def kill(name, number=signal.SIGKILL):
        processes[name].send_signal(number)
        return processes[name].wait(15)

    start_broker()
    host = Host()
    scada = Client(port, "scada", host)
    scada.subscribe("spBv1.0/#", "andon/v1/+/kpi/#")
    camera = Client(port, "cameras")
    start("b1")
    start("b2")

    def node(site, bridge="b1"):
        return host.nodes.get((site, bridge)) or Node(None)

    def event(site, at, worker, station, kind="working", cam="cam-01", confidence=0.95, **more):
        text = json.dumps({"timestamp": at, "worker_id": worker, "workstation_id": station, "event_type": kind,
                           "confidence": confidence, **more})
        camera.publish(f"andon/v1/{site}/camera/{cam}/event", text)

    a, b = lambda: node("plant-a"), lambda: node("plant-b")
    wait(lambda: a().online and b().online, 20, "NBIRTH of both sites")
    # Before a site's first session the broker stores no events for it.
    wait(lambda: a().tag(None, "health") == b().tag(None, "health") == "running", 20, "both sites to run")

    # Data of two sites; both have a worker with the same id.
    camera.publish("andon/v1/plant-a/camera/cam-01/status", "online", retain=True)
    base = now_ms()
    for number in range(1, 9):
        event("plant-a", base, f"W{number}", f"S{number % 3 + 1}")
    for _ in range(3):
        base += 1
        event("plant-a", base, "W1", "S2", "product_count", count=2)
    event("plant-b", base, "W1", "S1", "idle")
    born = {f"worker-W{n}" for n in range(1, 9)} | {"workstation-S1", "workstation-S2", "workstation-S3", "camera-cam-01"}
    wait(lambda: born <= set(a().devices) and "worker-W1" in b().devices, 15, "DBIRTH of every device")
    ensure("worker-W1" in a().devices and "worker-W1" in b().devices, "worker-W1",
           "topic-structure-namespace-duplicate-device-id-across-edge-node")
    wait(lambda: a().tag("worker-W1", "day/units") == 6, 10, "six units of W1")
    wait(lambda: b().tag("worker-W1", "state") == "idle", 10, "the state of W1 at plant-b")
    wait(lambda: a().tag(None, "day/units") == 6, 10, "the site's units")
    wait(lambda: a().tag("worker-W1", "workstation_id") == "S2", 10, "where W1 is")

    # The tags have the values of the KPI topics. Those change together, so wait for a moment when both agree.
    def agrees():
        figures = json.loads(host.other.get("andon/v1/plant-a/kpi/worker/W1/day", "{}"))
        names = [n for n in figures if n.endswith(("_s", "_pct", "_per_hour")) or n == "units"]
        return names and all(a().tag("worker-W1", f"day/{n}") == figures[n] for n in names)
    wait(agrees, 10, "tags that equal the KPI topic")

    # A closed window and its correction: history at the window's last millisecond, no current value.
    hour = 3_600_000
    past = (now_ms() // hour - 2) * hour
    event("plant-a", past, "W1", "S1", "working")
    event("plant-a", past + 60_000, "W1", "S1", "absent")

    def history(value):
        return [h for h in a().history
                if h[:2] == ("worker-W1", "hour/working_s") and h[2] == value and h[3] == past + hour - 1]
    wait(lambda: history(60.0), 10, "the closed hour as history")
    event("plant-a", past + 30_000, "W1", "S1", "idle")
    wait(lambda: history(30.0), 10, "the corrected hour as history")

    # A rebirth on command.
    births, number = a().births, a().bd_seq
    scada.publish("spBv1.0/plant-a/NCMD/b1", command(now_ms(), True, name="Node Control/Rebirth"), qos=0)
    wait(lambda: a().births == births + 1 and born <= set(a().devices), 10, "the rebirth")
    start_of = max(i for i, entry in enumerate(a().log) if entry[0] == "NBIRTH")
    sequence = [entry[0] for entry in a().log[start_of + 1:start_of + 1 + len(born)]]
    ensure(sequence == ["DBIRTH"] * len(born), str(sequence), "operational-behavior-data-commands-rebirth-action-1",
           "operational-behavior-data-commands-rebirth-action-2")
    ensure(a().bd_seq == number, f"{a().bd_seq} after {number}", "operational-behavior-data-commands-rebirth-action-3")

    # A drifting camera: its alert appears as tags and can be acknowledged.
    items = [{"timestamp": now_ms() - (600 - n) * 10_000, "worker_id": "W8", "workstation_id": "S3",
              "event_type": "working", "confidence": 0.65, "event_id": f"d{n}"} for n in range(600)]
    camera.publish("andon/v1/plant-a/camera/cam-02/event", json.dumps(items))
    wait(lambda: a().tag("camera-cam-02", "alert/drift/state") == "unack_active", 15, "the drift alert")
    if abs(a().tag("camera-cam-02", "alert/drift/value") - 0.65) > 1e-9:
        raise SystemExit("sparkplug: the alert's value is wrong")
    # Malformed commands and those for other nodes change nothing: the valid command after them is the first executed.
    births = a().births
    scada.publish("spBv1.0/plant-a/NCMD/b1", b"\x12\xff", qos=0)
    scada.publish("spBv1.0/plant-a/NCMD/b1", command(now_ms(), False, name="Node Control/Rebirth"), qos=0)
    scada.publish("spBv1.0/plant-a/DCMD/b1/camera-none", command(now_ms(), True, alias=1), qos=0)
    alias = next(k for k, v in a().names.items() if v[:2] == ("camera-cam-02", "alert/drift/ack"))
    scada.publish("spBv1.0/plant-a/DCMD/b1/camera-cam-02", command(now_ms(), True, alias=alias), qos=0)
    wait(lambda: a().tag("camera-cam-02", "alert/drift/acked") is True
         and a().tag("camera-cam-02", "alert/drift/state") == "acked_active", 10, "the acknowledgement")
    if a().births != births:
        raise SystemExit("sparkplug: a command that is none made a birth")

    # A camera goes offline and comes back.
    camera.publish("andon/v1/plant-a/camera/cam-01/status", "offline", retain=True)
    wait(lambda: "camera-cam-01" not in a().devices, 10, "DDEATH of the camera")
    camera.publish("andon/v1/plant-a/camera/cam-01/status", "online", retain=True)
    wait(lambda: "camera-cam-01" in a().devices, 10, "DBIRTH of the camera")

    # SIGKILL: the broker publishes the node's will.
    last = {site: node(site).bd_seq for site in ("plant-a", "plant-b")}
    kill("b1")
    wait(lambda: not a().online and not b().online, 10, "NDEATH of both sites after SIGKILL")
    for site, number in last.items():
        ensure(node(site).deaths == [number], f"{site}: {node(site).deaths}", "payloads-ndeath-bdseq",
               "payloads-ndeath-will-message-publisher")
    start("b1")
    wait(lambda: a().online and b().online and born <= set(a().devices), 20, "the births after SIGKILL")
    if (a().bd_seq, b().bd_seq) != tuple((n + 1) % 256 for n in last.values()):
        raise SystemExit("sparkplug: bdSeq did not go on over the restart")

    primary_host(host, node, scada, event, tap, folder)
    wait(lambda: a().has_wrapped, 40, "enough messages for the sequence to begin again")

    # The broker stops and comes back.
    births, last = a().births, a().bd_seq
    attempts = len(tap.connections)
    kill("broker")
    scada.close()
    camera.close()
    wait(lambda: len(tap.connections) > attempts, 20, "an attempt to connect without a broker")
    for lost in host.nodes.values():
        lost.is_lost, lost.online, lost.devices = True, False, {}
    start_broker()
    scada = Client(port, "scada", host)
    scada.subscribe("spBv1.0/#", "andon/v1/+/kpi/#")
    scada.publish("spBv1.0/STATE/scada", json.dumps({"online": True, "timestamp": now_ms()}), retain=True)
    # A birth that no host received is requested again, as a host does.
    quiet = time.monotonic()

    def reborn():
        nonlocal quiet
        if (a().births > births and born <= set(a().devices) and "worker-W1" in b().devices
                and "worker-W1" in node("plant-c", "b2").devices):
            return True
        if time.monotonic() - quiet > 3:
            quiet = time.monotonic()
            for site, bridge in (("plant-a", "b1"), ("plant-b", "b1"), ("plant-c", "b2")):
                scada.publish(f"spBv1.0/{site}/NCMD/{bridge}", command(now_ms(), True, name="Node Control/Rebirth"), 0)
        return False
    wait(reborn, 30, "the births after the broker's restart")
    if a().bd_seq == last:
        raise SystemExit("sparkplug: bdSeq did not grow over the broker's restart")

    # SIGTERM: the node publishes its own death.
    numbers = {key: (n.bd_seq, len(n.deaths)) for key, n in host.nodes.items()}
    for name in ("b1", "b2"):
        if kill(name, signal.SIGTERM) != 0:
            raise SystemExit(f"sparkplug: {name} did not end with status 0")
    wait(lambda: not any(n.online for n in host.nodes.values()), 5, "NDEATH after SIGTERM")
    for key, (number, before) in numbers.items():
        deaths = host.nodes[key].deaths[before:]
        ensure(deaths and set(deaths) == {number}, f"{key}: {deaths} of {number}",
               "operational-behavior-edge-node-intentional-disconnect-ndeath", "payloads-ndeath-bdseq")

    # A host that subscribes later finds nothing retained except the STATE of others.
    late = Client(port, "late")
    late.subscribe("spBv1.0/#")
    # Retained messages arrive before those published after the subscription.
    late.publish("spBv1.0/STATE/late", "{}")
    wait(lambda: any(m[0] == "spBv1.0/STATE/late" for m in late.messages), 10, "all that is retained")
    kept = [m[0] for m in late.messages if not m[0].startswith("spBv1.0/STATE/")]
    if kept:
        raise SystemExit(f"sparkplug: retained on the broker: {kept}")
    numbers = check_tap(tap)
    print(f"sparkplug: {host.count} messages of {len(host.nodes)} nodes, bdSeq "
          + ", ".join(f"{site} {values}" for (site, _), values in sorted(numbers.items())))
    print("sparkplug: " + check_with_pysparkplug(host))


def acknowledged(tap, site):
    """How many messages the Sparkplug connections of a site have acknowledged to the broker."""
    count = 0
    for record in list(tap.connections):
        if not record or record[0][1] != 0x10:
            continue
        connect = parse_connect(record[0][2])
        if connect["client"].endswith(f"-{site}.sparkplug"):
            count += sum(first >> 4 == 4 for _, first, _ in list(record))
    return count


def primary_host(host, node, scada, event, tap, folder):
    """b2 is silent until the host application `scada` is online; the STATE of another host does not count."""
    c = lambda: node("plant-c", "b2")
    wait(lambda: b"has its session" in open(f"{folder}/b2.log", "rb").read(), 20, "the session of plant-c")
    at = now_ms()

    def state(online, timestamp, name="scada"):
        """Publishes the STATE of a host; for the primary host, waits until the node has received it."""
        before = acknowledged(tap, "plant-c")
        scada.publish(f"spBv1.0/STATE/{name}", json.dumps({"online": online, "timestamp": timestamp}), retain=True)
        if name == "scada":
            wait(lambda: acknowledged(tap, "plant-c") > before, 10, "the acknowledgement of STATE")

    def tell(worker):
        """An event, until its figures are published: a node that is online would have told them, too."""
        event("plant-c", at, worker, "S1")
        wait(lambda: f"andon/v1/plant-c/kpi/worker/{worker}/hour" in host.other, 10, f"the figures of {worker}")

    def birth_since(start):
        """Whether the last birth was made since then: none that was made before is on its way."""
        return [payload for verb, _, payload in c().log if verb == "NBIRTH"][-1].timestamp >= start
    state(True, at, "other")
    state(False, at)
    tell("W1")
    silent = c().births == 0
    ensure(silent, "NBIRTH before STATE", "message-flow-edge-node-birth-publish-phid-wait-id",
           "message-flow-edge-node-birth-publish-phid-wait-online")
    start = now_ms()
    state(True, at + 10)
    wait(lambda: c().online and "worker-W1" in c().devices, 10, "the birth after the primary host's STATE")
    ensure(silent and c().births == 1 and birth_since(start), f"{c().births} births",
           "message-flow-edge-node-birth-publish-phid-wait", "operational-behavior-edge-node-birth-sequence-wait")
    state(False, at + 9)
    event("plant-c", at, "W2", "S1")
    wait(lambda: "worker-W2" in c().devices or c().deaths, 10, "a DBIRTH after the older STATE")
    ensure(c().online and not c().deaths, "an older STATE ended the session",
           "operational-behavior-edge-node-termination-host-offline-timestamp",
           "message-flow-edge-node-birth-publish-phid-wait-timestamp")
    number = c().bd_seq
    state(False, at + 10)
    wait(lambda: not c().online, 10, "NDEATH after the primary host went")
    ensure(set(c().deaths) == {number}, str(c().deaths), "message-flow-edge-node-birth-publish-phid-offline",
           "operational-behavior-edge-node-termination-host-offline", "payloads-ndeath-bdseq")
    tell("W3")
    still = c().births == 1
    start = now_ms()
    state(True, at + 20)
    wait(lambda: c().online and "worker-W1" in c().devices, 20, "the birth after the primary host came back")
    ensure(still and birth_since(start) and c().bd_seq == (number + 1) % 256, f"{c().bd_seq} after {number}",
           "operational-behavior-edge-node-termination-host-offline-reconnect")


main()
