"""What must hold in the end, as (text, whether it does)."""
import pathlib, sqlite3, subprocess, time

from .pieces import ROOT, wait_for


def lines(text, wrong):
    return text + "".join(f"\n       {w}" for w in wrong[:5]), not wrong


def books(fleet, sent):
    server, sites = fleet.server, fleet.sites
    there = (server.text("SELECT string_agg(event_id, ' ') FROM andon.event") or "").split(" ")
    holders = fleet.holders()
    wrong_files, wrong_books = [], []
    for site in sites:
        path = f"{fleet.folder}/{holders.get(site)}/sites/{site}.sqlite"
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as db:
                mine = sorted(row[0] for row in db.execute("SELECT event_id FROM event_text"))
                state = db.execute("SELECT committed_seq, committed_tip, acked_seq FROM ship_state").fetchone()
                counters = dict(db.execute("SELECT name, value FROM counter"))
        except sqlite3.Error as error:
            wrong_files.append(f"{site}: {error}")
            continue
        theirs = sorted((server.text(f"SELECT string_agg(event_id, ' ') FROM andon.event WHERE site_id = '{site}'") or "").split())
        if mine != theirs or f"{state[0]}|{state[1]}" != server.text(f"SELECT seq || '|' || tip FROM andon.head WHERE site_id = '{site}'"):
            wrong_files.append(f"{site}: {len(mine)} events in the file, {len(theirs)} in the database, position {state}")
        names = ["received", "stored", "low_confidence", "duplicate", "rejected"]
        ledger = server.text(f"SELECT {', '.join(names)} FROM andon.head WHERE site_id = '{site}'")
        if ledger != "|".join(str(counters.get(name, 0)) for name in names) or sum(counters.get(n, 0) for n in names[1:]) != counters.get("received", 0):
            wrong_books.append(f"{site}: {ledger}, the file {counters}")
    seen, held = fleet.alerts()
    wrong_alerts = [f"{a}: {seen.get(a)}, and not {held.get(a)}" for a in sorted(set(seen) | set(held)) if seen.get(a) != held.get(a)]
    available = {topic.split("/")[2]: payload for topic, payload in fleet.broker.retained(f"{ROOT}/+/availability").items()}
    missing = set(sent) - set(there)
    return [
        lines(f"the database has the {len(sent)} events that the broker took, each once",
              [] if sorted(there) == sorted(sent) else [f"{len(there)} there, {len(missing)} missing: {sorted(missing)[:5]}"]),
        lines("the holder's file of each site is what the database has", wrong_files),
        lines("the counters balance", wrong_books),
        lines(f"the {len(held)} alerts that panels see are those of the holders", wrong_alerts + ["no alerts"] * (not held)),
        lines("panels see all sites online", [] if available == dict.fromkeys(sites, "online") else [str(available)]),
    ]


def moves(fleet, sites):
    """Moves sites to other bridges by hand; what must hold, and how long it took."""
    as_of, wrong, took = int(time.time() * 1000), [], []
    for site in sites:
        holder = fleet.holders()[site]
        other = next(name for name in fleet.names if name != holder and name != fleet.small)
        before = fleet.figures(site, f"{fleet.folder}/{holder}", as_of)
        fleet.owner("move", site, other)
        began = time.monotonic()
        wait_for(lambda: fleet.holders().get(site) not in (None, holder), 60, f"the move of {site}")
        wait_for(fleet.all_connected, 60, f"{site} on {other}")
        took.append(time.monotonic() - began)
        for options in ((), ("--recompute",)):
            after = fleet.figures(site, f"{fleet.folder}/{other}", as_of, *options)
            if before != after:
                wrong.append(f"{site} {' '.join(options)}: {len(before)} and {len(after)} bytes")
        if len(before) < 1000:
            wrong.append(f"{site}: hardly any figures: {before[:100]}")
    return [lines(f"figures are equal to the byte after a move, and computed again; moves took {', '.join(f'{t:.1f}' for t in took)} s", wrong)]


def checks(fleet):
    """`andon store check` of the holders' files, all of it."""
    holders, wrong = fleet.holders(), []
    for name in sorted(set(holders.values())):
        held = sorted(site for site, holder in holders.items() if holder == name)
        got = subprocess.run([fleet.options.binary, "store", "check", "--all", "--config", fleet.reader(f"{fleet.folder}/{name}", held)],
                             capture_output=True, text=True)
        if got.returncode != 0:
            wrong.append(f"{name}: {got.stdout[-500:]} {got.stderr[-500:]}")
    return [lines(f"andon store check --all finds nothing in the files of {len(holders)} sites", wrong)]


def restores(fleet, sites):
    """`andon store restore` by hand into another folder, and its figures."""
    as_of, wrong, folder = int(time.time() * 1000), [], f"{fleet.folder}/restored"
    pathlib.Path(folder).mkdir(mode=0o750, exist_ok=True)
    for site in sites:
        holder = fleet.holders()[site]
        before = fleet.figures(site, f"{fleet.folder}/{holder}", as_of)
        central = f"central: {{mode: history, url: '{fleet.server.url('andon_bridge')}'}}"
        got = subprocess.run([fleet.options.binary, "store", "restore", "--config", fleet.reader(folder, [site], central), "--site", site],
                             capture_output=True, text=True)
        if got.returncode != 0:
            wrong.append(f"{site}: {got.stderr[-300:]}")
            continue
        for options in ((), ("--recompute",)):
            after = fleet.figures(site, folder, as_of, *options)
            if before != after or len(before) < 1000:
                wrong.append(f"{site} {' '.join(options)}: {len(before)} and {len(after)} bytes")
        got = subprocess.run([fleet.options.binary, "store", "check", "--all", "--config", fleet.reader(folder, [site])], capture_output=True, text=True)
        if got.returncode != 0:
            wrong.append(f"{site}: {got.stdout[-300:]} {got.stderr[-300:]}")
    return [lines(f"figures of {len(sites)} files made by andon store restore are equal to the byte, and computed again, and the files are sound", wrong)]
