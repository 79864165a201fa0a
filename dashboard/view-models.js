// Cameras and the models on them.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { confidence, histogram, icon } from './charts.js';
import { camera, cameraName, datum, lineName, now, state, value, zone } from './state.js';
import { panel, cameraLink, link, only, stationLink, waiting, fact } from './parts.js';

function modelCard(model) {
  const version = model.model_version || text.models.unknownVersion;
  const name = `${cameraName(model.camera_id)}, ${version}`;
  return h('article', { class: `model ${model.state}`, 'data-key': `${model.camera_id}/${model.model_version}` },
    h('div', { class: 'model-head' }, h('h3', {}, cameraLink(model.camera_id), h('small', {}, version)),
      h('span', { class: `tag ${model.state}` }, model.state === 'active' && icon('alert'), model.state === 'pending' && icon('diamond'), text.models.states[model.state])),
    h('dl', { class: 'facts' },
      fact(text.models.rolling, f.fraction(model.rolling_mean)), fact(text.models.mean, f.fraction(model.mean)),
      fact(text.models.samples, f.integer(model.samples)),
      fact(text.models.below, model.samples ? `${f.percent((100 * model.below_gate) / model.samples)} %` : f.nothing)),
    model.trend.length > 1 && h('figure', {}, h('figcaption', {}, text.models.trend, h('span', { class: 'key limit-key' }, `${text.models.limit} ${f.fraction(model.limit)}`)),
      confidence(model.trend, { limit: model.limit, label: `${name}: ${text.models.trend}, ${f.fraction(model.trend[0].mean)} → ${f.fraction(model.trend.at(-1).mean)}` })),
    model.samples > 0 && h('figure', {}, h('figcaption', {}, text.models.distribution, h('span', { class: 'key gate-key' }, `${text.models.gate} ${f.fraction(model.min_confidence)}`)),
      histogram(model.histogram, { marks: [{ at: model.min_confidence, kind: 'gate' }, { at: model.limit, kind: 'limit' }], label: `${name}: ${text.models.distribution}` }),
      h('div', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, '0'), h('span', {}, '0.5'), h('span', {}, '1'))));
}

/** What is known of one camera beside its model. */
function cameraPanel(id) {
  const t = text.bridge;
  const known = camera(id);
  const live = state.status?.sites.find((item) => item.site_id === state.siteID)?.cameras?.find((item) => item.camera_id === id);
  if (!known && !live) return undefined;
  const own = (value('alerts') || []).filter((alert) => alert.source_id === id && alert.state !== 'normal');
  const away = (href, words) => href && h('a', { class: 'button', href, target: '_blank', rel: 'noopener noreferrer' }, words);
  return panel(cameraName(id), { tools: h('div', { class: 'tools' }, away(known?.url, text.alerts.openCamera), away(known?.snapshot_url, text.alerts.openSnapshot)) },
    h('dl', { class: 'facts report-facts', title: id },
      live && fact(t.status, live.out_of_service ? t.outOfService : t.statuses[live.status]), live && fact(t.last, live.last_event_ms ? t.ago(f.duration((now() - live.last_event_ms) / 1000)) : t.never),
      known?.place && fact(text.alerts.where, known.place), known?.line_id && fact(text.stopList.line, lineName(known.line_id)),
      known?.workstations.length > 0 && fact(text.stations, known.workstations.map((station, index) => [index > 0 && ', ', stationLink(station)])),
      known?.contact && fact(text.alerts.contact, known.contact), own.length > 0 && fact(text.alerts.title, link('alerts', own[0].alert_id, text.alerts.classes[own[0].class] || own[0].class))));
}

export function models() {
  const page = value('models');
  const range = page && `${f.dateTime(page.from_ms, zone())} – ${f.dateTime(page.to_ms, zone())}`;
  if (!page) return panel(text.models.title, {}, waiting('models'));
  const order = { active: 0, pending: 1, normal: 2, insufficient_data: 3 };
  const sorted = page.items.filter((model) => !state.find || model.camera_id === state.find).sort((a, b) => order[a.state] - order[b.state] || cameraName(a.camera_id).localeCompare(cameraName(b.camera_id), undefined, { numeric: true }));
  return [state.find !== undefined && cameraPanel(state.find), panel(text.models.title, { tools: h('div', { class: 'tools' }, only(), h('p', { class: 'small' }, range)) },
    sorted.length ? h('div', { class: 'models' }, lazy('div', { class: 'models-in' }, `m${datum('models').at}/${location.hash}`, () => sorted.map(modelCard)))
      : h('p', { class: 'note quiet' }, text.models.none))];
}
