// The frame around the views: which site, which time, how the bridge is, and what is wrong.
import { text } from './text.js';
import * as f from './format.js';
import { h, show } from './dom.js';
import { icon } from './charts.js';
import { actions } from './actions.js';
import { address, condition, isLive, mayShow, now, present, site, state, value, views, zone } from './state.js';
import { effectiveWindow } from './load.js';
import { calls, loudness } from './verdict.js';

// ---- theme

const themes = ['auto', 'light', 'dark'];
let theme = themes.includes(localStorage.getItem('andon.theme')) ? localStorage.getItem('andon.theme') : 'auto';
export function applyTheme() {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
function nextTheme() {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  localStorage.setItem('andon.theme', theme);
  applyTheme();
  actions.set({});
}

// ---- frame

function windowButton(name) {
  const isCurrent = (name === 'custom' ? state.window === 'custom' || state.asOf !== undefined : effectiveWindow() === name && state.window !== 'custom');
  if (name === 'custom') {
    return h('button', { type: 'button', class: 'segment', 'aria-pressed': String(isCurrent), 'aria-expanded': String(Boolean(state.picking)), onclick: () => { state.picking = state.picking ? undefined : proposal(); actions.set({}); } },
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
    else actions.set({});
  } },
  h('fieldset', {}, h('legend', {}, text.window.custom), input('from', text.from, from, false), input('to', text.to, to, false),
    h('button', { type: 'submit', class: 'button primary', value: 'range' }, text.show)),
  h('fieldset', {}, h('legend', {}, text.asOf), input('as_of', text.asOf, asOf, false),
    h('button', { type: 'submit', class: 'button', value: 'instant' }, text.show)));
}

export function frame(top) {
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
      state.view !== 'reports' && h('div', { class: 'segments', role: 'group', 'aria-label': text.windowLabel },
        ['hour', 'shift', 'day'].filter((name) => name !== 'shift' || !current || current.shifts.length).map(windowButton), current && windowButton('custom')),
      h('div', { class: 'right' },
        h('span', { class: `connection ${data.kind}`, role: 'status' }, icon(data.icon), h('span', { class: 'connection-word' }, data.words)),
        h('span', { class: `page-link ${page}`, role: 'img', 'aria-label': pageWords, title: pageWords }),
        h('time', { class: 'clock', title: zone() }, current ? f.time(present(), zone()) : ''),
        state.me?.logged_in && h('button', { type: 'button', class: 'button', title: text.logOutOf(state.me.user), onclick: actions.logOut }, text.logOut),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': text.theme[theme], title: text.theme[theme], onclick: nextTheme }, icon({ auto: 'auto', light: 'sun', dark: 'moon' }[theme])))),
    current && navigation(care),
    state.picking && current && picker());
}

/** Views on a phone's bar at the bottom; the others are behind *More*. */
const phoneViews = ['board', 'alerts', 'stations'];

function navigation(care) {
  const bubble = (name) => name === 'alerts' && care > 0 && h('span', { class: `bubble ${loudness(value('alerts') || [])}` }, care);
  const item = (name) => h('a', { href: address({ view: name }), 'aria-current': state.view === name ? 'page' : undefined }, text.nav[name], bubble(name));
  return [h('nav', { class: `views ${state.ui.isMore ? 'open' : ''}`, 'aria-label': text.app, id: 'views', 'data-key': 'views' }, views.filter(mayShow).map(item)),
    h('nav', { class: 'phone-bar', 'aria-label': text.phoneBar, 'data-key': 'phone-bar' }, phoneViews.map(item),
      h('button', { type: 'button', 'aria-expanded': String(Boolean(state.ui.isMore)), 'aria-controls': 'views', class: phoneViews.includes(state.view) ? '' : 'current', onclick: () => actions.set({ isMore: !state.ui.isMore }) }, text.more))];
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

/** What is set up wrong at a camera, while it goes on. */
function mistakes(item) {
  const lines = [];
  const recent = (state.status?.unlisted_sites ?? []).filter((site) => now() - site.last_ms < 15 * 60_000);
  for (const { site_id, topic } of recent.slice(0, 3)) lines.push(h('p', { class: 'strip bad', 'data-key': `unlisted-${site_id}` }, icon('alert'), text.connection.unlisted(site_id, topic)));
  const sums = item?.counters;
  if (sums?.rejected > 0 && sums.stored + sums.low_confidence + sums.duplicate === 0) {
    lines.push(h('p', { class: 'strip bad', 'data-key': 'all-rejected' }, icon('alert'), text.connection.allRejected(f.integer(sums.rejected)), h('a', { class: 'button', href: address({ view: 'quarantine' }) }, text.connection.whyRejected)));
  }
  return lines;
}

export function banners(banner) {
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
  lines.push(...mistakes(item));
  if (site() && !isLive()) {
    const z = zone();
    const what = state.window === 'custom' ? `${f.dateTime(state.from, z)} – ${f.dateTime(state.to, z)}` : f.dateTime(state.asOf, z);
    lines.push(h('p', { class: 'strip' }, text.connection.past(what), h('a', { class: 'button', href: address({ window: state.window === 'custom' ? 'shift' : state.window, from: undefined, to: undefined, asOf: undefined }) }, text.backToLive)));
  }
  if (state.notice) lines.push(h('p', { class: `strip ${state.notice.bad ? 'bad' : ''}`, 'data-key': 'notice' }, icon(state.notice.bad ? 'alert' : 'ok'), state.notice.words, state.notice.undo && h('button', { type: 'button', class: 'button', onclick: state.notice.undo }, text.alerts.undo)));
  show(banner, lines);
}
