// What the page knows and what it was asked to show. The address holds the question, so that it can be shared.
export const views = ['plant', 'workers', 'events', 'alerts', 'models', 'quarantine', 'bridge'];

export const state = {
  sites: [],
  siteID: null,
  view: 'sites',
  window: 'shift',
  from: undefined,
  to: undefined,
  asOf: undefined,
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
  notice: undefined,
  picking: undefined,
  ui: {
    search: '', rank: 'rate', filter: 'all', heat: 'worker', eventSearch: '', eventOutcome: 'all',
    showNormal: false, code: undefined, shelving: undefined,
  },
};

export const now = () => Date.now() + state.skew;
/** The present that is looked at. */
export const present = () => state.asOf ?? now();
export const isLive = () => state.asOf === undefined && state.window !== 'custom';
export const site = () => state.sites.find((candidate) => candidate.site_id === state.siteID);
export const zone = () => site()?.timezone || 'UTC';
export const datum = (what, siteID = state.siteID) => state.data.get(`${siteID}/${what}`);
export const value = (what, siteID) => datum(what, siteID)?.value;

export const workerName = (id) => site()?.workers?.[id] || id;
export const stationName = (id) => site()?.workstations?.[id] || id;

export function readAddress() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [siteID, view] = path.split('/');
  const values = new URLSearchParams(query || '');
  const number = (name) => (/^\d{1,14}$/.test(values.get(name) || '') ? Number(values.get(name)) : undefined);
  state.siteID = siteID && siteID !== '*' ? decodeURIComponent(siteID) : null;
  state.view = state.siteID ? (views.includes(view) ? view : 'plant') : 'sites';
  state.from = number('from');
  state.to = number('to');
  state.asOf = number('as_of');
  const window = values.get('window');
  state.window = ['hour', 'shift', 'day'].includes(window) ? window : 'shift';
  if (state.from !== undefined && state.to !== undefined && state.from < state.to) state.window = 'custom';
}

export function address(changes = {}) {
  const next = { siteID: state.siteID, view: state.view, window: state.window, from: state.from, to: state.to, asOf: state.asOf, ...changes };
  const values = new URLSearchParams();
  if (next.window === 'custom') {
    values.set('from', next.from);
    values.set('to', next.to);
  } else {
    values.set('window', next.window);
  }
  if (next.asOf !== undefined) values.set('as_of', next.asOf);
  const path = next.siteID ? `${encodeURIComponent(next.siteID)}/${next.view === 'sites' ? 'plant' : next.view}` : '*/sites';
  return `#/${path}?${values}`;
}
