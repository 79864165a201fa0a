// Asks why a workstation stood: one touch for the reason, if need be with a comment.
import { text } from './text.js';
import * as f from './format.js';
import { h, show } from './dom.js';
import { reasons, stationName, zone } from './state.js';

/** Resolves with `{ reason, comment }`, or with nothing when the person leaves. */
export function askReason(dialog, stop) {
  const title = text.reason.title(stationName(stop.workstation_id), f.time(stop.start_ms, zone()));
  return new Promise((resolve) => {
    const close = (given) => {
      dialog.close();
      resolve(given);
    };
    const give = (reason) => close({ reason, comment: dialog.querySelector('input').value.trim() || undefined });
    show(dialog, h('form', { method: 'dialog', onsubmit: (event) => event.preventDefault() },
      h('h2', { id: 'reason-title' }, title),
      h('div', { class: 'reason-buttons', role: 'group', 'aria-labelledby': 'reason-title' }, reasons().map((item) => h('button', {
        type: 'button', class: 'button', 'data-key': item.id, 'aria-pressed': String(stop.reason === item.id), onclick: () => give(item.id),
      }, item.name || item.id, item.planned && h('small', {}, text.reason.planned)))),
      h('label', { class: 'field', 'data-key': stop.stop_id }, h('span', {}, text.reason.comment), h('input', { type: 'text', maxlength: 500, autocomplete: 'off', value: stop.comment || '' })),
      h('div', { class: 'dialog-tools' }, stop.reason && h('button', { type: 'button', class: 'button', onclick: () => give('none') }, text.reason.none),
        h('button', { type: 'button', class: 'button', onclick: () => close() }, text.reason.cancel))));
    dialog.setAttribute('aria-labelledby', 'reason-title');
    dialog.oncancel = () => close();
    dialog.showModal();
  });
}
