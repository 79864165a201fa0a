// All sites of all brokers: tiles, the worst first, and the open alerts. Lists are read once; after that only what changes
// comes over the stream. Only the tiles that are seen are made.
import { follow, get, list, post, setToken, token } from './api.js';
import { language, text } from './text.js';
import * as f from './format.js';
import { h, show } from './dom.js';
import { icon, share } from './charts.js';
import { askName, askToken, personName } from './token.js';

const words = text.overview;
const [top, banner, main, siteDialog] = ['top', 'banner', 'main', 'site'].map((id) => document.getElementById(id));
const states = ['offline', 'critical', 'stale', 'alert', 'incomplete', 'behind', 'ok'];
const shapes = { offline: 'unknown', critical: 'alert', stale: 'wait', alert: 'diamond', incomplete: 'absent', behind: 'idle', ok: 'ok' };
const rank = new Map(states.map((state, index) => [state, index]));

const sites = new Map();
const alerts = new Map();
const view = { find: '', state: '', status: undefined, me: undefined, isOpen: false, isLoaded: false, hasFailed: false, notice: undefined, opened: undefined };
let order = [];
let isStale = true;
let shift = 0;
const now = () => Date.now() + shift;
const keyOf = (item) => `${item.broker}/${item.site_id}`;
const alertKey = (alert) => `${keyOf(alert)}/${alert.topic}`;
// Shown is what is now: the stream is open, and the lists were read since it last had a gap.
const isLive = () => view.isOpen && view.isLoaded;
const may = (capability) => view.me?.may.includes(capability);
const zoneOf = (site) => site?.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone;

// ---- order

const collator = new Intl.Collator(language, { numeric: true });
function worse(a, b) {
  const states = rank.get(a.state) - rank.get(b.state);
  if (states) return states;
  if (a.severity !== b.severity) return b.severity - a.severity;
  if (a.state === 'behind' && a.pace_pct !== b.pace_pct) return (a.pace_pct ?? 1e9) - (b.pace_pct ?? 1e9);
  return collator.compare(a.name, b.name);
}
const waits = (alert) => alert.state !== 'acked_active';
const worseAlert = (a, b) => waits(b) - waits(a) || b.severity - a.severity || (a.raised_ms ?? Infinity) - (b.raised_ms ?? Infinity);
const found = (site) => !view.find || site.name.toLowerCase().includes(view.find) || site.site_id.toLowerCase().includes(view.find);

function arrange() {
  if (!isStale) return;
  isStale = false;
  order = [...sites.values()].filter((site) => found(site) && (!view.state || site.state === view.state)).sort(worse);
}

// ---- tiles

const tileHeight = () => 7.4 * parseFloat(getComputedStyle(document.documentElement).fontSize);
const columnsOf = (width) => Math.max(1, Math.floor((width + 8) / (11.5 * parseFloat(getComputedStyle(document.documentElement).fontSize))));

function reasonWords(site) {
  const age = site.seen_ms && f.duration((now() - site.seen_ms) / 1000);
  if (site.reason === 'silent' || site.reason === 'old') return words.reasons[site.reason](age || '');
  if (site.reason === 'alerts') return words.alertCount(site.alerts_unacked);
  if (site.reason === 'target') return words.pieces(f.signed(site.gap_units));
  return words.reasons[site.reason] ?? '';
}

function tile(site, index, columns) {
  const isOld = site.state === 'offline' || site.state === 'stale';
  const why = reasonWords(site);
  return h('li', {
    class: `site-tile ${site.state}`, 'data-key': keyOf(site), 'aria-setsize': order.length, 'aria-posinset': index + 1,
    vars: { '--column': String(index % columns), '--row': String(Math.floor(index / columns)), '--columns': String(columns) },
  }, h('button', { type: 'button', class: 'site-button', onclick: () => openSite(keyOf(site)) },
    h('span', { class: 'site-name' }, site.name),
    h('span', { class: 'site-word' }, icon(shapes[site.state]), words.states[site.state]),
    h('span', { class: `site-figures ${isOld ? 'old' : ''}` },
      site.withheld ? text.withheld : [h('strong', {}, f.percent(site.utilization_pct)), ' %',
        site.units !== undefined && h('span', {}, site.target_units !== undefined ? words.ofTarget(f.integer(site.units), f.integer(site.target_units)) : text.events.count(f.integer(site.units)))]),
    h('span', { class: 'site-why' }, why || '\u00a0'),
    share(site.utilization_pct, `${text.kpi.utilization} ${f.percent(site.utilization_pct)} %`)));
}

