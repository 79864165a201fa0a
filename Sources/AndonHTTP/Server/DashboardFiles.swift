// Made by scripts/embed-dashboard from dashboard/. Do not edit: change the files there.
// swift-format-ignore-file

/// The dashboard's files, as they are served.
enum DashboardFiles {
  static let all: [DashboardFile] = [
    DashboardFile(path: "/actions.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// What a person can do. `app.js` fills in what needs the whole page.
export const actions = {
  set: () => {}, heat: () => {}, hold: () => {}, older: () => {}, code: () => {}, command: () => {},
};

"""##),
    DashboardFile(path: "/api.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// Talks to the bridge. The token lives in this tab only.
const key = 'andon.token';

export const token = () => sessionStorage.getItem(key) || '';
export const setToken = (value) =>
  value ? sessionStorage.setItem(key, value) : sessionStorage.removeItem(key);

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail || `HTTP ${status}`);
    this.status = status;
    this.code = problem?.code || '';
  }
}

const headers = (more) => (token() ? { Authorization: `Bearer ${token()}`, ...more } : { ...more });

export function query(values) {
  const text = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return text ? `?${text}` : '';
}

async function answer(response) {
  if (response.ok) return response.json();
  let problem;
  try { problem = await response.json(); } catch { /* not ours */ }
  throw new Refusal(response.status, problem);
}

export async function get(path, values = {}) {
  return answer(await fetch(path + query(values), { headers: headers(), signal: AbortSignal.timeout(15000) }));
}

export async function post(path, values = {}) {
  return answer(await fetch(path + query(values), {
    method: 'POST', headers: headers(), signal: AbortSignal.timeout(15000),
  }));
}

/** All pages of a list, up to a limit of items. */
export async function list(path, values, limit = 5000) {
  const items = [];
  let cursor;
  do {
    const page = await get(path, { ...values, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < limit);
  return items;
}

/**
 * Follows the event stream for ever, over lost connections, from where it was.
 * `fetch` instead of `EventSource`: that one cannot send a token.
 */
export function follow(values, { onMessage, onOpen, onLost }) {
  const control = new AbortController();
  let lastID;
  (async () => {
    let wait = 500;
    while (!control.signal.aborted) {
      try {
        const response = await fetch(`/api/v1/stream${query(values)}`, {
          headers: headers(lastID ? { 'Last-Event-ID': lastID } : {}), signal: control.signal, cache: 'no-store',
        });
        if (!response.ok) await answer(response);
        wait = 500;
        onOpen();
        await read(response.body, (message) => {
          if (message.id) lastID = message.id;
          if (message.event !== 'dropped') onMessage(message.event, message.data);
        });
        throw new Error('the stream ended');
      } catch (error) {
        if (control.signal.aborted) return;
        onLost(error);
      }
      await new Promise((resolve) => setTimeout(resolve, wait + Math.random() * 250));
      wait = Math.min(5000, wait * 1.6);
    }
  })();
  return () => control.abort();
}

async function read(body, onMessage) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    // Heartbeats come every ten seconds: silence for longer is a dead connection.
    const { value, done } = await Promise.race([
      reader.read(),
      new Promise((resolve, reject) => setTimeout(() => reject(new Error('silence')), 25000)),
    ]).catch((error) => {
      reader.cancel().catch(() => {});
      throw error;
    });
    if (done) return;
    text += value;
    let end = text.indexOf('\n\n');
    while (end >= 0) {
      const frame = { event: 'message', data: undefined, id: undefined };
      for (const line of text.slice(0, end).split('\n')) {
        if (line.startsWith('id: ')) frame.id = line.slice(4);
        else if (line.startsWith('event: ')) frame.event = line.slice(7);
        else if (line.startsWith('data: ')) frame.data = JSON.parse(line.slice(6));
      }
      text = text.slice(end + 2);
      if (frame.data !== undefined) onMessage(frame);
      end = text.indexOf('\n\n');
    }
  }
}

"""##),
    DashboardFile(path: "/app.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// Starts the page: the frame around the views, the stream, and what a person does.
import { text } from './text.js';
import * as f from './format.js';
import { h, show } from './dom.js';
import { icon } from './charts.js';
import { follow, get, post, setToken, token } from './api.js';
import { actions } from './actions.js';
import { address, condition, isLive, now, present, readAddress, site, state, value, views, zone } from './state.js';
import { effectiveWindow, forget, refresh, stir, tick } from './load.js';
import * as pages from './views.js';

const top = document.getElementById('top');
const banner = document.getElementById('banner');
const main = document.getElementById('main');
const dialog = document.getElementById('token');
const eventLimit = 400;
const nameKey = 'andon.by';

// ---- theme

const themes = ['auto', 'light', 'dark'];
let theme = themes.includes(localStorage.getItem('andon.theme')) ? localStorage.getItem('andon.theme') : 'auto';
function applyTheme() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
function nextTheme() {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  localStorage.setItem('andon.theme', theme);
  applyTheme();
  render();
}

// ---- frame

function windowButton(name) {
  const isCurrent = (name === 'custom' ? state.window === 'custom' || state.asOf !== undefined : effectiveWindow() === name && state.window !== 'custom');
  if (name === 'custom') {
    return h('button', { type: 'button', class: 'segment', 'aria-pressed': String(isCurrent), 'aria-expanded': String(Boolean(state.picking)), onclick: () => { state.picking = state.picking ? undefined : proposal(); render(); } },
      text.window.custom, '\u2009…');
  }
  return h('a', { class: 'segment', href: address({ window: name, from: undefined, to: undefined }), 'aria-current': isCurrent ? 'true' : undefined }, text.window[name]);
}

/** What the form shows when it opens; it does not run on with the clock while somebody fills it in. */
function proposal() {
  const start = value('kpi')?.site?.window_start_ms ?? now() - 3_600_000;
  return { from: state.from ?? start, to: state.to ?? now(), asOf: state.asOf ?? now() };
}

function picker() {
  const z = zone();
  const { from, to, asOf } = state.picking;
  const input = (name, label, ms, isRequired) => h('label', { class: 'field' }, h('span', {}, label),
    h('input', { type: 'datetime-local', name, value: ms === undefined ? '' : f.localInput(ms, z), required: isRequired }));
  return h('form', { class: 'picker', 'aria-label': text.pickRange, 'data-key': 'picker', onsubmit: (event) => {
    event.preventDefault();
    const values = new FormData(event.target);
    const [a, b, c] = ['from', 'to', 'as_of'].map((name) => (values.get(name) ? f.instant(values.get(name), z) : undefined));
    state.picking = undefined;
    if (event.submitter?.value === 'instant' && c !== undefined) location.hash = address({ window: state.window === 'custom' ? 'shift' : state.window, from: undefined, to: undefined, asOf: c });
    else if (a !== undefined && b !== undefined && a < b) location.hash = address({ window: 'custom', from: a, to: b, asOf: undefined });
    else render();
  } },
  h('fieldset', {}, h('legend', {}, text.window.custom), input('from', text.from, from, false), input('to', text.to, to, false),
    h('button', { type: 'submit', class: 'button primary', value: 'range' }, text.show)),
  h('fieldset', {}, h('legend', {}, text.asOf), input('as_of', text.asOf, asOf, false),
    h('button', { type: 'submit', class: 'button', value: 'instant' }, text.show)));
}

function frame() {
  const current = site();
  // The alerts are those of now: they say nothing about a view of the past.
  const care = isLive() ? (value('alerts') || []).filter(pages.calls).length : 0;
  const siteOptions = [['*', text.nav.sites], ...state.sites.map((item) => [item.site_id, item.name])];
  const data = dataMark();
  const page = isLive() ? state.connection : state.failure ? 'lost' : 'live';
  const pageWords = { live: text.connection.pageLive, lost: text.connection.pageLost, connecting: text.connection.pageConnecting }[page];
  show(top,
    h('div', { class: 'bar' },
      h('a', { class: 'brand', href: state.sites.length > 1 ? address({ siteID: null }) : address({ view: 'plant' }) }, h('img', { src: '/icon.svg', alt: '', width: 26, height: 26 }), h('span', {}, text.app)),
      h('label', { class: 'field site-choice' }, h('span', { class: 'visually-hidden' }, text.site),
        h('select', { value: state.siteID || '*', onchange: (event) => { location.hash = address({ siteID: event.target.value === '*' ? null : event.target.value, view: state.view === 'sites' ? 'plant' : state.view }); } },
          siteOptions.map(([id, name]) => h('option', { value: id, selected: id === (state.siteID || '*') }, name)))),
      h('div', { class: 'segments', role: 'group', 'aria-label': text.windowLabel },
        ['hour', 'shift', 'day'].filter((name) => name !== 'shift' || !current || current.shifts.length).map(windowButton), current && windowButton('custom')),
      h('div', { class: 'right' },
        h('span', { class: `connection ${data.kind}`, role: 'status' }, icon(data.icon), h('span', { class: 'connection-word' }, data.words)),
        h('span', { class: `page-link ${page}`, role: 'img', 'aria-label': pageWords, title: pageWords }),
        h('time', { class: 'clock', title: zone() }, current ? f.time(present(), zone()) : ''),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': text.theme[theme], title: text.theme[theme], onclick: nextTheme }, icon({ auto: 'auto', light: 'sun', dark: 'moon' }[theme])))),
    current && h('nav', { 'aria-label': text.app }, views.map((name) => h('a', { href: address({ view: name }), 'aria-current': state.view === name ? 'page' : undefined },
      text.nav[name], name === 'alerts' && care > 0 && h('span', { class: `bubble ${pages.loudness(value('alerts') || [])}` }, care)))),
    state.picking && current && picker());
}

/** *Live* means that events arrive. Whether this page has its bridge is another mark. */
function dataMark() {
  if (state.connection === 'lost') return { kind: 'lost', icon: 'alert', words: text.connection.lost };
  if (site() && !isLive()) return { kind: 'past', icon: 'wait', words: text.connection.pastMark };
  if (state.connection !== 'live') return { kind: 'connecting', icon: 'wait', words: text.connection.connecting };
  const all = state.siteID ? [condition()] : state.sites.map((item) => condition(item.site_id));
  const worst = ['unreachable', 'silent', 'unknown', 'waiting', 'flowing'].map((kind) => all.find((item) => item.kind === kind)).find(Boolean);
  switch (worst?.kind) {
    case 'unreachable': return { kind: 'lost', icon: 'alert', words: text.connection.unreachable };
    case 'silent': return { kind: 'silent', icon: 'wait', words: text.connection.silent(f.duration(worst.seconds)) };
    case 'waiting': return { kind: 'waiting', icon: 'wait', words: text.connection.waiting };
    case 'flowing': return { kind: 'live', icon: 'ok', words: text.connection.live };
    default: return { kind: 'connecting', icon: 'wait', words: text.connection.connecting };
  }
}

/** Without a broker: since when nothing came, and that the figures stand still; or that events come another way. */
function brokerLine() {
  const { kind, sinceMs, why } = condition();
  if (!isLive() || kind !== 'unreachable' || state.connection !== 'live') return undefined;
  const lostMs = state.status?.sites.find((item) => item.site_id === state.siteID)?.state_since_ms;
  const at = (ms) => f.when(ms, zone(), now());
  const words = sinceMs === undefined ? text.connection.unreachable : lostMs && sinceMs > lostMs ? text.connection.noBroker(at(lostMs)) : text.connection.frozen(at(sinceMs));
  return h('p', { class: 'strip bad', 'data-key': 'broker' }, icon('alert'), h('span', {}, words, why && h('small', {}, ` ${text.connection.held(state.siteID, why)}`)));
}

function banners() {
  const lines = [];
  const item = state.status?.sites.find((candidate) => candidate.site_id === state.siteID);
  if (state.connection === 'lost' && state.lastNews) lines.push(h('p', { class: 'strip bad' }, icon('alert'), text.connection.lostLong(f.clock(state.lastNews + state.skew, zone()))));
  else if (state.connection === 'lost' && !state.sites.length) lines.push(h('p', { class: 'strip bad' }, icon('alert'), state.failure?.message || text.connection.lost));
  const broker = site() && brokerLine();
  if (broker) lines.push(broker);
  else if (item?.trouble && item.connected) lines.push(h('p', { class: 'strip bad' }, icon('alert'), text.connection.held(item.site_id, item.trouble)));
  const publisher = state.status?.publisher;
  if (publisher && publisher.connected === false && !broker && state.connection === 'live') {
    lines.push(h('p', { class: 'strip bad', 'data-key': 'publisher' }, icon('alert'), text.connection.publisher(f.when(publisher.since_ms ?? now(), zone(), now()), publisher.trouble)));
  }
  if (site() && !isLive()) {
    const z = zone();
    const what = state.window === 'custom' ? `${f.dateTime(state.from, z)} – ${f.dateTime(state.to, z)}` : f.dateTime(state.asOf, z);
    lines.push(h('p', { class: 'strip' }, text.connection.past(what), h('a', { class: 'button', href: address({ window: state.window === 'custom' ? 'shift' : state.window, from: undefined, to: undefined, asOf: undefined }) }, text.backToLive)));
  }
  if (state.notice) lines.push(h('p', { class: `strip ${state.notice.bad ? 'bad' : ''}`, 'data-key': 'notice' }, icon(state.notice.bad ? 'alert' : 'ok'), state.notice.words));
  show(banner, lines);
}

let isScheduled = false;
export function render() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    document.title = site() ? `${site().name} · ${text.nav[state.view]} · ${text.app}` : text.app;
    document.body.classList.toggle('lost', state.connection === 'lost');
    frame();
    banners();
    main.className = `view-${state.view}`;
    if (state.view === 'sites' || site()) show(main, pages[state.view]());
    else show(main, h('p', { class: 'note quiet', 'aria-busy': String(!state.sites.length) }, state.sites.length ? text.failed(state.siteID) : text.loading));
  });
}

// ---- events

function keyed(event) {
  event.key = [event.timestamp_ms, event.worker_id, event.event_type, event.workstation_id, event.camera_id, event.event_id, event.received_at_ms, event.outcome].join('/');
  return event;
}

state.eventCount = 0;
function addEvents(list, isOlder) {
  const known = new Set(state.events.map((event) => event.key));
  const fresh = list.map(keyed).filter((event) => !known.has(event.key) && known.add(event.key));
  if (!isOlder) state.eventCount += fresh.length;
  state.events = (isOlder ? [...state.events, ...fresh] : [...fresh.reverse(), ...state.events]).slice(0, eventLimit * (isOlder ? 5 : 1));
}

let stop;
let followed;
let waitingEvents = [];
function connect() {
  const want = isLive() ? (state.siteID || '*') : undefined;
  if (want === followed) return;
  stop?.();
  stop = undefined;
  followed = want;
  if (want === undefined) return;
  stop = follow({ site: state.siteID || undefined, scope: 'site' }, {
    onOpen: () => {
      state.connection = 'live';
      refresh();
      render();
    },
    onLost: (error) => {
      if (error.status === 401) askToken(text.token.title, token() && text.token.wrong).then((isGiven) => isGiven && restart());
      state.connection = 'lost';
      render();
    },
    onMessage: (kind, data) => {
      state.lastNews = Date.now();
      if (kind === 'event') {
        if (data.site_id === state.siteID) waitingEvents.push(data);
        stir('event', data.site_id);
      } else if (kind === 'kpi') {
        const entry = state.data.get(`${data.site_id}/kpi`);
        if (entry?.value && data.window === effectiveWindow() && isLive() && data.scope === 'site' && !data.final) {
          entry.value.site = data;
          render();
        }
      } else if (kind === 'alert') {
        stir('alert', data.site_id);
      } else if (kind === 'status') {
        state.brief.set(data.site_id, data);
        render();
      } else if (kind === 'gap') {
        forget('events');
      }
    },
  });
}

// Many events a second are one change of the page.
setInterval(() => {
  if (!waitingEvents.length) return;
  addEvents(waitingEvents.splice(0));
  render();
}, 200);

// ---- what a person does

let asking;
/** Asks once; true when a token was given. */
function askToken(title, problem) {
  if (asking) return asking;
  asking = new Promise((resolve) => {
    const close = (isGiven) => {
      asking = undefined;
      dialog.close();
      resolve(isGiven);
    };
    show(dialog, h('form', { method: 'dialog', onsubmit: (event) => {
      event.preventDefault();
      const values = new FormData(event.target);
      setToken(values.get('token').trim());
      if (values.get('by')) localStorage.setItem(nameKey, values.get('by').trim());
      event.target.reset();
      close(true);
    } },
    h('h2', {}, title), problem && h('p', { class: 'problem', role: 'alert' }, icon('alert'), problem), h('p', {}, text.token.help),
    h('label', { class: 'field' }, h('span', {}, text.token.label), h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true })),
    h('label', { class: 'field' }, h('span', {}, text.token.by), h('input', { type: 'text', name: 'by', maxlength: 64, autocomplete: 'name', value: localStorage.getItem(nameKey) || '' })),
    h('div', { class: 'dialog-tools' }, h('button', { type: 'button', class: 'button', onclick: () => close(false) }, text.token.cancel), h('button', { type: 'submit', class: 'button primary' }, text.token.ok))));
    dialog.oncancel = () => close(false);
    dialog.showModal();
  });
  return asking;
}

function note(words, bad = false) {
  state.notice = { words, bad };
  render();
  setTimeout(() => {
    if (state.notice?.words === words) state.notice = undefined;
    render();
  }, bad ? 8000 : 4000);
}

async function command(alert, verb, more = {}) {
  if (!token() && !(await askToken(text.token.title))) return;
  const path = `/api/v1/sites/${encodeURIComponent(alert.site_id)}/alerts/${encodeURIComponent(alert.alert_id)}/${verb}`;
  try {
    await post(path, { by: localStorage.getItem(nameKey) || undefined, ...more });
    note(text.alerts.done[verb]);
    stir('alert', alert.site_id);
    forget('alerts');
  } catch (error) {
    if (error.status === 401) {
      setToken('');
      note(text.token.wrong, true);
      if (await askToken(text.token.title, text.token.wrong)) command(alert, verb, more);
      return;
    }
    note(text.alerts.failed(error.message), true);
  }
}

Object.assign(actions, {
  set: (changes) => {
    Object.assign(state.ui, changes);
    render();
  },
  heat: (scope) => {
    state.ui.heat = scope;
    forget('heat');
    poll();
  },
  code: (code) => {
    state.ui.code = code;
    forget('quarantine');
    poll();
  },
  hold: () => {
    state.heldEvents = state.heldEvents ? undefined : { events: state.events, count: state.eventCount };
    render();
  },
  older: async () => {
    const entry = state.data.get(`${state.siteID}/events`);
    const range = state.window === 'custom' ? { from: state.from, to: state.to } : {};
    const page = await get(`/api/v1/sites/${encodeURIComponent(state.siteID)}/events`, { ...range, limit: 100, cursor: entry.value.next_cursor });
    entry.value.next_cursor = page.next_cursor;
    addEvents(page.items, true);
    if (state.heldEvents) state.heldEvents.events = state.events;
    render();
  },
  command,
});

// ---- the rest of the clockwork

let askedFor = '';
let shownView;
function navigate() {
  readAddress();
  // Another view begins at its top, however far down the link to it was.
  if (shownView !== undefined && shownView !== state.view) window.scrollTo(0, 0);
  shownView = state.view;
  if (state.siteID === null && state.sites.length === 1) {
    location.replace(address({ siteID: state.sites[0].site_id, view: 'plant' }));
    return;
  }
  const question = [state.siteID, state.window, state.from, state.to, state.asOf].join('/');
  if (question !== askedFor) {
    const isNewSite = !askedFor.startsWith(`${state.siteID}/`);
    askedFor = question;
    forget();
    state.events = [];
    state.heldEvents = undefined;
    if (isNewSite) waitingEvents = [];
  }
  connect();
  poll();
  render();
}

function restart() {
  followed = Symbol('none');
  forget();
  refresh();
  connect();
  poll();
}

function changed(what) {
  if (what === 'events') {
    const page = value('events');
    if (page?.items) addEvents([...page.items].reverse());
    state.events.sort((a, b) => (b.received_at_ms ?? 0) - (a.received_at_ms ?? 0) || (b.timestamp_ms ?? 0) - (a.timestamp_ms ?? 0));
  }
  if (what === 'list' && state.failure?.status === 401) askToken(text.token.title, token() && text.token.wrong).then((isGiven) => isGiven && restart());
  if (what === 'list' && state.siteID === null && state.sites.length === 1) navigate();
  else render();
}

const poll = () => tick(changed);

// A link may carry the token for this tab: it is taken out of the address at once.
const given = /[#&]token=([^&]+)/.exec(location.hash);
if (given) {
  setToken(decodeURIComponent(given[1]));
  history.replaceState(null, '', location.pathname);
}

applyTheme();
window.addEventListener('hashchange', navigate);
// A browser opens few connections to one host: a page that nobody sees must not hold one.
let hiding;
const disconnect = () => {
  stop?.();
  stop = undefined;
  followed = undefined;
};
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) {
    hiding = setTimeout(disconnect, 20_000);
  } else {
    connect();
    poll();
  }
});
window.addEventListener('pagehide', disconnect);
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  forget();
  connect();
  poll();
});
window.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && state.picking) {
    state.picking = undefined;
    render();
  }
});
setInterval(poll, 500);
setInterval(render, 10_000);
navigate();

