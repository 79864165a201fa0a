// Alerts, what a person decides about them, and how well they work.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, cameraName, isLive, may, now, present, state, value, zone } from './state.js';
import { actions } from './actions.js';
import { sinceWords } from './ask.js';
import { openedAlert } from './load.js';
import { alertPage } from './view-alert.js';
import { panel, isActive, link, messageOf, only, sourceName, tags, waiting, abnormal } from './parts.js';
import { needsCare } from './verdict.js';

const priorityIcon = { urgent: 'alert', high: 'alert', medium: 'diamond', low: 'wait' };
const shapeOf = (alert) => (isActive(alert) ? priorityIcon[alert.priority] || 'diamond' : alert.state === 'normal' ? 'ok' : 'wait');

export function alertItem(alert, isShort) {
  const at = isLive() ? now() : present();
  return h('li', { class: `alert ${alert.state} ${alert.priority} ${alert.shelved ? 'shelved' : ''}`, 'data-key': alert.alert_id },
    icon(shapeOf(alert)),
    h('div', { class: 'alert-words' },
      h('p', {}, h('strong', {}, link('alerts', alert.alert_id, sourceName(alert), alert.source_id)), h('span', { class: 'alert-class' }, text.alerts.classes[alert.class] || alert.class), tags(alert)),
      h('p', {}, messageOf(alert)),
      !isShort && h('p', { class: 'small' }, [alert.place, alert.workstation_name, alert.model_version, alert.since_ms && isActive(alert) && sinceWords(alert.since_ms, at, zone())].filter(Boolean).join(' · ')),
      advice(alert)),
    isLive() && alertTools(alert, isShort));
}

/** Advice is part of the card of what calls about the same source: one source, one card. */
const advice = (alert) => alert.advice?.length > 0 && h('ul', { class: 'advice' }, alert.advice.map((other) =>
  h('li', { 'data-key': other.alert_id }, icon('wait'), link('alerts', other.alert_id, text.alerts.classes[other.class] || other.class), ` ${messageOf(other)}`)));

export function alertTools(alert, isShort) {
  const mayAct = !state.me?.logged_in || may('acknowledge');
  return mayAct && h('div', { class: 'alert-tools' },
    needsCare(alert) && h('button', { type: 'button', class: 'button primary', onclick: () => actions.command(alert, 'ack') }, text.alerts.ack),
    alert.shelved && h('button', { type: 'button', class: 'button', onclick: () => actions.command(alert, 'unshelve') }, text.alerts.unshelve),
    !isShort && !alert.shelved && isActive(alert) && h('button', { type: 'button', class: 'button', onclick: () => actions.shelve(alert) }, text.alerts.shelveDots));
}

/** Alerts of low priority about a source of which something calls become part of that card. */
function bySource(alerts) {
  const cards = alerts.map((alert) => ({ ...alert, advice: [] }));
  const main = new Map();
  for (const card of cards) if (card.priority !== 'low' && card.state !== 'normal' && !main.has(card.source_id)) main.set(card.source_id, card);
  return cards.filter((card) => {
    const parent = main.get(card.source_id);
    if (!parent || parent === card || card.priority !== 'low' || card.state === 'normal') return true;
    parent.advice.push(card);
    return false;
  });
}

export function alertList(alerts, isShort) {
  if (!alerts.length) return h('p', { class: 'note quiet calm' }, icon('ok'), text.alerts.none);
  return h('ul', { class: 'alerts' }, bySource(alerts).map((alert) => alertItem(alert, isShort)));
}

/** Of a view of the past: how the alerts were then, by the journal, without the buttons of now. */
export function pastAlerts(alerts, isShort) {
  const then = state.window === 'custom' ? Math.min(state.to, present()) : present();
  return [h('p', { class: 'note quiet past' }, icon('wait'), h('span', {}, text.alerts.past(f.dateTime(then, zone())), ' ',
    h('a', { href: address({ view: 'alerts', window: state.window === 'custom' ? 'shift' : state.window, from: undefined, to: undefined, asOf: undefined }) }, text.alerts.toNow))),
  alerts.length ? h('ul', { class: 'alerts' }, bySource(alerts).map((alert) => alertItem(alert, isShort))) : h('p', { class: 'note quiet' }, text.alerts.pastNone)];
}

export function alerts() {
  const found = (alert) => !state.find || alert.source_id === state.find || alert.alert_id === state.find;
  const list = value('alerts')?.filter(found);
  const opened = openedAlert();
  if (opened) return alertPage(opened);
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
  const name = (id) => {
    const [, kind, ...source] = id.split('/');
    return link('alerts', id, `${text.alerts.classes[kind] || kind}: ${cameraName(source.join('/'))}`);
  };
  const table = (head, body) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': head[0] }, h('table', { class: 'list' },
    h('thead', {}, h('tr', {}, head.map((word, index) => h('th', { scope: 'col', class: index ? 'number' : '' }, word)))), h('tbody', {}, body)));
  return panel(t.title, { tools: h('p', { class: 'small' }, t.range(f.dateTime(r.from_ms, zone()), f.dateTime(r.to_ms, zone()))) },
    table([t.what, t.value, t.bar], rows.map(([what, figure, bar, isBeyond]) => h('tr', { 'data-key': what }, h('th', { scope: 'row' }, what),
      h('td', { class: `number ${isBeyond ? 'bad' : ''}` }, isBeyond && icon('alert'), figure), h('td', { class: 'number' }, bar)))),
    count(r.most_frequent) > 0 && table([t.most, t.raises], Object.entries(r.most_frequent).map(([id, raises]) => h('tr', { 'data-key': id },
      h('th', { scope: 'row' }, name(id)), h('td', { class: 'number' }, f.integer(raises))))));
}