const scroller = h('div', { class: 'window', tabindex: '0', role: 'region', 'aria-label': words.sites });
const spacer = h('ul', { class: 'spacer' });
scroller.append(spacer);
scroller.addEventListener('scroll', () => requestAnimationFrame(drawTiles));
new ResizeObserver(() => drawTiles()).observe(scroller);

function drawTiles() {
  arrange();
  const columns = columnsOf(scroller.clientWidth);
  const height = tileHeight();
  spacer.style.setProperty('height', `${Math.ceil(order.length / columns) * height}px`);
  const first = Math.max(0, Math.floor(scroller.scrollTop / height) - 1);
  const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + 1;
  const from = first * columns;
  show(spacer, order.slice(from, last * columns).map((site, index) => tile(site, from + index, columns)));
}

// ---- alerts

function alertItem(alert) {
  const name = alert.topic.split('/')[0];
  return h('li', { class: `alert ${alert.state} ${alert.priority}`, 'data-key': alertKey(alert) },
    icon(alert.severity >= 700 ? 'alert' : 'diamond'),
    h('div', { class: 'alert-words' },
      h('p', {}, h('strong', {}, alert.site_name), h('span', {}, alert.link ? h('a', { href: alert.link, class: 'more-of' }, alert.name || alert.source_id) : alert.name || alert.source_id),
        h('span', { class: 'tag' }, text.alerts.states[alert.state] || alert.state), h('span', { class: 'tag' }, text.alerts.priorities[alert.priority] ?? alert.priority)),
      h('p', {}, language === 'en' ? alert.message : text.alerts.classes[name] || alert.message),
      h('p', { class: 'small' }, [text.alerts.classes[name], alert.raised_ms && words.since(f.when(alert.raised_ms, zoneOf(sites.get(keyOf(alert))), now()), f.duration((now() - alert.raised_ms) / 1000)),
        alert.acked_by && words.ackedBy(alert.acked_by)].filter(Boolean).join(' · '))),
    waits(alert) && view.status?.write && (!view.me?.logged_in || may('acknowledge'))
      && h('div', { class: 'alert-tools' }, h('button', { type: 'button', class: 'button primary', onclick: () => acknowledge(alert) }, text.alerts.ack)));
}

const shownAlerts = 100;
function alertPanel() {
  const open = [...alerts.values()].filter((alert) => !view.find || found(sites.get(keyOf(alert)) || { name: alert.site_name, site_id: alert.site_id })).sort(worseAlert);
  return h('section', { class: 'panel side', 'aria-labelledby': 'alerts-title', 'data-key': 'alerts' },
    h('div', { class: 'panel-head' }, h('h2', { id: 'alerts-title' }, `${words.openAlerts} (${f.integer(open.length)})`)),
    open.length ? h('div', { class: 'window-list', tabindex: '0', role: 'region', 'aria-label': words.openAlerts }, h('ul', { class: 'alerts' }, open.slice(0, shownAlerts).map(alertItem)))
      : h('p', { class: 'note quiet' }, icon('ok'), text.alerts.none),
    open.length > shownAlerts && h('p', { class: 'small more' }, words.moreAlerts(f.integer(open.length - shownAlerts))));
}

async function acknowledge(alert) {
  if (!view.me?.logged_in && !(await (token() ? askName() : askToken(text.token.title)))) return;
  try {
    await post(`/api/v1/fleet/sites/${encodeURIComponent(alert.site_id)}/alerts/${encodeURIComponent(alert.alert_id)}/ack`,
      { broker: alert.broker, by: personName() });
    note(text.alerts.done.ack);
  } catch (error) {
    if (error.status === 401) {
      setToken('');
      if (await askToken(text.token.title, text.token.wrong)) await acknowledge(alert);
      return;
    }
    note(text.alerts.failed(error.message), true);
  }
}

// ---- frame

function counts() {
  const numbers = Object.fromEntries(states.map((state) => [state, 0]));
  for (const site of sites.values()) numbers[site.state] += 1;
  return numbers;
}

