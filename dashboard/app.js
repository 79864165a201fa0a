// Starts the page: the frame around the views, the stream, and what a person does.
import { language, text } from './text.js';
import { h, show } from './dom.js';
import { download, follow, get, keep, post, setToken, token } from './api.js';
import { actions } from './actions.js';
import { address, isLive, lines, readAddress, site, state, value } from './state.js';
import { effectiveWindow, expire, forget, refresh, stir, tick } from './load.js';
import { applyTheme, banners, frame } from './frame.js';
import { png } from './picture.js';
import { askShelve } from './ask.js';
import { askName, askToken, personName } from './token.js';
import { askReason } from './reason.js';
import { sourceName } from './parts.js';
import * as pages from './views.js';

const top = document.getElementById('top');
const banner = document.getElementById('banner');
const main = document.getElementById('main');
const reasonDialog = document.getElementById('reason');
const askDialog = document.getElementById('ask');
document.documentElement.lang = language;
document.querySelector('.skip').textContent = text.skip;
const eventLimit = 400;

let isScheduled = false;
export function render() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    document.title = site() ? `${site().name} · ${text.nav[state.view]} · ${text.app}` : text.app;
    document.body.classList.toggle('lost', state.connection === 'lost');
    document.body.classList.toggle('kiosk', state.isKiosk);
    frame(top);
    banners(banner);
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

/** A person logs in where there are users, unless this tab has a token. */
function authenticate(error) {
  if (error.login && !token()) location.assign(error.login);
  else askToken(text.token.title, token() && text.token.wrong).then((isGiven) => isGiven && restart());
}

async function logOut() {
  await fetch('/logout', { method: 'POST' }).catch(() => {});
  location.assign('/login');
}

function note(words, bad = false, undo = undefined) {
  state.notice = { words, bad, undo };
  render();
  setTimeout(() => {
    if (state.notice?.words === words) state.notice = undefined;
    render();
  }, bad || undo ? 8000 : 4000);
}

/** Sends what changes something; asks for a token where one is needed. `send` returns a promise. */
async function change(send, done, undo) {
  if (!state.me?.logged_in && !(await (token() ? askName() : askToken(text.token.title)))) return false;
  try {
    await send(personName());
    note(done, false, undo);
    return true;
  } catch (error) {
    if (error.status === 401) {
      setToken('');
      note(text.token.wrong, true);
      return await askToken(text.token.title, text.token.wrong) ? change(send, done, undo) : false;
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
  // What was shelved by mistake is taken back at once.
  const undo = verb === 'shelve' ? () => command(alert, 'unshelve') : undefined;
  if (!(await change((by) => post(path, { by, ...more }), text.alerts.done[verb], undo))) return;
  stir('alert', alert.site_id);
  expire('alerts', 'journal');
  poll();
}

async function shelve(alert) {
  const given = await askShelve(askDialog, sourceName(alert));
  if (given) await command(alert, 'shelve', { duration_s: 60 * Number(given.minutes), reason: given.reason.trim() || undefined });
}

/** Judges rejected events again: one row, or all that the chosen reason has. */
async function replay(id) {
  const path = `/api/v1/sites/${encodeURIComponent(state.siteID)}/quarantine/replay`;
  // Rows that are rejected again are new rows: not those.
  const newest = Math.max(0, ...(value('quarantine')?.items || []).map((row) => row.id));
  const sums = { received: 0, rejected: 0 };
  const send = async () => {
    let answer;
    do {
      answer = await post(path, id === undefined ? { code: state.ui.code, after_id: answer?.last_id, to_id: newest } : { id });
      sums.received += answer.received;
      sums.rejected += answer.outcomes?.rejected ?? answer.rejected ?? 0;
    } while (id === undefined && answer.has_more);
  };
  if (!(await change(send, text.loading))) return;
  note(text.quarantine.replayed(sums.received - sums.rejected, sums.rejected));
  expire('quarantine');
  poll();
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
  shelve,
  replay,
  reason: giveReason,
  pareto: (by) => {
    state.ui.paretoBy = by;
    forget('pareto');
    poll();
  },
  logOut,
  picture: (svg, title, subtitle, name) => png(svg, title, subtitle).then((blob) => keep(blob, name)),
  csv: (what, values) => download(`/api/v1/sites/${encodeURIComponent(state.siteID)}/${what}`, values, `${state.siteID}-${what.replaceAll('/', '-')}.csv`)
    .catch((error) => note(text.failed(error.message), true)),
});

// ---- the rest of the clockwork

let askedFor = '';
const askedOf = new Map();
let shownView;
function navigate() {
  readAddress();
  state.ui.isMore = false;
  // Another view begins at its top, however far down the link to it was.
  if (shownView !== state.view) {
    if (shownView !== undefined) window.scrollTo(0, 0);
    state.ui.zoom = undefined;
  }
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
  // What only one view asks for.
  for (const [what, part] of [['trends', [state.station, state.back]], ['people', [state.rows]], ['shift', [state.at]], ['shifts', [state.at]], ['journal', [state.find]], ['evidence', [state.find]]]) {
    if (askedOf.get(what) !== part.join('/')) forget(what);
    askedOf.set(what, part.join('/'));
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
  if (['board', 'stations'].includes(state.view) && isLive() && !document.hidden) render();
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
