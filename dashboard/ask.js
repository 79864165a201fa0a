// Small forms in a dialog: one question, one decision.
import { text } from './text.js';
import * as f from './format.js';
import { h, show } from './dom.js';

/** Resolves with the values of the form, or with nothing when the person leaves. `fields`: nodes with named inputs. */
function ask(dialog, title, help, fields, done) {
  return new Promise((resolve) => {
    const close = (given) => {
      dialog.close();
      show(dialog);
      resolve(given);
    };
    show(dialog, h('form', { method: 'dialog', onsubmit: (event) => {
      event.preventDefault();
      close(Object.fromEntries(new FormData(event.target)));
    } }, h('h2', { id: 'ask-title' }, title), help && h('p', {}, help), fields,
    h('div', { class: 'dialog-tools' }, h('button', { type: 'button', class: 'button', onclick: () => close() }, text.reason.cancel), h('button', { type: 'submit', class: 'button primary' }, done))));
    dialog.setAttribute('aria-labelledby', 'ask-title');
    dialog.oncancel = () => close();
    dialog.showModal();
  });
}

const line = (name, words) => h('label', { class: 'field' }, h('span', {}, words), h('input', { type: 'text', name, maxlength: 500, autocomplete: 'off' }));

/** For how long an alert is to be quiet, and why: `{ minutes, reason }`. Choosing does nothing yet; the button does it. */
export const askShelve = (dialog, name) => ask(dialog, text.alerts.shelveTitle(name), text.alerts.shelveHelp,
  [h('fieldset', { class: 'choices' }, h('legend', {}, text.alerts.shelveFor), [30, 60, 240, 480].map((minutes) => h('label', { class: 'choice' },
    h('input', { type: 'radio', name: 'minutes', value: minutes, checked: minutes === 60 }), h('span', {}, text.alerts.minutes(minutes))))),
  line('reason', text.alerts.reason)], text.alerts.confirmShelve);

/** `since 15:12, for 11 min`. */
export const sinceWords = (ms, at, zone) => text.alerts.sinceWhen(f.when(ms, zone, at), f.duration((at - ms) / 1000));
