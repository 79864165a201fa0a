#!/usr/bin/env python3
"""What a careful person writes in an afternoon with paho and sqlite3.

Acknowledges by hand after the commit, batches of 1000, WAL, synchronous=FULL, a primary key against duplicates.
No validation beyond json.loads, no KPIs, no drift.

    python_sink.py PORT CLIENT TOPIC FILE N      takes N messages; with 0 only makes the session. Prints JSON.
"""
import json, os, sqlite3, sys, time
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

port, client_id, topic, path, wanted = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5, manual_ack=True)
properties = Properties(PacketTypes.CONNECT)
properties.SessionExpiryInterval = 3600
properties.ReceiveMaximum = 65535
done = False

if wanted == 0:
    def on_subscribe(*_):
        global done
        done = True
    client.on_connect = lambda *_: client.subscribe(topic, 1)
    client.on_subscribe = on_subscribe
else:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS event (at INTEGER, worker TEXT, kind TEXT, station TEXT, id TEXT, camera TEXT, "
               "model TEXT, confidence REAL, PRIMARY KEY (at, worker, kind, station, id)) WITHOUT ROWID")
    batch, count, first = [], 0, None

    def commit():
        global batch, count, done
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", [row for row, _ in batch])
        db.execute("COMMIT")
        for _, message in batch:
            client.ack(message.mid, message.qos)
        count += len(batch)
        batch = []
        done = count >= wanted

    def on_message(_, __, message):
        global first
        first = first or time.monotonic()
        e = json.loads(message.payload)
        camera = message.topic.split("/")[4]
        batch.append(((e["timestamp"], e["worker_id"], e["event_type"], e["workstation_id"], e["event_id"], camera,
                       e["model_version"], e["confidence"]), message))
        if len(batch) >= 1000 or count + len(batch) >= wanted:
            commit()
    client.on_message = on_message

client.connect("127.0.0.1", port, clean_start=False, properties=properties)
end = time.monotonic() + 300
while not done and time.monotonic() < end:
    client.loop(0.1)
client.disconnect()
client.loop(0.1)
if wanted:
    db.close()
print(json.dumps({"received": wanted if done else 0, "rejected": 0, "seconds": time.monotonic() - first if wanted else 0,
                  "bytes": os.path.getsize(path) if wanted else 0}))
