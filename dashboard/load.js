// Which figures the view needs, how old they may get, and where they come from.
import { get, list } from './api.js';
import { heatScope, mayShow, present, isLive, now, showsWorkers, site, state, value, zone } from './state.js';
import { later } from './format.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function question() {
  if (state.window === 'custom') return { from: state.from, to: state.to, as_of: state.asOf };
  return { window: effectiveWindow(), as_of: state.asOf };
}

/** Sites without shifts have no shift window. */
export const effectiveWindow = (target = site()) =>
  (state.window === 'shift' && target && !target.shifts.length ? 'day' : state.window);

const path = (siteID, rest) => `/api/v1/sites/${encodeURIComponent(siteID)}/${rest}`;

function trendRange() {
  if (state.window === 'custom') {
    const step = state.to - state.from > 7 * day ? 'day' : 'hour';
    return { from: state.from, to: state.to, window: step };
  }
  const back = state.window === 'day' ? 24 * hour : 12 * hour;
  return { from: Math.max(0, present() - back), to: present() + 1, window: 'hour' };
}

function heatRange() {
  if (state.window === 'custom') return trendRange();
  const record = value('kpi')?.site;
  const start = state.window === 'hour' || !record ? present() - 8 * hour : record.window_start_ms;
  return { from: Math.max(0, start), to: present() + 1, window: 'hour' };
}

/** The states of the workstations that are shown. */
const runs = (id, from, to) => list(path(id, 'timeline'), { ...place(), from: Math.max(0, from), to, as_of: state.asOf }, 10_000);

const round = (ms, step) => Math.floor(ms / step) * step;

const showsPeople = () => ['plant', 'workers'].includes(state.view) && showsWorkers();

/** What the record of the board is of. */
const place = () => (state.line === undefined ? { scope: 'site' } : { scope: 'line', id: state.line });

/** The window that the board shows, as far as there can be something in it. */
function boardRange() {
  const record = value('board')?.record;
  if (!record) return undefined;
  return { from: record.window_start_ms, to: Math.min(record.window_end_ms, present() + 1) };
}

const isTooLong = ({ from, to }) => to - from > 31 * day;

/**
 * Of each alert how it was at the end of the range, by the journal; normal ones only if something happened to them
 * inside. An event that came up to a day late may have raised one later than it is dated.
 */
async function pastAlerts(id) {
  const to = state.window === 'custom' ? Math.min(state.to, present()) : present();
  const from = state.window === 'custom' ? state.from : to;
  const newest = new Map();
  for (const item of await list(path(id, 'alerts/history'), { from: Math.max(0, to - 90 * day), to: to + day, limit: 1000 }, 5000)) {
    if (item.at_ms <= to && !(newest.get(item.alert_id)?.at_ms >= item.at_ms)) newest.set(item.alert_id, item);
  }
  return [...newest.values()].filter((item) => item.state !== 'pending' && (item.state !== 'normal' || item.at_ms >= from));
}

/** How long the steps of the trends are, and which time they show: at most two hundred, the most that the bridge answers with. */
export function trendSpan() {
  const hasShifts = site()?.shifts.length > 0;
  if (state.window === 'custom') {
    const span = state.to - state.from;
    const step = span <= 12 * hour ? 'quarter' : span <= 8 * day ? 'hour' : span <= 60 * day && hasShifts ? 'shift' : 'day';
    return { step, from: Math.max(state.from, state.to - 190 * day), to: state.to };
  }
  const step = effectiveWindow();
  const to = present();
  return { step, from: Math.max(0, later(to, -{ hour: 2, shift: 14, day: 35 }[step] * day, zone())), to: to + 1 };
}

const trendOf = () => (state.station !== undefined ? { scope: 'workstation', id: state.station } : state.line !== undefined ? { scope: 'line', id: state.line } : { scope: 'site' });

/** The alert that the view of alerts has opened. */
export function openedAlert() {
  const list = value('alerts') || [];
  const bySource = list.filter((alert) => alert.source_id === state.find);
  return list.find((alert) => alert.alert_id === state.find) ?? (bySource.length === 1 ? bySource[0] : undefined);
}

