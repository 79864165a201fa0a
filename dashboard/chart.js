// Charts over time with axes: a line or columns, what was aimed at, and an earlier time behind. All charts of a view
// show the same part of the time.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy, s } from './dom.js';
import { state, zone } from './state.js';
import { keys, pinch, placeTip, shownRange, tickWords, ticks, wheel } from './zoom.js';
import { path, pieces } from './charts.js';

// In units of the picture, which is as wide as its place.
const left = 62;
const right = 14;
const top = 14;
const bottom = 26;

/**
 * Round values of an axis that holds all of these, at most about `count` steps. From 0 on unless that would flatten them.
 * `least`: the axis spans at least so much; `most`: the largest value there can be.
 */
export function scale(values, count = 5, { least = 0, most = Infinity } = {}) {
  const known = values.filter((value) => value !== undefined);
  let low = Math.min(...known, Infinity);
  let high = Math.max(...known, -Infinity);
  if (low > high) [low, high] = [0, 1];
  // A small change of a large figure is not to look like a fall.
  if (high - low < least) [low, high] = [Math.max(0, Math.min(most, high + least / 2) - least), Math.min(most, high + least / 2)];
  if (low >= 0 && low < 0.6 * high) low = 0;
  if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999);
  const first = Math.floor(low / step + 1e-9) * step;
  const marks = [];
  for (let n = 0; marks.length === 0 || marks.at(-1) < high - step * 1e-9; n += 1) marks.push(Number((first + n * step).toPrecision(12)));
  return { low: first, high: marks.at(-1), marks };
}

const middle = (point) => (point.at + point.end) / 2;
const isIn = (point, range) => point.at < range.to && point.end > range.from;

/** What a chart draws in: instants and values to places. */
function frameOf(chart, width, height) {
  const range = shownRange(chart.whole);
  const shown = (list) => (list || []).filter((point) => isIn(point, range));
  const [points, behind, target] = [chart.points, chart.behind, chart.target].map(shown);
  const values = [...points, ...behind, ...target].map((point) => point.value);
  const axis = scale([...values, chart.limit, ...(chart.kind === 'columns' ? [0] : [])], height > 170 ? 5 : 3, chart.bounds);
  return {
    range, points, behind, target, axis, width, height,
    x: (ms) => left + ((ms - range.from) / (range.to - range.from)) * (width - left - right),
    y: (value) => height - bottom - ((value - axis.low) / (axis.high - axis.low)) * (height - top - bottom),
  };
}

/** A line through the middles of the windows; a window without a value is a gap, an open one is hollow. */
function line(points, place, kind) {
  const dots = points.flatMap((point, index) => {
    const dot = point.value === undefined ? undefined : [place.x(middle(point)), place.y(point.value)];
    return index > 0 && point.at > points[index - 1].end ? [undefined, dot] : [dot];
  });
  const isOpen = points.at(-1)?.isOpen && dots.at(-1) !== undefined;
  const last = dots.at(-1);
  const before = isOpen ? dots.at(-2) : undefined;
  if (isOpen) dots.pop();
  const few = points.length <= (place.width - left) / 9;
  return [pieces(dots).map((piece) => s('path', { class: `series ${kind}`, d: piece.length > 1 ? path(piece) : `${path(piece)}h.1` })),
    before && s('path', { class: `series ${kind} open`, d: path([before, last]) }),
    few && dots.map((dot) => dot && s('circle', { class: `dot ${kind}`, cx: dot[0].toFixed(1), cy: dot[1].toFixed(1), r: 2.5 })),
    isOpen && s('circle', { class: `dot ${kind} open`, cx: last[0].toFixed(1), cy: last[1].toFixed(1), r: 3.5 })];
}

function columns(points, place) {
  return points.map((point) => {
    if (point.value === undefined) return undefined;
    const [a, b] = [place.x(point.at), place.x(point.end)];
    const gap = Math.min(2, (b - a) * 0.15);
    return s('rect', { class: point.isOpen ? 'column open' : 'column', x: (a + gap).toFixed(1), width: Math.max(1, b - a - 2 * gap).toFixed(1), y: place.y(point.value).toFixed(1), height: (place.y(0) - place.y(point.value)).toFixed(1) });
  });
}

