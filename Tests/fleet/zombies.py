"""A holder that was frozen while another one had its sites wakes up: ten seconds later all retained topics are the other one's."""
import json, signal, time

from .pieces import ROOT, wait_for


def zombies(fleet, cameras, count, chance):
    """Freezes holders one after another; what must hold."""
    wrong, compared, seen_alerts, changed_alerts = [], 0, 0, 0
    for number in range(count):
        wait_for(fleet.all_connected, 120, "all sites")
        name = chance.choice(sorted({holder for holder in fleet.holders().values() if holder != fleet.small}))
        had = fleet.held(name)
        before, _ = fleet.alerts()
        fleet.bridges[name].send_signal(signal.SIGSTOP)
        wait_for(lambda: fleet.all_connected(without=[name]), 60, f"other bridges to have the sites of {name}")
        # Alerts of its sites come and go while it is away, and a person acknowledges those that are there.
        cameras.doubtful = set(had) - cameras.doubtful
        cameras.resting = False
        time.sleep(max(3, 60 * len(fleet.sites) / fleet.options.rate))
        for topic, payload in fleet.broker.retained(*(f"{ROOT}/{site}/alert/#" for site in had)).items():
            if payload and json.loads(payload).get("state", "").startswith(("unack", "rtn_unack")):
                fleet.broker.publish(f"{ROOT}/{topic.split('/')[2]}/cmd/alert/ack", json.loads(payload)["alert_id"])
        cameras.resting = True
        wait_for(lambda: not cameras.flying and fleet.server.text("SELECT count(*) FROM andon.event") == str(len(cameras.sent)), 60,
                 "all events while a bridge is frozen")
        time.sleep(1.5)
        thawed = int(time.time() * 1000)
        fleet.bridges[name].send_signal(signal.SIGCONT)
        time.sleep(10)
        after, held = fleet.alerts()
        changed_alerts += sum(before.get(a) != after.get(a) for a in after)
        seen_alerts += len(after)
        wrong += [f"{a}: {after.get(a)}, and not {held.get(a)}" for a in sorted(set(after) | set(held)) if after.get(a) != held.get(a)]
        here, there = figures(fleet, chance.sample(had, min(3, len(had))), thawed)
        compared += here
        wrong += there
        cameras.resting = False
    if count and (not changed_alerts or not compared):
        wrong.append(f"nothing to see: {changed_alerts} alerts changed, {compared} figures compared")
    return [(f"{count} frozen holders woke up: ten seconds later {seen_alerts} retained alerts ({changed_alerts} changed meanwhile)"
             f" and {compared} figures are the new holder's" + "".join(f"\n       {w}" for w in wrong[:8]), not wrong)]


def figures(fleet, sites, thawed_ms):
    """Compares retained figures that are newer than the thaw with those of the holder's file as of their time: how many, what differs."""
    holders, compared, wrong = fleet.holders(), 0, []
    for site in sites:
        groups, config = {}, fleet.reader(f"{fleet.folder}/{holders[site]}", [site])
        for topic, payload in fleet.broker.retained(f"{ROOT}/{site}/kpi/#").items():
            record = json.loads(payload)
            if record["timestamp_ms"] >= thawed_ms:
                groups.setdefault((record["scope"], record["window"], record["timestamp_ms"]), {})[record["id"]] = record
        for (scope, window, as_of), records in groups.items():
            mine = {record["id"]: record for record in json.loads(fleet.run(
                "kpi", "--config", config, "--site", site, "--scope", scope, "--window", window, "--as-of", str(as_of), "--json"))}
            compared += len(records)
            wrong += [f"{site} {scope} {key} {window}: {differences(record, mine.get(key, {}))}" for key, record in records.items() if differences(record, mine.get(key, {}))]
    return compared, wrong


def differences(seen, held):
    """Only what is published has a revision, `rev`."""
    return {key: (seen.get(key), held.get(key)) for key in sorted((set(seen) | set(held)) - {"rev"}) if seen.get(key) != held.get(key)}
