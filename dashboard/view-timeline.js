// The timeline: a row a workstation, its states as coloured runs with a pattern, its stops above them.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy, s } from './dom.js';
import { icon } from './charts.js';
import { address, datum, isLive, now, reasons, showsWorkers, state, stationName, stationsOfLine, value, workerName, zone } from './state.js';
import { lineChooser, panel, select, waiting } from './parts.js';
import { noWorkers, workerNotes } from './view-workers.js';
import { keys, pinch, placeTip, shownRange, tickWords, ticks, wheel, zoomTools } from './zoom.js';

// All in units of the picture, which is as wide as its place.
const axisHeight = 24;
const barTop = 9;
/** Few rows may be higher. */
const heightOf = (count) => (count > 12 ? 34 : 46);
const order = ['working', 'idle', 'vacant', 'absent', 'no_data'];

/** The pattern of a state: a camera that says absent saw the place without the worker. */
const patternOf = (word) => (word === 'absent' ? 'vacant' : word);
const isByWorker = () => state.rows === 'worker';
const nameOf = (id) => (isByWorker() ? workerName(id) : stationName(id));

const narrow = () => window.innerWidth < 640;
const labelWidth = () => (narrow() ? 84 : 150);
const pictureWidth = () => Math.max(260, (document.getElementById('main')?.clientWidth || window.innerWidth) - (narrow() ? 54 : 90));

function rowsOf(data, stops) {
  const rows = new Map();
  const row = (id) => {
    if (!rows.has(id)) rows.set(id, { id, runs: [], stops: [] });
    return rows.get(id);
  };
  for (const run of data.items) row(run.worker_id ?? run.workstation_id).runs.push(run);
  for (const stop of stops) row(stop.workstation_id).stops.push(stop);
  return [...rows.values()].sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
}

