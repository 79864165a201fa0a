// Stations: what each does now and made in the window; and the page of one of them.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, cameraName, givesReasons, isLive, lineName, lines, present, showsWorkers, state, stationName, value } from './state.js';
import { actions } from './actions.js';
import { shapeOf, stationsNow } from './view-board.js';
import { alertList, pastAlerts } from './view-alerts.js';
import { stopTable } from './view-stops.js';
import { abnormal, cameraLink, fact, lineChooser, panel, stationLink, waiting } from './parts.js';

const lineOf = (id) => lines().find((line) => line.workstations.includes(id));
const camerasOf = (id) => (value('names')?.cameras || []).filter((camera) => camera.workstations.includes(id)).map((camera) => camera.id);

/** Since when the station is in its state; a stop counts up. */
function since(station) {
  if (station.since === undefined) return undefined;
  const seconds = (present() - station.since) / 1000;
  return station.stop && isLive() ? f.counter(seconds) : station.isLonger ? text.board.moreThan(f.duration(seconds)) : f.duration(seconds);
}

const stateWords = (station) => [icon(shapeOf[station.state]), h('span', {}, [text.stationState[station.stop ? 'stop' : station.state], since(station)].filter(Boolean).join(' · '))];

const reasonButton = (stop) => isLive() && givesReasons() && h('button', { type: 'button', class: stop.reason ? 'button' : 'button primary', onclick: () => actions.reason(stop), 'aria-label': `${text.reason.choose}: ${stationName(stop.workstation_id)}` }, stop.reason ? text.reason.change : text.board.ask);

function row(station, record) {
  return h('li', { class: `station ${station.state} ${station.stop ? 'stopped' : ''}`, 'data-key': station.id },
    h('div', { class: 'station-name' }, h('strong', {}, stationLink(station.id)), h('span', { class: 'station-state' }, stateWords(station))),
    h('p', { class: 'station-figures' }, record?.withheld ? text.withheld
      : [h('span', {}, text.events.count(f.integer(record?.units))), record?.gap_units !== undefined && h('span', { class: record.gap_units < 0 ? 'minus' : '' }, f.signed(record.gap_units)), h('span', {}, `${f.percent(record?.utilization_pct)} %`)]),
    station.stop && h('p', { class: 'station-stop' }, station.stop.reason && h('span', { class: 'reason' }, station.stop.reason_name || station.stop.reason), reasonButton(station.stop)));
}

function overview(stations, records) {
  const groups = new Map();
  for (const station of stations) {
    const key = lineOf(station.id)?.line_id ?? '';
    groups.set(key, [...(groups.get(key) || []), station]);
  }
  return panel(text.stationList.title, { tools: lineChooser() }, [...groups].map(([line, members]) => h('section', { class: 'station-group', 'data-key': line || '-', 'aria-label': line ? lineName(line) : text.stationList.noLine },
    lines().length > 0 && h('h3', {}, line ? h('a', { class: 'more-of', href: address({ view: 'board', line }), title: line }, lineName(line)) : text.stationList.noLine),
    h('ul', { class: 'stations' }, members.map((station) => row(station, records.get(station.id)))))));
}

function one(station, record) {
  const t = text.stationList;
  const { id } = station;
  const stops = (value('stops')?.items || []).filter((stop) => stop.workstation_id === id).sort((a, b) => b.start_ms - a.start_ms);
  const cameras = camerasOf(id);
  const alerts = (value('alerts') || []).filter((alert) => (alert.source_id === id || cameras.includes(alert.source_id)) && abnormal(alert));
  const line = lineOf(id);
  const tools = h('div', { class: 'tools' }, h('a', { class: 'button', href: address({ find: undefined }) }, t.all),
    h('a', { class: 'button', href: address({ view: 'timeline', find: id }) }, t.timeline), h('a', { class: 'button', href: address({ view: 'trends', station: id, line: undefined }) }, t.trends),
    showsWorkers() && h('a', { class: 'button', href: address({ view: 'events', find: id }) }, t.events));
  return [
    panel(stationName(id), { tools },
      h('p', { class: `station-now ${station.stop ? 'stopped' : ''}`, title: id }, stateWords(station), station.stop && reasonButton(station.stop)),
      record?.withheld ? h('p', { class: 'note' }, text.withheld) : h('dl', { class: 'facts report-facts' },
        fact(text.kpi.units, f.integer(record?.units)), record?.gap_units !== undefined && [fact(text.board.plan, f.integer(record.target_units)), fact(text.board.diff, h('span', { class: record.gap_units < 0 ? 'minus' : '' }, f.signed(record.gap_units)))],
        fact(text.trends.rate, f.integer(record?.throughput_per_hour)), fact(text.kpi.utilization, `${f.percent(record?.utilization_pct)} %`),
        line && fact(text.stopList.line, h('a', { class: 'more-of', href: address({ view: 'board', line: line.line_id }), title: line.line_id }, line.name)),
        cameras.length > 0 && fact(t.cameras, cameras.map((camera, index) => [index > 0 && ', ', cameraLink(camera, cameraName(camera))])),
        record?.workers_present !== undefined && fact(text.state.working, t.workers(record.workers_present)))),
    alerts.length > 0 && panel(t.alerts, { class: 'alert-panel' }, isLive() ? alertList(alerts, true) : pastAlerts(alerts, true)),
    panel(t.stops, {}, stops.length ? stopTable(stops) : h('p', { class: 'note quiet calm' }, icon('ok'), text.stopList.none)),
  ];
}

export function stations() {
  if (!value('kpi')) return panel(text.stationList.title, {}, waiting('kpi'));
  const records = new Map(value('kpi').stations.map((record) => [record.id, record]));
  const stops = (value('stops')?.items || []).filter((stop) => stop.open);
  const list = stationsNow(stops, state.find === undefined ? state.line : undefined);
  if (state.find === undefined) return list.length ? overview(list, records) : panel(text.stationList.title, { tools: lineChooser() }, h('p', { class: 'note quiet' }, text.empty.window));
  const station = list.find((item) => item.id === state.find);
  return station ? one(station, records.get(station.id))
    : panel(text.stationList.title, { tools: h('a', { class: 'button', href: address({ find: undefined }) }, text.stationList.all) }, h('p', { class: 'note quiet' }, text.stationList.unknown(state.find)));
}

