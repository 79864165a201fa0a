// Events as they come, and those that were.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { datum, isLive, site, state, workerName, zone } from './state.js';
import { actions } from './actions.js';
import { panel, workerLink, stationLink, cameraLink, waiting, select, search, empty } from './parts.js';

function badge(event) {
  if (event.confidence === undefined) return h('span', { class: 'badge none' }, f.nothing);
  const low = event.confidence < (site()?.min_confidence ?? 0.7);
  const words = f.fraction(event.confidence);
  return h('span', { class: low ? 'badge low' : 'badge', title: `${text.events.confidence} ${words}` }, low && icon('diamond'), words);
}

function outcome(event) {
  const word = text.outcomes[event.outcome] || event.outcome;
  if (event.outcome === 'rejected') {
    const reason = `${text.quarantine.codes[event.code] || event.code}: ${event.field ? `${event.field} ` : ''}${event.detail}`;
    return h('span', { class: 'outcome rejected', title: reason }, icon('alert'), word, h('span', { class: 'why' }, reason));
  }
  return h('span', { class: `outcome ${event.outcome}` }, event.outcome === 'low_confidence' && icon('diamond'), word);
}

const what = (event) => (event.event_type === 'product_count' ? (event.count === 1 ? text.events.unit : text.events.count(event.count))
  : text.kinds[event.event_type] || f.nothing);
const eventTime = (event) => event.timestamp_ms ?? event.received_at_ms;
const delay = (event) => (event.timestamp_ms && event.received_at_ms ? (event.received_at_ms - event.timestamp_ms) / 1000 : undefined);

function matching(events) {
  const needle = state.ui.eventSearch.trim().toLowerCase();
  return events.filter((event) => (state.ui.eventOutcome === 'all' || event.outcome === state.ui.eventOutcome)
    && (!needle || [event.worker_id, event.workstation_id, event.camera_id, event.event_type, workerName(event.worker_id)]
      .some((word) => word && String(word).toLowerCase().includes(needle))));
}

export function eventTable(events, isWide) {
  if (!events.length) return empty();
  const column = text.events;
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.liveEvents }, h('table', { class: 'list events' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, column.time), h('th', { scope: 'col' }, column.worker), h('th', { scope: 'col', class: isWide ? '' : 'wide' }, column.station),
      h('th', { scope: 'col' }, column.what), h('th', { scope: 'col' }, column.confidence), h('th', { scope: 'col', class: 'wide' }, column.camera),
      isWide && [h('th', { scope: 'col', class: 'wide' }, column.outcome), h('th', { scope: 'col', class: 'number wide' }, column.lag)])),
    h('tbody', {}, events.map((event) => h('tr', { 'data-key': event.key, class: `event ${event.outcome}` },
      h('td', { class: 'time' }, f.clock(eventTime(event), zone())),
      h('td', {}, event.worker_id ? workerLink(event.worker_id) : f.nothing),
      h('td', { class: isWide ? '' : 'wide' }, event.workstation_id ? stationLink(event.workstation_id) : f.nothing),
      h('td', { class: 'what' }, shapes[event.event_type] && icon(shapes[event.event_type]), event.event_type ? what(event) : outcome(event)),
      h('td', {}, badge(event)), h('td', { class: 'wide' }, event.camera_id ? cameraLink(event.camera_id) : f.nothing),
      isWide && [h('td', { class: 'wide' }, outcome(event)), h('td', { class: 'number wide' }, delay(event) === undefined ? f.nothing : f.duration(delay(event)))])))));
}
const shapes = { working: 'working', idle: 'idle', absent: 'absent' };

export function events() {
  const held = state.heldEvents;
  const all = held ? held.events : state.events;
  const newer = held ? state.events.length && state.eventCount - held.count : 0;
  const tools = h('div', { class: 'tools' },
    search(text.search, state.ui.eventSearch, (words) => actions.set({ eventSearch: words })),
    select(text.events.outcome, state.ui.eventOutcome, { all: text.all, ...text.outcomes }, (choice) => actions.set({ eventOutcome: choice })),
    isLive() && h('button', { type: 'button', class: 'button', 'aria-pressed': held ? 'true' : 'false', onclick: actions.hold },
      held ? text.events.resume : text.events.pause, held && newer ? ` (${text.events.newer(f.integer(newer))})` : ''));
  const entry = datum('events');
  return panel(text.nav.events, { tools }, entry ? eventTable(matching(all), true) : waiting('events'),
    entry?.value?.next_cursor && h('button', { type: 'button', class: 'button more', onclick: actions.older }, text.events.more));
}
