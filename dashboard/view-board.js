// The board: is the line ahead or behind, by how much, why, and what is to do. To be read from five metres.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon, share } from './charts.js';
import { address, condition, datum, givesReasons, isLive, lineName, now, present, site, state, stationName, stationsOfLine, value, zone } from './state.js';
import { actions } from './actions.js';
import { effectiveWindow } from './load.js';
import { lineChooser, link, messageOf, sourceName, waiting } from './parts.js';
import { calls, noShift, rangeWords, verdict, verdictWords } from './verdict.js';

const hourMs = 3_600_000;
/** Nothing was heard from there since the shift began: what is missing is data, and not the reason of a stop that was seen. */
const isUnseen = (stop) => stop.kind === 'no_data' && effectiveWindow() === 'shift' && stop.start_ms <= (value('board')?.record?.window_start_ms ?? 0);
const asks = (stop) => !stop.reason && givesReasons() && (stop.ask || stop.open) && !isUnseen(stop);

// ---- the number

const hasTarget = (record) => record.gap_units !== undefined;

/** How much faster the line must be for the rest of the window to end on its plan. */
function catchUp(record) {
  const leftMs = record.window_end_ms - present();
  if (record.target_total_units === undefined || leftMs < 60_000 || record.gap_units >= 0) return undefined;
  return ((record.target_total_units - record.units) * hourMs) / leftMs;
}

function loudOf(record) {
  if (!hasTarget(record) || record.gap_units >= 0) return 'calm';
  return record.pace_pct !== undefined && record.pace_pct < 90 ? 'bad' : 'warn';
}

const figureOf = (record) => (hasTarget(record) ? f.signed(record.gap_units) : f.integer(record.throughput_per_hour));

/** How wide a figure is in a wide font, in times its size: its place is limited. */
const widthOf = (figure) => [...figure].reduce((sum, sign) => sum + (/\d/.test(sign) ? 0.67 : /[+\u2212±]/.test(sign) ? 0.81 : 0.36), 0).toFixed(2);

function hero(record, isFrozen) {
  const t = text.board;
  const figure = figureOf(record);
  const word = !hasTarget(record) ? t.perHour : record.gap_units > 0 ? t.ahead : record.gap_units < 0 ? t.behind : t.onPlan;
  const rate = catchUp(record);
  const lines = hasTarget(record)
    ? [
      [t.ofPlan(f.integer(record.units), f.integer(record.target_units)), record.pace_pct !== undefined && `${f.percent(record.pace_pct)} %`],
      [record.forecast_units !== undefined && (record.target_total_units === undefined ? t.forecast(f.integer(record.forecast_units))
        : t.forecastOf(f.integer(record.forecast_units), f.integer(record.target_total_units)))],
      [rate !== undefined && t.needs(f.integer(rate))],
    ]
    : [[t.soFar(f.integer(record.units))], [record.utilization_pct !== undefined && t.used(f.percent(record.utilization_pct))]];
  return h('section', { class: `hero ${loudOf(record)} ${isFrozen ? 'frozen' : ''}`, 'aria-label': `${figure} ${word}` },
    h('p', { class: 'number', vars: { '--em': String(widthOf(figure)) } }, h('strong', { 'data-figure': 'gap' }, figure)),
    h('p', { class: 'word' }, hasTarget(record) && record.gap_units !== 0 && h('span', { class: 'arrow', 'aria-hidden': 'true' }, record.gap_units > 0 ? '▲' : '▼'), word),
    hasTarget(record) && record.pace_pct !== undefined && share(Math.min(100, record.pace_pct), t.pace(f.percent(record.pace_pct))),
    lines.map((line) => line.filter(Boolean)).filter((line) => line.length).map((line) => h('p', { class: 'fact' }, line.map((words) => h('span', {}, words)))));
}

// ---- hour by hour

/** How much of a stop lies in a stretch of time: its ends are inside planned time, breaks in it are not. */
const overlap = (stop, from, to) => Math.min(1000 * stop.duration_s, Math.min(stop.end_ms ?? present(), to) - Math.max(stop.start_ms, from));

function largest(stops, from, to) {
  let best;
  for (const stop of stops) {
    const ms = overlap(stop, from, to);
    if (ms > 0 && (!best || ms > best.ms)) best = { stop, ms };
  }
  return best;
}

