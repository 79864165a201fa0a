// Trends: how figures went over hours, shifts or days, if wanted before those of an earlier time.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { address, camera, cameraName, datum, lineName, lines, may, now, present, site, state, stationName, stationsOfLine, value, zone } from './state.js';
import { actions } from './actions.js';
import { chart, numbers } from './chart.js';
import { cameraLink, lineChooser, panel, select, waiting } from './parts.js';
import { shownRange, zoomTools } from './zoom.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** As wide as its panel: two beside each other where there is room. */
function chartSize() {
  const all = document.getElementById('main')?.clientWidth || window.innerWidth;
  const inner = all - 2 * Math.max(12, Math.min(28, all * 0.02));
  const width = all >= 1200 ? (inner - 16) / 2 : inner;
  return [Math.max(250, Math.floor(width) - 32), window.innerWidth < 640 ? 190 : 240];
}

/** Where nobody saw anything there is no figure, not a zero. */
const seen = (record, figure) => (record.quality === 0 || record.withheld ? undefined : figure(record));

const points = (items, figure, until) => items.map((record) => ({
  at: record.window_start_ms, end: record.window_end_ms, isOpen: record.window_end_ms > until, value: seen(record, figure),
  note: record.withheld ? text.withheld : record.quality === 64 ? text.trends.uncertain(f.percent(record.coverage_pct)) : undefined,
}));

/** An earlier time at the place of today's: a day is a day, also where the clock is changed. */
function behind({ earlier, back, items }, figure) {
  if (!earlier || !items.length) return undefined;
  return points(earlier, figure, Infinity).map((point) => ({
    ...point, isOpen: false, was: { at: point.at, end: point.end }, at: f.later(point.at, back * dayMs, zone()), end: f.later(point.end, back * dayMs, zone()),
  }));
}

/** What was aimed at, as units an hour of the same time as the line: the gap between both is the gap in units. */
const targetRate = (record) => (record.target_units === undefined || !record.elapsed_s || !record.planned_s ? undefined : (record.target_units * 3600) / record.elapsed_s);

function metrics(data) {
  const t = text.trends;
  const has = (name) => data.items.some((record) => record[name] !== undefined);
  const minutes = (name) => (record) => (record[name] === undefined ? undefined : record[name] / 60);
  return [
    { key: 'rate', title: t.rate, unit: t.perHour, figure: (record) => record.throughput_per_hour, target: has('target_units') && targetRate },
    { key: 'utilization', title: text.kpi.utilization, unit: '%', bounds: { least: 20, most: 100 }, figure: (record) => record.utilization_pct },
    has('stop_s') && { key: 'stop_s', title: t.stopTime, unit: 'min', kind: 'columns', figure: minutes('stop_s') },
    has('stops') && { key: 'stops', title: text.stopList.title, unit: '', kind: 'columns', figure: (record) => record.stops },
  ].filter(Boolean);
}

const placeWords = () => [site().name, state.station !== undefined ? stationName(state.station) : state.line !== undefined && lineName(state.line)].filter(Boolean).join(' · ');

function pictureButton(options) {
  const { from, to } = shownRange(options.whole);
  const subtitle = `${options.place}, ${f.dateTime(from, zone())} – ${f.dateTime(Math.min(to, present()), zone())}${options.unit ? ` · ${options.unit}` : ''}`;
  return h('button', { type: 'button', class: 'button', 'aria-label': `${options.title}: PNG`, onclick: (event) =>
    actions.picture(event.target.closest('.panel').querySelector('svg.chart'), options.title, subtitle, `${state.siteID}-${options.key}.png`) }, 'PNG');
}

function chartPanel(options, tools) {
  const [width, height] = chartSize();
  return panel(options.title, { class: 'chart-panel', tools: h('div', { class: 'tools' }, tools, pictureButton(options)) }, chart(options, width, height), numbers(options));
}

function figures(data, entry) {
  const whole = { from: data.from, to: data.to, least: 4 * { quarter: hourMs / 4, hour: hourMs, shift: 8 * hourMs, day: dayMs }[data.step] };
  const { to } = data;
  const until = Math.min(present(), to);
  return metrics(data).map((metric) => chartPanel({
    ...metric, whole, place: placeWords(), version: `${entry.at}/${location.hash}`, points: points(data.items, metric.figure, until),
    behind: behind(data, metric.figure), target: metric.target ? points(data.items, metric.target, until) : undefined,
  }));
}

