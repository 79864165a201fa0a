// The part of a stretch of time that a picture shows: wheel, two fingers, keys and buttons change it.
import { text } from './text.js';
import * as f from './format.js';
import { h } from './dom.js';
import { state, zone } from './state.js';
import { actions } from './actions.js';

const minute = 60_000;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((n) => n * minute);

/** What is shown of `whole`: all of it, or the part that was zoomed to. */
export function shownRange(whole) {
  const { zoom } = state.ui;
  if (!zoom) return { from: whole.from, to: whole.to };
  const span = Math.min(zoom.to - zoom.from, whole.to - whole.from);
  const from = Math.max(whole.from, Math.min(zoom.from, whole.to - span));
  return { from, to: from + span };
}

/** Makes the shown part `factor` as long around the share `at` of it. Ends at `whole.least` milliseconds and at all of it. */
export function zoomBy(whole, factor, at = 0.5) {
  const { from, to } = shownRange(whole);
  const span = Math.max(whole.least ?? minute, Math.min(whole.to - whole.from, (to - from) * factor));
  const center = from + (to - from) * at;
  actions.set({ zoom: span >= whole.to - whole.from ? undefined : { from: center - span * at, to: center - span * at + span } });
}

export function moveBy(whole, share) {
  const { from, to } = shownRange(whole);
  const by = (to - from) * share;
  if (state.ui.zoom) actions.set({ zoom: { from: from + by, to: to + by } });
}

/** Instants for an axis of `width` units: round ones of the site's clock, at most one each `room` units. */
export function ticks({ from, to }, width, room = 90) {
  const step = steps.find((ms) => ((to - from) / ms) * room <= width) || 4 * steps.at(-1);
  const z = zone();
  const all = [];
  // From the site's midnight on. Where the clock is changed, the next instant is at its reading again.
  const first = f.instant(`${f.localInput(from, z).slice(0, 10)}T00:00`, z);
  const count = Math.ceil((to - first) / step) + 2;
  for (let n = 0; n <= count; n += 1) {
    const ms = step < 360 * minute ? first + n * step : f.later(first, n * step, z);
    if (ms >= from && ms < to) all.push(ms);
  }
  return all;
}

/** Of a tick: the time, or the date where a day begins or where only days are marked. */
export function tickWords(ms, { from, to }) {
  const z = zone();
  const words = f.time(ms, z);
  return words === '00:00' && to - from > 24 * 60 * minute ? f.date(ms, z) : words;
}

/** The wheel zooms where the pointer is; sideways it moves. A page that cannot zoom further scrolls as usual. */
export const wheel = (whole, shareOf) => (event) => {
  const share = shareOf(event);
  if (share < 0 || share > 1) return;
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    if (!state.ui.zoom) return;
    event.preventDefault();
    moveBy(whole, event.deltaX / 1000);
  } else if (event.deltaY < 0 || state.ui.zoom) {
    event.preventDefault();
    zoomBy(whole, event.deltaY < 0 ? 0.8 : 1.25, share);
  }
};

const pointers = new Map();
/** Two fingers apart or together. */
export const pinch = (whole, shareOf) => (event) => {
  if (event.pointerType !== 'touch') return;
  // A picture that went away while it was touched heard nothing of the end.
  if (event.type === 'pointerdown' && event.isPrimary) pointers.clear();
  if (event.type === 'pointerdown') pointers.set(event.pointerId, event.clientX);
  else if (event.type !== 'pointermove') pointers.delete(event.pointerId);
  if (event.type !== 'pointermove' || !pointers.has(event.pointerId) || pointers.size !== 2) return;
  const apart = () => Math.abs([...pointers.values()].reduce((a, b) => a - b));
  const before = apart();
  pointers.set(event.pointerId, event.clientX);
  const after = apart();
  if (before > 20 && after > 20) zoomBy(whole, before / after, Math.max(0, Math.min(1, shareOf(event))));
};

/** `more`: what other keys do. */
export const keys = (whole, more = {}) => (event) => {
  const all = () => actions.set({ zoom: undefined });
  const act = {
    '+': () => zoomBy(whole, 0.5), '=': () => zoomBy(whole, 0.5), '-': () => zoomBy(whole, 2), 0: all, Home: all,
    ArrowLeft: () => moveBy(whole, -0.25), ArrowRight: () => moveBy(whole, 0.25), ...more,
  }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act(event);
};

/** What is shown, and buttons for those who have neither wheel nor keys. */
export function zoomTools(whole) {
  const t = text.timeline;
  const { from, to } = shownRange(whole);
  const z = zone();
  const button = (words, mark, act, isOff) => h('button', { type: 'button', class: 'button square', 'aria-label': words, title: words, disabled: isOff, onclick: act }, mark);
  return [h('p', { class: 'small', 'data-key': 'shown' }, `${f.dateTime(from, z)} – ${f.dateTime(to, z)}`),
    button(t.left, '◂', () => moveBy(whole, -0.5), !state.ui.zoom), button(t.right, '▸', () => moveBy(whole, 0.5), !state.ui.zoom),
    button(t.zoomOut, '−', () => zoomBy(whole, 2), !state.ui.zoom), button(t.zoomIn, '+', () => zoomBy(whole, 0.5)),
    state.ui.zoom && h('button', { type: 'button', class: 'button', onclick: () => actions.set({ zoom: undefined }) }, t.whole)];
}

/** Puts a box of words beside the pointer, inside its place. */
export function placeTip(tip, box, x, y) {
  const place = Math.min(x + 14, box.width - tip.offsetWidth - 4);
  tip.style.setProperty('--x', `${Math.max(0, place)}px`);
  tip.style.setProperty('--y', `${y}px`);
}