"""##),
    DashboardFile(path: "/charts.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// Small charts in SVG. They carry a name for those who cannot see them; the figures beside them say the rest.
import { s } from './dom.js';

const points = (values, width, height, low, high, pad = 3) => {
  const span = high - low || 1;
  const step = values.length > 1 ? (width - 2 * pad) / (values.length - 1) : 0;
  return values.map((value, index) => (value === undefined ? undefined : [
    pad + index * step, height - pad - ((value - low) / span) * (height - 2 * pad),
  ]));
};

/** Pieces of a line: a gap stays a gap. */
function pieces(dots) {
  const all = [];
  let piece = [];
  for (const dot of dots) {
    if (dot) piece.push(dot);
    else if (piece.length) { all.push(piece); piece = []; }
  }
  if (piece.length) all.push(piece);
  return all;
}

const path = (dots) => dots.map(([x, y], index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/**
 * A trend line; the last value has a dot. `low` and `high` fix the scale. `isOpen`: the last value's time is not over;
 * its dot is hollow and the way to it dashed.
 */
export function trend(values, { low, high, label, isOpen = false, width = 200, height = 44 } = {}) {
  const known = values.filter((value) => value !== undefined);
  const bottom = low ?? Math.min(...known);
  const top = high ?? Math.max(...known, bottom + 1e-9);
  const dots = points(values, width, height, bottom, top);
  const last = [...dots].reverse().find(Boolean);
  const isHollow = isOpen && dots.at(-1) !== undefined;
  const before = isHollow ? dots.at(-2) : undefined;
  if (isHollow) dots.pop();
  return s('svg', {
    class: 'trend', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label,
  },
  pieces(dots).map((piece) => piece.length > 1 && s('path', {
    class: 'area', d: `${path(piece)}L${piece.at(-1)[0].toFixed(1)} ${height}L${piece[0][0].toFixed(1)} ${height}Z`,
  })),
  pieces(dots).map((piece) => s('path', { class: 'line', d: piece.length > 1 ? path(piece) : `${path(piece)}h.1` })),
  before && s('path', { class: 'line open', d: path([before, last]) }),
  last && s('path', { class: 'dot', d: `M${last[0].toFixed(1)} ${last[1].toFixed(1)}h.01` }),
  isHollow && s('path', { class: 'hollow', d: `M${last[0].toFixed(1)} ${last[1].toFixed(1)}h.01` }));
}

/** Means over time with a limit line. All values 0…1. */
export function confidence(steps, { limit, label, width = 320, height = 96 }) {
  const values = steps.map((step) => step.mean);
  const known = values.filter((value) => value !== undefined);
  const bottom = Math.min(0.5, Math.floor(Math.min(...known, limit) * 10) / 10);
  const y = (value) => height - 3 - ((value - bottom) / (1 - bottom)) * (height - 6);
  const dots = points(values, width, height, bottom, 1);
  return s('svg', {
    class: 'confidence', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': label,
  },
  s('rect', { class: 'below', x: 0, y: y(limit).toFixed(1), width, height: Math.max(0, height - y(limit)).toFixed(1) }),
  s('path', { class: 'limit', d: `M0 ${y(limit).toFixed(1)}H${width}` }),
  pieces(dots).map((piece) => s('path', { class: 'line', d: piece.length > 1 ? path(piece) : `${path(piece)}h.1` })));
}

/** A distribution in equal steps of 0…1, with marks. */
export function histogram(counts, { marks = [], label, width = 320, height = 64 }) {
  const top = Math.max(...counts, 1);
  const step = width / counts.length;
  return s('svg', {
    class: 'histogram', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': label,
  },
  counts.map((count, index) => {
    const size = count === 0 ? 0 : Math.max(1.5, (count / top) * (height - 4));
    return s('rect', {
      class: 'bar', x: (index * step + 1).toFixed(1), y: (height - size).toFixed(1), width: (step - 2).toFixed(1),
      height: size.toFixed(1),
    });
  }),
  marks.map(({ at, kind }) => s('path', { class: kind, d: `M${(at * width).toFixed(1)} 0V${height}` })));
}

/** A share of a whole as a thin bar. */
export const share = (percent, label) => s('svg', {
  class: 'share', viewBox: '0 0 100 4', preserveAspectRatio: 'none', role: 'img', 'aria-label': label,
},
s('rect', { class: 'track', width: 100, height: 4 }),
s('rect', { class: 'fill', width: Math.max(0, Math.min(100, percent || 0)).toFixed(1), height: 4 }));

const shapes = {
  working: [['circle', { cx: 8, cy: 8, r: 5.5, class: 'solid' }]],
  idle: [['circle', { cx: 8, cy: 8, r: 5, class: 'ring' }], ['path', { d: 'M8 3a5 5 0 0 1 0 10z', class: 'solid' }]],
  absent: [['circle', { cx: 8, cy: 8, r: 5, class: 'ring' }]],
  unknown: [['path', { d: 'M4.5 8h7', class: 'ring' }]],
  alert: [['path', { d: 'M8 1.5 15 14H1z', class: 'solid' }]],
  diamond: [['path', { d: 'M8 1 15 8 8 15 1 8z', class: 'solid' }]],
  person: [['circle', { cx: 8, cy: 4.6, r: 3, class: 'solid' }], ['path', { d: 'M2.5 14.5a5.5 5.5 0 0 1 11 0z', class: 'solid' }]],
  ok: [['path', { d: 'M3 8.5 6.5 12 13 4.5', class: 'ring' }]],
  wait: [['circle', { cx: 8, cy: 8, r: 5.5, class: 'ring dashed' }]],
  sun: [['circle', { cx: 8, cy: 8, r: 3, class: 'ring' }],
    ['path', { d: 'M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M3 13l1.4-1.4M11.6 4.4 13 3', class: 'ring' }]],
  moon: [['path', { d: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z', class: 'ring' }]],
  auto: [['circle', { cx: 8, cy: 8, r: 5.5, class: 'ring' }], ['path', { d: 'M8 2.5a5.5 5.5 0 0 1 0 11z', class: 'solid' }]],
};

/** A state has a shape of its own, so that colour is never all that tells. */
export const icon = (name, label) => s('svg', {
  class: `icon i-${name}`, viewBox: '0 0 16 16', ...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' }),
}, (shapes[name] || []).map(([tag, attributes]) => s(tag, attributes)));

"""##),
    DashboardFile(path: "/dom.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// A view is a function from state to nodes; `show` makes the page look like them and leaves focus, scroll
// position and what is being typed alone. Text only ever enters as text nodes: nothing is parsed as markup.
const svgNamespace = 'http://www.w3.org/2000/svg';

export const h = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) =>
  make(document.createElementNS(svgNamespace, tag), attributes, children);

