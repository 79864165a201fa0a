// Stops: where the time went, and each of them with its reason.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { icon, share } from './charts.js';
import { address, datum, givesReasons, isLive, lineName, lines, now, present, reasons, state, stationName, value, zone } from './state.js';
import { actions } from './actions.js';
import { lineChooser, panel, select, waiting } from './parts.js';

const nameOf = (row, by) => {
  if (by === 'line') return row.id ? lineName(row.id) : text.stopList.noLine;
  if (by === 'reason') return row.name || reasons().find((item) => item.id === row.id)?.name || row.id || text.stopList.noReason;
  return stationName(row.id);
};

/** The view that shows more of it. */
const targetOf = (row, by) => (by === 'workstation' ? address({ view: 'timeline', find: row.id }) : by === 'line' && row.id ? address({ view: 'board', line: row.id }) : undefined);

/** Shares of the time as bars, with the sum of those above. */
function pareto(page) {
  const t = text.stopList;
  if (!page.items.length) return h('p', { class: 'note quiet' }, page.isTooLong ? t.long : t.none);
  const by = page.by || state.ui.paretoBy;
  const most = page.items[0].share_pct || 1;
  const title = { workstation: t.station, line: t.line, reason: t.reason }[by];
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.pareto }, h('table', { class: 'list pareto' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, title), h('th', { scope: 'col', class: 'number' }, t.length), h('th', { scope: 'col', class: 'bar-cell' }, t.share),
      h('th', { scope: 'col', class: 'number wide' }, t.cumulative), h('th', { scope: 'col', class: 'number' }, t.count))),
    h('tbody', {}, page.items.map((row) => h('tr', { 'data-key': row.id || '-' }, h('th', { scope: 'row' }, targetOf(row, by) ? h('a', { class: 'more-of', href: targetOf(row, by) }, nameOf(row, by)) : nameOf(row, by)),
      h('td', { class: 'number' }, f.duration(row.stop_s)),
      h('td', { class: 'bar-cell' }, h('span', { class: 'bar-words' }, `${f.percent(row.share_pct)} %`), share((100 * row.share_pct) / most, `${f.percent(row.share_pct)} %`)),
      h('td', { class: 'number wide' }, `${f.percent(row.cumulative_pct)} %`), h('td', { class: 'number' }, f.integer(row.stops)))))));
}

function reasonCell(stop) {
  const canGive = isLive() && givesReasons();
  return h('td', { class: 'stop-reason' }, stop.reason ? [stop.reason_name || stop.reason, stop.planned && h('span', { class: 'tag' }, text.reason.planned), stop.comment && h('small', {}, ` ${stop.comment}`), stop.by && h('small', {}, ` ${text.reason.by(stop.by)}`)]
    : h('span', { class: 'quiet' }, reasons().length ? text.reason.unknown : f.nothing),
  canGive && h('button', { type: 'button', class: stop.open && !stop.reason ? 'button primary' : 'button', onclick: () => actions.reason(stop), 'aria-label': `${stop.reason ? text.reason.change : text.reason.choose}: ${stationName(stop.workstation_id)}, ${f.when(stop.start_ms, zone(), present())}` }, stop.reason ? text.reason.change : text.reason.choose));
}

export function stopTable(stops) {
  const t = text.stopList;
  const z = zone();
  const seconds = (stop) => (stop.open && isLive() ? (now() - stop.start_ms) / 1000 : stop.duration_s);
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.title }, h('table', { class: 'list stops' },
    h('thead', {}, h('tr', {}, [t.station, t.start, t.end, t.length].map((word, index) => h('th', { scope: 'col', class: index === 3 ? 'number' : '' }, word)), h('th', { scope: 'col', class: 'wide' }, t.kind), h('th', { scope: 'col' }, t.reason))),
    h('tbody', {}, stops.map((stop) => h('tr', { 'data-key': stop.stop_id, class: `${stop.open ? 'open-stop' : ''} ${state.find === stop.stop_id ? 'found' : ''}` },
      h('th', { scope: 'row', title: stop.workstation_id }, h('a', { class: 'more-of', href: address({ view: 'timeline', find: stop.stop_id }) }, stationName(stop.workstation_id))),
      h('td', { class: 'time' }, f.when(stop.start_ms, z, present())),
      h('td', { class: 'time' }, stop.open ? h('span', { class: 'tag active-stop' }, icon('idle'), t.open) : f.when(stop.end_ms, z, present())),
      h('td', { class: 'number' }, f.duration(seconds(stop))), h('td', { class: 'wide' }, t.kinds[stop.kind]), reasonCell(stop))))));
}

export function stops() {
  const t = text.stopList;
  const entry = datum('stops');
  const sums = value('pareto');
  const board = value('board');
  // Without a shift there is nothing to ask for.
  if (board && !board.record) return panel(t.title, {}, h('p', { class: 'note quiet' }, text.empty.window));
  const choices = { workstation: t.station, ...(lines().length && { line: t.line }), ...(reasons().length && { reason: t.reason }) };
  const isOne = (stop) => stop.stop_id === state.find || stop.workstation_id === state.find;
  const list = (entry?.value?.items || []).filter((stop) => !state.find || isOne(stop)).sort((a, b) => b.start_ms - a.start_ms);
  const range = entry?.value?.range;
  const total = list.reduce((sum, stop) => sum + stop.duration_s, 0);
  const tools = h('div', { class: 'tools' }, state.find && h('a', { class: 'button', href: address({ find: undefined }) }, text.alerts.all),
    list.length > 0 && h('p', { class: 'small' }, t.sum(f.integer(list.length), f.duration(total))),
    range && h('button', { type: 'button', class: 'button', onclick: () => actions.csv('stops', { ...range, line: state.line, as_of: state.asOf, limit: 10_000 }) }, t.csv));
  return [
    panel(t.pareto, { tools: h('div', { class: 'tools' }, lineChooser(), Object.keys(choices).length > 1 && select(t.by, state.ui.paretoBy, choices, actions.pareto)) }, sums ? pareto(sums) : waiting('pareto')),
    panel(t.title, { tools }, !entry?.value ? waiting('stops') : list.length ? lazy('div', {}, `s${entry.at}/${location.hash}/${isLive() ? Math.floor(Date.now() / 10_000) : ''}`, () => stopTable(list))
      : h('p', { class: 'note quiet calm' }, icon('ok'), entry.value.isTooLong ? t.long : t.none)),
  ];
}