/** What each worker that was seen did: one question a worker, each of which the bridge notes. */
async function people(id, range) {
  const seen = await list(path(id, 'kpi'), { ...question(), scope: 'worker', limit: 5000 });
  const workers = seen.filter((record) => !record.withheld).map((record) => record.id).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const shown = workers.slice(0, peopleLimit);
  const items = [];
  for (let first = 0; first < shown.length; first += 4) {
    const parts = await Promise.all(shown.slice(first, first + 4).map((worker) =>
      list(path(id, 'timeline'), { scope: 'worker', id: worker, from: Math.max(0, range.from), to: range.to, as_of: state.asOf }, 10_000).then((runs) => runs.map((run) => ({ ...run, worker_id: worker })))));
    items.push(...parts.flat());
  }
  return { items, workers: shown, all: workers.length, withheld: seen.length - workers.length };
}

/** Rows of workers at once: each is a question of its own. */
export const peopleLimit = 60;

/** The past does not change by itself: `maxAge` counts for the present only. */
const sources = {
  kpi: {
    maxAge: 10_000, onEvents: 1500,
    load: async (id) => {
      const values = question();
      // Single workers only for the views that show them: the bridge notes each look.
      const [whole, workers, stations] = await Promise.all([
        get(path(id, 'kpi'), { ...values, scope: 'site' }),
        showsPeople() ? list(path(id, 'kpi'), { ...values, scope: 'worker', limit: 5000 }) : undefined,
        list(path(id, 'kpi'), { ...values, scope: 'workstation', limit: 5000 }),
      ]);
      return { site: whole.items[0], workers, stations, at: whole.timestamp_ms };
    },
  },
  trend: {
    maxAge: 20_000,
    load: async (id) => {
      const { from, to, window } = trendRange();
      const page = await get(path(id, 'kpi/series'), {
        scope: 'site', window, from: round(from, minute), to: round(to + minute - 1, minute), as_of: state.asOf,
      });
      return { items: page.items, step: window };
    },
  },
  /** The trends of the chosen place, and of so many days earlier. */
  trends: {
    maxAge: 20_000,
    load: async (id) => {
      const { step, from, to } = trendSpan();
      const { back } = state;
      const z = zone();
      const ask = (a, b) => get(path(id, 'kpi/series'), { ...trendOf(), window: step, from: round(Math.max(0, a), minute), to: round(b + minute - 1, minute), as_of: state.asOf });
      const [own, earlier] = await Promise.all([ask(from, to), back ? ask(later(from, -back * day, z), later(to, -back * day, z)) : undefined]);
      return { ...trendOf(), step, from: own.items[0]?.window_start_ms ?? from, to: Math.max(to, own.items.at(-1)?.window_end_ms ?? to), items: own.items, back, earlier: earlier?.items };
    },
  },
  confidence: {
    maxAge: 30_000,
    load: async (id) => {
      const { from, to } = trendSpan();
      return get(path(id, 'models'), { from: round(Math.max(from, now() - 31 * day + minute), minute) + minute, to: Math.min(to, now()) });
    },
  },
  /** Timeline by worker. Asked for again seldom, as each look is noted. */
  people: {
    maxAge: 60_000, needs: 'board',
    load: async (id) => {
      const range = boardRange();
      if (state.rows !== 'worker' || !range || isTooLong(range)) return { items: [], workers: [], all: 0 };
      return { ...await people(id, range), ...range };
    },
  },
  shift: {
    maxAge: 20_000,
    load: (id) => get(path(id, 'reports/shift'), { ...place(), at: state.at ?? state.asOf ?? (state.window === 'custom' ? Math.min(state.to - 1, now()) : undefined), as_of: state.asOf }),
  },
  /** The shifts of the last eight days. */
  shifts: {
    maxAge: 300_000,
    load: (id) => get(path(id, 'calendar'), { from: Math.min(now(), state.at ?? Infinity) - 8 * day, to: Math.min(now(), (state.at ?? Infinity) + 4 * day), line: state.line }),
  },
  journal: {
    maxAge: 15_000, onAlert: 400, needs: 'alerts',
    load: async (id) => {
      const alert = openedAlert();
      return alert ? get(path(id, 'alerts/history'), { alert_id: alert.alert_id, limit: 100 }) : { items: [] };
    },
  },
  /** The confidences around an alert about a camera. */
  evidence: {
    maxAge: 30_000, needs: 'alerts',
    load: async (id) => {
      const to = state.window === 'custom' ? Math.min(state.to, present()) : present();
      const from = Math.max(now() - 31 * day + 2 * minute, Math.min(to - day, (openedAlert()?.since_ms ?? to) - 12 * hour));
      return get(path(id, 'models'), { from: round(from, minute), to: Math.floor(to) });
    },
  },
  /** What people call the parts of the site. Asked for seldom: names change with the configuration. */
  names: { maxAge: 300_000, load: (id) => get(path(id, 'names')) },
  heat: {
    maxAge: 30_000, needs: 'kpi',
    load: async (id) => {
      const { from, to, window } = heatRange();
      const page = await get(path(id, 'kpi/series'), {
        scope: heatScope(), window, from: round(from, minute), to: round(to + minute - 1, minute), as_of: state.asOf,
      });
      return { items: page.items, scope: heatScope(), step: window };
    },
  },
  board: {
    maxAge: 5000, onEvents: 1000,
    load: async (id) => {
      const { line } = state;
      const own = place();
      const page = await get(path(id, 'kpi'), { ...question(), ...own });
      const record = page.items[0];
      if (!record) return { record, line, hours: [], at: page.timestamp_ms };
      const from = effectiveWindow() === 'hour' && state.window !== 'custom' ? present() - 8 * hour : record.window_start_ms;
      const to = Math.max(from + 1, Math.min(record.window_end_ms, present() + 1));
      // Two hundred windows are the most that the bridge answers with.
      const step = to - from > 7 * day ? 'day' : 'hour';
      const series = await get(path(id, 'kpi/series'), {
        ...own, window: step, from: round(Math.max(0, from), minute), to: round(to + minute - 1, minute), as_of: state.asOf,
      });
      return { record, line, hours: series.items.slice(-200), step, at: page.timestamp_ms };
    },
  },
  /** Those of the window, for the reasons; with its own clock for what counts up. */
  stops: {
    maxAge: 8000, onEvents: 2500, needs: 'board',
    load: async (id) => {
      const range = boardRange();
      if (!range || isTooLong(range)) return { items: [], isTooLong: Boolean(range) };
      const { line } = state;
      return { items: await list(path(id, 'stops'), { ...range, line, as_of: state.asOf, limit: 10_000 }, 10_000), line, at: now(), range };
    },
  },
  /** The last two hours: what each workstation does, and since when. */
  recent: {
    maxAge: 8000, onEvents: 1500,
    load: async (id) => {
      const to = state.window === 'custom' ? Math.min(state.to, present()) : present() + 1;
      return { from: to - 2 * hour, to, items: await runs(id, to - 2 * hour, to) };
    },
  },
  timeline: {
    maxAge: 15_000, needs: 'board',
    load: async (id) => {
      const record = value('board')?.record;
      const range = boardRange();
      if (!range || isTooLong(range)) return { items: [], shifts: [], isTooLong: Boolean(range) };
      const [items, shifts] = await Promise.all([
        runs(id, range.from, range.to),
        get(path(id, 'calendar'), { from: Math.max(0, range.from - day), to: record.window_end_ms, line: state.line }),
      ]);
      return { items, from: range.from, to: record.window_end_ms, until: range.to, shifts: shifts.items };
    },
  },
  pareto: {
    maxAge: 10_000, needs: 'board',
    load: async (id) => {
      const range = boardRange();
      if (!range || isTooLong(range)) return { items: [], isTooLong: Boolean(range) };
      return get(path(id, 'stops/pareto'), { ...range, line: state.line, by: state.ui.paretoBy, as_of: state.asOf });
    },
  },
  alerts: {
    maxAge: 5000, onAlert: 300,
    load: async (id) => (isLive() ? (await get(path(id, 'alerts'))).items : pastAlerts(id)),
  },
  report: {
    maxAge: 60_000,
    load: async (id) => {
      const to = state.window === 'custom' ? state.to : present();
      const from = state.window === 'custom' ? Math.max(state.from, to - 365 * day) : to - 28 * day;
      return get(path(id, 'alerts/report'), { from: round(Math.max(0, from), minute), to: round(to + minute - 1, minute) });
    },
  },
  models: {
    maxAge: 20_000,
    load: async (id) => {
      const range = state.window === 'custom' ? { from: state.from, to: state.to } : { to: state.asOf };
      return get(path(id, 'models'), range);
    },
  },
  quarantine: {
    maxAge: 10_000,
    load: async (id) => get(path(id, 'quarantine'), { code: state.ui.code, limit: 100 }),
  },
  events: {
    maxAge: Infinity,
    load: async (id) => {
      const range = state.window === 'custom' ? { from: state.from, to: state.to }
        : { to: state.asOf === undefined ? undefined : state.asOf + 1 };
      return get(path(id, 'events'), { ...range, limit: 100 });
    },
  },
};