function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) listen(node, name.slice(2), value);
    else if (name === 'vars') node.vars = value;
    else if (name === 'value') node.wanted = String(value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  if (node.vars) for (const [key, value] of Object.entries(node.vars)) node.style.setProperty(key, value);
  append(node, children);
  if (node.wanted !== undefined) node.value = node.wanted;
  return node;
}

/** A part that is made only when its version differs from what is on the page: for the large ones. */
export function lazy(tag, attributes, version, build) {
  const node = h(tag, { ...attributes, 'data-version': version });
  node.build = build;
  return node;
}

function realize(node) {
  if (node.nodeType !== 1) return;
  if (node.build) {
    append(node, [node.build()]);
    node.build = undefined;
  }
  for (const child of node.querySelectorAll('[data-version]')) {
    if (child.build) {
      append(child, [child.build()]);
      child.build = undefined;
    }
  }
}

function append(node, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function listen(node, type, handler) {
  node.handlers = node.handlers || {};
  if (!node.handlers[type]) node.addEventListener(type, (event) => node.handlers[type]?.(event));
  node.handlers[type] = handler;
}

/** Makes `root` hold exactly these nodes. */
export function show(root, ...children) {
  const wanted = document.createElement('div');
  append(wanted, children);
  align(root, wanted);
}

function align(old, wanted) {
  const keyed = new Map();
  for (const child of old.childNodes) {
    const key = keyOf(child);
    if (key) keyed.set(key, child);
  }
  let place = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = keyOf(next);
    let match = key ? keyed.get(key) : place;
    if (!key) while (match && keyOf(match)) match = match.nextSibling;
    if (match && isAlike(match, next)) {
      if (match !== place) old.insertBefore(match, place);
      else place = place.nextSibling;
      update(match, next);
    } else {
      realize(next);
      old.insertBefore(next, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

const keyOf = (node) => (node.nodeType === 1 ? node.getAttribute('data-key') : null);
const isAlike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

function update(old, next) {
  if (old.nodeType === 3) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (next.build) {
    if (old.getAttribute('data-version') === next.getAttribute('data-version')) return;
    realize(next);
  }
  for (const { name } of [...old.attributes]) {
    if (name !== 'style' && name !== 'open' && !next.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const key of Object.keys(old.vars || {})) if (!next.vars || !(key in next.vars)) old.style.removeProperty(key);
  for (const [key, value] of Object.entries(next.vars || {})) {
    if (!old.vars || old.vars[key] !== value) old.style.setProperty(key, value);
  }
  old.vars = next.vars;
  for (const type of Object.keys(old.handlers || {})) if (!next.handlers?.[type]) delete old.handlers[type];
  for (const [type, handler] of Object.entries(next.handlers || {})) listen(old, type, handler);
  align(old, next);
  if (old.type === 'checkbox') old.checked = next.hasAttribute('checked');
  // What a person has entered stays until the page itself wants something else there.
  if (next.wanted !== old.wanted && next.wanted !== undefined && document.activeElement !== old) old.value = next.wanted;
  old.wanted = next.wanted;
}

"""##),
    DashboardFile(path: "/format.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// Numbers, times and units for people.
const locale = navigator.language || 'en';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
export const nothing = '–';

export const integer = (n) => (n === undefined ? nothing : whole.format(n));
export const decimal = (n) => (n === undefined ? nothing : one.format(n));
export const fraction = (n) => (n === undefined ? nothing : two.format(n));
export const percent = (n) => (n === undefined ? nothing : one.format(n));

/** `2 h 05 min`, `4 min`, `12 s`. */
export function duration(seconds) {
  if (seconds === undefined || Number.isNaN(seconds)) return nothing;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bytes(n) {
  if (n === undefined) return nothing;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let index = 0;
  let value = n;
  while (value >= 1000 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${index === 0 || value >= 100 ? whole.format(value) : one.format(value)} ${units[index]}`;
}

const formats = new Map();
function formatter(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(key);
}

/** Times are the site's own, whatever zone the screen hangs in. */
export const clock = (ms, zone) =>
  formatter(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(ms);
export const time = (ms, zone) =>
  formatter(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
export const hour = (ms, zone) => formatter(zone, { hour: '2-digit', hourCycle: 'h23' }).format(ms).slice(0, 2);
export const date = (ms, zone) => formatter(zone, { day: 'numeric', month: 'short' }).format(ms);
export const weekday = (ms, zone) => formatter(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(ms);
export const dateTime = (ms, zone) =>
  formatter(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
export const sameDay = (a, b, zone) => date(a, zone) === date(b, zone);
/** Only the time today, else with its date. */
export const when = (ms, zone, now) => (sameDay(ms, now, zone) ? time(ms, zone) : dateTime(ms, zone));

/** The instant of a site's wall clock reading, e.g. from an input of type datetime-local. */
export function instant(local, zone) {
  const [day, clockTime] = local.split('T');
  const [y, mo, d] = day.split('-').map(Number);
  const [h, mi] = clockTime.split(':').map(Number);
  const guess = Date.UTC(y, mo - 1, d, h, mi);
  let ms = guess;
  for (let round = 0; round < 3; round += 1) ms += guess - wall(ms, zone);
  return ms;
}

function wall(ms, zone) {
  const parts = Object.fromEntries(
    formatter(zone, {
      year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(ms).map((part) => [part.type, Number(part.value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

/** A site's wall clock reading for an input of type datetime-local. */
export function localInput(ms, zone) {
  return new Date(wall(ms, zone)).toISOString().slice(0, 16);
}

"""##),
    DashboardFile(path: "/icon.svg", contentType: "image/svg+xml", text: ##"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#23282d"/><rect x="11" y="5" width="10" height="6" rx="2" fill="#8b959f"/><rect x="11" y="12.5" width="10" height="6" rx="1" fill="#b9c1c8"/><rect x="11" y="20" width="10" height="6" rx="1" fill="#e8ecef"/><rect x="9" y="27" width="14" height="1.6" rx=".8" fill="#8b959f"/></svg>

"""##),
    DashboardFile(path: "/index.html", contentType: "text/html; charset=utf-8", text: ##"""
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="Andon: what happens in the plant, now">
  <title>Andon</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
  <script type="module" src="/app.js"></script>
</head>
<body>
  <a class="skip" href="#main">Skip to the figures</a>
  <header id="top" class="top"></header>
  <div id="banner" role="status" aria-live="polite"></div>
  <main id="main" tabindex="-1"></main>
  <dialog id="token" class="dialog" aria-label="Token"></dialog>
  <noscript>Andon's dashboard needs JavaScript. The same figures are at /status and /api/v1/sites.</noscript>
</body>
</html>

"""##),
    DashboardFile(path: "/load.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// Which figures the view needs, how old they may get, and where they come from.
import { get, list } from './api.js';
import { present, isLive, now, site, state, value } from './state.js';

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

const round = (ms, step) => Math.floor(ms / step) * step;

/** The past does not change by itself: `maxAge` counts for the present only. */
const sources = {
  kpi: {
    maxAge: 10_000, onEvents: 1500,
    load: async (id) => {
      const values = question();
      const [whole, workers, stations] = await Promise.all([
        get(path(id, 'kpi'), { ...values, scope: 'site' }),
        list(path(id, 'kpi'), { ...values, scope: 'worker', limit: 5000 }),
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
  heat: {
    maxAge: 30_000, needs: 'kpi',
    load: async (id) => {
      const { from, to, window } = heatRange();
      const page = await get(path(id, 'kpi/series'), {
        scope: state.ui.heat, window, from: round(from, minute), to: round(to + minute - 1, minute), as_of: state.asOf,
      });
      return { items: page.items, scope: state.ui.heat, step: window };
    },
  },
  alerts: {
    maxAge: 5000, onAlert: 300,
    load: async (id) => (await get(path(id, 'alerts'))).items,
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
  sites: [], plant: ['kpi', 'trend', 'heat', 'alerts', 'events'], workers: ['kpi', 'alerts'], events: ['events', 'alerts'],
  alerts: ['alerts'], models: ['models', 'alerts'], quarantine: ['quarantine', 'alerts'], bridge: ['alerts'],
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
  if (!isLive()) return false;
  if (dirty.has(key) && dirty.get(key) <= Date.now()) return true;
  return Date.now() - entry.at > sources[what].maxAge;
}

/** Called often; fetches what is missing or old. */
export function tick(changed) {
  if (document.hidden && statusAt) return;
  if (Date.now() - sitesAt > (state.sites.length ? 30_000 : 3000)) {
    sitesAt = Date.now();
    get('/api/v1/sites').then((page) => {
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
  for (const what of needs[state.view]) if (isDue(state.siteID, what)) fetchOnce(state.siteID, what, changed);
}

export const refresh = () => { statusAt = 0; sitesAt = 0; };
export { now };

"""##),
    DashboardFile(path: "/state.js", contentType: "text/javascript; charset=utf-8", text: ##"""
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
  /** What a link asks the view to single out: an id. */
  find: undefined,
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
    showNormal: false, code: undefined,
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

/** A site's own status: what came last over the stream, or else the whole status. */
const ownStatus = (id) => {
  const whole = state.status?.sites.find((item) => item.site_id === id);
  const brief = state.brief.get(id);
  return whole || brief ? { ...whole, ...brief } : undefined;
};

/**
 * Whether events arrive at a site: `kind` is `flowing`, `silent` (no event for longer than a state lasts),
 * `unreachable` (no broker), `waiting` (there was never one) or `unknown` (nothing heard yet).
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
  return { kind: silence > timeout || record?.quality === 500 ? 'silent' : 'flowing', sinceMs: last, seconds: silence / 1000 };
}

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
  const find = values.get('find') || undefined;
  if (find !== state.find) {
    state.find = find;
    if (state.view === 'workers') state.ui.search = find || '';
    if (state.view === 'events') state.ui.eventSearch = find || '';
  }
  const window = values.get('window');
  state.window = ['hour', 'shift', 'day'].includes(window) ? window : 'shift';
  if (state.from !== undefined && state.to !== undefined && state.from < state.to) state.window = 'custom';
}

export function address(changes = {}) {
  const isSameView = changes.view === undefined && changes.siteID === undefined;
  const next = { find: isSameView ? state.find : undefined, siteID: state.siteID, view: state.view, window: state.window, from: state.from, to: state.to, asOf: state.asOf, ...changes };
  const values = new URLSearchParams();
  if (next.window === 'custom') {
    values.set('from', next.from);
    values.set('to', next.to);
  } else {
    values.set('window', next.window);
  }
  if (next.asOf !== undefined) values.set('as_of', next.asOf);
  if (next.find !== undefined) values.set('find', next.find);
  const path = next.siteID ? `${encodeURIComponent(next.siteID)}/${next.view === 'sites' ? 'plant' : next.view}` : '*/sites';
  return `#/${path}?${values}`;
}

"""##),
    DashboardFile(path: "/style.css", contentType: "text/css; charset=utf-8", text: ##"""
/* Calm while all is well: greys, one quiet blue for data. Colour speaks only of what is not normal (ISA-101). */
:root {
  --page: #e9ecee;
  --panel: #f7f8f9;
  --raised: #ffffff;
  --line: #d3d9dd;
  --text: #1c2226;
  --muted: #55616a;
  --data: #47657f;
  --data-soft: #47657f22;
  --heat-low: #e4e8eb;
  --heat-high: #345068;
  --bad: #b3261e;
  --bad-soft: #fbe9e7;
  --warn: #8a5300;
  --warn-soft: #fdf1dc;
  --focus: #1b62b5;
  --shadow: 0 1px 2px #1c22260d;
  --radius: 10px;
  --gap: 16px;
  color-scheme: light;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
    --page: #121517; --panel: #1a1e21; --raised: #22272b; --line: #31383d; --text: #dfe4e8; --muted: #98a4ad;
    --data: #8fb0cc; --data-soft: #8fb0cc22; --heat-low: #262c31; --heat-high: #9dbdd8;
    --bad: #ff8a7a; --bad-soft: #3d1f1c; --warn: #f0b95c; --warn-soft: #362a14; --focus: #8cc0ff; --shadow: none;
    color-scheme: dark;
  }
}
:root[data-theme="dark"] {
  --page: #121517; --panel: #1a1e21; --raised: #22272b; --line: #31383d; --text: #dfe4e8; --muted: #98a4ad;
  --data: #8fb0cc; --data-soft: #8fb0cc22; --heat-low: #262c31; --heat-high: #9dbdd8;
  --bad: #ff8a7a; --bad-soft: #3d1f1c; --warn: #f0b95c; --warn-soft: #362a14; --focus: #8cc0ff; --shadow: none;
  color-scheme: dark;
}

*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.4 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; }
/* A wall screen is read from afar. */
@media (min-width: 1800px) { html { font-size: 118%; } }
@media (min-width: 2500px) { html { font-size: 150%; } }
@media (min-width: 3600px) { html { font-size: 215%; } }
body { margin: 0; background: var(--page); color: var(--text); font-variant-numeric: tabular-nums; min-height: 100vh; }
h1, h2, h3, p, ul, dl, dd, figure { margin: 0; padding: 0; }
ul { list-style: none; }
h2 { font-size: .82rem; font-weight: 600; color: var(--muted); }
small, .small { font-size: .8rem; color: var(--muted); font-weight: 400; }
a { color: inherit; }
button, input, select { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
main { padding: var(--gap) clamp(12px, 2vw, 28px) 40px; outline: none; display: grid; gap: var(--gap); align-content: start; }
body.lost main { opacity: .62; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; background: var(--raised); padding: 8px 14px; z-index: 9; }
.skip:focus { left: 8px; top: 8px; }
.icon { width: 1em; height: 1em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; vertical-align: -.12em; overflow: visible; }
.icon .solid { fill: currentColor; stroke: none; }
.icon .dashed { stroke-dasharray: 2.4 2.6; }

/* Frame */
.top { position: sticky; top: 0; z-index: 5; background: var(--panel); border-bottom: 1px solid var(--line); }
.bar { display: flex; align-items: center; gap: 12px 18px; padding: 10px clamp(12px, 2vw, 28px); flex-wrap: wrap; }
.brand { display: flex; align-items: center; gap: 9px; font-weight: 650; font-size: 1.06rem; text-decoration: none; letter-spacing: .01em; }
.brand img { display: block; width: 1.6rem; height: 1.6rem; }
.right { margin-left: auto; display: flex; align-items: center; gap: 14px; }
.clock { font-size: 1.12rem; font-weight: 500; }
.connection { display: inline-flex; gap: 6px; align-items: center; color: var(--muted); font-size: .86rem; }
.connection.lost { color: var(--bad); font-weight: 600; }
.connection.silent { color: var(--warn); font-weight: 600; }
/* The page's own line to the bridge: a dot, hollow while it has none. */
.page-link { width: .6rem; height: .6rem; border-radius: 50%; border: 2px solid var(--muted); }
.page-link.live { background: var(--muted); }
.page-link.lost { border-color: var(--bad); }
.more-of { text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: 3px; }
.more-of:hover { text-decoration-color: currentColor; }
.only { display: inline-flex; gap: 8px; align-items: center; }
.shelf { display: inline-flex; gap: 6px; align-items: center; }
.problem { color: var(--bad); font-weight: 600; display: flex; gap: 6px; align-items: center; }
nav { display: flex; gap: 2px; padding: 0 clamp(6px, 1.6vw, 22px); overflow-x: auto; scrollbar-width: none; }
nav a { padding: 7px 11px 9px; text-decoration: none; color: var(--muted); border-bottom: 2px solid transparent; white-space: nowrap; font-size: .92rem; }
nav a:hover { color: var(--text); }
nav a[aria-current] { color: var(--text); border-color: var(--text); font-weight: 600; }
.bubble { display: inline-block; min-width: 1.35em; margin-left: 6px; padding: 0 .4em; border-radius: 1em; background: var(--bad); color: var(--panel); font-size: .78em; font-weight: 700; text-align: center; }
.bubble.warn { background: var(--warn); }
.segments { display: inline-flex; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--raised); }
.segment { border: 0; background: none; padding: 5px 13px; text-decoration: none; cursor: pointer; color: var(--muted); font-size: .92rem; }
.segment + .segment { border-left: 1px solid var(--line); }
.segment[aria-current], .segment[aria-pressed="true"] { background: var(--text); color: var(--panel); font-weight: 600; }
.segment:focus-visible { outline-offset: -3px; }
.icon-button { border: 1px solid var(--line); background: var(--raised); border-radius: 8px; width: 2.1rem; height: 2.1rem; cursor: pointer; display: grid; place-items: center; }
.field { display: inline-flex; align-items: center; gap: 7px; font-size: .86rem; color: var(--muted); }
.field select, .field input:not([type="checkbox"]) { border: 1px solid var(--line); background: var(--raised); border-radius: 8px; padding: 5px 9px; color: var(--text); min-height: 2rem; max-width: 100%; }
.field input[type="search"] { width: 11.5rem; }
.site-choice select { font-weight: 600; font-size: .98rem; }
.button { border: 1px solid var(--line); background: var(--raised); color: var(--text); border-radius: 8px; padding: 5px 12px; min-height: 2rem; cursor: pointer; font-size: .88rem; text-decoration: none; display: inline-flex; align-items: center; gap: 6px; }
.button:hover, .icon-button:hover { border-color: var(--muted); }
.button.primary { background: var(--text); border-color: var(--text); color: var(--panel); font-weight: 600; }
.button[aria-pressed="true"] { border-color: var(--text); font-weight: 600; }
.picker { display: flex; flex-wrap: wrap; gap: 12px 28px; padding: 10px clamp(12px, 2vw, 28px) 14px; border-top: 1px solid var(--line); }
.picker fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
.picker legend { float: left; font-weight: 600; font-size: .88rem; margin-right: 12px; }
.strip { display: flex; align-items: center; gap: 9px; padding: 8px clamp(12px, 2vw, 28px); background: var(--raised); border-bottom: 1px solid var(--line); font-size: .92rem; }
.strip .button { margin-left: 6px; }
.strip.bad small { color: inherit; }
.strip.bad { background: var(--bad-soft); color: var(--bad); font-weight: 600; }

/* The plant in one sentence */
.headline { display: flex; align-items: center; gap: 12px; padding: 2px 2px 0; font-size: 1.02rem; color: var(--muted); flex-wrap: wrap; }
.headline > p:not(.range) { flex: 1; min-width: 0; }
.headline p { display: flex; gap: 4px 14px; flex-wrap: wrap; align-items: baseline; }
.headline strong { color: var(--text); font-size: 1.3rem; font-weight: 600; }
.headline > .icon { width: 1.35rem; height: 1.35rem; }
.headline .range { margin-left: auto; font-size: .92rem; }
.headline.warn strong, .headline.warn > .icon { color: var(--warn); }
.headline.bad strong, .headline.bad > .icon { color: var(--bad); }

.cards { display: grid; gap: 12px; grid-template-columns: repeat(5, minmax(0, 1fr)); }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); padding: 12px 14px 0; box-shadow: var(--shadow); overflow: hidden; display: grid; }
.figure { display: flex; align-items: baseline; gap: 6px; line-height: 1.1; margin-top: 3px; white-space: nowrap; }
.figure strong { font-size: clamp(1.7rem, 1.1rem + 1.5vw, 2.7rem); font-weight: 500; letter-spacing: -.02em; }
.unit { color: var(--muted); font-size: .92rem; }
.sub { color: var(--muted); font-size: .8rem; margin: 2px 0 4px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.trend { display: block; width: calc(100% + 28px); margin: 0 -14px; height: 2.7rem; }
.trend .line { fill: none; stroke: var(--data); stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.trend .area { fill: var(--data-soft); }
.trend .line.open { stroke-dasharray: 3 4; }
.trend .hollow { stroke: var(--panel); stroke-width: 3; stroke-linecap: round; vector-effect: non-scaling-stroke; fill: none; }
.trend .dot { stroke: var(--data); stroke-width: 6; stroke-linecap: round; vector-effect: non-scaling-stroke; fill: none; }

.grid { display: grid; gap: var(--gap); grid-template-columns: minmax(0, 1.75fr) minmax(0, 1fr); align-items: start; }
.column { display: grid; gap: var(--gap); align-content: start; min-width: 0; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); padding: 12px 14px 14px; box-shadow: var(--shadow); min-width: 0; }
.panel-head { display: flex; align-items: center; justify-content: space-between; gap: 8px 14px; flex-wrap: wrap; margin-bottom: 10px; min-height: 1.6rem; }
.panel-head h2 { font-size: .95rem; color: var(--text); }
.tools { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
.note { display: flex; gap: 8px; align-items: center; padding: 10px 2px; }
.quiet { color: var(--muted); }
.dots::after { content: " …"; }
.empty { padding: 22px 6px; color: var(--muted); text-align: center; display: grid; gap: 6px; overflow-wrap: anywhere; }
.scroll { overflow: auto; max-width: 100%; }
.tall .scroll { max-height: 31rem; }

/* Workstations */
.tiles { display: grid; gap: 8px; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); }
.tile { border-radius: 8px; padding: 8px 10px 9px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1px; min-width: 0; border: 1px solid var(--line); background: color-mix(in oklab, var(--heat-high) calc(var(--v) * .42%), var(--raised)); }
.tiles.many { grid-template-columns: repeat(auto-fill, minmax(6.4rem, 1fr)); gap: 6px; }
.many .tile { padding: 5px 8px 6px; }
.many .tile-figure { font-size: 1.08rem; }
.tile-name { font-size: .82rem; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tile-figure { font-size: 1.3rem; font-weight: 500; letter-spacing: -.01em; }
.tile small { color: inherit; }
.tile-line { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 6px; font-size: .76rem; white-space: nowrap; }
.tile.vacant { border-style: dashed; border-color: var(--muted); }
.tile .share { margin-top: 5px; }
.share { display: block; width: 100%; height: 4px; border-radius: 2px; overflow: hidden; }
.share .track { fill: var(--line); }
.share .fill { fill: var(--data); }
.tile .share .fill { fill: var(--heat-high); }

/* Hour by hour */
.scroll:has(> .heat) { max-height: 27rem; }
.heat { border-collapse: separate; border-spacing: 3px; width: 100%; }
.heat th { font-weight: 400; font-size: .78rem; color: var(--muted); text-align: center; padding: 0; white-space: nowrap; }
.heat thead { position: sticky; top: 0; background: var(--panel); z-index: 1; }
.heat tbody th { text-align: right; padding-right: 8px; color: var(--text); width: 1%; max-width: 9rem; overflow: hidden; text-overflow: ellipsis; position: sticky; left: 0; background: var(--panel); }
.heat td { padding: 0; min-width: 1.3rem; }
.cell { display: block; height: 1.35rem; border-radius: 4px; background: color-mix(in oklab, var(--heat-high) calc(var(--v) * 1%), var(--heat-low)); }
.cell.none { background: none; border: 1px dashed var(--line); }
.legend { display: inline-flex; gap: 6px; align-items: center; font-size: .78rem; color: var(--muted); }
.ramp { width: 4.5rem; height: .55rem; border-radius: 3px; background: linear-gradient(90deg in oklab, var(--heat-low), var(--heat-high)); }

/* Lists */
.list { border-collapse: collapse; width: 100%; font-size: .9rem; }
.list th, .list td { text-align: left; padding: 5px 9px; border-bottom: 1px solid var(--line); white-space: nowrap; }
.list thead th { font-weight: 500; font-size: .78rem; color: var(--muted); position: sticky; top: 0; background: var(--panel); z-index: 1; }
.list tbody th { font-weight: 600; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; }
.list tbody tr:last-child > * { border-bottom: 0; }
.list .number { text-align: right; }
.list .rank { color: var(--muted); width: 1%; }
.list .used { min-width: 6.5rem; }
.list .used .share { margin-top: 3px; }
.list .state, .list .what { color: var(--text); }
.list .icon { margin-right: 7px; }
.list tr.stale { color: var(--muted); }
.i-working { color: var(--data); }
.i-absent, .i-unknown { color: var(--muted); }
.list .time { color: var(--muted); }
.badge { display: inline-flex; align-items: center; gap: 2px; min-width: 3rem; justify-content: center; border: 1px solid var(--line); border-radius: 1em; padding: 0 .55em; font-size: .82rem; background: var(--raised); }
.badge .icon, .outcome .icon { margin-right: 4px; width: .78em; height: .78em; }
th > .badge { margin-left: .5em; }
.badge.low, .outcome.low_confidence { color: var(--warn); }
.badge.low { border-color: currentColor; background: var(--warn-soft); font-weight: 600; }
.badge.none { border: 0; background: none; color: var(--muted); }
.outcome.duplicate { color: var(--muted); }
.outcome.rejected, td.bad, span.bad { color: var(--bad); font-weight: 600; }
.outcome .why { font-weight: 400; margin-left: 8px; display: inline-block; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
@media (prefers-reduced-motion: no-preference) {
  .event { animation: arrive .5s ease-out; }
  @keyframes arrive { from { background: var(--data-soft); } }
}
.more { margin-top: 12px; }

/* Alerts */
.alerts { display: grid; gap: 8px; }
.alert { display: flex; gap: 11px; align-items: flex-start; border: 1px solid var(--line); border-left-width: 4px; border-radius: 8px; padding: 9px 11px; background: var(--raised); }
.alert > .icon { width: 1.15rem; height: 1.15rem; margin-top: 2px; color: var(--muted); }
.alert-words { min-width: 0; flex: 1; display: grid; gap: 2px; overflow-wrap: anywhere; }
.alert-words > p:first-child { display: flex; gap: 4px 8px; flex-wrap: wrap; align-items: center; }
.alert-words > p:nth-child(2) { font-size: .9rem; }
.alert-tools { display: flex; gap: 8px; flex-wrap: wrap; justify-content: flex-end; }
.alert.unack_active, .alert.rtn_unack { border-left-color: var(--warn); }
.alert.unack_active > .icon { color: var(--warn); }
.alert.unack_active.high, .alert.unack_active.urgent { border-left-color: var(--bad); }
.alert.unack_active.high > .icon, .alert.unack_active.urgent > .icon { color: var(--bad); }
.alert.shelved { opacity: .8; }
.tag { display: inline-flex; align-items: center; gap: 4px; border: 1px solid var(--line); border-radius: 5px; padding: 0 6px; font-size: .78rem; color: var(--muted); }
.alert.unack_active .tag:first-of-type { color: var(--text); border-color: var(--muted); font-weight: 600; }
.tag.active { color: var(--bad); border-color: currentColor; font-weight: 600; }
.tag.pending { color: var(--warn); border-color: currentColor; }
.check { cursor: pointer; }

/* Models */
.models-in { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); }
.model { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 11px 13px; display: grid; gap: 8px; align-content: start; }
.model-head { display: flex; justify-content: space-between; align-items: center; gap: 8px; }
.model-head h3 { font-size: 1rem; font-weight: 600; display: flex; gap: 9px; align-items: baseline; min-width: 0; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(4, auto); gap: 8px 16px; justify-content: space-between; }
.facts dt { font-size: .76rem; color: var(--muted); }
.facts dd { font-size: 1.08rem; font-weight: 500; }
.wide-facts { grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 14px; }
figcaption { display: flex; justify-content: space-between; font-size: .78rem; color: var(--muted); margin-bottom: 3px; }
.key::before { content: ""; display: inline-block; width: 1.1em; margin-right: 5px; vertical-align: middle; border-top: 2px dashed currentColor; }
.gate-key::before { border-top-style: solid; border-color: var(--muted); }
.confidence, .histogram { display: block; width: 100%; }
.confidence { height: 5.2rem; } .histogram { height: 3.4rem; }
.confidence .line { fill: none; stroke: var(--data); stroke-width: 1.8; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.confidence .limit, .histogram .limit { fill: none; stroke: var(--warn); stroke-width: 1.3; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
.confidence .below { fill: var(--warn); opacity: .07; }
.histogram .bar { fill: var(--data); }
.histogram .gate { stroke: var(--muted); stroke-width: 1.3; vector-effect: non-scaling-stroke; fill: none; }
.axis { display: flex; justify-content: space-between; font-size: .72rem; color: var(--muted); }

/* Quarantine */
.chips { display: flex; gap: 7px; flex-wrap: wrap; }
.chip { border: 1px solid var(--line); background: var(--raised); border-radius: 1em; padding: 2px 11px; cursor: pointer; font-size: .86rem; }
.chip[aria-pressed="true"] { background: var(--text); color: var(--panel); border-color: var(--text); }
.chip .count { margin-left: 7px; opacity: .8; }
.rejected-list li { border-bottom: 1px solid var(--line); }
.rejected-list li:last-child { border: 0; }
.rejected-list summary { cursor: pointer; padding: 7px 2px; display: flex; gap: 4px 12px; align-items: baseline; flex-wrap: wrap; overflow-wrap: anywhere; }
.rejected-list summary::before { content: "›"; color: var(--muted); width: .7em; transition: rotate .15s; }
.rejected-list [open] summary::before { rotate: 90deg; }
.rejected-list summary::-webkit-details-marker { display: none; }
.rejected-list .time { color: var(--muted); }
.raw { padding: 2px 2px 12px; display: grid; gap: 6px; }
.raw p { overflow-wrap: anywhere; }
pre { margin: 0; padding: 10px 12px; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; overflow: auto; max-height: 16rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .82rem; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .92em; }

/* All sites */
.site-cards { display: grid; gap: var(--gap); grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); }
.site-card { display: grid; gap: 12px; background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); padding: 15px 14px 0; text-decoration: none; overflow: hidden; box-shadow: var(--shadow); }
.site-card:hover { border-color: var(--muted); }
.site-card.warn { border-left: 4px solid var(--warn); }
.site-card.bad { border-left: 4px solid var(--bad); }
.site-head { display: flex; justify-content: space-between; align-items: baseline; }
.site-head h2 { font-size: 1.15rem; color: var(--text); }
.site-state { display: flex; gap: 7px; align-items: center; color: var(--muted); font-size: .92rem; font-weight: 400; }
.site-state.warn { color: var(--warn); font-weight: 600; }
.site-state.bad { color: var(--bad); font-weight: 600; }

.dialog { border: 1px solid var(--line); border-radius: 12px; background: var(--panel); color: var(--text); padding: 20px 22px; max-width: min(26rem, calc(100vw - 24px)); }
.dialog::backdrop { background: #0008; }
.dialog form { display: grid; gap: 13px; }
.dialog h2 { font-size: 1.1rem; color: var(--text); }
.dialog p { color: var(--muted); font-size: .9rem; }
.dialog .field { display: grid; gap: 4px; }
.dialog-tools { display: flex; justify-content: flex-end; gap: 9px; }

@media (max-width: 1100px) {
  .cards { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .grid { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 640px) {
  :root { --gap: 12px; }
  .bar { gap: 9px 10px; padding-block: 8px; }
  .brand span, .connection-word { display: none; }
  .connection.lost .connection-word { display: inline; }
  .site-choice { flex: 1; min-width: 0; } .site-choice select { width: 100%; min-width: 0; }
  .right { gap: 9px; margin-left: 0; }
  .segments { order: 3; width: 100%; } .segment { flex: 1; text-align: center; padding: 6px 4px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 9px; }
  .card:first-child { grid-column: 1 / -1; }
  .headline .range { margin-left: 0; width: 100%; }
  .headline strong { font-size: 1.12rem; }
  .list .wide { display: none; }
  /* On a phone what calls comes first: right below the sentence that says so. */
  .grid, .column { display: contents; }
  .headline { order: -2; } .alert-panel { order: -1; }
  .connection.silent .connection-word { display: inline; }
  .list th, .list td { padding-inline: 6px; }
  .list .state-word { display: none; }
  .list .used { min-width: 4.5rem; }
  .panel .field input[type="search"] { width: 100%; }
  .panel-head .tools { width: 100%; }
  .panel-head .tools .field:has(input[type="search"]) { width: 100%; }
  .tiles { grid-template-columns: repeat(auto-fill, minmax(6.6rem, 1fr)); }
  .alert { flex-wrap: wrap; } .alert-tools { width: 100%; }
  .facts { grid-template-columns: repeat(2, auto); }
  .strip { flex-wrap: wrap; }
  .heat { border-spacing: 2px; } .heat td { min-width: .9rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
@media (prefers-contrast: more) { :root { --muted: var(--text); --line: var(--muted); } }
@media (forced-colors: active) { .cell, .tile, .bar, .share .fill { forced-color-adjust: none; } }

"""##),
    DashboardFile(path: "/text.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// Every word a person reads, in one place. To translate: replace this file.
export const text = {
  app: 'Andon',
  nav: {
    sites: 'All sites', plant: 'Plant', workers: 'Workers', events: 'Events', alerts: 'Alerts',
    models: 'Models', quarantine: 'Quarantine', bridge: 'Bridge',
  },
  window: { hour: 'Hour', shift: 'Shift', day: 'Day', custom: 'Range' },
  windowLong: { hour: 'This hour', shift: 'This shift', day: 'Today', custom: 'Range' },
  site: 'Site', windowLabel: 'Window', from: 'From', to: 'To', asOf: 'As of', show: 'Show',
  live: 'Live', backToLive: 'Back to live', pickRange: 'Choose a range or an instant',
  theme: { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
  kpi: {
    active: 'Active workers', utilization: 'Utilization', units: 'Units', rate: 'Units per hour',
    coverage: 'Coverage',
  },
  kpiHelp: {
    active: 'Workers working now, of those seen in the window',
    utilization: 'Working time of working and idle time',
    units: 'Units counted in the window',
    rate: 'Units per hour of working time',
    coverage: 'Share of time in which the cameras knew what each worker did',
  },
  ofSeen: (seen) => `of ${seen} seen`,
  idleCount: (n) => `${n} idle`,
  lastHour: 'last full hour',
  perHourTrend: 'by hour',
  openHour: 'the last one is not over yet',
  state: { working: 'Working', idle: 'Idle', absent: 'Absent', unknown: 'Unknown' },
  quality: { 192: '', 64: 'uncertain', 500: 'stale', 0: 'no data' },
  columns: {
    rank: 'Rank', worker: 'Worker', state: 'State', station: 'Station', utilization: 'Utilization',
    units: 'Units', rate: 'Units/h', working: 'Working', idle: 'Idle', absent: 'Absent', last: 'Last seen',
    coverage: 'Coverage',
  },
  leaderboard: 'Workers', stations: 'Workstations', hours: 'Hour by hour', liveEvents: 'Live events', pastEvents: 'Events until then',
  rankBy: 'Rank by', search: 'Search', searchWorkers: 'Search workers', filterState: 'State', all: 'All',
  rankings: { rate: 'Units per hour', utilization: 'Utilization', units: 'Units' },
  heat: { rows: 'Rows', workers: 'Workers', stations: 'Workstations', legend: 'utilization', nothing: 'no time' },
  present: (n) => (n === 1 ? '1 worker' : `${n} workers`),
  nobody: 'empty',
  headline: {
    normal: 'Normal',
    inHand: (n) => (n === 1 ? '1 alert in hand' : `${n} alerts in hand`),
    attention: (n) => (n === 1 ? '1 alert needs attention' : `${n} alerts need attention`),
    pending: (n) => (n === 1 ? '1 alert pending' : `${n} alerts pending`),
    // In quotes: "Shift late" would say that it is late.
    shift: (id) => `Shift \u201c${id}\u201d`,
    past: 'Past',
    silent: (t) => `No events for ${t}`,
    unreachable: (t) => `No data since ${t}`,
    staleFigures: 'Figures are stale',
    since: (t) => `since ${t}`,
    until: (t) => `until ${t}`,
    working: (n, seen) => `${n} of ${seen} workers working`,
    nobody: 'nobody seen in this window',
    stale: 'no fresh events',
  },
  events: {
    time: 'Time', worker: 'Worker', station: 'Station', camera: 'Camera', what: 'Event', confidence: 'Confidence',
    outcome: 'Outcome', lag: 'Delay', pause: 'Hold', resume: 'Go on', newer: (n) => `${n} newer`,
    none: 'No events yet', more: 'Older events', filter: 'Filter', count: (n) => `${n} units`, unit: '1 unit',
  },
  kinds: { working: 'working', idle: 'idle', absent: 'absent', product_count: 'count' },
  outcomes: {
    stored: 'stored', low_confidence: 'low confidence', duplicate: 'duplicate', rejected: 'rejected',
  },
  alerts: {
    none: 'No alert.', past: 'This is a past view. Alerts are shown as they are now, not as they were then.',
    toNow: 'Alerts of now', one: (id) => `Only ${id}`, all: 'Show all', confirmShelve: 'Shelve',
    title: 'Alerts', ack: 'Acknowledge', shelve: 'Shelve',
    unshelve: 'Unshelve', since: 'since', value: 'mean', limit: 'limit', showAll: 'Show normal ones, too',
    shelveFor: 'Shelve for', minutes: (n) => (n < 60 ? `${n} min` : `${n / 60} h`), source: 'Source',
    done: { ack: 'Acknowledged.', shelve: 'Shelved.', unshelve: 'Taken off the shelf.' },
    failed: (why) => `That did not work: ${why}`, stale: 'stale',
    states: {
      normal: 'normal', pending: 'pending', unack_active: 'active', acked_active: 'acknowledged',
      rtn_unack: 'over, not acknowledged', shelved: 'shelved',
    },
    priorities: { low: 'low', medium: 'medium', high: 'high', urgent: 'urgent', none: '' },
  },
  models: {
    title: 'Model confidence', rolling: 'Rolling mean', mean: 'Mean', samples: 'Samples', below: 'Below gate',
    limit: 'limit', gate: 'gate', distribution: 'Distribution', trend: 'Mean over time', version: 'version',
    unknownVersion: 'no version given', none: 'No events with a confidence in this time.',
    states: {
      normal: 'normal', pending: 'pending', active: 'drifting', insufficient_data: 'too few events yet',
    },
  },
  quarantine: {
    title: 'Rejected events', none: 'Nothing was rejected.', reason: 'Reason', detail: 'Detail', field: 'Field',
    payload: 'What came in', bytes: (n) => `${n} bytes`, topic: 'Topic',
    codes: {
      json: 'not JSON', schema: 'wrong shape', timestamp: 'bad timestamp', too_old: 'too old',
      too_future: 'from the future', mismatch: 'mismatch', too_large: 'too large', cardinality: 'too many names',
      bridge_clock: 'clock in doubt', unlisted_site: 'other site',
    },
  },
  bridge: {
    title: 'Bridge', session: 'Session', connected: 'connected', resumed: 'kept by the broker', held: 'held',
    fresh: 'new', lag: 'Delay of events', commit: 'Last commit', received: 'Received', stored: 'Stored', low: 'Low confidence',
    duplicate: 'Duplicate', rejected: 'Rejected', conflict: 'Conflict', ignored: 'Ignored', cpu: 'CPU', memory: 'Memory',
    disk: 'Disk free', store: 'Store', files: 'Open files', uptime: 'Up for', version: 'Version', cameras: 'Cameras',
    camera: 'Camera', status: 'Status', count: 'Events', last: 'Last event', ofCore: 'of one core', of: (t) => `of ${t}`,
    atMostOnce: 'QoS 0', atMostOnceMeans: 'It sends with QoS 0: what it sends while the bridge is away is lost. Let it send with QoS 1.',
    outOfService: 'out of service', statuses: { online: 'online', offline: 'offline', unknown: 'unknown' },
    balance: 'received = stored + low confidence + duplicate + rejected',
    ago: (t) => `${t} ago`, never: 'never',
  },
  connection: {
    live: 'Live', connecting: 'Connecting', lost: 'Connection lost', pastMark: 'Past',
    silent: (t) => `No events for ${t}`, waiting: 'No events yet', unreachable: 'Broker unreachable',
    pageLive: 'This page is connected to the bridge', pageLost: 'This page has lost the bridge',
    pageConnecting: 'This page is connecting to the bridge',
    frozen: (at) => `No data since ${at} (broker unreachable); figures are frozen.`,
    noBroker: (at) => `Broker unreachable since ${at}.`,
    publisher: (at, why) => `The bridge has published nothing since ${at}: alerts and figures do not leave it${why ? ` (${why})` : ''}.`,
    lostLong: (at) => `Connection lost. The figures are those of ${at}; trying again.`,
    held: (site, why) => `${site} is held: ${why}`,
    past: (t) => `The past: ${t}`,
  },
  token: {
    title: 'Token', help: 'The bearer token from the file that http.token_file names. It is kept in this tab only.',
    label: 'Bearer token', ok: 'Go on', cancel: 'Cancel', wrong: 'That token was not accepted.',
    by: 'Your name', byHelp: 'It is written into the journal.',
  },
  empty: {
    title: 'No events yet', waiting: 'Waiting for events',
    help: (root, site) => `Cameras publish to ${root}/${site}/camera/CAMERA/event. Figures appear with the first event.`,
    window: 'No data in this window.', shift: 'No shift now.', search: 'Nobody like that.',
  },
  loading: 'Loading', failed: (why) => `This could not be loaded: ${why}`, of: 'of',
};

"""##),
    DashboardFile(path: "/views.js", contentType: "text/javascript; charset=utf-8", text: ##"""
// The views: functions from the state to nodes, one a page of the dashboard.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { confidence, histogram, icon, share, trend } from './charts.js';
import { address, condition, datum, isLive, now, present, site, state, stationName, value, workerName, zone } from './state.js';
import { actions } from './actions.js';
import { effectiveWindow } from './load.js';

const stateWord = (record) => record.state || 'unknown';
const abnormal = (alert) => alert.state !== 'normal';
export const needsCare = (alert) => alert.state === 'unack_active' || alert.state === 'rtn_unack';
/** Advice (priority low) waits in the list and calls nobody. */
export const calls = (alert) => needsCare(alert) && alert.priority !== 'low';
/** How loud to be: `good`, `warn` or `bad`. */
export function loudness(alerts, trouble) {
  const care = alerts.filter(calls);
  if (trouble || care.some((alert) => alert.priority === 'high' || alert.priority === 'urgent')) return 'bad';
  return care.length ? 'warn' : 'good';
}

function panel(title, options, ...children) {
  const id = `p-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return h('section', { class: `panel ${options.class || ''}`, 'aria-labelledby': id, 'data-key': id },
    h('div', { class: 'panel-head' }, h('h2', { id }, title), options.tools), children);
}

/** An id as a link to the view that shows more of it. */
const link = (view, id, words, title) => h('a', { class: 'more-of', href: address({ view, find: id }), title: title || id }, words ?? id);
const workerLink = (id) => link('workers', id, workerName(id));
const stationLink = (id) => link('events', id, stationName(id));
const cameraLink = (id) => link('events', id);

/** What a link singled out, and the way back to all. */
const only = () => state.find !== undefined && h('p', { class: 'only small' }, text.alerts.one(state.find), ' ',
  h('a', { class: 'button', href: address({ view: state.view }) }, text.alerts.all));

function waiting(what) {
  const entry = datum(what);
  if (entry?.error && entry.value === undefined) {
    return h('p', { class: 'note' }, icon('alert'), text.failed(entry.error.message));
  }
  return h('p', { class: 'note quiet', 'aria-busy': 'true' }, text.loading, h('span', { class: 'dots' }));
}

const select = (label, current, options, onChange) => h('label', { class: 'field' }, h('span', {}, label),
  h('select', { value: current, onchange: (event) => onChange(event.target.value) },
    Object.entries(options).map(([key, name]) => h('option', { value: key, selected: key === current }, name))));

const search = (label, current, onInput) => h('label', { class: 'field' }, h('span', { class: 'visually-hidden' }, label),
  h('input', { type: 'search', placeholder: label, value: current, oninput: (event) => onInput(event.target.value) }));

// ---- cards

function card(key, title, help, figure, unit, note, series, scale) {
  const values = series.values;
  const known = values.filter((item) => item !== undefined);
  return h('article', { class: 'card', 'data-key': key, title: help },
    h('h2', {}, title),
    h('p', { class: 'figure' }, h('strong', { 'data-figure': key }, figure), unit && h('span', { class: 'unit' }, unit)),
    h('p', { class: 'sub' }, note || '\u00a0'),
    known.length > 1
      ? trend(values, { ...scale, isOpen: series.isOpen, label: `${title} ${text.perHourTrend}: ${known.map((item) => f.decimal(item)).join(', ')}${series.isOpen ? `; ${text.openHour}` : ''}` })
      : h('div', { class: 'trend none' }));
}

const full = (items) => items.filter((item) => item.window_end_ms <= present());
const lastFull = (items, metric, show) => {
  const last = full(items).at(-1)?.[metric];
  return last === undefined ? '' : `${show(last)} ${text.lastHour}`;
};

function cards(record, items) {
  const isOpen = items.length > 0 && items.at(-1).window_end_ms > present();
  const series = (metric) => ({ values: items.map((item) => item[metric]), isOpen });
  const seen = record?.workers_seen ?? 0;
  return h('div', { class: 'cards' },
    card('active', text.kpi.active, text.kpiHelp.active, f.integer(record?.workers_working), text.ofSeen(f.integer(seen)),
      record ? text.idleCount(f.integer(record.workers_idle)) : '',
      { values: items.map((item) => (item.elapsed_s ? item.working_s / item.elapsed_s : undefined)), isOpen }, { low: 0 }),
    card('utilization', text.kpi.utilization, text.kpiHelp.utilization, f.percent(record?.utilization_pct), '%',
      lastFull(items, 'utilization_pct', (n) => `${f.percent(n)} %`), series('utilization_pct'), { low: 0, high: 100 }),
    card('units', text.kpi.units, text.kpiHelp.units, f.integer(record?.units), '',
      lastFull(items, 'units', f.integer), series('throughput_per_hour'), { low: 0 }),
    card('rate', text.kpi.rate, text.kpiHelp.rate, f.decimal(record?.units_per_hour), '/h',
      lastFull(items, 'units_per_hour', (n) => `${f.decimal(n)} /h`), series('units_per_hour'), { low: 0 }),
    card('coverage', text.kpi.coverage, text.kpiHelp.coverage, f.percent(record?.coverage_pct), '%',
      lastFull(items, 'coverage_pct', (n) => `${f.percent(n)} %`), series('coverage_pct'), { low: 0, high: 100 }));
}

// ---- the plant in one sentence

/** From when until when; both with their date unless both are of the day that is looked at. */
function rangeWords(record) {
  const z = zone();
  const { window_start_ms: start, window_end_ms: end } = record;
  const isToday = isLive() && f.sameDay(start, present(), z) && f.sameDay(end, present(), z);
  const show = (ms) => (isToday ? f.time(ms, z) : f.dateTime(ms, z));
  return `${record.shift_id ? `${text.headline.shift(record.shift_id)}, ` : ''}${show(start)} – ${show(end)}`;
}

/** How the plant is, in two words and as loud as it needs: nothing is normal that nobody sees. */
export function verdict(siteID, alerts, record) {
  const held = state.status?.sites.find((item) => item.site_id === siteID)?.trouble;
  const { kind, sinceMs, seconds } = condition(siteID);
  const z = state.sites.find((item) => item.site_id === siteID)?.timezone || 'UTC';
  const care = alerts.filter(calls).length;
  const loud = loudness(alerts, held);
  if (kind === 'unreachable') return { loud: 'bad', icon: 'alert', words: sinceMs === undefined ? text.connection.unreachable : text.headline.unreachable(f.when(sinceMs, z, now())) };
  if (care) return { loud, icon: 'alert', words: text.headline.attention(care) };
  if (held) return { loud, icon: 'alert', words: text.bridge.held };
  if (kind === 'waiting' || record?.quality === 0) return { loud, icon: 'wait', words: text.empty.waiting };
  if (kind === 'silent') return { loud: 'warn', icon: 'wait', words: text.headline.silent(f.duration(seconds)) };
  if (record?.quality === 500) return { loud: 'warn', icon: 'wait', words: text.headline.staleFigures };
  const inHand = alerts.filter((alert) => alert.state === 'acked_active').length;
  return { loud, icon: 'ok', words: inHand ? text.headline.inHand(inHand) : text.headline.normal };
}

function headline(record, alerts) {
  const look = isLive() ? verdict(state.siteID, alerts || [], record) : { loud: 'past', icon: 'wait', words: text.headline.past };
  const words = [];
  if (record) {
    words.push(record.workers_seen ? text.headline.working(f.integer(record.workers_working), f.integer(record.workers_seen))
      : text.headline.nobody);
  }
  const pending = isLive() ? (alerts || []).filter((alert) => alert.state === 'pending').length : 0;
  if (pending) words.push(text.headline.pending(pending));
  return h('div', { class: `headline ${look.loud}`, role: 'status', 'aria-live': 'polite' },
    icon(look.icon), h('p', {}, h('strong', {}, look.words), h('span', {}, words.join(' · '))),
    record && h('p', { class: 'range' }, rangeWords(record)));
}

// ---- workstations

function stations(list) {
  if (!list.length) return h('p', { class: 'note quiet' }, text.empty.window);
  const sorted = [...list].sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
  return h('ul', { class: sorted.length > 24 ? 'tiles many' : 'tiles' }, sorted.map((record) => {
    const used = record.utilization_pct;
    const name = stationName(record.id);
    return h('li', {
      class: `tile ${record.quality === 500 ? 'stale' : ''} ${record.workers_present ? '' : 'vacant'}`, 'data-key': record.id,
      vars: { '--v': String(used ?? 0) },
    },
    h('span', { class: 'tile-name' }, stationLink(record.id)),
    h('span', { class: 'tile-figure' }, f.percent(used), h('small', {}, ' %')),
    h('span', { class: 'tile-line' }, `${f.integer(record.units)} ${text.columns.units.toLowerCase()}`,
      record.workers_present
        ? h('span', { title: text.present(record.workers_present) }, icon('person', text.present(record.workers_present)), record.workers_present > 1 && ` ${record.workers_present}`)
        : h('span', {}, text.nobody)),
    share(used, `${name}: ${text.kpi.utilization} ${f.percent(used)} %`));
  }));
}

// ---- hour by hour

function heat(data) {
  const columns = [...new Set(data.items.map((item) => item.window_start_ms))].sort((a, b) => a - b);
  const rows = new Map();
  for (const item of data.items) {
    if (!rows.has(item.id)) rows.set(item.id, new Map());
    rows.get(item.id).set(item.window_start_ms, item);
  }
  const name = data.scope === 'worker' ? workerName : stationName;
  const ids = [...rows.keys()].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  if (!ids.length) return h('p', { class: 'note quiet' }, text.empty.window);
  const label = (ms) => (data.step === 'day' ? f.date(ms, zone()) : f.hour(ms, zone()));
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.hours },
    h('table', { class: 'heat' },
      h('thead', {}, h('tr', {}, h('td', {}), columns.map((ms) => h('th', { scope: 'col' }, label(ms))))),
      h('tbody', {}, ids.map((id) => h('tr', { 'data-key': id }, h('th', { scope: 'row', title: id }, data.scope === 'worker' ? workerLink(id) : stationLink(id)),
        columns.map((ms) => {
          const used = rows.get(id).get(ms)?.utilization_pct;
          const words = `${name(id)}, ${f.when(ms, zone(), present())}: ${used === undefined ? text.heat.nothing : `${f.percent(used)} %`}`;
          return h('td', { title: words },
            h('span', { class: used === undefined ? 'cell none' : 'cell', vars: used === undefined ? {} : { '--v': String(used) } },
              h('span', { class: 'visually-hidden' }, used === undefined ? text.heat.nothing : `${f.percent(used)} %`)));
        }))))));
}

const legend = () => h('div', { class: 'legend', 'aria-hidden': 'true' }, h('span', {}, '0'), h('span', { class: 'ramp' }),
  h('span', {}, '100 %'), h('span', {}, text.heat.legend));

// ---- workers

const rankMetric = { rate: 'units_per_hour', utilization: 'utilization_pct', units: 'units' };

function ranked(workers) {
  const metric = rankMetric[state.ui.rank];
  const sorted = [...workers].sort((a, b) => (b[metric] ?? -1) - (a[metric] ?? -1)
    || a.id.localeCompare(b.id, undefined, { numeric: true }));
  const needle = state.ui.search.trim().toLowerCase();
  return sorted.map((record, index) => ({ record, rank: index + 1 })).filter(({ record }) =>
    (state.ui.filter === 'all' || stateWord(record) === state.ui.filter)
    && (!needle || record.id.toLowerCase().includes(needle) || workerName(record.id).toLowerCase().includes(needle)));
}

const workerTools = () => h('div', { class: 'tools' },
  search(text.searchWorkers, state.ui.search, (words) => actions.set({ search: words })),
  select(text.rankBy, state.ui.rank, text.rankings, (rank) => actions.set({ rank })),
  select(text.filterState, state.ui.filter, { all: text.all, ...text.state }, (filter) => actions.set({ filter })));

function workerTable(workers, isWide) {
  const rows = ranked(workers);
  if (!rows.length) return h('p', { class: 'note quiet' }, workers.length ? text.empty.search : text.empty.window);
  const column = text.columns;
  const head = (name, more = '') => h('th', { scope: 'col', class: more }, name);
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.leaderboard }, h('table', { class: 'list workers' },
    h('thead', {}, h('tr', {}, head(column.rank, 'number rank'), head(column.worker), head(column.state), head(column.station, 'wide'),
      head(column.utilization, 'number'), head(column.units, 'number'), head(column.rate, 'number'),
      isWide && [head(column.working, 'number wide'), head(column.idle, 'number wide'), head(column.absent, 'number wide'),
        head(column.coverage, 'number wide'), head(column.last, 'number wide')])),
    h('tbody', {}, rows.map(({ record, rank }) => {
      const word = stateWord(record);
      return h('tr', { 'data-key': record.id, class: record.quality === 500 ? 'stale' : '', title: text.quality[record.quality] || '' },
        h('td', { class: 'number rank' }, rank),
        h('th', { scope: 'row', title: record.id }, workerLink(record.id)),
        h('td', { class: 'state' }, icon(word), h('span', { class: 'state-word' }, text.state[word] || word)),
        h('td', { class: 'wide' }, record.workstation_id ? stationLink(record.workstation_id) : f.nothing),
        h('td', { class: 'number used' }, f.percent(record.utilization_pct), h('small', {}, ' %'),
          share(record.utilization_pct, `${text.kpi.utilization} ${f.percent(record.utilization_pct)} %`)),
        h('td', { class: 'number' }, f.integer(record.units)),
        h('td', { class: 'number' }, f.decimal(record.units_per_hour)),
        isWide && [
          h('td', { class: 'number wide' }, f.duration(record.working_s)), h('td', { class: 'number wide' }, f.duration(record.idle_s)),
          h('td', { class: 'number wide' }, f.duration(record.absent_s)), h('td', { class: 'number wide' }, f.percent(record.coverage_pct), h('small', {}, ' %')),
          h('td', { class: 'number wide' }, record.last_event_ms ? f.when(record.last_event_ms, zone(), present()) : f.nothing),
        ]);
    }))));
}

const workersVersion = (entry) => `${entry?.at}/${state.ui.search}/${state.ui.filter}/${state.ui.rank}/${location.hash}`;

// ---- events

function badge(event) {
  if (event.confidence === undefined) return h('span', { class: 'badge none' }, f.nothing);
  const low = event.confidence < (site()?.min_confidence ?? 0.7);
  const words = f.fraction(event.confidence);
  return h('span', { class: low ? 'badge low' : 'badge', title: `${text.events.confidence} ${words}` }, low && icon('diamond'), words);
}

function outcome(event) {
  const word = text.outcomes[event.outcome] || event.outcome;
  if (event.outcome === 'rejected') {
    const reason = `${text.quarantine.codes[event.code] || event.code}: ${event.field ? `${event.field} ` : ''}${event.detail}`;
    return h('span', { class: 'outcome rejected', title: reason }, icon('alert'), word, h('span', { class: 'why' }, reason));
  }
  return h('span', { class: `outcome ${event.outcome}` }, event.outcome === 'low_confidence' && icon('diamond'), word);
}

const what = (event) => (event.event_type === 'product_count' ? (event.count === 1 ? text.events.unit : text.events.count(event.count))
  : text.kinds[event.event_type] || f.nothing);
const eventTime = (event) => event.timestamp_ms ?? event.received_at_ms;
const delay = (event) => (event.timestamp_ms && event.received_at_ms ? (event.received_at_ms - event.timestamp_ms) / 1000 : undefined);

function matching(events) {
  const needle = state.ui.eventSearch.trim().toLowerCase();
  return events.filter((event) => (state.ui.eventOutcome === 'all' || event.outcome === state.ui.eventOutcome)
    && (!needle || [event.worker_id, event.workstation_id, event.camera_id, event.event_type, workerName(event.worker_id)]
      .some((word) => word && String(word).toLowerCase().includes(needle))));
}

function eventTable(events, isWide) {
  if (!events.length) return empty();
  const column = text.events;
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.liveEvents }, h('table', { class: 'list events' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, column.time), h('th', { scope: 'col' }, column.worker), h('th', { scope: 'col', class: isWide ? '' : 'wide' }, column.station),
      h('th', { scope: 'col' }, column.what), h('th', { scope: 'col' }, column.confidence), h('th', { scope: 'col', class: 'wide' }, column.camera),
      isWide && [h('th', { scope: 'col', class: 'wide' }, column.outcome), h('th', { scope: 'col', class: 'number wide' }, column.lag)])),
    h('tbody', {}, events.map((event) => h('tr', { 'data-key': event.key, class: `event ${event.outcome}` },
      h('td', { class: 'time' }, f.clock(eventTime(event), zone())),
      h('td', {}, event.worker_id ? workerLink(event.worker_id) : f.nothing),
      h('td', { class: isWide ? '' : 'wide' }, event.workstation_id ? stationLink(event.workstation_id) : f.nothing),
      h('td', { class: 'what' }, shapes[event.event_type] && icon(shapes[event.event_type]), event.event_type ? what(event) : outcome(event)),
      h('td', {}, badge(event)), h('td', { class: 'wide' }, event.camera_id ? cameraLink(event.camera_id) : f.nothing),
      isWide && [h('td', { class: 'wide' }, outcome(event)), h('td', { class: 'number wide' }, delay(event) === undefined ? f.nothing : f.duration(delay(event)))])))));
}
const shapes = { working: 'working', idle: 'idle', absent: 'absent' };

function empty() {
  if (!isLive()) return h('p', { class: 'note quiet' }, text.empty.window);
  return h('div', { class: 'empty' }, h('p', {}, h('strong', {}, text.empty.title)), h('p', {}, text.empty.help(site()?.topic_root, state.siteID)));
}

// ---- alerts

const priorityIcon = { urgent: 'alert', high: 'alert', medium: 'diamond', low: 'wait' };

function alertItem(alert, isShort) {
  const isActive = alert.active || alert.state === 'unack_active' || alert.state === 'acked_active';
  const shape = isActive ? priorityIcon[alert.priority] || 'diamond' : alert.state === 'normal' ? 'ok' : 'wait';
  // Of other rules the message has the figures, with their unit.
  const numbers = alert.value !== undefined && alert.limit !== undefined && alert.metric.startsWith('confidence_mean');
  return h('li', { class: `alert ${alert.state} ${alert.priority} ${alert.shelved ? 'shelved' : ''}`, 'data-key': alert.alert_id },
    icon(shape),
    h('div', { class: 'alert-words' },
      h('p', {}, h('strong', {}, sourceLink(alert, isShort)), h('span', { class: 'tag' }, alert.shelved ? text.alerts.states.shelved : text.alerts.states[alert.state] || alert.state),
        isActive && h('span', { class: 'tag' }, text.alerts.priorities[alert.priority] ?? alert.priority),
        alert.stale && h('span', { class: 'tag' }, text.alerts.stale)),
      h('p', {}, alert.message),
      !isShort && h('p', { class: 'small' }, [alert.rule, alert.model_version, numbers && `${text.alerts.value} ${f.fraction(alert.value)}, ${text.alerts.limit} ${f.fraction(alert.limit)}`,
        alert.since_ms && `${text.alerts.since} ${f.when(alert.since_ms, zone(), now())}`].filter(Boolean).join(' · '))),
    h('div', { class: 'alert-tools' },
      needsCare(alert) && h('button', { type: 'button', class: 'button primary', onclick: () => actions.command(alert, 'ack') }, text.alerts.ack),
      alert.shelved && h('button', { type: 'button', class: 'button', onclick: () => actions.command(alert, 'unshelve') }, text.alerts.unshelve),
      !isShort && !alert.shelved && isActive && shelf(alert)));
}

/** In the short list to the alert itself; there to what it speaks of. */
const sourceLink = (alert, isShort) => (isShort ? link('alerts', alert.source_id)
  : link(alert.class === 'drift' ? 'models' : 'events', alert.source_id));

/** Choosing a time does nothing yet: arrow keys pass over all of them. The button does it. */
const shelf = (alert) => h('form', {
  class: 'shelf', onsubmit: (event) => {
    event.preventDefault();
    actions.command(alert, 'shelve', { duration_s: Number(new FormData(event.target).get('minutes')) * 60 });
  },
},
h('label', { class: 'field' }, h('span', { class: 'visually-hidden' }, `${text.alerts.shelveFor}, ${alert.source_id}`),
  h('select', { name: 'minutes' }, [30, 60, 240, 480].map((n) => h('option', { value: n }, text.alerts.minutes(n))))),
h('button', { type: 'submit', class: 'button' }, text.alerts.confirmShelve));

function alertList(alerts, isShort) {
  if (!alerts.length) return h('p', { class: 'note quiet calm' }, icon('ok'), text.alerts.none);
  return h('ul', { class: 'alerts' }, alerts.map((alert) => alertItem(alert, isShort)));
}

/** The bridge says how alerts are now; a view of the past must not show them, nor their buttons, as those of then. */
const pastAlerts = () => h('p', { class: 'note quiet past' }, icon('wait'), h('span', {}, text.alerts.past, ' ',
  h('a', { href: address({ view: 'alerts', window: state.window === 'custom' ? 'shift' : state.window, from: undefined, to: undefined, asOf: undefined }) }, text.alerts.toNow)));

// ---- pages

export function plant() {
  const kpi = value('kpi');
  const items = value('trend')?.items || [];
  const alerts = value('alerts');
  const shown = (alerts || []).filter(abnormal);
  if (kpi && !kpi.site) return h('p', { class: 'note' }, effectiveWindow() === 'shift' ? text.empty.shift : text.empty.window);
  const heatEntry = datum('heat');
  const heatTools = h('div', { class: 'tools' }, legend(), select(text.heat.rows, state.ui.heat,
    { worker: text.heat.workers, workstation: text.heat.stations }, (heatScope) => actions.heat(heatScope)));
  return [
    headline(kpi?.site, alerts),
    cards(kpi?.site, items),
    h('div', { class: 'grid' },
      h('div', { class: 'column' },
        panel(text.stations, {}, kpi ? lazy('div', {}, `s${datum('kpi').at}/${location.hash}`, () => stations(kpi.stations)) : waiting('kpi')),
        panel(text.hours, { tools: heatTools }, heatEntry?.value ? lazy('div', {}, `h${heatEntry.at}/${location.hash}`, () => heat(heatEntry.value)) : waiting('heat')),
        panel(text.leaderboard, { tools: workerTools(), class: 'tall' },
          kpi ? lazy('div', {}, workersVersion(datum('kpi')), () => workerTable(kpi.workers, false)) : waiting('kpi'))),
      h('div', { class: 'column' },
        panel(text.alerts.title, { class: 'alert-panel' }, !isLive() ? pastAlerts() : alerts ? alertList(shown, true) : waiting('alerts')),
        panel(isLive() ? text.liveEvents : text.pastEvents, { class: 'tall' }, eventTable(state.events.slice(0, 24), false)))),
  ];
}

export function workers() {
  const entry = datum('kpi');
  return panel(text.leaderboard, { tools: workerTools() },
    entry?.value ? lazy('div', {}, `w${workersVersion(entry)}`, () => workerTable(entry.value.workers, true)) : waiting('kpi'));
}

export function events() {
  const held = state.heldEvents;
  const all = held ? held.events : state.events;
  const newer = held ? state.events.length && state.eventCount - held.count : 0;
  const tools = h('div', { class: 'tools' },
    search(text.search, state.ui.eventSearch, (words) => actions.set({ eventSearch: words })),
    select(text.events.outcome, state.ui.eventOutcome, { all: text.all, ...text.outcomes }, (choice) => actions.set({ eventOutcome: choice })),
    isLive() && h('button', { type: 'button', class: 'button', 'aria-pressed': held ? 'true' : 'false', onclick: actions.hold },
      held ? text.events.resume : text.events.pause, held && newer ? ` (${text.events.newer(f.integer(newer))})` : ''));
  const entry = datum('events');
  return panel(text.nav.events, { tools }, entry ? eventTable(matching(all), true) : waiting('events'),
    entry?.value?.next_cursor && h('button', { type: 'button', class: 'button more', onclick: actions.older }, text.events.more));
}

export function alerts() {
  if (!isLive()) return panel(text.alerts.title, {}, pastAlerts());
  const found = (alert) => !state.find || alert.source_id === state.find || alert.alert_id === state.find;
  const list = value('alerts')?.filter(found);
  const tools = h('div', { class: 'tools' }, only(), h('label', { class: 'field check' }, h('input', { type: 'checkbox', checked: state.ui.showNormal, onchange: (event) => actions.set({ showNormal: event.target.checked }) }),
    h('span', {}, text.alerts.showAll)));
  return panel(text.alerts.title, { tools }, list ? alertList(list.filter((alert) => state.ui.showNormal || abnormal(alert)), false) : waiting('alerts'));
}

function modelCard(model) {
  const version = model.model_version || text.models.unknownVersion;
  const name = `${model.camera_id}, ${version}`;
  return h('article', { class: `model ${model.state}`, 'data-key': `${model.camera_id}/${model.model_version}` },
    h('div', { class: 'model-head' }, h('h3', {}, cameraLink(model.camera_id), h('small', {}, version)),
      h('span', { class: `tag ${model.state}` }, model.state === 'active' && icon('alert'), model.state === 'pending' && icon('diamond'), text.models.states[model.state])),
    h('dl', { class: 'facts' },
      fact(text.models.rolling, f.fraction(model.rolling_mean)), fact(text.models.mean, f.fraction(model.mean)),
      fact(text.models.samples, f.integer(model.samples)),
      fact(text.models.below, model.samples ? `${f.percent((100 * model.below_gate) / model.samples)} %` : f.nothing)),
    model.trend.length > 1 && h('figure', {}, h('figcaption', {}, text.models.trend, h('span', { class: 'key limit-key' }, `${text.models.limit} ${f.fraction(model.limit)}`)),
      confidence(model.trend, { limit: model.limit, label: `${name}: ${text.models.trend}, ${f.fraction(model.trend[0].mean)} → ${f.fraction(model.trend.at(-1).mean)}` })),
    model.samples > 0 && h('figure', {}, h('figcaption', {}, text.models.distribution, h('span', { class: 'key gate-key' }, `${text.models.gate} ${f.fraction(model.min_confidence)}`)),
      histogram(model.histogram, { marks: [{ at: model.min_confidence, kind: 'gate' }, { at: model.limit, kind: 'limit' }], label: `${name}: ${text.models.distribution}` }),
      h('div', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, '0'), h('span', {}, '0.5'), h('span', {}, '1'))));
}

const fact = (name, figure) => h('div', {}, h('dt', {}, name), h('dd', {}, figure));

export function models() {
  const page = value('models');
  const range = page && `${f.dateTime(page.from_ms, zone())} – ${f.dateTime(page.to_ms, zone())}`;
  if (!page) return panel(text.models.title, {}, waiting('models'));
  const order = { active: 0, pending: 1, normal: 2, insufficient_data: 3 };
  const sorted = page.items.filter((model) => !state.find || model.camera_id === state.find).sort((a, b) => order[a.state] - order[b.state] || a.camera_id.localeCompare(b.camera_id, undefined, { numeric: true }));
  return panel(text.models.title, { tools: h('div', { class: 'tools' }, only(), h('p', { class: 'small' }, range)) },
    sorted.length ? h('div', { class: 'models' }, lazy('div', { class: 'models-in' }, `m${datum('models').at}/${location.hash}`, () => sorted.map(modelCard)))
      : h('p', { class: 'note quiet' }, text.models.none));
}

export function quarantine() {
  const page = value('quarantine');
  if (!page) return panel(text.quarantine.title, {}, waiting('quarantine'));
  const codes = Object.entries(page.counts);
  const tools = codes.length > 0 && h('div', { class: 'chips', role: 'group', 'aria-label': text.quarantine.reason },
    [[undefined, codes.reduce((sum, [, n]) => sum + n, 0)], ...codes].map(([code, n]) => h('button', {
      type: 'button', class: 'chip', 'aria-pressed': state.ui.code === code ? 'true' : 'false', onclick: () => actions.code(code),
    }, code ? text.quarantine.codes[code] || code : text.all, h('span', { class: 'count' }, f.integer(n)))));
  return panel(text.quarantine.title, { tools }, page.items.length ? h('ul', { class: 'rejected-list' }, page.items.map((row) =>
    h('li', { 'data-key': String(row.id) }, h('details', {},
      h('summary', {}, h('span', { class: 'time' }, f.when(row.received_at_ms, zone(), now())), h('strong', {}, row.camera_id || f.nothing),
        h('span', { class: 'tag' }, text.quarantine.codes[row.code] || row.code), h('span', { class: 'why' }, row.field && h('code', {}, row.field), ` ${row.detail}`)),
      h('div', { class: 'raw' }, h('p', { class: 'small' }, row.camera_id && [cameraLink(row.camera_id), ' · '], `${text.quarantine.topic}: `, h('code', {}, row.topic), ` · ${text.quarantine.bytes(f.integer(row.payload_bytes))}`),
        h('pre', { tabindex: '0', 'aria-label': text.quarantine.payload }, row.payload))))))
    : h('p', { class: 'note quiet calm' }, icon('ok'), text.quarantine.none));
}

export function bridge() {
  const status = state.status;
  if (!status) return panel(text.bridge.title, {}, waiting('status'));
  const p = status.process;
  const t = text.bridge;
  const own = status.sites.find((item) => item.site_id === state.siteID);
  const low = p.disk_bytes > 0 && p.disk_free_bytes / p.disk_bytes < 0.1;
  return [
    panel(t.title, {}, h('dl', { class: 'facts wide-facts' },
      fact(t.version, `${status.bridge_id} · ${status.version}`), fact(t.uptime, f.duration(status.uptime_s)),
      fact(t.cpu, state.cpu === undefined ? f.nothing : `${f.percent(state.cpu)} % ${t.ofCore}`), fact(t.memory, f.bytes(p.resident_bytes)),
      fact(t.disk, h('span', { class: low ? 'bad' : '' }, low && icon('alert'), f.bytes(p.disk_free_bytes), h('small', {}, ` ${t.of(f.bytes(p.disk_bytes))}`))),
      fact(t.store, f.bytes(p.store_bytes)), fact(t.files, f.integer(p.open_files)))),
    panel(text.nav.sites, { tools: h('p', { class: 'small' }, t.balance) }, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.nav.sites }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, [text.site, t.session, t.lag, t.commit].map((name) => h('th', { scope: 'col' }, name)),
        [t.received, t.stored, t.low, t.duplicate, t.rejected, t.conflict, t.ignored].map((name) => h('th', { scope: 'col', class: 'number' }, name)))),
      h('tbody', {}, status.sites.map((item) => h('tr', { 'data-key': item.site_id },
        h('th', { scope: 'row' }, h('a', { class: 'more-of', href: address({ siteID: item.site_id, view: 'plant' }) }, item.site_id)),
        h('td', { class: item.connected ? '' : 'bad', title: item.trouble || '' }, item.connected ? `${t.connected}, ${item.session_present ? t.resumed : t.fresh}` : [icon('alert'), item.trouble || text.connection.connecting]),
        h('td', {}, item.lag_ms === undefined ? f.nothing : f.duration(item.lag_ms / 1000)),
        h('td', {}, item.last_commit_ms ? t.ago(f.duration((status.timestamp_ms - item.last_commit_ms) / 1000)) : t.never),
        ['received', 'stored', 'low_confidence', 'duplicate', 'rejected', 'conflict', 'ignored'].map((name) => h('td', { class: 'number' }, f.integer(item.counters[name]))))))))),
    own && panel(t.cameras, {}, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.cameras }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t.camera), h('th', { scope: 'col' }, t.status), h('th', { scope: 'col', class: 'number' }, t.count), h('th', { scope: 'col' }, t.last))),
      h('tbody', {}, own.cameras.map((camera) => h('tr', { 'data-key': camera.camera_id }, h('th', { scope: 'row' }, cameraLink(camera.camera_id),
          camera.at_most_once && h('span', { class: 'badge low', title: t.atMostOnceMeans }, t.atMostOnce)),
        h('td', { class: camera.status === 'offline' && !camera.out_of_service ? 'bad' : '' }, camera.status === 'offline' && !camera.out_of_service && icon('alert'), t.statuses[camera.status],
          camera.out_of_service && h('span', { class: 'tag', title: `${camera.out_of_service.by}: ${camera.out_of_service.reason}` }, t.outOfService)),
        h('td', { class: 'number' }, f.integer(camera.events)),
        h('td', {}, camera.last_event_ms ? t.ago(f.duration((now() - camera.last_event_ms) / 1000)) : t.never))))))),
  ];
}

export function sites() {
  if (!state.sites.length) return h('p', { class: 'note quiet', 'aria-busy': 'true' }, text.loading, h('span', { class: 'dots' }));
  return h('ul', { class: 'site-cards' }, state.sites.map((item) => {
    const record = value('kpi', item.site_id)?.site;
    const items = value('trend', item.site_id)?.items || [];
    const list = value('alerts', item.site_id) || [];
    const look = verdict(item.site_id, list, record);
    const used = items.map((entry) => entry.utilization_pct);
    return h('li', { 'data-key': item.site_id }, h('a', { class: `site-card ${look.loud}`, href: address({ siteID: item.site_id, view: 'plant' }) },
      h('div', { class: 'site-head' }, h('h2', {}, item.name), h('span', { class: 'small' }, f.time(now(), item.timezone))),
      h('p', { class: `site-state ${look.loud}` }, icon(look.icon), look.words),
      h('dl', { class: 'facts' },
        fact(text.kpi.utilization, [f.percent(record?.utilization_pct), h('small', {}, ' %')]),
        fact(text.columns.rate, f.decimal(record?.units_per_hour)), fact(text.kpi.units, f.integer(record?.units)),
        fact(text.state.working, [f.integer(record?.workers_working), h('small', {}, ` ${text.of} ${f.integer(record?.workers_seen)}`)])),
      used.filter((n) => n !== undefined).length > 1 ? trend(used, { low: 0, high: 100, isOpen: items.at(-1).window_end_ms > now(), label: `${text.kpi.utilization} ${text.perHourTrend}` }) : h('div', { class: 'trend none' })));
  }));
}

"""##),
  ]
}
