// Cameras and the models on them.
import { text } from './text.js';
import * as f from './format.js';
import { h, lazy } from './dom.js';
import { confidence, histogram, icon } from './charts.js';
import { datum, state, value, zone } from './state.js';
import { panel, cameraLink, only, waiting, fact } from './parts.js';

function modelCard(model) {
  const version = model.model_version || text.models.unknownVersion;
  const name = `${model.camera_id}, ${version}`;
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

export function models() {
  const page = value('models');
  const range = page && `${f.dateTime(page.from_ms, zone())} – ${f.dateTime(page.to_ms, zone())}`;
  if (!page) return panel(text.models.title, {}, waiting('models'));
  const order = { active: 0, pending: 1, normal: 2, insufficient_data: 3 };
  const sorted = page.items.filter((model) => !state.find || model.camera_id === state.find).sort((a, b) => order[a.state] - order[b.state] || a.camera_id.localeCompare(b.camera_id, undefined, { numeric: true }));
  return panel(text.models.title, { tools: h('div', { class: 'tools' }, only(), h('p', { class: 'small' }, range)) },
    sorted.length ? h('div', { class: 'models' }, lazy('div', { class: 'models-in' }, `m${datum('models').at}/${location.hash}`, () => sorted.map(modelCard)))
      : h('p', { class: 'note quiet' }, text.models.none));
}