function why({ stop, ms }) {
  const name = stationName(stop.workstation_id);
  const ask = text.board.ask;
  // Where the row is narrow, the name gives way first, then the word before the question mark.
  return h('div', { class: 'cause' }, h('a', { class: 'more-of', title: name, href: address({ view: 'stops', find: stop.stop_id }) }, name), h('span', { title: f.duration(ms / 1000) }, ` ${f.minutes(ms / 1000)} `),
    stop.reason ? h('span', { class: 'reason' }, stop.reason_name || stop.reason)
      : isLive() && asks(stop) ? h('button', { type: 'button', class: 'ask-link', onclick: () => actions.reason(stop), 'aria-label': `${text.reason.choose}: ${name}` }, h('span', { class: 'ask-word' }, ask.slice(0, -1)), ask.slice(-1)) : h('span', { class: 'reason' }, text.stopList.kinds[stop.kind]));
}

/** Hours that are yet to come are rows, too: the table does not grow under the eyes of those who read it. */
function rowsOf({ record, hours, step }) {
  const rows = [...hours].sort((a, b) => a.window_start_ms - b.window_start_ms);
  const last = rows.at(-1);
  if (isLive() && effectiveWindow() === 'shift' && last && step === 'hour') {
    for (let from = last.window_end_ms; from < record.window_end_ms && rows.length < 24; from += hourMs) rows.push({ window_start_ms: from, window_end_ms: from + hourMs, isAhead: true });
  }
  return rows;
}

function hourTable(board, stops) {
  const t = text.board;
  const isPlanned = hasTarget(board.record);
  const all = rowsOf(board);
  let sum = 0;
  for (const row of all) {
    sum += (isPlanned ? row.gap_units : row.units) ?? 0;
    row.sum = sum;
  }
  // A board has room for so many; the newest count.
  const shown = all.slice(-10);
  const z = zone();
  const isOneDay = f.sameDay(shown[0]?.window_start_ms ?? 0, shown.at(-1)?.window_start_ms ?? 0, z);
  const name = (row) => (board.step === 'day' ? f.weekday(row.window_start_ms, z) : `${isOneDay ? '' : `${f.date(row.window_start_ms, z)} `}${f.span(row.window_start_ms, row.window_end_ms, z)}`);
  const head = isPlanned ? [t.plan, t.actual, t.diff, t.sum] : [t.actual, text.kpi.utilization, t.sum];
  const cells = (row) => (row.isAhead ? head.map(() => h('td', { class: 'number' }, '')) : isPlanned
    ? [h('td', { class: 'number quiet' }, f.integer(row.target_units)), h('td', { class: 'number' }, f.integer(row.units)),
      h('td', { class: `number ${row.gap_units < 0 ? 'minus' : ''}` }, f.signed(row.gap_units)), h('td', { class: 'number quiet' }, f.signed(row.sum))]
    : [h('td', { class: 'number' }, f.integer(row.units)), h('td', { class: 'number quiet' }, f.percent(row.utilization_pct), h('small', {}, ' %')), h('td', { class: 'number quiet' }, f.integer(row.sum))]);
  return h('section', { class: 'hours', 'aria-label': t.hours }, h('div', { class: 'scroll' }, h('table', { class: 'hour-table' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t.hour), head.map((word) => h('th', { scope: 'col', class: 'number' }, word)), h('th', { scope: 'col', class: 'why' }, t.why))),
    h('tbody', {}, shown.map((row) => {
      const isOpen = !row.isAhead && isLive() && row.window_end_ms > now();
      const cause = row.isAhead ? undefined : largest(stops, row.window_start_ms, row.window_end_ms);
      return h('tr', { 'data-key': String(row.window_start_ms), class: row.isAhead ? 'ahead' : isOpen ? 'open-hour' : '' },
        h('th', { scope: 'row' }, row.isAhead ? name(row) : h('a', { href: address({ window: 'custom', from: row.window_start_ms, to: Math.min(row.window_end_ms, present()), asOf: undefined }) }, name(row)),
          isOpen && h('span', { class: 'open-mark', title: t.openHour }, ' ▸', h('span', { class: 'visually-hidden' }, t.openHour))),
        cells(row), h('td', { class: 'why' }, cause && why(cause)));
    })))));
}

// ---- stations now

export const shapeOf = { working: 'working', idle: 'idle', vacant: 'absent', no_data: 'unknown' };

