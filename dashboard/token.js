// Asks for the token, and for the name that decisions are noted under.
import { setToken } from './api.js';
import { icon } from './charts.js';
import { h, show } from './dom.js';
import { text } from './text.js';

const dialog = document.getElementById('token');
const nameKey = 'andon.by';

/** The name that was given; nothing where none was. */
export const personName = () => localStorage.getItem(nameKey) || undefined;

let asking;
/** Asks once; true when a token was given. */
export function askToken(title, problem) {
  asking ??= new Promise((resolve) => {
    const close = (isGiven) => {
      asking = undefined;
      dialog.close();
      resolve(isGiven);
    };
    show(dialog, h('form', { method: 'dialog', onsubmit: (event) => {
      event.preventDefault();
      const values = new FormData(event.target);
      setToken(values.get('token').trim());
      if (values.get('by')) localStorage.setItem(nameKey, values.get('by').trim());
      event.target.reset();
      close(true);
    } },
    h('h2', {}, title), problem && h('p', { class: 'problem', role: 'alert' }, icon('alert'), problem), h('p', {}, text.token.help),
    h('label', { class: 'field' }, h('span', {}, text.token.label), h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true })),
    h('label', { class: 'field' }, h('span', {}, text.token.by), h('input', { type: 'text', name: 'by', maxlength: 64, autocomplete: 'name', value: personName() ?? '' })),
    h('div', { class: 'dialog-tools' }, h('button', { type: 'button', class: 'button', onclick: () => close(false) }, text.token.cancel), h('button', { type: 'submit', class: 'button primary' }, text.token.ok))));
    dialog.setAttribute('aria-label', title);
    dialog.oncancel = () => close(false);
    dialog.showModal();
  });
  return asking;
}
