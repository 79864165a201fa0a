// Parts that several views use.
import { language, text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, cameraName, datum, isLive, lines, may, site, state, stationName, workerName } from './state.js';

export const stateWord = (record) => record.state || 'unknown';
export const isActive = (alert) => alert.active || alert.state === 'unack_active' || alert.state === 'acked_active';
export const tags = (alert) => [h('span', { class: 'tag' }, alert.shelved ? text.alerts.states.shelved : text.alerts.states[alert.state] || alert.state),
  isActive(alert) && h('span', { class: 'tag' }, text.alerts.priorities[alert.priority] ?? alert.priority), alert.stale && h('span', { class: 'tag' }, text.alerts.stale)];
export const abnormal = (alert) => alert.state !== 'normal';

export function panel(title, options, ...children) {
  const id = `p-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return h('section', { class: `panel ${options.class || ''}`, 'aria-labelledby': id, 'data-key': id },
    h('div', { class: 'panel-head' }, h('h2', { id }, title), options.tools), children);
}

/** An id as a link to the view that shows more of it. */
export const link = (view, id, words, title) => h('a', { class: 'more-of', href: address({ view, find: id }), title: title || id }, words ?? id);
export const workerLink = (id) => link('workers', id, workerName(id));
export const stationLink = (id, words) => link('stations', id, words ?? stationName(id));
/** Who may not see the models sees the alerts of a camera. */
export const cameraLink = (id, words) => link(may('models') ? 'models' : 'alerts', id, words ?? cameraName(id));

/** What an alert is about, by its name. */
export const sourceName = (alert) => alert.name || (alert.class === 'productivity' ? stationName(alert.source_id) : cameraName(alert.source_id));
/** What is measured and its limit, with their unit. */
export function measureWords(alert) {
  if (alert.value === undefined || !alert.metric) return undefined;
  const [what, unit] = text.alerts.metrics[alert.metric] || [alert.metric.replaceAll('_', ' '), ''];
  const show = (number) => `${f.exact(number)}${unit ? ` ${unit}` : ''}`;
  return `${what} ${show(alert.value)}${alert.limit === undefined ? '' : `, ${text.alerts.limit} ${show(alert.limit)}`}`;
}
/** Its message without the id in front: the name stands there. The bridge writes English; elsewhere the figures speak. */
export const messageOf = (alert) => (language !== 'en' && text.alerts.metrics[alert.metric] && measureWords(alert)) || (alert.message.startsWith(`${alert.source_id}: `) ? alert.message.slice(alert.source_id.length + 2) : alert.message);

/** What people call what has this id. */
const nameOf = (id) => [cameraName, stationName, workerName].map((name) => name(id)).find((name) => name !== id) || id;

/** What a link singled out, and the way back to all. */
export const only = () => state.find !== undefined && h('p', { class: 'only small' }, text.alerts.one(nameOf(state.find)), ' ',
  h('a', { class: 'button', href: address({ view: state.view }) }, text.alerts.all));

export function waiting(what) {
  const entry = datum(what);
  if (entry?.error && entry.value === undefined) {
    return h('p', { class: 'note' }, icon('alert'), text.failed(entry.error.message));
  }
  return h('p', { class: 'note quiet', 'aria-busy': 'true' }, text.loading, h('span', { class: 'dots' }));
}

export const select = (label, current, options, onChange) => h('label', { class: 'field' }, h('span', {}, label),
  h('select', { value: current, onchange: (event) => onChange(event.target.value) },
    Object.entries(options).map(([key, name]) => h('option', { value: key, selected: key === current }, name))));

export const search = (label, current, onInput) => h('label', { class: 'field' }, h('span', { class: 'visually-hidden' }, label),
  h('input', { type: 'search', placeholder: label, value: current, oninput: (event) => onInput(event.target.value) }));

export const fact = (name, figure) => h('div', {}, h('dt', {}, name), h('dd', {}, figure));

export function empty() {
  if (!isLive()) return h('p', { class: 'note quiet' }, text.empty.window);
  return h('div', { class: 'empty' }, h('p', {}, h('strong', {}, text.empty.title)), h('p', {}, text.empty.help(site()?.topic_root, state.siteID)));
}

/** The whole site, or one of its lines. */
export const lineChooser = () => lines().length > 0 && h('div', { class: 'segments lines', role: 'group', 'aria-label': text.board.line },
  [[undefined, text.board.wholeSite], ...lines().map((line) => [line.line_id, line.name])].map(([id, words]) =>
    h('a', { class: 'segment', href: address({ line: id, station: undefined }), 'aria-current': state.line === id ? 'true' : undefined }, words)));
