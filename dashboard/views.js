// The views: functions from the state to nodes, one a page of the dashboard.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { confidence, histogram, icon, share, trend } from './charts.js';
import { address, areaName, condition, datum, heatScope, isLive, lineName, lines, may, now, present, ranks, showsWorkers, site, state, stationName, value, workerName, zone } from './state.js';
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
    if (record.withheld) {
      return h('li', { class: 'tile vacant', 'data-key': record.id }, h('span', { class: 'tile-name' }, stationLink(record.id)),
        h('span', { class: 'tile-line' }, text.withheld));
    }
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
  const name = { worker: workerName, line: lineName, area: areaName }[data.scope] || stationName;
  const head = { worker: workerLink, workstation: stationLink }[data.scope] || name;
  const ids = [...rows.keys()].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  if (!ids.length) return h('p', { class: 'note quiet' }, text.empty.window);
  const label = (ms) => (data.step === 'day' ? f.date(ms, zone()) : f.hour(ms, zone()));
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.hours },
    h('table', { class: 'heat' },
      h('thead', {}, h('tr', {}, h('td', {}), columns.map((ms) => h('th', { scope: 'col' }, label(ms))))),
      h('tbody', {}, ids.map((id) => h('tr', { 'data-key': id }, h('th', { scope: 'row', title: id }, head(id)),
        columns.map((ms) => {
          const item = rows.get(id).get(ms);
          const used = item?.utilization_pct;
          const nothing = item?.withheld ? text.withheld : text.heat.nothing;
          const words = `${name(id)}, ${f.when(ms, zone(), present())}: ${used === undefined ? nothing : `${f.percent(used)} %`}`;
          return h('td', { title: words },
            h('span', { class: used === undefined ? 'cell none' : 'cell', vars: used === undefined ? {} : { '--v': String(used) } },
              h('span', { class: 'visually-hidden' }, used === undefined ? nothing : `${f.percent(used)} %`)));
        }))))));
}

const legend = () => h('div', { class: 'legend', 'aria-hidden': 'true' }, h('span', {}, '0'), h('span', { class: 'ramp' }),
  h('span', {}, '100 %'), h('span', {}, text.heat.legend));

// ---- workers

const rankMetric = { rate: 'units_per_hour', utilization: 'utilization_pct', units: 'units' };

function ranked(workers) {
  const metric = rankMetric[state.ui.rank];
  const sorted = [...workers].sort((a, b) => (ranks() ? (b[metric] ?? -1) - (a[metric] ?? -1) : 0)
    || a.id.localeCompare(b.id, undefined, { numeric: true }));
  const needle = state.ui.search.trim().toLowerCase();
  return sorted.map((record, index) => ({ record, rank: index + 1 })).filter(({ record }) =>
    (state.ui.filter === 'all' || stateWord(record) === state.ui.filter)
    && (!needle || record.id.toLowerCase().includes(needle) || workerName(record.id).toLowerCase().includes(needle)));
}

const workerTools = () => h('div', { class: 'tools' },
  search(text.searchWorkers, state.ui.search, (words) => actions.set({ search: words })),
  ranks() && select(text.rankBy, state.ui.rank, text.rankings, (rank) => actions.set({ rank })),
  select(text.filterState, state.ui.filter, { all: text.all, ...text.state }, (filter) => actions.set({ filter })));

