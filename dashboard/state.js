// What the page knows and what it was asked to show. The address holds the question, so that it can be shared.
export const views = ['board', 'plant', 'stations', 'timeline', 'stops', 'trends', 'reports', 'workers', 'events', 'alerts', 'models', 'quarantine', 'bridge'];

/** Parts of the address that only some views have. */
const own = {
  line: ['board', 'timeline', 'stops', 'trends', 'reports', 'stations'], station: ['trends'], camera: ['trends'], back: ['trends'], rows: ['timeline'], at: ['reports'],
};

export const state = {
  sites: [],
  /** Who looks, and what that person may see and do. */
  me: undefined,
  siteID: null,
  view: 'sites',
  window: 'shift',
  from: undefined,
  to: undefined,
  asOf: undefined,
  /** What a link asks the view to single out: an id. */
  find: undefined,
  /** The line that board, timeline and stops show; undefined: the whole site. */
  line: undefined,
  /** Trends: the workstation, the camera of the confidences, and how many days earlier the time behind is. */
  station: undefined,
  camera: undefined,
  back: undefined,
  /** Timeline: `worker` for a row a worker. */
  rows: undefined,
  /** Reports: an instant in the shift; undefined: the newest one. */
  at: undefined,
  /** The lines that the board shows in turn, and for how long each, milliseconds. */
  rotation: undefined,
  /** A screen on a wall: nothing but the board. */
  isKiosk: false,
  /** Server time minus this machine's, milliseconds. */
  skew: 0,
  connection: 'connecting',
  lostAt: undefined,
  lastNews: undefined,
  failure: undefined,
  status: undefined,
  cpu: undefined,
  /** By `site/what`: { value, at, error }. */
  data: new Map(),
  /** Newest first, from the stream and from the list. */
  events: [],
  heldEvents: undefined,
  brief: new Map(),
  /** By site, the longest delay since the events began to be late. */
  peakLag: new Map(),
  notice: undefined,
  picking: undefined,
  ui: {
    search: '', rank: 'rate', filter: 'all', heat: 'worker', eventSearch: '', eventOutcome: 'all',
    showNormal: false, code: undefined, paretoBy: 'workstation', zoom: undefined, isPaused: false,
  },
};

/** Until it is known, everything is asked for: the bridge decides. */
export const may = (what) => !state.me || state.me.may.includes(what);

/** What a view or a list needs. */
const capability = { confidence: 'models', evidence: 'models', people: 'workers', workers: 'workers', events: 'workers', models: 'models', quarantine: 'quarantine', bridge: 'bridge' };
export const mayShow = (what) => (!capability[what] || may(capability[what])) && (!['workers', 'people'].includes(what) || showsWorkers());

export const now = () => Date.now() + state.skew;
/** The present that is looked at. */
export const present = () => state.asOf ?? now();
export const isLive = () => state.asOf === undefined && state.window !== 'custom';
export const site = () => state.sites.find((candidate) => candidate.site_id === state.siteID);
export const zone = () => site()?.timezone || 'UTC';
export const datum = (what, siteID = state.siteID) => state.data.get(`${siteID}/${what}`);
export const value = (what, siteID) => datum(what, siteID)?.value;

/** A site's own status: what came last over the stream, or else the whole status. */
const ownStatus = (id) => {
  const whole = state.status?.sites.find((item) => item.site_id === id);
  const brief = state.brief.get(id);
  return whole || brief ? { ...whole, ...brief } : undefined;
};

/** Events that were longer on their way are of the past: what is shown is not yet the present. */
const lateMs = 120_000;

/**
 * Whether events arrive at a site: `kind` is `flowing`, `silent` (no event for longer than a state lasts), `behind`
 * (what arrives is `lagMs` old; `done` per cent of that are caught up), `unreachable` (no broker), `waiting` (there was
 * never one) or `unknown` (nothing heard yet).
 * `sinceMs`: the last event's arrival, or the end of the broker's session when that is later known of.
 */
export function condition(id = state.siteID) {
  const status = ownStatus(id);
  if (!status) return { kind: 'unknown' };
  const cameras = (status.cameras || []).map((camera) => camera.last_event_ms || 0);
  const record = value('kpi', id)?.site;
  const last = status.last_commit_ms || Math.max(0, ...cameras, isLive() ? record?.last_event_ms || 0 : 0) || undefined;
  if (!status.connected) return { kind: 'unreachable', sinceMs: last ?? status.state_since_ms, why: status.trouble };
  if (last === undefined) return { kind: 'waiting' };
  const timeout = 1000 * (state.sites.find((item) => item.site_id === id)?.state_timeout_s ?? 600);
  const silence = now() - last;
  const lagMs = status.lag_ms ?? 0;
  if (lagMs > lateMs && silence < lateMs) {
    const peak = Math.max(lagMs, state.peakLag.get(id) ?? 0);
    state.peakLag.set(id, peak);
    return { kind: 'behind', sinceMs: last, lagMs, done: peak > lagMs ? Math.floor(100 - (100 * lagMs) / peak) : undefined };
  }
  state.peakLag.delete(id);
  return { kind: silence > timeout || record?.quality === 500 ? 'silent' : 'flowing', sinceMs: last, seconds: silence / 1000 };
}

