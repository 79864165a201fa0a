// How the plant is: what is said of it in a few words.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, condition, isLive, mayShow, now, present, site, state, zone } from './state.js';

export const needsCare = (alert) => alert.state === 'unack_active' || alert.state === 'rtn_unack';
/** Advice (priority low) waits in the list and calls nobody. */
export const calls = (alert) => needsCare(alert) && alert.priority !== 'low';
/** How loud to be: `good`, `warn` or `bad`. */
export function loudness(alerts, trouble) {
  const care = alerts.filter(calls);
  if (trouble || care.some((alert) => alert.priority === 'high' || alert.priority === 'urgent')) return 'bad';
  return care.length ? 'warn' : 'good';
}

/** From when until when; both with their date unless both are of the day that is looked at. */
export function rangeWords(record) {
  const z = zone();
  const { window_start_ms: start, window_end_ms: end } = record;
  const isToday = isLive() && f.sameDay(start, present(), z) && f.sameDay(end, present(), z);
  const show = (ms) => (isToday ? f.time(ms, z) : f.dateTime(ms, z));
  return `${record.shift_id ? `${text.headline.shift(record.shift_id)}, ` : ''}${show(start)} – ${show(end)}`;
}

/** How the plant is, in two words and as loud as it needs: nothing is normal that nobody sees. */
export function verdict(siteID, alerts, record) {
  const held = state.status?.sites.find((item) => item.site_id === siteID)?.trouble;
  const { kind, sinceMs, seconds, lagMs, done } = condition(siteID);
  const z = state.sites.find((item) => item.site_id === siteID)?.timezone || 'UTC';
  const care = alerts.filter(calls).length;
  const loud = loudness(alerts, held);
  if (kind === 'unreachable') return { loud: 'bad', icon: 'alert', words: sinceMs === undefined ? text.connection.unreachable : text.headline.unreachable(f.when(sinceMs, z, now())) };
  if (care) return { loud, icon: 'alert', words: text.headline.attention(care), view: 'alerts' };
  if (held) return { loud, icon: 'alert', words: text.bridge.held };
  if (kind === 'waiting' || record?.quality === 0) return { loud, icon: 'wait', words: text.empty.waiting };
  if (kind === 'silent') return { loud: 'warn', icon: 'wait', words: text.headline.silent(f.duration(seconds)) };
  if (kind === 'behind') return { loud: 'warn', icon: 'wait', words: text.board.catching(f.duration(lagMs / 1000), done) };
  if (record?.quality === 500) return { loud: 'warn', icon: 'wait', words: text.headline.staleFigures };
  if (record?.quality === 64) return { loud: 'warn', icon: 'wait', words: text.board.uncertain(f.percent(record.coverage_pct)) };
  const inHand = alerts.filter((alert) => alert.state === 'acked_active').length;
  return { loud, icon: 'ok', words: inHand ? text.headline.inHand(inHand) : text.headline.normal, view: inHand ? 'alerts' : undefined };
}

/** The words as a link to what they speak of. */
export function verdictWords(look) {
  const view = look.view ?? (look.icon !== 'ok' && isLive() && mayShow('bridge') ? 'bridge' : undefined);
  return h('strong', {}, view ? h('a', { class: 'more-of', href: address({ view, find: undefined }) }, look.words) : look.words);
}

export function headline(record, alerts) {
  const look = isLive() ? verdict(state.siteID, alerts || [], record) : { loud: 'past', icon: 'wait', words: text.headline.past };
  const words = [];
  if (record) {
    words.push(record.workers_seen ? text.headline.working(f.integer(record.workers_working), f.integer(record.workers_seen))
      : text.headline.nobody);
  }
  const pending = isLive() ? (alerts || []).filter((alert) => alert.state === 'pending').length : 0;
  if (pending) words.push(text.headline.pending(pending));
  return h('div', { class: `headline ${look.loud}`, role: 'status', 'aria-live': 'polite' },
    icon(look.icon), h('p', {}, verdictWords(look), h('span', {}, words.join(' · '))),
    record && h('p', { class: 'range' }, rangeWords(record)));
}

/** Without a shift: when the next one begins. Of the past, only that there was none. */
export function noShift() {
  const { next_shift: next, closed_reason: reason } = (isLive() && site()) || {};
  return text.empty.shift(next && `${next.shift_id} ${f.shiftStart(next.start_ms, zone(), now())}`, reason);
}