/** Confidences come from the cameras: of the chosen one, or of the one that needs a look most. */
function confidence(data) {
  const entry = datum('confidence');
  const t = text.trends;
  const page = entry?.value;
  if (!page) return panel(t.confidence, { class: 'chart-panel' }, waiting('confidence'));
  const own = state.line === undefined ? undefined : new Set(lines().find((line) => line.line_id === state.line)?.cameras || []);
  const isOf = (model) => (state.station === undefined || camera(model.camera_id)?.workstations.includes(state.station)) && (!own || own.has(model.camera_id));
  const order = { active: 0, pending: 1, normal: 2, insufficient_data: 3 };
  const shown = page.items.filter((model) => model.trend.length > 0 && isOf(model)).sort((a, b) => order[a.state] - order[b.state] || a.camera_id.localeCompare(b.camera_id, undefined, { numeric: true }));
  if (!shown.length) return panel(t.confidence, { class: 'chart-panel' }, h('p', { class: 'note quiet' }, text.models.none));
  const model = shown.find((item) => item.camera_id === state.camera) || shown[0];
  const ids = [...new Set(shown.map((item) => item.camera_id))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const choices = Object.fromEntries(ids.map((id) => [id, cameraName(id)]));
  const whole = { from: data.from, to: data.to, least: 4 * model.step_ms };
  const tools = [select(t.camera, model.camera_id, choices, (id) => { location.hash = address({ camera: id }); }), h('span', { class: 'small' }, cameraLink(model.camera_id, t.open), ` ${model.model_version || text.models.unknownVersion}`)];
  return chartPanel({
    key: 'confidence', title: t.confidence, unit: '', whole, place: cameraName(model.camera_id), limit: model.limit, bounds: { least: 0.2, most: 1 }, version: `${entry.at}/${location.hash}`,
    points: model.trend.map((step) => ({ at: step.start_ms, end: step.start_ms + model.step_ms, value: step.mean, isOpen: step.start_ms + model.step_ms > now(), note: `${text.models.samples} ${f.integer(step.samples)}` })),
  }, tools);
}

function chooser(data) {
  const t = text.trends;
  const stations = state.line === undefined ? [...new Set([...(value('names')?.stations || []).map((item) => item.id), ...lines().flatMap((line) => line.workstations)])] : stationsOfLine(state.line);
  const back = { 0: t.none, ...((data?.step === 'hour' || data?.step === 'quarter') && { 1: t.dayBefore }), 7: t.weekBefore, 28: t.weeksBefore };
  return h('div', { class: 'tools trend-tools' }, lineChooser(),
    stations.length > 0 && select(text.stopList.station, state.station || '', { '': text.all, ...Object.fromEntries(stations.map((id) => [id, stationName(id)])) }, (id) => { location.hash = address({ station: id || undefined }); }),
    select(t.compare, String(state.back || 0), back, (days) => { location.hash = address({ back: Number(days) || undefined }); }),
    data && zoomTools(data),
    data && h('button', { type: 'button', class: 'button', onclick: () => actions.csv('kpi/series', { scope: data.scope, id: data.id, window: data.step, from: data.items[0]?.window_start_ms ?? data.from, to: data.to, as_of: state.asOf }) }, 'CSV'));
}

const legend = (data) => h('ul', { class: 'chart-legend' },
  [['own', text.trends.shown(text.trends.steps[data.step])], data.items.some((record) => record.target_units !== undefined) && ['target', text.trends.target], data.earlier && ['behind', text.trends.daysBefore(data.back)], ['open', text.openHour]]
    .filter(Boolean).map(([kind, words]) => h('li', {}, h('span', { class: `key-line ${kind}`, 'aria-hidden': 'true' }), words)));

export function trends() {
  const entry = datum('trends');
  const data = entry?.value;
  const t = text.trends;
  if (!data) return [panel(t.title, { tools: chooser() }, waiting('trends'))];
  return [
    panel(t.title, { class: 'trend-head', tools: chooser(data) }, data.items.length ? [legend(data), h('p', { class: 'small' }, t.help)] : h('p', { class: 'note quiet' }, text.empty.window)),
    data.items.length > 0 && h('div', { class: 'charts' }, figures(data, entry), may('models') && confidence(data)),
  ];
}