export const workerName = (id) => site()?.workers?.[id] || id;
export const stationName = (id) => site()?.workstations?.[id] || value('names')?.stations.find((item) => item.id === id)?.name || id;
/** A camera as the configuration describes it: name, place, workstations, addresses. */
export const camera = (id) => value('names')?.cameras.find((item) => item.id === id);
export const cameraName = (id) => camera(id)?.name || id;
export const shiftName = (id) => value('names')?.shifts.find((item) => item.id === id)?.name || id;
export const areas = () => site()?.areas || [];
export const lines = () => areas().flatMap((area) => area.lines);
export const lineName = (id) => lines().find((line) => line.line_id === id)?.name || id;
export const stationsOfLine = (id) => lines().find((line) => line.line_id === id)?.workstations || [];
/** What a person can give as the reason of a stop; empty: the site has no such list. */
export const reasons = () => site()?.stop_reasons || [];
/** Whether this person may give one. Without a login a token decides, which is asked for then. */
export const givesReasons = () => reasons().length > 0 && (!state.me?.logged_in || may('reasons'));
export const areaName = (id) => areas().find((area) => area.area_id === id)?.name || id;

/** Whether there are figures of single workers, and whether they may be put in an order. */
export const showsWorkers = (id = state.siteID) =>
  may('workers') && state.sites.find((item) => item.site_id === id)?.privacy?.workers !== 'off';
/** What this site says of single workers: `named`, `pseudonym` or `off`. */
export const workerMode = () => site()?.privacy?.workers || 'named';
export const ranks = () => site()?.privacy?.ranking === true;

/** What the rows of "hour by hour" are: a site without lines has only workers and workstations. */
export const heatScope = () => {
  if (state.ui.heat === 'worker' && !showsWorkers()) return 'workstation';
  return lines().length || !['line', 'area'].includes(state.ui.heat) ? state.ui.heat : 'workstation';
};

export function readAddress() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [siteID, view] = path.split('/');
  const values = new URLSearchParams(query || '');
  // A wall screen may have its part before the hash, where a person types it.
  const option = (name) => values.get(name) ?? new URLSearchParams(location.search).get(name) ?? undefined;
  const number = (name) => (/^\d{1,14}$/.test(values.get(name) || '') ? Number(values.get(name)) : undefined);
  state.siteID = siteID && siteID !== '*' ? decodeURIComponent(siteID) : null;
  state.view = state.siteID ? (views.includes(view) ? view : 'board') : 'sites';
  state.from = number('from');
  state.to = number('to');
  state.asOf = number('as_of');
  const find = values.get('find') || undefined;
  if (find !== state.find) {
    state.find = find;
    if (state.view === 'workers') state.ui.search = find || '';
    if (state.view === 'events') state.ui.eventSearch = find || '';
  }
  const asked = (option('line') || '').split(',').filter(Boolean);
  const seconds = /^(\d{1,4})s?$/.exec(option('rotate') || '')?.[1];
  state.rotation = seconds && asked.length !== 1 ? { lines: asked, everyMs: 1000 * Math.max(5, Number(seconds)) } : undefined;
  state.line = asked.length === 1 ? asked[0] : undefined;
  for (const name of ['station', 'camera', 'rows']) state[name] = values.get(name) || undefined;
  state.back = number('back');
  state.at = number('at');
  state.isKiosk = option('kiosk') === '1' && state.view === 'board';
  const window = values.get('window');
  state.window = ['hour', 'shift', 'day'].includes(window) ? window : 'shift';
  if (state.from !== undefined && state.to !== undefined && state.from < state.to) state.window = 'custom';
}

export function address(changes = {}) {
  const isSameView = changes.view === undefined && changes.siteID === undefined;
  const next = { find: isSameView ? state.find : undefined, siteID: state.siteID, view: state.view, window: state.window, from: state.from, to: state.to, asOf: state.asOf,
    ...Object.fromEntries(Object.keys(own).map((name) => [name, state[name]])), ...changes };
  const values = new URLSearchParams();
  if (next.window === 'custom') {
    values.set('from', next.from);
    values.set('to', next.to);
  } else {
    values.set('window', next.window);
  }
  if (next.asOf !== undefined) values.set('as_of', next.asOf);
  if (next.find !== undefined) values.set('find', next.find);
  for (const [name, where] of Object.entries(own)) {
    if (next[name] !== undefined && next.siteID === state.siteID && where.includes(next.view)) values.set(name, next[name]);
  }
  const path = next.siteID ? `${encodeURIComponent(next.siteID)}/${next.view === 'sites' ? 'board' : next.view}` : '*/sites';
  return `#/${path}?${values}`;
}
