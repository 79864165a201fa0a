// Workers and their figures.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { icon, share } from './charts.js';
import { datum, may, present, ranks, showsWorkers, state, workerMode, workerName, zone } from './state.js';
import { actions } from './actions.js';
import { panel, workerLink, stationLink, waiting, select, search, stateWord } from './parts.js';

const rankMetric = { rate: 'units_per_hour', utilization: 'utilization_pct', units: 'units' };

function ranked(workers) {
  const metric = rankMetric[state.ui.rank];
  const sorted = [...workers].sort((a, b) => (ranks() ? (b[metric] ?? -1) - (a[metric] ?? -1) : 0)
    || a.id.localeCompare(b.id, undefined, { numeric: true }));
  const needle = state.ui.search.trim().toLowerCase();
  return sorted.map((record, index) => ({ record, rank: index + 1 })).filter(({ record }) =>
    (state.ui.filter === 'all' || stateWord(record) === state.ui.filter)
    && (!needle || record.id.toLowerCase().includes(needle) || workerName(record.id).toLowerCase().includes(needle)));
}

export const workerTools = () => h('div', { class: 'tools' },
  search(text.searchWorkers, state.ui.search, (words) => actions.set({ search: words })),
  ranks() && select(text.rankBy, state.ui.rank, text.rankings, (rank) => actions.set({ rank })),
  select(text.filterState, state.ui.filter, { all: text.all, ...text.state }, (filter) => actions.set({ filter })));

export function workerTable(workers, isWide) {
  const rows = ranked(workers);
  if (!rows.length) return h('p', { class: 'note quiet' }, workers.length ? text.empty.search : text.empty.window);
  const column = text.columns;
  const head = (name, more = '') => h('th', { scope: 'col', class: more }, name);
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.leaderboard }, h('table', { class: 'list workers' },
    h('thead', {}, h('tr', {}, ranks() && head(column.rank, 'number rank'), head(column.worker), head(column.state), head(column.station, 'wide'),
      head(column.utilization, 'number'), head(column.units, 'number'), head(column.rate, 'number'),
      isWide && [head(column.working, 'number wide'), head(column.idle, 'number wide'), head(column.absent, 'number wide'),
        head(column.coverage, 'number wide'), head(column.last, 'number wide')])),
    h('tbody', {}, rows.map(({ record, rank }) => {
      const word = stateWord(record);
      return h('tr', { 'data-key': record.id, class: record.quality === 500 ? 'stale' : '', title: text.quality[record.quality] || '' },
        ranks() && h('td', { class: 'number rank' }, rank),
        h('th', { scope: 'row', title: record.id }, workerLink(record.id)),
        record.withheld ? h('td', { class: 'state quiet' }, text.withheld) : h('td', { class: 'state' }, icon(word), h('span', { class: 'state-word' }, text.state[word] || word)),
        h('td', { class: 'wide' }, record.workstation_id ? stationLink(record.workstation_id) : f.nothing),
        h('td', { class: 'number used' }, f.percent(record.utilization_pct), h('small', {}, ' %'),
          share(record.utilization_pct, `${text.kpi.utilization} ${f.percent(record.utilization_pct)} %`)),
        h('td', { class: 'number' }, f.integer(record.units)),
        h('td', { class: 'number' }, f.decimal(record.units_per_hour)),
        isWide && [
          h('td', { class: 'number wide' }, f.duration(record.working_s)), h('td', { class: 'number wide' }, f.duration(record.idle_s)),
          h('td', { class: 'number wide' }, f.duration(record.absent_s)), h('td', { class: 'number wide' }, f.percent(record.coverage_pct), h('small', {}, ' %')),
          h('td', { class: 'number wide' }, record.last_event_ms ? f.when(record.last_event_ms, zone(), present()) : f.nothing),
        ]);
    }))));
}

export const workersVersion = (entry) => `${entry?.at}/${state.ui.search}/${state.ui.filter}/${state.ui.rank}/${location.hash}`;

/** What a person sees here of others, and what not. */
export function workerNotes(records) {
  const t = text.people;
  return [workerMode() === 'pseudonym' && t.pseudonym, records?.some((record) => record.withheld) && t.withheld, !ranks() && t.notRanked].filter(Boolean).map((words) => h('p', { class: 'small' }, words));
}

/** Why there are no single workers: the site's privacy, or the role of who looks. */
export const noWorkers = () => h('p', { class: 'note quiet' }, icon('wait'), workerMode() === 'off' ? text.people.off : !may('workers') ? text.people.role : text.people.none);

export function workers() {
  if (!showsWorkers()) return panel(text.leaderboard, {}, noWorkers());
  const entry = datum('kpi');
  return panel(text.leaderboard, { tools: workerTools() },
    entry?.value?.workers ? lazy('div', {}, `w${workersVersion(entry)}`, () => workerTable(entry.value.workers, true)) : waiting('kpi'), workerNotes(entry?.value?.workers));
}
