// The bridge itself, and what it rejected.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { icon } from './charts.js';
import { address, cameraName, may, now, state, value, zone } from './state.js';
import { actions } from './actions.js';
import { panel, cameraLink, waiting, fact } from './parts.js';

export function quarantine() {
  const page = value('quarantine');
  if (!page) return panel(text.quarantine.title, {}, waiting('quarantine'));
  const codes = Object.entries(page.counts);
  const tools = codes.length > 0 && h('div', { class: 'chips', role: 'group', 'aria-label': text.quarantine.reason },
    [[undefined, codes.reduce((sum, [, n]) => sum + n, 0)], ...codes].map(([code, n]) => h('button', {
      type: 'button', class: 'chip', 'aria-pressed': state.ui.code === code ? 'true' : 'false', onclick: () => actions.code(code),
    }, code ? text.quarantine.codes[code] || code : text.all, h('span', { class: 'count' }, f.integer(n)))));
  const mayReplay = !state.me?.logged_in || may('replay');
  const again = mayReplay && page.items.length > 0 && h('div', { class: 'tools replay' }, h('button', { type: 'button', class: 'button', onclick: () => actions.replay() }, text.quarantine.replayAll),
    h('p', { class: 'small' }, text.quarantine.replayHelp));
  return panel(text.quarantine.title, { tools }, again, page.items.length ? h('ul', { class: 'rejected-list' }, page.items.map((row) =>
    h('li', { 'data-key': String(row.id) }, h('details', {},
      h('summary', {}, h('span', { class: 'time' }, f.when(row.received_at_ms, zone(), now())), h('strong', { title: row.camera_id }, row.camera_id ? cameraName(row.camera_id) : f.nothing),
        h('span', { class: 'tag' }, text.quarantine.codes[row.code] || row.code), h('span', { class: 'why' }, row.field && h('code', {}, row.field), ` ${row.detail}`)),
      h('div', { class: 'raw' }, h('p', { class: 'small' }, row.camera_id && [cameraLink(row.camera_id), ' · '], `${text.quarantine.topic}: `, h('code', {}, row.topic), ` · ${text.quarantine.bytes(f.integer(row.payload_bytes))}`),
        h('pre', { tabindex: '0', 'aria-label': text.quarantine.payload }, row.payload), mayReplay && h('p', {}, h('button', { type: 'button', class: 'button', onclick: () => actions.replay(row.id) }, text.quarantine.replay)))))))
    : h('p', { class: 'note quiet calm' }, icon('ok'), text.quarantine.none));
}

export function bridge() {
  const status = state.status;
  if (!status) return panel(text.bridge.title, {}, waiting('status'));
  const p = status.process;
  const t = text.bridge;
  const own = status.sites.find((item) => item.site_id === state.siteID);
  const low = p.disk_bytes > 0 && p.disk_free_bytes / p.disk_bytes < 0.1;
  const words = [...status.sites.filter((item) => item.warning).map((item) => `${item.site_id}: ${item.warning}`),
    ...status.unlisted_sites.map((item) => `${text.connection.unlisted(item.site_id, item.topic)} (${f.when(item.last_ms, zone(), now())})`)];
  return [
    words.length > 0 && panel(t.toMend, {}, h('ul', { class: 'to-mend' }, words.map((line) => h('li', { 'data-key': line }, icon('alert'), ' ', line)))),
    panel(t.title, {}, h('dl', { class: 'facts wide-facts' },
      fact(t.version, `${status.bridge_id} · ${status.version}`), fact(t.uptime, f.duration(status.uptime_s)),
      fact(t.cpu, state.cpu === undefined ? f.nothing : `${f.percent(state.cpu)} % ${t.ofCore}`), fact(t.memory, f.bytes(p.resident_bytes)),
      fact(t.disk, h('span', { class: low ? 'bad' : '' }, low && icon('alert'), f.bytes(p.disk_free_bytes), h('small', {}, ` ${t.of(f.bytes(p.disk_bytes))}`))),
      fact(t.store, f.bytes(p.store_bytes)), fact(t.files, f.integer(p.open_files)))),
    panel(text.nav.sites, { tools: h('p', { class: 'small' }, t.balance) }, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': text.nav.sites }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, [text.site, t.session, t.lag, t.commit].map((name) => h('th', { scope: 'col' }, name)),
        [t.received, t.stored, t.low, t.duplicate, t.rejected, t.conflict, t.ignored].map((name) => h('th', { scope: 'col', class: 'number' }, name)))),
      h('tbody', {}, status.sites.map((item) => h('tr', { 'data-key': item.site_id },
        h('th', { scope: 'row' }, h('a', { class: 'more-of', href: address({ siteID: item.site_id, view: 'board' }), title: item.site_id }, state.sites.find((other) => other.site_id === item.site_id)?.name ?? item.site_id)),
        h('td', { class: item.connected ? '' : 'bad', title: item.trouble || '' }, item.connected ? `${t.connected}, ${item.session_present ? t.resumed : t.fresh}` : [icon('alert'), item.trouble || text.connection.connecting]),
        h('td', {}, item.lag_ms === undefined ? f.nothing : f.duration(item.lag_ms / 1000)),
        h('td', {}, item.last_commit_ms ? t.ago(f.duration((status.timestamp_ms - item.last_commit_ms) / 1000)) : t.never),
        ['received', 'stored', 'low_confidence', 'duplicate', 'rejected', 'conflict', 'ignored'].map((name) => h('td', { class: 'number' }, f.integer(item.counters[name]))))))))),
    own && panel(t.cameras, {}, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.cameras }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t.camera), h('th', { scope: 'col' }, t.status), h('th', { scope: 'col', class: 'number' }, t.count), h('th', { scope: 'col' }, t.last))),
      h('tbody', {}, own.cameras.map((camera) => h('tr', { 'data-key': camera.camera_id }, h('th', { scope: 'row' }, cameraLink(camera.camera_id),
          camera.at_most_once && h('span', { class: 'badge low', title: t.atMostOnceMeans }, t.atMostOnce),
          (camera.missing > 0 || camera.lost > 0) && h('span', { class: 'badge low', title: t.missingMeans(f.integer(camera.missing), f.integer(camera.lost)) }, t.missing(f.integer(camera.missing + camera.lost)))),
        h('td', { class: camera.status === 'offline' && !camera.out_of_service ? 'bad' : '' }, camera.status === 'offline' && !camera.out_of_service && icon('alert'), t.statuses[camera.status],
          camera.out_of_service && h('span', { class: 'tag', title: `${camera.out_of_service.by}: ${camera.out_of_service.reason}` }, t.outOfService)),
        h('td', { class: 'number' }, f.integer(camera.events)),
        h('td', {}, camera.last_event_ms ? t.ago(f.duration((now() - camera.last_event_ms) / 1000)) : t.never))))))),
    own?.notify && panel(t.receivers, {}, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.receivers }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t.route), h('th', { scope: 'col' }, t.status), h('th', { scope: 'col', class: 'number' }, t.waits), h('th', { scope: 'col', class: 'number' }, t.delivered))),
      h('tbody', {}, own.notify.routes.map((route) => h('tr', { 'data-key': route.route }, h('th', { scope: 'row' }, `${route.route}, ${route.kind}`),
        h('td', { class: route.error ? 'bad' : '', title: route.error || route.note || '' }, route.error ? [icon('alert'), route.error] : route.note || t.takes),
        h('td', { class: 'number' }, f.integer(route.waiting)), h('td', { class: 'number' }, f.integer(route.delivered)))))))),
  ];
}
