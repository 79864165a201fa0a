// The page of one alert: what, where, since when, what it means, what to do, and what was done.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, camera, datum, isLive, lineName, may, now, present, state, stationName, value, zone } from './state.js';
import { actions } from './actions.js';
import { sinceWords } from './ask.js';
import { chart } from './chart.js';
import { cameraLink, isActive, measureWords, messageOf, panel, sourceName, stationLink, tags, waiting } from './parts.js';
import { needsCare } from './verdict.js';

const ofCamera = (alert) => !['productivity', 'site_model', 'group_offline', 'group_silent'].includes(alert.class);
const byConfidence = ['drift', 'confidence_drop', 'confidence_sparse', 'gate_share', 'confidence_shift', 'version_regression'];

function stationsOf(alert) {
  if (alert.class === 'productivity') return [alert.source_id];
  return camera(alert.source_id)?.workstations || [];
}

/** What the alert means for the figures: of which stations, and since when. */
function effect(alert) {
  if (!isActive(alert) || !ofCamera(alert)) return undefined;
  const stations = stationsOf(alert).map(stationName);
  return stations.length && alert.since_ms ? text.alerts.uncertainFigures(stations.join(', '), f.when(alert.since_ms, zone(), now())) : text.alerts.uncertain;
}

function place(alert) {
  const stations = stationsOf(alert);
  const parts = [ofCamera(alert) ? cameraLink(alert.source_id) : undefined, alert.place,
    stations.map((id, index) => [index > 0 && ', ', stationLink(id)]), alert.line_id && h('a', { class: 'more-of', href: address({ view: 'board', line: alert.line_id }), title: alert.line_id }, lineName(alert.line_id))];
  return parts.filter((part) => part !== undefined && part !== '' && part.length !== 0).map((part, index) => [index > 0 && ' · ', part]);
}

/** Addresses of the configuration: opened by a person, never by the page itself. */
function links(alert) {
  const known = camera(alert.source_id);
  const away = (href, words) => href && h('a', { class: 'button', href, target: '_blank', rel: 'noopener noreferrer' }, words);
  return [away(known?.url, text.alerts.openCamera), away(known?.snapshot_url, text.alerts.openSnapshot), known?.contact && h('span', { class: 'small' }, `${text.alerts.contact}: ${known.contact}`)];
}

function evidence(alert) {
  if (!ofCamera(alert) || !may('models')) return undefined;
  const page = value('evidence');
  if (!page) return waiting('evidence');
  const model = page.items.filter((item) => item.camera_id === alert.source_id).sort((a, b) => (b.model_version === alert.model_version) - (a.model_version === alert.model_version) || b.last_event_ms - a.last_event_ms)[0];
  if (!model?.trend.length) return undefined;
  const all = document.getElementById('main')?.clientWidth || window.innerWidth;
  const isOfMean = alert.metric === 'confidence_mean';
  return h('figure', {}, h('figcaption', {}, text.trends.confidence, h('span', {}, cameraLink(alert.source_id))), chart({
    key: 'evidence', title: text.trends.confidence, unit: '', whole: { from: page.from_ms, to: Math.max(page.to_ms, model.trend.at(-1).start_ms + model.step_ms), least: 4 * model.step_ms }, limit: isOfMean && alert.limit !== undefined ? alert.limit : byConfidence.includes(alert.class) ? model.limit : undefined,
    bounds: { least: 0.2, most: 1 }, version: `${datum('evidence').at}/${alert.alert_id}`,
    points: model.trend.map((step) => ({ at: step.start_ms, end: step.start_ms + model.step_ms, value: step.mean, isOpen: step.start_ms + model.step_ms > now(), note: `${text.models.samples} ${f.integer(step.samples)}` })),
  }, Math.max(250, Math.min(1100, Math.floor(all - 90))), 220));
}