function frame() {
  const numbers = counts();
  const brokers = view.status?.brokers || [];
  const lost = brokers.filter((broker) => !broker.connected);
  const refused = brokers.filter((broker) => broker.connected && broker.trouble);
  const live = isLive();
  const over = view.status?.messages.over_limit;
  const unreadable = (view.status?.messages.unreadable || 0) + (view.status?.messages.too_large || 0);
  show(top, h('div', { class: 'bar' },
    h('a', { class: 'brand', href: '/', 'aria-label': text.app }, h('img', { src: '/icon.svg', alt: '', width: 26, height: 26 }), h('span', {}, text.app)),
    h('h1', { class: 'visually-hidden' }, words.title),
    h('label', { class: 'field' }, h('span', { class: 'visually-hidden' }, words.search),
      h('input', { type: 'search', name: 'find', placeholder: words.search, value: view.find, oninput: (event) => { view.find = event.target.value.toLowerCase(); isStale = true; render(); } })),
    h('div', { class: 'chips', role: 'group', 'aria-label': words.byState },
      h('button', { type: 'button', class: 'chip', 'aria-pressed': String(!view.state), onclick: () => choose('') }, text.all, h('span', { class: 'count' }, f.integer(sites.size))),
      states.map((state) => h('button', { type: 'button', class: `chip ${state === 'alert' ? 'alert-chip' : state}`, 'aria-pressed': String(view.state === state), onclick: () => choose(view.state === state ? '' : state) },
        icon(shapes[state]), words.states[state], h('span', { class: 'count' }, f.integer(numbers[state]))))),
    h('div', { class: 'right' },
      h('span', { class: `connection ${live ? '' : 'lost'}` }, h('span', { class: `page-link ${live ? 'live' : 'lost'}` }), live ? text.live : view.isOpen && !view.hasFailed ? `${text.loading} …` : words.noServer),
      view.me?.logged_in && h('form', { method: 'post', action: '/logout', onsubmit: logOut }, h('button', { type: 'submit', class: 'button' }, view.me.user)))));
  show(banner,
    lost.map((broker) => h('p', { class: 'strip bad', 'data-key': `b-${broker.name}` }, icon('alert'), words.noBroker(broker.name), broker.trouble && h('small', {}, broker.trouble))),
    refused.map((broker) => h('p', { class: 'strip bad', 'data-key': `r-${broker.name}` }, icon('alert'), words.refused(broker.name), h('small', {}, broker.trouble))),
    over > 0 && h('p', { class: 'strip bad', 'data-key': 'over' }, icon('alert'), words.overLimit(f.integer(over))),
    unreadable > 0 && h('p', { class: 'strip', 'data-key': 'unreadable' }, icon('diamond'), words.unreadable(f.integer(unreadable))),
    view.notice && h('p', { class: `strip ${view.notice.bad ? 'bad' : ''}`, 'data-key': 'notice' }, icon(view.notice.bad ? 'alert' : 'ok'), view.notice.words));
}

function choose(state) {
  view.state = state;
  isStale = true;
  scroller.scrollTop = 0;
  render();
}

async function logOut(event) {
  event.preventDefault();
  await fetch('/logout', { method: 'POST' }).catch(() => {});
  location.assign('/login');
}

function note(words, bad = false) {
  view.notice = { words, bad };
  render();
  setTimeout(() => { if (view.notice?.words === words) { view.notice = undefined; render(); } }, bad ? 8000 : 4000);
}

const tilePanel = h('section', { class: 'panel', 'aria-labelledby': 'sites-title' });
const tileHead = h('div', { class: 'panel-head' });
const alertPlace = h('div', {});
tilePanel.append(tileHead, scroller);
const grid = h('div', { class: 'fleet' });
grid.append(tilePanel, alertPlace);
main.append(grid);

function render() {
  arrange();
  frame();
  show(tileHead, h('h2', { id: 'sites-title' }, `${words.sites} (${f.integer(order.length)})`),
    !sites.size && h('p', { class: 'small' }, view.status ? words.none : `${text.loading} …`));
  drawTiles();
  show(alertPlace, alertPanel());
  if (view.opened) drawSite();
}

// Many messages a second are one change of the page.
let isDirty = false;
setInterval(() => {
  if (!isDirty || document.hidden) return;
  isDirty = false;
  isStale = true;
  render();
}, 1000);
const changed = () => { isDirty = true; };

// ---- one site

function openSite(key) {
  view.opened = key;
  view.past = undefined;
  drawSite();
  siteDialog.oncancel = () => { view.opened = undefined; };
  siteDialog.onclose = () => { view.opened = undefined; };
  siteDialog.showModal();
  if (view.status?.history) loadPast(key);
}