const patterns = () => s('defs', {},
  s('pattern', { id: 'pattern-idle', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, s('rect', { class: 'back', width: 6, height: 6 }), s('rect', { class: 'ink', width: 3, height: 6 })),
  s('pattern', { id: 'pattern-vacant', width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, s('rect', { class: 'back', width: 6, height: 6 }), s('circle', { class: 'ink', cx: 3, cy: 3, r: 1.1 })),
  s('pattern', { id: 'pattern-no_data', width: 8, height: 8, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(-45)' }, s('rect', { class: 'ink', width: 1, height: 8 })));

function picture(data, stops) {
  const width = pictureWidth();
  const left = labelWidth();
  const range = shownRange(data);
  const rows = rowsOf(data, stops);
  const rowHeight = heightOf(rows.length);
  const height = rows.length * rowHeight + axisHeight;
  const plot = width - left;
  const x = (ms) => left + ((Math.max(range.from, Math.min(range.to, ms)) - range.from) / (range.to - range.from)) * plot;
  const isShown = (item) => item.start_ms < range.to && (item.end_ms ?? data.until) > range.from;
  const planned = data.shifts;
  // What is no shift, and the breaks in shifts, lie behind all rows.
  const closed = [];
  let end = range.from;
  for (const shift of [...planned].sort((a, b) => a.start_ms - b.start_ms)) {
    if (shift.start_ms > end) closed.push([end, Math.min(shift.start_ms, range.to), 'closed']);
    end = Math.max(end, shift.end_ms);
    for (const pause of shift.breaks) closed.push([pause.start_ms, pause.end_ms, 'break']);
  }
  if (planned.length && end < range.to) closed.push([end, range.to, 'closed']);
  return s('svg', { class: 'timeline', viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': text.timeline.title },
    patterns(),
    closed.filter(([from, to]) => from < to && to > range.from && from < range.to).map(([from, to, kind]) =>
      s('rect', { class: `shade ${kind}`, x: x(from).toFixed(1), y: 0, width: Math.max(1, x(to) - x(from)).toFixed(1), height: height - axisHeight })),
    ticks(range, plot).map((ms) => [s('path', { class: 'rule', d: `M${x(ms).toFixed(1)} 0V${height - axisHeight}` }),
      s('text', { class: 'tick', x: x(ms).toFixed(1), y: height - 7, 'text-anchor': 'middle' }, tickWords(ms, range))]),
    rows.map((row, index) => timelineRow(row, index, { x, range, isShown, left, data, rowHeight })),
    isLive() && now() < range.to && s('path', { class: 'present', d: `M${x(now()).toFixed(1)} 0V${height - axisHeight}` }));
}

function timelineRow(row, index, { x, range, isShown, left, data, rowHeight }) {
  const barHeight = rowHeight - 14;
  const top = index * rowHeight + barTop;
  const name = nameOf(row.id);
  const sums = Object.fromEntries(order.map((word) => [word, 0]));
  const paths = Object.fromEntries(order.map((word) => [word, '']));
  for (const run of row.runs) {
    if (!isShown(run)) continue;
    sums[run.state] += Math.min(run.end_ms, range.to) - Math.max(run.start_ms, range.from);
    const [a, b] = [x(run.start_ms), x(run.end_ms)];
    paths[run.state] += `M${a.toFixed(2)} ${top}h${Math.max(0.4, b - a).toFixed(2)}v${barHeight}h${(-Math.max(0.4, b - a)).toFixed(2)}z`;
  }
  const total = Object.values(sums).reduce((sum, ms) => sum + ms, 0) || 1;
  const shares = order.filter((word) => sums[word] > 0).map((word) => `${text.stationState[word]} ${f.percent((100 * sums[word]) / total)} %`).join(', ');
  const visible = row.stops.filter(isShown);
  const label = left < 100 ? 11 : 20;
  return s('g', { class: 'timeline-row', 'data-station': row.id, role: 'group', 'aria-label': text.timeline.row(name, shares, visible.length) },
    s('text', { class: state.find === row.id ? 'row-name found' : 'row-name', x: 0, y: top + barHeight / 2 + 4 }, name.length > label ? `${name.slice(0, label - 1)}…` : name),
    order.map((word) => paths[word] && s('path', { class: `run ${patternOf(word)}`, d: paths[word] })),
    visible.map((stop) => {
      const [a, b] = [x(stop.start_ms), x(stop.end_ms ?? data.until)];
      const words = [name, `${f.time(stop.start_ms, zone())}–${stop.open ? '' : f.time(stop.end_ms, zone())}`, f.duration(stop.duration_s), stop.reason_name || stop.reason || (reasons().length ? text.reason.unknown : text.stopList.kinds[stop.kind])].join(' · ');
      return s('a', { href: address({ view: 'stops', find: stop.stop_id }), class: `stop-mark ${stop.reason ? 'explained' : ''} ${stop.planned ? 'planned' : ''} ${stop.open ? 'open' : ''} ${state.find === stop.stop_id ? 'found' : ''}`, 'aria-label': words, 'data-stop': stop.stop_id },
        s('rect', { class: 'hit', x: a.toFixed(1), y: top - 9, width: Math.max(6, b - a).toFixed(1), height: barHeight + 9 }),
        s('rect', { class: 'mark', x: a.toFixed(1), y: top - 6, width: Math.max(2, b - a).toFixed(1), height: 5 }),
        b - a > 70 && stop.reason && s('text', { class: 'mark-name', x: (a + 4).toFixed(1), y: top + barHeight / 2 + 4 }, clip(stop.reason_name || stop.reason, (b - a - 8) / 7)));
    }));
}

const clip = (words, most) => (words.length > most ? `${words.slice(0, Math.max(1, Math.floor(most) - 1))}…` : words);

// ---- pointer and keys

/** Where a pointer is: the instant, and how far down. */
function pointed(event, data) {
  const box = event.currentTarget.querySelector('svg.timeline').getBoundingClientRect();
  const left = labelWidth();
  const share = (event.clientX - box.left - left) / (box.width - left);
  const { from, to } = shownRange(data);
  return { share, at: from + share * (to - from), y: event.clientY - box.top };
}

function hint(event, data, stops) {
  const tip = event.currentTarget.querySelector('.tip');
  const { share, at, y } = pointed(event, data);
  const rows = rowsOf(data, stops);
  const station = share >= 0 ? rows[Math.floor(y / heightOf(rows.length))] : undefined;
  const run = station?.runs.find((item) => item.start_ms <= at && at < item.end_ms);
  tip.hidden = !run;
  if (!run) return;
  const stop = station.stops.find((item) => item.start_ms <= at && at < (item.end_ms ?? data.until));
  const z = zone();
  tip.replaceChildren(h('strong', {}, `${nameOf(station.id)} · ${text.stationState[run.state]}${run.worker_id && run.workstation_id ? ` · ${stationName(run.workstation_id)}` : ''}`),
    h('span', {}, `${f.clock(run.start_ms, z)}–${f.clock(run.end_ms, z)} · ${f.duration((run.end_ms - run.start_ms) / 1000)}${run.workers ? ` · ${text.timeline.workers(run.workers)}` : ''}`),
    ...(stop ? [h('span', {}, [text.stopList.only, f.duration(stop.duration_s), stop.reason_name || stop.reason, stop.comment, stop.by].filter(Boolean).join(' · '))] : []));
  const box = event.currentTarget.getBoundingClientRect();
  placeTip(tip, box, event.clientX - box.left, event.clientY - box.top + 16);
}

const legend = () => h('ul', { class: 'timeline-legend' }, (isByWorker() ? ['working', 'idle', 'absent', 'no_data', 'break'] : ['working', 'idle', 'vacant', 'no_data', 'stop', 'break']).map((word) => h('li', {},
  s('svg', { class: 'timeline swatch', viewBox: '0 0 22 14', 'aria-hidden': 'true' }, word === 'stop' ? s('g', { class: 'stop-mark' }, s('rect', { class: 'mark', y: 4, width: 22, height: 5 })) : word === 'break' ? s('rect', { class: 'shade break', width: 22, height: 14 })
    : s('rect', { class: `run ${patternOf(word)}`, width: 22, height: 14 })), text.stationState[word])));

/** Who is in the rows: stations, or workers where the site and the role show them. */
const rowChooser = () => select(text.people.rows, isByWorker() ? 'worker' : 'station', { station: text.people.station, worker: text.people.worker },
  (rows) => { location.hash = address({ rows: rows === 'worker' ? 'worker' : undefined, find: undefined }); });

/** The runs of workers at the stations that are shown, each worker with all that it did. */
function byWorker(data, people) {
  const own = state.line === undefined ? undefined : new Set(stationsOfLine(state.line));
  const isOf = (id) => !own || people.items.some((run) => run.worker_id === id && own.has(run.workstation_id));
  const shown = new Set(people.workers.filter(isOf));
  return { ...data, items: people.items.filter((run) => shown.has(run.worker_id)), until: people.to };
}

/** What is in the way of the picture: nothing to show, not yet here, or not for this person. */
function obstacle(data, people) {
  if (data.isTooLong) return h('p', { class: 'note quiet' }, text.stopList.long);
  if (!isByWorker()) return data.items.length ? undefined : h('p', { class: 'note quiet' }, text.empty.window);
  if (!showsWorkers()) return noWorkers();
  const entry = datum('people');
  if (entry?.error) return h('p', { class: 'note' }, icon('alert'), entry.error.status === 403 ? text.people.role : text.failed(entry.error.message));
  if (!people) return waiting('people');
  return people.items.length ? undefined : h('p', { class: 'note quiet' }, people.withheld ? text.people.withheld : text.people.none);
}

export function timeline() {
  const t = text.timeline;
  const entry = datum('timeline');
  const board = value('board');
  if (board && !board.record) return panel(t.title, {}, h('p', { class: 'note quiet' }, text.empty.window));
  if (!entry?.value) return panel(t.title, {}, waiting('timeline'));
  const people = isByWorker() ? value('people') : undefined;
  const head = h('div', { class: 'tools' }, lineChooser(), rowChooser());
  const problem = obstacle(entry.value, people);
  if (problem) return panel(t.title, { tools: head }, problem);
  const data = isByWorker() ? byWorker(entry.value, people) : entry.value;
  const stops = isByWorker() ? [] : value('stops')?.items || [];
  const { from, to } = shownRange(data);
  const version = `t${entry.at}/${datum('stops')?.at}/${datum('people')?.at}/${from}/${to}/${pictureWidth()}/${location.hash}`;
  const shareOf = (event) => pointed(event, data).share;
  const fingers = pinch(data, shareOf);
  return panel(t.title, { tools: h('div', { class: 'tools' }, head, zoomTools(data)), class: 'timeline-panel' },
    h('div', { class: 'timeline-box', tabindex: '0', role: 'region', 'aria-label': `${t.title}. ${t.help}`, onkeydown: keys(data), onwheel: wheel(data, shareOf),
      onpointermove: (event) => {
        hint(event, data, stops);
        fingers(event);
      }, onpointerdown: fingers, onpointerup: fingers, onpointercancel: fingers,
      onpointerleave: (event) => {
        event.currentTarget.querySelector('.tip').hidden = true;
        fingers(event);
      } },
    lazy('div', { 'data-key': 'picture' }, version, () => picture(data, stops)),
    // Its words come and go with the pointer, not with the page.
    lazy('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' }, 'tip', () => undefined)),
    legend(), data.items.length >= 10_000 && !isByWorker() && h('p', { class: 'note' }, icon('alert'), t.part), h('p', { class: 'small' }, t.help),
    isByWorker() && [people.all > people.workers.length && h('p', { class: 'small' }, text.people.more(f.integer(people.workers.length), f.integer(people.all))), workerNotes(people.withheld ? [{ withheld: true }] : [])]);
}
