// Starts the page: the frame around the views, the stream, and what a person does.
import { language, text } from './text.js';
import * as f from './format.js';
import { h, show } from './dom.js';
import { icon } from './charts.js';
import { download, follow, get, post, setToken, token } from './api.js';
import { actions } from './actions.js';
import { address, condition, isLive, lines, mayShow, now, present, readAddress, site, state, value, views, zone } from './state.js';
import { effectiveWindow, expire, forget, refresh, stir, tick } from './load.js';
import { calls, loudness } from './verdict.js';
import { askReason } from './reason.js';
import * as pages from './views.js';

const top = document.getElementById('top');
const banner = document.getElementById('banner');
const main = document.getElementById('main');
const dialog = document.getElementById('token');
const reasonDialog = document.getElementById('reason');
document.documentElement.lang = language;
document.querySelector('.skip').textContent = text.skip;
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
  const care = isLive() ? (value('alerts') || []).filter(calls).length : 0;
  const siteOptions = [['*', text.nav.sites], ...state.sites.map((item) => [item.site_id, item.name])];
  const data = dataMark();
  const page = isLive() ? state.connection : state.failure ? 'lost' : 'live';
  const pageWords = { live: text.connection.pageLive, lost: text.connection.pageLost, connecting: text.connection.pageConnecting }[page];
  show(top,
    h('div', { class: 'bar' },
      h('a', { class: 'brand', 'aria-label': text.app, href: state.sites.length > 1 ? address({ siteID: null }) : address({ view: 'board' }) }, h('img', { src: '/icon.svg', alt: '', width: 26, height: 26 }), h('span', {}, text.app)),
      h('label', { class: 'field site-choice' }, h('span', { class: 'visually-hidden' }, text.site),
        h('select', { value: state.siteID || '*', onchange: (event) => { location.hash = address({ siteID: event.target.value === '*' ? null : event.target.value, view: state.view === 'sites' ? 'board' : state.view }); } },
          siteOptions.map(([id, name]) => h('option', { value: id, selected: id === (state.siteID || '*') }, name)))),
      h('div', { class: 'segments', role: 'group', 'aria-label': text.windowLabel },
        ['hour', 'shift', 'day'].filter((name) => name !== 'shift' || !current || current.shifts.length).map(windowButton), current && windowButton('custom')),
      h('div', { class: 'right' },
        h('span', { class: `connection ${data.kind}`, role: 'status' }, icon(data.icon), h('span', { class: 'connection-word' }, data.words)),
        h('span', { class: `page-link ${page}`, role: 'img', 'aria-label': pageWords, title: pageWords }),
        h('time', { class: 'clock', title: zone() }, current ? f.time(present(), zone()) : ''),
        state.me?.logged_in && h('button', { type: 'button', class: 'button', title: text.logOutOf(state.me.user), onclick: logOut }, text.logOut),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': text.theme[theme], title: text.theme[theme], onclick: nextTheme }, icon({ auto: 'auto', light: 'sun', dark: 'moon' }[theme])))),
    current && h('nav', { 'aria-label': text.app }, views.filter(mayShow).map((name) => h('a', { href: address({ view: name }), 'aria-current': state.view === name ? 'page' : undefined },
      text.nav[name], name === 'alerts' && care > 0 && h('span', { class: `bubble ${loudness(value('alerts') || [])}` }, care)))),
    state.picking && current && picker());
}

/** *Live* means that events arrive. Whether this page has its bridge is another mark. */
function dataMark() {
  if (state.connection === 'lost') return { kind: 'lost', icon: 'alert', words: text.connection.lost };
  if (site() && !isLive()) return { kind: 'past', icon: 'wait', words: text.connection.pastMark };
  if (state.connection !== 'live') return { kind: 'connecting', icon: 'wait', words: text.connection.connecting };
  const all = state.siteID ? [condition()] : state.sites.map((item) => condition(item.site_id));
  const worst = ['unreachable', 'silent', 'behind', 'unknown', 'waiting', 'flowing'].map((kind) => all.find((item) => item.kind === kind)).find(Boolean);
  switch (worst?.kind) {
    case 'behind': return { kind: 'silent', icon: 'wait', words: text.board.catching(f.duration(worst.lagMs / 1000), worst.done) };
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
    document.body.classList.toggle('kiosk', state.isKiosk);
    frame();
    banners();
    main.className = `view-${state.view}`;
    // What is left for a board that must not scroll.
    main.style.setProperty('--head', `${top.offsetHeight}px`);
    main.style.setProperty('--strips', `${banner.offsetHeight}px`);
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
      if (error.status === 401) authenticate(error);
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
    dialog.setAttribute('aria-label', title);
    dialog.oncancel = () => close(false);
    dialog.showModal();
  });
  return asking;
}