/** What each station does, and since when: from the runs of the last hours, and from stops for longer ones. */
export function stationsNow(stops, line) {
  const recent = value('recent');
  const kpi = value('kpi');
  const own = line === undefined ? undefined : new Set(stationsOfLine(line));
  const stations = new Map();
  for (const id of [...(own || Object.keys(site()?.workstations || {})), ...(kpi?.stations || []).map((record) => record.id)]) {
    if (!own || own.has(id)) stations.set(id, { id, state: 'no_data' });
  }
  for (const run of recent?.items || []) {
    if (own && !own.has(run.workstation_id)) continue;
    const station = stations.get(run.workstation_id) || { id: run.workstation_id };
    if (station.until !== undefined && station.until > run.start_ms) continue;
    // A run ends where a shift ends, and the next one may be of the same state.
    const since = station.until === run.start_ms && station.state === run.state ? station.since : run.start_ms;
    stations.set(run.workstation_id, { ...station, state: run.state, since, until: run.end_ms, isLonger: since <= recent.from });
  }
  for (const stop of stops) {
    const station = stations.get(stop.workstation_id);
    if (stop.open && station && station.state !== 'working') Object.assign(station, { stop, since: stop.start_ms, isLonger: false });
  }
  return [...stations.values()].sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
}

function stationTile(station, isFew) {
  const name = stationName(station.id);
  const isStopped = station.stop !== undefined;
  const seconds = station.since === undefined ? undefined : (present() - station.since) / 1000;
  const since = station.state === 'working' || seconds === undefined ? undefined
    : isStopped && isLive() ? (isFew ? f.counter(seconds) : f.minutes(seconds)) : station.isLonger ? text.board.moreThan(f.duration(seconds)) : f.duration(seconds);
  const words = `${name}: ${text.stationState[station.state]}${since ? `, ${text.board.since(since)}` : ''}`;
  return h('li', { 'data-key': station.id, class: `now ${station.state} ${isStopped ? 'stopped' : ''}` },
    h('a', { href: address({ view: isStopped ? 'stops' : 'timeline', find: isStopped ? station.stop.stop_id : station.id }), 'aria-label': words, title: words },
      icon(shapeOf[station.state]), h('span', { class: 'now-name' }, name), (since || isFew) && h('span', { class: 'now-since' }, since || text.stationState[station.state])));
}

function stationsPanel(stations) {
  const running = stations.filter((station) => station.state === 'working').length;
  return h('section', { class: 'now-panel', 'aria-label': text.board.now },
    h('h2', {}, text.board.running(f.integer(running), f.integer(stations.length))),
    h('ul', { class: `now-tiles ${stations.length > 24 ? 'many' : stations.length > 12 ? 'some' : 'few'}` }, stations.map((station) => stationTile(station, stations.length <= 12))));
}

// ---- what is to do

function stopItem(stop) {
  const seconds = stop.open ? (now() - stop.start_ms) / 1000 : stop.duration_s;
  const t = text.board;
  return h('li', { class: 'todo stop', 'data-key': `s${stop.stop_id}` }, icon(shapeOf[stop.kind] || 'idle'),
    h('p', {}, h('strong', {}, h('a', { class: 'more-of', href: address({ view: 'stops', find: stop.stop_id }) }, stationName(stop.workstation_id))),
      ' ', h('span', { class: 'spelt' }, stop.open ? t.standing : t.stood), ' ', h('span', { class: 'count-up' }, stop.open && seconds < 600 ? f.counter(seconds) : f.minutes(seconds)), stop.reason && h('span', { class: 'reason' }, ` ${stop.reason_name || stop.reason}`)),
    asks(stop) && h('button', { type: 'button', class: 'button big primary', onclick: () => actions.reason(stop), 'aria-label': `${text.reason.choose}: ${stationName(stop.workstation_id)}` }, t.ask));
}

function alertItem(alert) {
  const shape = alert.priority === 'medium' ? 'diamond' : 'alert';
  return h('li', { class: `todo call ${alert.priority}`, 'data-key': `a${alert.alert_id}` }, icon(shape),
    h('p', {}, h('strong', {}, link('alerts', alert.alert_id, sourceName(alert), alert.source_id)), ' ', messageOf(alert)));
}

