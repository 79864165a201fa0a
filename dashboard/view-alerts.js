// Alerts, what a person decides about them, and how well they work.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, isLive, now, present, state, value, zone } from './state.js';
import { actions } from './actions.js';
import { panel, link, only, waiting, abnormal } from './parts.js';
import { needsCare } from './verdict.js';

const priorityIcon = { urgent: 'alert', high: 'alert', medium: 'diamond', low: 'wait' };

export function alertItem(alert, isShort) {
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
    isLive() && h('div', { class: 'alert-tools' },
      needsCare(alert) && h('button', { type: 'button', class: 'button primary', onclick: () => actions.command(alert, 'ack') }, text.alerts.ack),
      alert.shelved && h('button', { type: 'button', class: 'button', onclick: () => actions.command(alert, 'unshelve') }, text.alerts.unshelve),
      !isShort && !alert.shelved && isActive && shelf(alert)));
}

/** In the short list to the alert itself; there to what it speaks of. */
const sourceLink = (alert, isShort) => (isShort ? link('alerts', alert.source_id)
  : link(alert.class === 'drift' ? 'models' : 'events', alert.source_id));

/** Choosing a time does nothing yet: arrow keys pass over all of them. The button does it. */
export const shelf = (alert) => h('form', {
  class: 'shelf', onsubmit: (event) => {
    event.preventDefault();
    actions.command(alert, 'shelve', { duration_s: Number(new FormData(event.target).get('minutes')) * 60 });
  },
},
h('label', { class: 'field' }, h('span', { class: 'visually-hidden' }, `${text.alerts.shelveFor}, ${alert.source_id}`),
  h('select', { name: 'minutes' }, [30, 60, 240, 480].map((n) => h('option', { value: n }, text.alerts.minutes(n))))),
h('button', { type: 'submit', class: 'button' }, text.alerts.confirmShelve));

export function alertList(alerts, isShort) {
  if (!alerts.length) return h('p', { class: 'note quiet calm' }, icon('ok'), text.alerts.none);
  return h('ul', { class: 'alerts' }, alerts.map((alert) => alertItem(alert, isShort)));
}

/** Of a view of the past: how the alerts were then, by the journal, without the buttons of now. */
export function pastAlerts(alerts, isShort) {
  const then = state.window === 'custom' ? Math.min(state.to, present()) : present();
  return [h('p', { class: 'note quiet past' }, icon('wait'), h('span', {}, text.alerts.past(f.dateTime(then, zone())), ' ',
    h('a', { href: address({ view: 'alerts', window: state.window === 'custom' ? 'shift' : state.window, from: undefined, to: undefined, asOf: undefined }) }, text.alerts.toNow))),
  alerts.length ? h('ul', { class: 'alerts' }, alerts.map((alert) => alertItem(alert, isShort))) : h('p', { class: 'note quiet' }, text.alerts.pastNone)];
}

export function alerts() {
  const found = (alert) => !state.find || alert.source_id === state.find || alert.alert_id === state.find;
  const list = value('alerts')?.filter(found);
  if (!isLive()) return panel(text.alerts.title, { tools: only() }, list ? pastAlerts(list, false) : waiting('alerts'));
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
