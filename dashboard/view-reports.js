// The report of a shift: what was made and what was lost, on one page that can be printed.
import { language, text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon, share } from './charts.js';
import { query, token } from './api.js';
import { address, cameraName, datum, isLive, lineName, now, reasons, shiftName, site, state, stationName, value, zone } from './state.js';
import { actions } from './actions.js';
import { cameraLink, fact, lineChooser, link, panel, waiting } from './parts.js';

const reasonName = (row) => row.reason_name || row.name || reasons().find((item) => item.id === (row.reason ?? row.id))?.name || row.reason || row.id || (reasons().length ? text.stopList.noReason : text.stopList.title);

/** A shift by its name and date; one that goes over midnight by the date it began. */
const shiftWords = (shift) => `${f.weekday(shift.start_ms, zone())} · ${shiftName(shift.shift_id)} ${f.span(shift.start_ms, shift.end_ms, zone())}`;

/** The shifts that have begun, the newest first, and the one that is shown. */
function chosen(report) {
  const shifts = (value('shifts')?.items || []).filter((shift) => shift.start_ms <= now()).sort((a, b) => b.start_ms - a.start_ms);
  const index = shifts.findIndex((shift) => shift.start_ms === report?.start_ms);
  return { shifts, index, older: shifts[index + 1], newer: index > 0 ? shifts[index - 1] : undefined };
}

function tools(report) {
  const t = text.shiftReport;
  const { shifts, older, newer } = chosen(report);
  const to = (shift, words, mark) => (shift ? h('a', { class: 'button', href: address({ at: shift.start_ms }), title: shiftWords(shift) }, mark, ' ', words) : h('span', { class: 'button off', 'aria-disabled': 'true' }, mark, ' ', words));
  const values = report && { scope: report.scope, id: report.scope === 'site' ? undefined : report.id, at: report.start_ms, as_of: state.asOf };
  return h('div', { class: 'tools no-print' }, lineChooser(),
    shifts.length > 0 && h('label', { class: 'field' }, h('span', {}, t.shift), h('select', { value: String(report?.start_ms ?? ''), onchange: (event) => { location.hash = address({ at: Number(event.target.value) }); } },
      shifts.map((shift) => h('option', { value: shift.start_ms, selected: shift.start_ms === report?.start_ms }, shiftWords(shift))))),
    to(older, t.older, '◂'), to(newer, t.newer, '▸'),
    values && [h('button', { type: 'button', class: 'button', onclick: () => actions.csv('reports/shift/hours', values) }, t.hoursCSV),
      // A link carries no token.
      (state.me?.logged_in || !token()) && h('a', { class: 'button', target: '_blank', rel: 'noopener', href: `/api/v1/sites/${encodeURIComponent(state.siteID)}/reports/shift${query({ ...values, lang: language })}` }, t.alone),
      h('button', { type: 'button', class: 'button primary', onclick: () => window.print() }, t.print)]);
}

function figures(record) {
  const t = text.shiftReport;
  const hasTarget = record.gap_units !== undefined;
  return h('dl', { class: 'facts report-facts' }, [
    fact(text.kpi.units, f.integer(record.units)),
    hasTarget && [fact(text.board.plan, f.integer(record.target_units)), fact(text.board.diff, h('span', { class: record.gap_units < 0 ? 'minus' : '' }, f.signed(record.gap_units))), fact(t.pace, `${f.percent(record.pace_pct)} %`)],
    hasTarget && !record.final && fact(t.forecast, f.integer(record.forecast_units)),
    fact(t.rate, f.integer(record.throughput_per_hour)), fact(text.kpi.utilization, `${f.percent(record.utilization_pct)} %`),
    record.availability_pct !== undefined && fact(t.availability, `${f.percent(record.availability_pct)} %`),
    record.stop_s !== undefined && fact(t.stopTime, `${f.duration(record.stop_s)} (${f.integer(record.stops)})`),
    record.coverage_pct !== undefined && fact(text.kpi.coverage, `${f.percent(record.coverage_pct)} %`),
    fact(t.planned, f.duration(record.planned_s))]);
}

const head = (names) => h('thead', {}, h('tr', {}, names.map(([words, kind]) => h('th', { scope: 'col', class: kind || '' }, words))));
const table = (title, names, rows, kind = '') => h('section', { class: `report-part ${kind}`, 'aria-label': title }, h('h3', {}, title),
  h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title }, h('table', { class: 'list' }, head(names), h('tbody', {}, rows))));
const none = (title, words) => h('section', { class: 'report-part', 'aria-label': title }, h('h3', {}, title), h('p', { class: 'quiet small' }, words));

function hours(report) {
  const t = text.board;
  const isPlanned = report.hours.some((hour) => hour.target_units !== undefined);
  const cell = (words, kind = '') => h('td', { class: `number ${kind}` }, words);
  return table(t.hours, [[t.hour], isPlanned && [t.plan, 'number'], [t.actual, 'number'], isPlanned && [t.diff, 'number'], isPlanned && [t.sum, 'number'], [t.why]].filter(Boolean),
    report.hours.map((hour) => h('tr', { 'data-key': String(hour.start_ms) }, h('th', { scope: 'row' }, f.span(hour.start_ms, hour.end_ms, zone()), hour.end_ms > report.timestamp_ms && h('span', { class: 'small' }, ` (${t.openHour})`)),
      isPlanned && cell(f.integer(hour.target_units)), cell(f.integer(hour.units)), isPlanned && [cell(f.signed(hour.gap_units), hour.gap_units < 0 ? 'minus' : ''), cell(f.signed(hour.total_gap_units))],
      h('td', { class: 'report-why' }, hour.stop_id && [link('stations', hour.workstation_id, stationName(hour.workstation_id)), ` ${f.minutes(hour.stop_s)} `, hour.reason ? reasonName(hour) : h('span', { class: 'quiet' }, reasons().length ? text.reason.unknown : '')]))), 'report-hours');
}