const needs = {
  sites: [], board: ['board', 'kpi', 'stops', 'recent'], timeline: ['board', 'stops', 'timeline', 'people'], trends: ['trends', 'confidence'],
  stops: ['board', 'stops', 'pareto'], plant: ['kpi', 'trend', 'heat', 'events'], workers: ['kpi'], events: ['events'],
  stations: ['board', 'kpi', 'stops', 'recent'], reports: ['shift', 'shifts'], alerts: ['journal', 'evidence', 'report'], models: ['models'], quarantine: ['quarantine'], bridge: [],
};

const running = new Map();
const dirty = new Map();
let statusAt = 0;
let sitesAt = 0;

/** Something happened: figures that depend on it may be fetched earlier. */
export function stir(kind, siteID) {
  for (const [what, source] of Object.entries(sources)) {
    const soon = kind === 'event' ? source.onEvents : kind === 'alert' ? source.onAlert : undefined;
    const key = `${siteID}/${what}`;
    if (soon && !dirty.has(key)) dirty.set(key, Date.now() + soon);
  }
}

/** Forget what the address no longer asks for. */
export function forget(...whats) {
  for (const key of [...state.data.keys()]) {
    if (!whats.length || whats.includes(key.split('/')[1])) state.data.delete(key);
  }
  for (const key of [...running.keys()]) if (!whats.length || whats.includes(key.split('/')[1])) running.delete(key);
}