/** What was aimed at holds for the whole of a window: a step each. */
const steps = (points, place) => points.map((point) => point.value !== undefined
  && s('path', { class: 'target', d: `M${place.x(Math.max(point.at, place.range.from)).toFixed(1)} ${place.y(point.value).toFixed(1)}H${place.x(Math.min(point.end, place.range.to)).toFixed(1)}` }));

function axes(chart, place) {
  const { axis, width, height, range } = place;
  return [axis.marks.map((value) => [s('path', { class: value === 0 ? 'base' : 'rule', d: `M${left} ${place.y(value).toFixed(1)}H${width - right}` }),
    s('text', { class: 'tick', x: left - 8, y: (place.y(value) + 4).toFixed(1), 'text-anchor': 'end' }, f.axis(value))]),
  s('text', { class: 'tick unit', x: 2, y: height - 8 }, chart.unit),
  ticks(range, width - left - right, 76).map((ms) => [s('path', { class: 'rule', d: `M${place.x(ms).toFixed(1)} ${top}V${height - bottom}` }),
    s('text', { class: 'tick', x: place.x(ms).toFixed(1), y: height - 8, 'text-anchor': 'middle' }, tickWords(ms, range))])];
}

function draw(chart, width, height) {
  const place = frameOf(chart, width, height);
  const known = place.points.map((point) => point.value).filter((value) => value !== undefined);
  const words = known.length ? text.trends.drawn(chart.title, f.exact(Math.min(...known)), f.exact(Math.max(...known)), chart.unit) : `${chart.title}: ${text.empty.window}`;
  return s('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': words },
    axes(chart, place),
    chart.limit !== undefined && s('path', { class: 'limit', d: `M${left} ${place.y(chart.limit).toFixed(1)}H${width - right}` }),
    s('clipPath', { id: `clip-${chart.key}` }, s('rect', { x: left - 4, y: 0, width: width - left - right + 8, height })),
    s('g', { class: 'plot', 'clip-path': `url(#clip-${chart.key})` }, line(place.behind, place, 'behind'),
      chart.kind === 'columns' ? columns(place.points, place) : line(place.points, place, 'own'), steps(place.target, place)),
    s('path', { class: 'cursor', d: '' }));
}

// ---- pointer and keys

/** From when until when a window is; days by their date. */
export function spanWords(point) {
  const z = zone();
  if (point.end - point.at >= 20 * 3_600_000) return f.weekday(point.at, z);
  return `${f.weekday(point.at, z)} ${f.span(point.at, point.end, z)}`;
}

/** What the chart says of a window, one thing a line. */
function say(chart, point) {
  const figure = (value) => (value === undefined ? f.nothing : `${f.exact(value)} ${chart.unit}`);
  const at = (list) => list?.find((other) => other.at <= middle(point) && middle(point) < other.end);
  const target = at(chart.target);
  const earlier = at(chart.behind);
  return [`${spanWords(point)}${point.isOpen ? ` (${text.board.openHour})` : ''}`, `${chart.title} ${figure(point.value)}`,
    target?.value !== undefined && `${text.trends.target} ${figure(target.value)}`,
    chart.limit !== undefined && `${text.models.limit} ${figure(chart.limit)}`,
    earlier && `${spanWords(earlier.was)}: ${figure(earlier.value)}`, point.note].filter(Boolean);
}

/** Where each chart has its mark, by its key. */
const marked = new Map();

function mark(box, chart, point) {
  const tip = box.querySelector('.tip');
  const cursor = box.querySelector('.cursor');
  tip.hidden = !point;
  if (!point) {
    marked.delete(chart.key);
    cursor?.setAttribute('d', '');
    return;
  }
  marked.set(chart.key, point.at);
  const svg = box.querySelector('svg');
  const place = frameOf(chart, Number(svg.getAttribute('width')), Number(svg.getAttribute('height')));
  const x = place.x(Math.max(place.range.from, Math.min(place.range.to, middle(point))));
  cursor.setAttribute('d', `M${x.toFixed(1)} ${top}V${place.height - bottom}`);
  const [head, ...rest] = say(chart, point);
  tip.replaceChildren(h('strong', {}, head), ...rest.map((words) => h('span', {}, words)));
  placeTip(tip, box.getBoundingClientRect(), x, top);
}