/** On paper there is room for so many. */
const printed = 14;

function stops(report) {
  const t = text.stopList;
  if (!report.stops.length) return none(t.title, t.none);
  const sorted = [...report.stops].sort((a, b) => b.duration_s - a.duration_s);
  const rest = sorted.length - printed + report.stops_left_out;
  return [table(`${t.title}: ${t.sum(f.integer(sorted.length + report.stops_left_out), f.duration(sorted.reduce((sum, stop) => sum + stop.duration_s, 0)))}`,
    [[t.station], [t.start], [t.length, 'number'], [t.kind], [t.reason]], sorted.map((stop, index) => h('tr', { 'data-key': stop.stop_id, class: index < printed ? '' : 'no-print' },
      h('th', { scope: 'row' }, link('stops', stop.stop_id, stationName(stop.workstation_id), stop.workstation_id)), h('td', {}, `${f.time(stop.start_ms, zone())}–${stop.open ? '' : f.time(stop.end_ms, zone())}`),
      h('td', { class: 'number' }, f.duration(stop.duration_s)), h('td', {}, t.kinds[stop.kind]),
      h('td', { class: 'report-why' }, stop.reason ? reasonName(stop) : h('span', { class: 'quiet' }, reasons().length ? text.reason.unknown : f.nothing), stop.comment && h('small', {}, ` ${stop.comment}`)))), 'report-stops'),
  rest > 0 && h('p', { class: 'small print-only' }, text.board.more(f.integer(rest))),
  report.stops_left_out > 0 && h('p', { class: 'small no-print' }, text.shiftReport.shorter(f.integer(report.stops_left_out)))];
}

function pareto(report) {
  const t = text.stopList;
  if (!report.pareto.length) return none(t.pareto, t.none);
  return table(t.pareto, [[t.reason], [t.length, 'number'], [t.share, 'number'], [t.count, 'number']], report.pareto.map((row, index) => h('tr', { 'data-key': row.id || '-', class: index < 8 ? '' : 'no-print' },
    h('th', { scope: 'row' }, row.id ? reasonName(row) : t.noReason), h('td', { class: 'number' }, f.duration(row.stop_s)),
    h('td', { class: 'number bar-cell' }, `${f.percent(row.share_pct)} %`, share(row.share_pct, `${f.percent(row.share_pct)} %`)), h('td', { class: 'number' }, f.integer(row.stops)))));
}

function alerts(report) {
  const t = text.shiftReport;
  if (!report.alerts.length) return none(text.alerts.title, t.noAlerts);
  const name = (id) => {
    const [, kind, ...source] = id.split('/');
    return `${text.alerts.classes[kind] || kind}: ${cameraName(source.join('/'))}`;
  };
  return table(text.alerts.title, [[text.alerts.source], [t.calls, 'number'], [t.first]], report.alerts.map((alert, index) => h('tr', { 'data-key': alert.alert_id, class: index < 6 ? '' : 'no-print' },
    h('th', { scope: 'row' }, link('alerts', alert.alert_id, name(alert.alert_id))), h('td', { class: 'number' }, f.integer(alert.calls)), h('td', {}, f.time(alert.first_ms, zone())))));
}

function gaps(report) {
  const t = text.shiftReport;
  if (!report.gaps.length) return none(t.gaps, t.noGaps);
  return table(t.gaps, [[t.cause], [text.trends.camera], [t.when]], report.gaps.map((gap, index) => h('tr', { 'data-key': `${gap.cause}/${gap.camera_id}/${gap.from_ms}`, class: index < 6 ? '' : 'no-print' },
    h('th', { scope: 'row' }, text.shiftReport.causes[gap.cause] || gap.cause.replaceAll('_', ' ')), h('td', {}, gap.camera_id ? cameraLink(gap.camera_id) : t.wholeSite), h('td', {}, f.span(gap.from_ms, gap.to_ms, zone())))));
}

function page(report) {
  const t = text.shiftReport;
  const name = report.scope === 'site' ? site().name : `${site().name} · ${lineName(report.id)}`;
  const z = zone();
  if (report.figures.withheld) return h('p', { class: 'note' }, text.withheld);
  return h('article', { class: 'report', 'aria-labelledby': 'report-title' },
    h('header', {}, h('h2', { id: 'report-title' }, name), h('p', {}, `${text.headline.shift(shiftName(report.shift_id))}, ${f.weekday(report.start_ms, z)}, ${f.time(report.start_ms, z)}–${f.time(report.end_ms, z)}`),
      h('p', { class: `small ${report.final ? '' : 'running'}` }, !report.final && icon('wait'), report.final ? t.isFinal : t.running(f.time(report.timestamp_ms, z)))),
    figures(report.figures), hours(report), stops(report),
    h('div', { class: 'report-columns' }, pareto(report), alerts(report), gaps(report)),
    h('footer', { class: 'small print-only' }, t.printedAt(f.dateTime(now(), z))));
}

export function reports() {
  const t = text.shiftReport;
  const entry = datum('shift');
  const report = entry?.value;
  if (!site().shifts.length) return panel(t.title, {}, h('p', { class: 'note quiet' }, t.noShifts));
  const isGone = entry?.error && [404, 409].includes(entry.error.status);
  const body = entry?.error && !report ? h('p', { class: 'note' }, icon('alert'), isGone ? t.none : text.failed(entry.error.message)) : report ? page(report) : waiting('shift');
  return panel(t.title, { class: 'report-panel', tools: tools(report) }, body);
}