function todo(stops, alerts) {
  const t = text.board;
  const open = isLive() ? stops.filter((stop) => stop.open).sort((a, b) => b.duration_s - a.duration_s) : [];
  const waitingStops = isLive() ? stops.filter((stop) => !stop.open && asks(stop)).sort((a, b) => b.start_ms - a.start_ms) : [];
  const loud = alerts.filter(calls);
  const asked = open.filter(asks);
  // However many stops wait, an alert that calls is among the first.
  const items = [...asked.slice(0, 2).map(stopItem), ...loud.slice(0, 1).map(alertItem), ...asked.slice(2).map(stopItem), ...loud.slice(1).map(alertItem),
    ...open.filter((stop) => !asks(stop)).map(stopItem), ...waitingStops.map(stopItem)];
  const rest = items.length - 3;
  return h('section', { class: 'todo-panel', 'aria-label': t.calls },
    items.length ? h('ul', { class: 'todos' }, items.slice(0, 3)) : h('p', { class: 'note quiet calm' }, icon('ok'), isLive() ? t.nothing : t.nothingPast),
    rest > 0 && h('p', { class: 'rest' }, h('a', { class: 'more-of', href: address({ view: loud.length > rest ? 'alerts' : 'stops', find: undefined }) }, t.more(f.integer(rest)))));
}

// ---- the whole

function head(record, look, line) {
  const z = zone();
  const name = line === undefined ? '' : lineName(line);
  return h('header', { class: 'board-head' },
    h('h1', {}, site().name, name && [' · ', h('span', { class: 'board-line' }, name)]),
    record && h('p', { class: 'board-window' }, rangeWords(record), (record.order || record.product) && h('span', { class: 'product' }, ` · ${[record.order, record.product].filter(Boolean).join(' · ')}`)),
    h('p', { class: `board-state headline ${look.loud}`, role: 'status' }, icon(look.icon), verdictWords(look)),
    !state.isKiosk && lineChooser(),
    state.rotation && !state.isKiosk && h('button', { type: 'button', class: 'button', 'aria-pressed': String(state.ui.isPaused), onclick: () => actions.set({ isPaused: !state.ui.isPaused }) }, state.ui.isPaused ? text.board.go : text.board.pause),
    state.isKiosk && h('time', { class: 'board-clock' }, f.time(present(), z)));
}

/** Where the figures come from: how much was seen, and how old the newest event is. */
function dataLine(record) {
  const { kind, sinceMs, seconds, lagMs, done } = condition();
  // A wall screen has no other mark of it while the alerts have the first line.
  const trouble = isLive() && { silent: () => text.connection.silent(f.duration(seconds)), unreachable: () => text.connection.unreachable, behind: () => text.board.catching(f.duration(lagMs / 1000), done) }[kind]?.();
  const last = record?.last_event_ms ?? (isLive() ? sinceMs : undefined);
  const words = [record?.coverage_pct !== undefined && text.board.covered(f.percent(record.coverage_pct)),
    last === undefined ? text.board.noEvent : isLive() ? text.board.newest(f.duration((now() - last) / 1000)) : f.dateTime(last, zone())];
  return h('p', { class: 'data-line' }, trouble && h('strong', { class: 'trouble' }, icon('wait'), trouble), h('a', { href: address({ view: 'bridge' }) }, words.filter(Boolean).join(' · ')));
}

export function board() {
  const entry = datum('board');
  if (!entry?.value) return waiting('board');
  const { record, line } = entry.value;
  const whole = value('kpi')?.site;
  const alerts = value('alerts') || [];
  const stops = value('stops')?.line === line ? value('stops')?.items || [] : [];
  const look = isLive() ? verdict(state.siteID, alerts, whole ?? record) : { loud: 'past', icon: 'wait', words: text.headline.past };
  const isFrozen = isLive() && (['unreachable', 'silent', 'behind'].includes(condition().kind) || [500, 64, 0].includes(record?.quality));
  const body = record?.withheld ? h('p', { class: 'note' }, text.withheld)
    : !record ? h('p', { class: 'note no-shift' }, effectiveWindow() === 'shift' ? noShift() : text.empty.window)
      : [hero(record, isFrozen), hourTable(entry.value, stops)];
  return h('div', { class: `board ${record && widthOf(figureOf(record)) > 3.1 ? 'long-figure' : ''}`, 'data-key': 'board' },
    head(record, look, line), body, stationsPanel(stationsNow(stops, line)), todo(stops, alerts), dataLine(whole ?? record));
}