function decisions(alert) {
  const t = text.alerts;
  if (!isLive() || (state.me?.logged_in && !may('acknowledge'))) return undefined;
  const wasThere = Boolean(alert.occurrence_id);
  return h('div', { class: 'decisions' },
    needsCare(alert) && h('form', { class: 'tools', 'data-key': 'ack', onsubmit: (event) => {
      event.preventDefault();
      actions.command(alert, 'ack', { comment: new FormData(event.target).get('comment').trim() || undefined });
      event.target.reset();
    } }, h('label', { class: 'field grow' }, h('span', {}, t.comment), h('input', { type: 'text', name: 'comment', maxlength: 500, autocomplete: 'off' })), h('button', { type: 'submit', class: 'button primary big' }, t.ack)),
    h('div', { class: 'tools', 'data-key': 'shelf' }, alert.shelved ? h('button', { type: 'button', class: 'button', onclick: () => actions.command(alert, 'unshelve') }, t.unshelve)
      : isActive(alert) && h('button', { type: 'button', class: 'button', onclick: () => actions.shelve(alert) }, t.shelveDots)),
    wasThere && h('div', { class: 'tools', role: 'group', 'aria-label': t.wasRight, 'data-key': 'right' }, h('span', {}, t.wasRight),
      h('button', { type: 'button', class: 'button', onclick: () => actions.command(alert, 'confirm') }, t.yes), h('button', { type: 'button', class: 'button', onclick: () => actions.command(alert, 'false_alarm') }, t.no)));
}

function history() {
  const t = text.alerts;
  const page = value('journal');
  if (!page) return panel(t.history, {}, waiting('journal'));
  const to = isLive() ? Infinity : present();
  const rows = page.items.filter((row) => row.at_ms <= to).sort((a, b) => b.at_ms - a.at_ms);
  if (!rows.length) return panel(t.history, {}, h('p', { class: 'note quiet' }, t.noHistory));
  return panel(t.history, {}, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.history }, h('table', { class: 'list history' },
    h('thead', {}, h('tr', {}, [text.events.time, t.event, t.who, t.message].map((words) => h('th', { scope: 'col' }, words)))),
    h('tbody', {}, rows.map((row) => h('tr', { 'data-key': `${row.at_ms}/${row.event}/${row.rev}` }, h('td', { class: 'time' }, f.when(row.at_ms, zone(), now())),
      h('td', {}, row.page && icon('alert', text.report.pagesPerDay), t.events[row.event] || row.event), h('td', {}, row.by || f.nothing), h('td', { class: 'report-why' }, [messageOf(row), row.comment && h('small', {}, ` ${row.comment}`)])))))));
}

export function alertPage(alert) {
  const t = text.alerts;
  const at = isLive() ? now() : present();
  const title = `${t.classes[alert.class] || alert.class}: ${sourceName(alert)}`;
  const action = alert.action_id ? t.actions[alert.action_id] || alert.action : alert.action;
  const result = effect(alert);
  const numbers = measureWords(alert);
  return [
    panel(title, { class: 'alert-page', tools: h('a', { class: 'button', href: address({ find: undefined }) }, t.list) },
      !isLive() && h('p', { class: 'note quiet past' }, icon('wait'), t.past(f.dateTime(at, zone()))),
      h('p', { class: 'alert-what', title: alert.alert_id }, tags(alert), h('span', {}, messageOf(alert))),
      h('dl', { class: 'alert-facts' },
        h('div', {}, h('dt', {}, t.where), h('dd', {}, place(alert))),
        alert.since_ms && isActive(alert) && h('div', {}, h('dt', {}, text.trends.time), h('dd', {}, sinceWords(alert.since_ms, at, zone()))),
        numbers && h('div', {}, h('dt', {}, t.value_), h('dd', {}, numbers)),
        result && h('div', {}, h('dt', {}, t.effect), h('dd', {}, result)),
        action && isActive(alert) && h('div', {}, h('dt', {}, t.whatToDo), h('dd', {}, action)),
        alert.attached_to && h('div', {}, h('dt', {}, t.attached), h('dd', {}, h('a', { class: 'more-of', href: address({ find: alert.attached_to }) }, alert.attached_to)))),
      h('div', { class: 'tools' }, links(alert)), decisions(alert), evidence(alert)),
    history(),
  ];
}
