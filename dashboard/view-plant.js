// The plant at a glance: figures, workstations, hours, workers, alerts, events.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { icon, share, trend } from './charts.js';
import { areaName, datum, heatScope, isLive, lineName, lines, may, present, showsWorkers, state, stationName, value, workerName, zone } from './state.js';
import { actions } from './actions.js';
import { effectiveWindow } from './load.js';
import { panel, workerLink, stationLink, waiting, select, abnormal } from './parts.js';
import { headline, noShift } from './verdict.js';
import { workerTools, workerTable, workersVersion } from './view-workers.js';
import { eventTable } from './view-events.js';
import { alertList, pastAlerts } from './view-alerts.js';

// ---- cards

export function card(key, title, help, figure, unit, note, series, scale) {
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

export function cards(record, items) {
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
    h('span', { class: 'tile-line' }, text.events.count(f.integer(record.units)),
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
  const ends = new Map(data.items.map((item) => [item.window_start_ms, item.window_end_ms]));
  const label = (ms) => (data.step === 'day' ? f.date(ms, zone()) : f.span(ms, ends.get(ms), zone()));
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
            h('span', { class: used === undefined ? 'cell none' : 'cell', vars: used === undefined ? {} : { '--v': String(Math.max(0, used - 50) * 2) } },
              used === undefined ? h('span', { class: 'visually-hidden' }, nothing) : f.integer(used)));
        }))))));
}

const legend = () => h('div', { class: 'legend', 'aria-hidden': 'true' }, h('span', {}, '≤ 50'), h('span', { class: 'ramp' }),
  h('span', {}, '100 %'), h('span', {}, text.heat.legend));

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
          kpi?.workers ? lazy('div', {}, workersVersion(datum('kpi')), () => workerTable(kpi.workers, false)) : waiting('kpi'))),
      h('div', { class: 'column' },
        panel(text.alerts.title, { class: 'alert-panel' }, !alerts ? waiting('alerts') : isLive() ? alertList(shown, true) : pastAlerts(alerts, true)),
        may('workers') && panel(isLive() ? text.liveEvents : text.pastEvents, { class: 'tall' }, eventTable(state.events.slice(0, 24), false)))),
  ];
}