/** A person logs in where there are users, unless this tab has a token. */
function authenticate(error) {
  if (error.login && !token()) location.assign(error.login);
  else askToken(text.token.title, token() && text.token.wrong).then((isGiven) => isGiven && restart());
}

async function logOut() {
  await fetch('/logout', { method: 'POST' }).catch(() => {});
  location.assign('/login');
}

function note(words, bad = false) {
  state.notice = { words, bad };
  render();
  setTimeout(() => {
    if (state.notice?.words === words) state.notice = undefined;
    render();
  }, bad ? 8000 : 4000);
}

/** Sends what changes something; asks for a token where one is needed. `send` returns a promise. */
async function change(send, done) {
  if (!token() && !state.me?.logged_in && !(await askToken(text.token.title))) return false;
  try {
    await send(localStorage.getItem(nameKey) || undefined);
    note(done);
    return true;
  } catch (error) {
    if (error.status === 401) {
      setToken('');
      note(text.token.wrong, true);
      return await askToken(text.token.title, text.token.wrong) ? change(send, done) : false;
    }
    note(text.alerts.failed(error.message), true);
    return false;
  }
}

async function giveReason(stop) {
  const given = await askReason(reasonDialog, stop);
  if (!given) return;
  const path = `/api/v1/sites/${encodeURIComponent(stop.site_id)}/stops/reason`;
  if (await change((by) => post(path, { stop_id: stop.stop_id, ...given, by }), text.reason.done)) {
    forget('stops', 'pareto');
    poll();
  }
}

async function command(alert, verb, more = {}) {
  const path = `/api/v1/sites/${encodeURIComponent(alert.site_id)}/alerts/${encodeURIComponent(alert.alert_id)}/${verb}`;
  if (!(await change((by) => post(path, { by, ...more }), text.alerts.done[verb]))) return;
  stir('alert', alert.site_id);
  forget('alerts');
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
  reason: giveReason,
  pareto: (by) => {
    state.ui.paretoBy = by;
    forget('pareto');
    poll();
  },
  csv: (what, values) => download(`/api/v1/sites/${encodeURIComponent(state.siteID)}/${what}`, values, `${state.siteID}-${what.replaceAll('/', '-')}.csv`)
    .catch((error) => note(text.failed(error.message), true)),
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
    location.replace(address({ siteID: state.sites[0].site_id, view: 'board' }));
    return;
  }
  const question = [state.siteID, state.window, state.from, state.to, state.asOf, state.line].join('/');
  if (question !== askedFor) {
    const isNewSite = !askedFor.startsWith(`${state.siteID}/`);
    askedFor = question;
    state.ui.zoom = undefined;
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
  if (what === 'list' && state.failure?.status === 401) authenticate(state.failure);
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
// What counts up does so by the second, and only where something does.
setInterval(() => {
  if (state.view === 'board' && isLive() && !document.hidden) render();
}, 1000);

// ---- a screen on a wall

let turnedAt = Date.now();
/** The next line, or the site after the last one where all are shown in turn. */
function turn() {
  const { lines: chosen, everyMs } = state.rotation || {};
  if (!everyMs || state.ui.isPaused || state.view !== 'board' || reasonDialog.open || Date.now() - turnedAt < everyMs) return;
  turnedAt = Date.now();
  const all = chosen.length ? chosen : [undefined, ...lines().map((line) => line.line_id)];
  state.line = all[(all.indexOf(state.line) + 1) % all.length];
  // Until the next line's figures are here, the board shows those of this one, with its name.
  expire('board', 'stops', 'recent');
  poll();
  render();
}
setInterval(turn, 500);

/** A picture that never moves burns into some screens: a wall screen moves by a few pixels each minute. */
let places = 0;
setInterval(() => {
  places += 1;
  const step = state.isKiosk ? 4 : 0;
  main.style.setProperty('--dx', `${step * Math.round(Math.cos(places))}px`);
  main.style.setProperty('--dy', `${step * Math.round(Math.sin(places))}px`);
}, 60_000);
navigate();