function shareAt(event) {
  const svg = event.currentTarget.querySelector('svg').getBoundingClientRect();
  const unit = svg.width / Number(event.currentTarget.querySelector('svg').getAttribute('width'));
  return (event.clientX - svg.left - left * unit) / (svg.width - (left + right) * unit);
}

function pointAt(chart, share) {
  const { from, to } = shownRange(chart.whole);
  const at = from + share * (to - from);
  return share < 0 || share > 1 ? undefined : chart.points.find((point) => point.at <= at && at < point.end);
}

/** The next window in a direction, from the marked one; from the end where none is marked. */
function step(event, chart, by) {
  const box = event.currentTarget;
  const range = shownRange(chart.whole);
  const list = chart.points.filter((point) => isIn(point, range));
  const index = list.findIndex((point) => point.at === marked.get(chart.key));
  const point = list[index < 0 ? (by < 0 ? list.length - 1 : 0) : Math.max(0, Math.min(list.length - 1, index + by))];
  mark(box, chart, point);
  if (point) box.querySelector('.said').textContent = say(chart, point).join(', ');
}

/**
 * A chart of `points` (`at`, `end`, `value`, `isOpen`), with `behind` (an earlier time, each with what it `was`),
 * `target`, `limit`, `kind` (`line` or `columns`), `unit`, `title`, a `key` of its own, the `whole` time and a
 * `version` that differs when its values do.
 */
export function chart(options, width, height) {
  const { from, to } = shownRange(options.whole);
  const fingers = pinch(options.whole, shareAt);
  return h('div', {
    class: 'chart-box', tabindex: '0', role: 'group', 'aria-label': `${options.title}. ${text.trends.help}`, 'data-key': options.key,
    onkeydown: keys(options.whole, { ArrowLeft: (event) => step(event, options, -1), ArrowRight: (event) => step(event, options, 1), Escape: (event) => mark(event.currentTarget, options) }),
    onwheel: wheel(options.whole, shareAt),
    onpointermove: (event) => {
      mark(event.currentTarget, options, pointAt(options, shareAt(event)));
      fingers(event);
    },
    onpointerdown: fingers, onpointerup: fingers, onpointercancel: fingers,
    onpointerleave: (event) => {
      mark(event.currentTarget, options);
      fingers(event);
    },
    onblur: (event) => mark(event.currentTarget, options),
  },
  lazy('div', { 'data-key': 'picture' }, `${options.version}/${from}/${to}/${width}/${height}`, () => draw(options, width, height)),
  lazy('div', { class: 'tip', hidden: true, 'aria-hidden': 'true', 'data-key': 'tip' }, 'tip', () => undefined),
  lazy('p', { class: 'visually-hidden said', role: 'status', 'data-key': 'said' }, 'said', () => undefined));
}

/** The same as a table, for those who cannot see the chart or want the numbers. */
export function numbers(options) {
  const range = shownRange(options.whole);
  const rows = options.points.filter((point) => isIn(point, range));
  const at = (list, point) => list?.find((other) => other.at <= middle(point) && middle(point) < other.end);
  const cell = (value) => h('td', { class: 'number' }, value === undefined ? f.nothing : f.exact(value));
  const hasTarget = options.target?.some((point) => point.value !== undefined);
  return h('details', { class: 'numbers', 'data-key': `n-${options.key}` }, h('summary', {}, text.trends.numbers),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${options.title}: ${text.trends.numbers}` },
      lazy('table', { class: 'list' }, `${options.version}/${range.from}/${range.to}`, () => [h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, text.trends.time), h('th', { scope: 'col', class: 'number' }, options.unit || options.title),
        hasTarget && h('th', { scope: 'col', class: 'number' }, text.trends.target), options.behind?.length > 0 && h('th', { scope: 'col', class: 'number' }, text.trends.earlier))),
      h('tbody', {}, rows.map((point) => h('tr', {}, h('th', { scope: 'row' }, spanWords(point)), cell(point.value), hasTarget && cell(at(options.target, point)?.value), options.behind?.length > 0 && cell(at(options.behind, point)?.value))))])));
}