async function loadPast(key) {
  try {
    const past = await get(`/api/v1/fleet/sites/${encodeURIComponent(sites.get(key).site_id)}/history`);
    if (view.opened === key) view.past = past;
  } catch (error) {
    if (view.opened === key) view.past = { problem: error.message };
  }
  drawSite();
}

function facts(site) {
  const zone = zoneOf(site);
  const pairs = [
    [text.kpi.utilization, site.utilization_pct !== undefined && `${f.percent(site.utilization_pct)} %`],
    [text.kpi.units, site.units !== undefined && (site.target_units !== undefined ? words.ofTarget(f.integer(site.units), f.integer(site.target_units)) : f.integer(site.units))],
    [words.gap, site.gap_units !== undefined && f.signed(site.gap_units)],
    [words.forecast, site.forecast_units !== undefined && (site.target_total_units !== undefined ? words.ofTarget(f.integer(site.forecast_units), f.integer(site.target_total_units)) : f.integer(site.forecast_units))],
    [text.kpi.coverage, site.coverage_pct !== undefined && `${f.percent(site.coverage_pct)} %`],
    [words.people, site.workers_present !== undefined && words.peopleOf(site.workers_working ?? 0, site.workers_present)],
    [words.stopTime, site.unplanned_stop_s !== undefined && f.duration(site.unplanned_stop_s)],
    [words.window, site.window && `${site.shift_id || text.window[site.window]} ${f.span(site.window_start_ms, site.window_end_ms, zone)}`],
    [words.newest, site.seen_ms && f.when(site.seen_ms, zone, now())],
    [words.broker, site.bridge_id ? `${site.broker}, ${site.bridge_id}` : site.broker],
  ];
  return h('dl', { class: 'facts wide-facts' }, pairs.filter(([, value]) => value).map(([name, value]) => h('div', { 'data-key': name }, h('dt', {}, name), h('dd', {}, value))));
}

/** The last days and the last shifts, each beside the same shift of the day before. */
function past(site) {
  if (!view.status?.history) return false;
  const zone = zoneOf(site);
  const head = h('h3', {}, words.past);
  if (!view.past) return h('div', { 'data-key': 'past' }, head, h('p', { class: 'note quiet' }, `${text.loading} …`));
  if (view.past.problem) return h('div', { 'data-key': 'past' }, head, h('p', { class: 'note' }, icon('diamond'), words.noDatabase(view.past.problem)));
  const { days, shifts } = view.past;
  const before = (span) => shifts.findLast((other) => other.shift_id === span.shift_id && other.window_start_ms < span.window_start_ms);
  return h('div', { 'data-key': 'past' }, head,
    days.length ? h('ul', { class: 'days', 'aria-label': words.days }, days.map((day) => h('li', {
      class: day.utilization_pct === undefined ? 'none' : '', vars: { '--v': String(day.utilization_pct ?? 0) }, title: `${f.weekday(day.window_start_ms, zone)}: ${f.percent(day.utilization_pct)} %`,
    }, h('span', { class: 'visually-hidden' }, `${f.weekday(day.window_start_ms, zone)}: ${f.percent(day.utilization_pct)} %`)))) : h('p', { class: 'note quiet' }, words.noPast),
    shifts.length > 0 && h('table', { class: 'past' },
      h('thead', {}, h('tr', {}, [words.shift, text.kpi.utilization, words.before, text.kpi.units, words.before].map((word, index) => h('th', { scope: 'col', 'data-key': `h${index}` }, word)))),
      h('tbody', {}, [...shifts].reverse().slice(0, 6).map((span) => {
        const other = before(span);
        return h('tr', { 'data-key': String(span.window_start_ms) }, h('th', { scope: 'row' }, `${f.date(span.window_start_ms, zone)} ${span.shift_id ?? ''}`),
          h('td', {}, `${f.percent(span.utilization_pct)} %`), h('td', {}, `${f.percent(other?.utilization_pct)} %`), h('td', {}, f.integer(span.units)), h('td', {}, f.integer(other?.units)));
      }))));
}