function workerTable(workers, isWide) {
  const rows = ranked(workers);
  if (!rows.length) return h('p', { class: 'note quiet' }, workers.length ? text.empty.search : text.empty.window);
  const column = text.columns;
  const head = (name, more = '') => h('th', { scope: 'col', class: more }, name);
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.leaderboard }, h('table', { class: 'list workers' },
    h('thead', {}, h('tr', {}, ranks() && head(column.rank, 'number rank'), head(column.worker), head(column.state), head(column.station, 'wide'),
      head(column.utilization, 'number'), head(column.units, 'number'), head(column.rate, 'number'),
      isWide && [head(column.working, 'number wide'), head(column.idle, 'number wide'), head(column.absent, 'number wide'),
        head(column.coverage, 'number wide'), head(column.last, 'number wide')])),
    h('tbody', {}, rows.map(({ record, rank }) => {
      const word = stateWord(record);
      return h('tr', { 'data-key': record.id, class: record.quality === 500 ? 'stale' : '', title: text.quality[record.quality] || '' },
        ranks() && h('td', { class: 'number rank' }, rank),
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

/** Without a shift: when the next one begins. Of the past, only that there was none. */
function noShift() {
  const { next_shift: next, closed_reason: reason } = (isLive() && site()) || {};
  return text.empty.shift(next && `${next.shift_id} ${f.shiftStart(next.start_ms, zone(), now())}`, reason);
}

// ---- pages

export function plant() {
  const kpi = value('kpi');
  const items = value('trend')?.items || [];
  const alerts = value('alerts');
  const shown = (alerts || []).filter(abnormal);
  if (kpi?.site?.withheld) return h('p', { class: 'note' }, text.withheld);
  if (kpi && !kpi.site) return h('p', { class: 'note' }, effectiveWindow() === 'shift' ? noShift() : text.empty.window);
  const heatEntry = datum('heat');
  const heatTools = h('div', { class: 'tools' }, legend(), select(text.heat.rows, heatScope(),
    { ...(showsWorkers() && { worker: text.heat.workers }), workstation: text.heat.stations, ...(lines().length && { line: text.heat.lines, area: text.heat.areas }) }, (heatScope) => actions.heat(heatScope)));
  return [
    headline(kpi?.site, alerts),
    cards(kpi?.site, items),
    h('div', { class: 'grid' },
      h('div', { class: 'column' },
        panel(text.stations, {}, kpi ? lazy('div', {}, `s${datum('kpi').at}/${location.hash}`, () => stations(kpi.stations)) : waiting('kpi')),
        panel(text.hours, { tools: heatTools }, heatEntry?.value ? lazy('div', {}, `h${heatEntry.at}/${location.hash}`, () => heat(heatEntry.value)) : waiting('heat')),
        showsWorkers() && panel(text.leaderboard, { tools: workerTools(), class: 'tall' },
          kpi ? lazy('div', {}, workersVersion(datum('kpi')), () => workerTable(kpi.workers, false)) : waiting('kpi'))),
      h('div', { class: 'column' },
        panel(text.alerts.title, { class: 'alert-panel' }, !isLive() ? pastAlerts() : alerts ? alertList(shown, true) : waiting('alerts')),
        may('workers') && panel(isLive() ? text.liveEvents : text.pastEvents, { class: 'tall' }, eventTable(state.events.slice(0, 24), false)))),
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
  return [
    panel(text.alerts.title, { tools }, list ? alertList(list.filter((alert) => state.ui.showNormal || abnormal(alert)), false) : waiting('alerts')),
    report(value('report')),
  ];
}

/** How well the alerts work: figures beside the bars of EEMUA 191. A figure beyond its bar is marked. */
function report(r) {
  const t = text.report;
  if (!r) return panel(t.title, {}, waiting('report'));
  const { bars } = r;
  const percent = (n) => (n === undefined ? f.nothing : `${f.percent(n)} %`);
  const count = (map) => Object.keys(map).length;
  const rows = [
    [t.perDay, f.decimal(r.alerts_per_day), t.upTo(bars.alerts_per_day_acceptable, bars.alerts_per_day_most), r.alerts_per_day > bars.alerts_per_day_acceptable],
    [t.perHour, f.decimal(r.alerts_per_hour), t.upTo(bars.alerts_per_hour_acceptable, bars.alerts_per_hour_most), r.alerts_per_hour > bars.alerts_per_hour_acceptable],
    [t.pagesPerDay, f.decimal(r.pages_per_day), '', false],
    [t.flood, percent(r.flood_pct), `${bars.flood_pct} %`, r.flood_pct > bars.flood_pct],
    [t.topTen, percent(r.top_ten_pct), `${bars.top_ten_pct} %`, r.top_ten_pct > bars.top_ten_pct],
    [t.chattering, f.integer(count(r.chattering)), f.integer(bars.chattering), count(r.chattering) > bars.chattering],
    [t.standing, f.integer(count(r.standing)), f.integer(bars.standing), count(r.standing) > bars.standing],
    [t.ack, r.median_ack_s === undefined ? f.nothing : f.duration(r.median_ack_s), '', false],
    [t.falseAlarms, percent(r.false_alarm_pct), '', false],
  ];
  const name = (id) => id.split('/').slice(1).join(' ');
  const table = (head, body) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': head[0] }, h('table', { class: 'list' },
    h('thead', {}, h('tr', {}, head.map((word, index) => h('th', { scope: 'col', class: index ? 'number' : '' }, word)))), h('tbody', {}, body)));
  return panel(t.title, { tools: h('p', { class: 'small' }, t.range(f.dateTime(r.from_ms, zone()), f.dateTime(r.to_ms, zone()))) },
    table([t.what, t.value, t.bar], rows.map(([what, figure, bar, isBeyond]) => h('tr', { 'data-key': what }, h('th', { scope: 'row' }, what),
      h('td', { class: `number ${isBeyond ? 'bad' : ''}` }, isBeyond && icon('alert'), figure), h('td', { class: 'number' }, bar)))),
    count(r.most_frequent) > 0 && table([t.most, t.raises], Object.entries(r.most_frequent).map(([id, raises]) => h('tr', { 'data-key': id },
      h('th', { scope: 'row' }, name(id)), h('td', { class: 'number' }, f.integer(raises))))));
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
          camera.at_most_once && h('span', { class: 'badge low', title: t.atMostOnceMeans }, t.atMostOnce),
          (camera.missing > 0 || camera.lost > 0) && h('span', { class: 'badge low', title: t.missingMeans(f.integer(camera.missing), f.integer(camera.lost)) }, t.missing(f.integer(camera.missing + camera.lost)))),
        h('td', { class: camera.status === 'offline' && !camera.out_of_service ? 'bad' : '' }, camera.status === 'offline' && !camera.out_of_service && icon('alert'), t.statuses[camera.status],
          camera.out_of_service && h('span', { class: 'tag', title: `${camera.out_of_service.by}: ${camera.out_of_service.reason}` }, t.outOfService)),
        h('td', { class: 'number' }, f.integer(camera.events)),
        h('td', {}, camera.last_event_ms ? t.ago(f.duration((now() - camera.last_event_ms) / 1000)) : t.never))))))),
    own?.notify && panel(t.receivers, {}, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.receivers }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t.route), h('th', { scope: 'col' }, t.status), h('th', { scope: 'col', class: 'number' }, t.waits), h('th', { scope: 'col', class: 'number' }, t.delivered))),
      h('tbody', {}, own.notify.routes.map((route) => h('tr', { 'data-key': route.route }, h('th', { scope: 'row' }, `${route.route}, ${route.kind}`),
        h('td', { class: route.error ? 'bad' : '', title: route.error || route.note || '' }, route.error ? [icon('alert'), route.error] : route.note || t.takes),
        h('td', { class: 'number' }, f.integer(route.waiting)), h('td', { class: 'number' }, f.integer(route.delivered)))))))),
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
