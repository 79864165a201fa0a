// Asks for the token, and for the name that decisions are noted under.
import { setToken } from './api.js';
import { icon } from './charts.js';
import { h, show } from './dom.js';
import { text } from './text.js';

const dialog = document.getElementById('token');
const nameKey = 'andon.by';

/** The name that was given; nothing where none was. */
export const personName = () => localStorage.getItem(nameKey) || undefined;

// In this tab: a name that was left empty is not asked for again and again.
const askedKey = 'andon.by.asked';

let asking;
/** Asks once at a time; true when the form was sent. */
function ask(title, problem, needsToken) {
  asking ??= new Promise((resolve) => {
    const close = (isGiven) => {
      asking = undefined;
      dialog.close();
      resolve(isGiven);
    };
    show(dialog, h('form', { method: 'dialog', onsubmit: (event) => {
      event.preventDefault();
      const values = new FormData(event.target);
      if (needsToken) setToken(values.get('token').trim());
      if (values.get('by').trim()) localStorage.setItem(nameKey, values.get('by').trim());
      sessionStorage.setItem(askedKey, 'yes');
      event.target.reset();
      close(true);
    } },
    h('h2', {}, title), problem && h('p', { class: 'problem', role: 'alert' }, icon('alert'), problem), h('p', {}, needsToken ? text.token.help : text.token.byHelp),
    needsToken && h('label', { class: 'field' }, h('span', {}, text.token.label), h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true })),
    h('label', { class: 'field' }, h('span', {}, text.token.by), h('input', { type: 'text', name: 'by', maxlength: 64, autocomplete: 'name', value: personName() ?? '' })),
    h('div', { class: 'dialog-tools' }, h('button', { type: 'button', class: 'button', onclick: () => close(false) }, text.token.cancel), h('button', { type: 'submit', class: 'button primary' }, text.token.ok))));
    dialog.setAttribute('aria-label', title);
    dialog.oncancel = () => close(false);
    dialog.showModal();
  });
  return asking;
}

/** Asks for the token and the name; true when a token was given. */
export const askToken = (title, problem) => ask(title, problem, true);

/** Asks for the name where the token came in the address; true when the person goes on, with a name or without one. */
export const askName = async () => personName() !== undefined || sessionStorage.getItem(askedKey) !== null || ask(text.token.by, undefined, false);