function drawSite() {
  const site = sites.get(view.opened);
  if (!site) {
    if (siteDialog.open) siteDialog.close();
    return;
  }
  const own = [...alerts.values()].filter((alert) => keyOf(alert) === view.opened).sort(worseAlert);
  siteDialog.setAttribute('aria-labelledby', 'site-title');
  show(siteDialog,
    h('div', { class: 'site-head' }, h('h2', { id: 'site-title' }, site.name), h('span', { class: 'small' }, site.site_id)),
    h('p', { class: `site-state ${['offline', 'critical'].includes(site.state) ? 'bad' : ['ok', 'behind'].includes(site.state) ? '' : 'warn'}` }, icon(shapes[site.state]), [words.states[site.state], reasonWords(site)].filter(Boolean).join(' · ')),
    site.detail && h('p', {}, site.detail),
    site.withheld ? h('p', {}, text.withheld) : facts(site),
    own.length > 0 && h('ul', { class: 'alerts', 'data-key': 'own' }, own.slice(0, 20).map(alertItem)),
    site.alerts_missing && h('p', { class: 'note' }, words.missing(site.alerts_missing)),
    past(site),
    h('div', { class: 'dialog-tools' }, site.dashboard && h('a', { class: 'button primary', href: site.dashboard }, words.openDashboard),
      h('button', { type: 'button', class: 'button', onclick: () => siteDialog.close() }, words.close)));
}

// ---- data

async function loadStatus() {
  view.status = await get('/api/v1/fleet');
  shift = view.status.timestamp_ms - Date.now();
  changed();
}

// What comes over the stream while the lists are read is newer than they are.
let held;
// An answer may be shared among clients for half a second: what is asked for later is not older than the stream.
const sharedMs = 600;
async function loadLists() {
  held = [];
  try {
    await new Promise((resolve) => setTimeout(resolve, sharedMs));
    const [me, allSites, allAlerts] = await Promise.all([get('/api/v1/me'), list('/api/v1/fleet/sites', { order: 'name', limit: 5000 }, 1e6), get('/api/v1/fleet/alerts', { limit: 5000 }), loadStatus()]);
    view.me = me;
    sites.clear();
    alerts.clear();
    for (const site of allSites) sites.set(keyOf(site), site);
    for (const alert of allAlerts.items) alerts.set(alertKey(alert), alert);
  } finally {
    const waiting = held;
    held = undefined;
    for (const [kind, item] of waiting) apply(kind, item);
  }
}

let isWanted = false;
let isLoading = false;
let retry;
const firstRetryMs = 1000;
let retryMs = firstRetryMs;
/** Reads the lists, again and again until it succeeds; until then the page is not live. */
async function load() {
  clearTimeout(retry);
  view.isLoaded = false;
  isWanted = true;
  if (isLoading) return;
  isLoading = true;
  try {
    while (isWanted) {
      isWanted = false;
      await loadLists();
    }
    view.isLoaded = true;
    view.hasFailed = false;
    retryMs = firstRetryMs;
  } catch (error) {
    view.hasFailed = true;
    retry = setTimeout(load, retryMs * (1 + Math.random() / 4));
    retryMs = Math.min(30_000, retryMs * 2);
    failed(error);
  } finally {
    isLoading = false;
  }
  document.body.classList.toggle('lost', !isLive());
  isStale = true;
  render();
}

// Whether a message came that has an id: only then the next stream begins where this one ended.
let hasPlace = false;
function apply(kind, item) {
  hasPlace ||= kind !== 'gap';
  if (held) {
    held.push([kind, item]);
    return;
  }
  if (kind === 'site') sites.set(keyOf(item), item);
  else if (kind === 'gone') {
    sites.delete(keyOf(item));
    for (const [key, alert] of alerts) if (keyOf(alert) === keyOf(item)) alerts.delete(key);
  } else if (kind === 'alert') {
    if (item.open) alerts.set(alertKey(item), item);
    else alerts.delete(alertKey(item));
  } else if (kind === 'gap') load();
  changed();
}

function failed(error) {
  if (error.status === 401) {
    if (error.login && !token()) location.assign(error.login);
    else askToken(text.token.title, token() && text.token.wrong).then((isGiven) => isGiven && location.reload());
    return;
  }
  document.body.classList.add('lost');
  render();
}

document.documentElement.lang = language;
document.querySelector('.skip').textContent = words.skip;
document.title = words.title;
follow({}, {
  path: '/api/v1/fleet/stream',
  onMessage: apply,
  onOpen: () => {
    view.isOpen = true;
    // The stream itself brings what was missed since its last message, or says that it cannot.
    if (!view.isLoaded || !hasPlace) load();
    document.body.classList.toggle('lost', !isLive() && view.hasFailed);
    changed();
  },
  onLost: (error) => {
    view.isOpen = false;
    failed(error);
  },
});
setInterval(() => { if (isLive()) loadStatus().catch(() => {}); }, 5000);
render();