/** Fetch these again soon; until then what is known stays. */
export function expire(...whats) {
  for (const [key, entry] of state.data) if (whats.includes(key.split('/')[1])) entry.at = -Infinity;
  for (const key of [...running.keys()]) if (whats.includes(key.split('/')[1])) running.delete(key);
}

function fetchOnce(siteID, what, changed) {
  const key = `${siteID}/${what}`;
  if (running.has(key)) return;
  const ticket = {};
  running.set(key, ticket);
  dirty.delete(key);
  sources[what].load(siteID).then(
    (result) => ({ value: result, at: Date.now() }),
    (error) => ({ value: state.data.get(key)?.value, at: Date.now(), error }),
  ).then((entry) => {
    // The question may have changed while we waited.
    if (running.get(key) !== ticket) return;
    running.delete(key);
    state.data.set(key, entry);
    if (entry.error && entry.error.status === 401) state.failure = entry.error;
    changed(what);
  });
}

function isDue(siteID, what) {
  const key = `${siteID}/${what}`;
  const entry = state.data.get(key);
  if (!entry) return !sources[what].needs || value(sources[what].needs, siteID) !== undefined;
  if (entry.error) return Date.now() - entry.at > 3000;
  if (what === 'kpi' && showsPeople() && entry.value && !entry.value.workers) return true;
  if (!isLive()) return false;
  if (dirty.has(key) && dirty.get(key) <= Date.now()) return true;
  return Date.now() - entry.at > sources[what].maxAge;
}

/** Called often; fetches what is missing or old. */
export function tick(changed) {
  if (document.hidden && statusAt) return;
  if (Date.now() - sitesAt > (state.sites.length ? 30_000 : 3000)) {
    sitesAt = Date.now();
    Promise.all([get('/api/v1/me'), get('/api/v1/sites')]).then(([me, page]) => {
      state.me = me;
      state.skew = page.timestamp_ms - Date.now();
      state.sites = page.items;
      state.failure = undefined;
      changed('list');
    }, (error) => {
      state.failure = error;
      changed('list');
    });
  }
  if (Date.now() - statusAt > 5000) {
    statusAt = Date.now();
    get('/status').then((status) => {
      const before = state.status;
      if (before?.process && status.process) {
        const span = status.timestamp_ms - before.timestamp_ms;
        if (span > 500) state.cpu = ((status.process.cpu_s - before.process.cpu_s) * 100_000) / span;
      }
      state.status = status;
      changed('status');
    }, () => {});
  }
  if (state.view === 'sites') {
    for (const { site_id: id } of state.sites) {
      for (const what of ['kpi', 'trend', 'alerts']) if (isDue(id, what)) fetchOnce(id, what, changed);
    }
    return;
  }
  if (!site()) return;
  for (const what of ['names', 'alerts', ...needs[state.view]]) if (mayShow(what) && isDue(state.siteID, what)) fetchOnce(state.siteID, what, changed);
}

export const refresh = () => { statusAt = 0; sitesAt = 0; };
export { now };
