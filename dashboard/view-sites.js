// All sites, a card each.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon, trend } from './charts.js';
import { address, now, site, state, value } from './state.js';
import { fact } from './parts.js';
import { verdict } from './verdict.js';

export function sites() {
  if (!state.sites.length) return h('p', { class: 'note quiet', 'aria-busy': 'true' }, text.loading, h('span', { class: 'dots' }));
  return h('ul', { class: 'site-cards' }, state.sites.map((item) => {
    const record = value('kpi', item.site_id)?.site;
    const items = value('trend', item.site_id)?.items || [];
    const list = value('alerts', item.site_id) || [];
    const look = verdict(item.site_id, list, record);
    const used = items.map((entry) => entry.utilization_pct);
    return h('li', { 'data-key': item.site_id }, h('a', { class: `site-card ${look.loud}`, href: address({ siteID: item.site_id, view: 'board' }) },
      h('div', { class: 'site-head' }, h('h2', {}, item.name), h('span', { class: 'small' }, f.time(now(), item.timezone))),
      h('p', { class: `site-state ${look.loud}` }, icon(look.icon), look.words),
      h('dl', { class: 'facts' },
        fact(text.kpi.utilization, [f.percent(record?.utilization_pct), h('small', {}, ' %')]),
        fact(text.columns.rate, f.decimal(record?.units_per_hour)), fact(text.kpi.units, f.integer(record?.units)),
        fact(text.state.working, [f.integer(record?.workers_working), h('small', {}, ` ${text.of} ${f.integer(record?.workers_seen)}`)])),
      used.filter((n) => n !== undefined).length > 1 ? trend(used, { low: 0, high: 100, isOpen: items.at(-1).window_end_ms > now(), label: `${text.kpi.utilization} ${text.perHourTrend}` }) : h('div', { class: 'trend none' })));
  }));
}
