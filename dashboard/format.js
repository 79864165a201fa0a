// Numbers, times and units for people.
import { locale } from './text.js';

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
export const nothing = '–';

export const integer = (n) => (n === undefined ? nothing : whole.format(n));
export const decimal = (n) => (n === undefined ? nothing : one.format(n));
export const fraction = (n) => (n === undefined ? nothing : two.format(n));
/** With its sign, also that of plus: how far from a target. */
export const signed = (n) => (n === undefined ? nothing : `${n > 0 ? '+' : n < 0 ? '\u2212' : '±'}${whole.format(Math.abs(n))}`);
export const percent = (n) => (n === undefined ? nothing : one.format(n));

const mark = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
/** A value of an axis. */
export const axis = (n) => mark.format(n);
/** A value with as many digits as help: `1,234`, `87.5`, `0.86`. */
export const exact = (n) => (n === undefined ? nothing : Math.abs(n) < 1.5 && !Number.isInteger(n) ? two.format(n) : Math.abs(n) < 1000 && !Number.isInteger(n) ? one.format(n) : whole.format(n));

/** `2 h 05 min`, `4 min`, `12 s`. */
export function duration(seconds) {
  if (seconds === undefined || Number.isNaN(seconds)) return nothing;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `24\u2032`: where there is little room. */
export const minutes = (seconds) => (seconds < 60 ? `${Math.round(seconds)}\u2033` : seconds < 6000 ? `${Math.round(seconds / 60)}\u2032` : `${one.format(seconds / 3600)} h`);
/** `4:05`, `1:04:05`: a time that counts up. */
export function counter(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, '0');
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export function bytes(n) {
  if (n === undefined) return nothing;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let index = 0;
  let value = n;
  while (value >= 1000 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${index === 0 || value >= 100 ? whole.format(value) : one.format(value)} ${units[index]}`;
}

const formats = new Map();
function formatter(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(key);
}

/** Times are the site's own, whatever zone the screen hangs in. */
export const clock = (ms, zone) =>
  formatter(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(ms);
export const time = (ms, zone) =>
  formatter(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
/** `14–15`; with minutes where the zone or the window does not begin at a full hour. */
export function span(from, to, zone) {
  const [a, b] = [time(from, zone), time(to, zone)];
  return a.endsWith(':00') && b.endsWith(':00') ? `${a.slice(0, -3)}–${b.slice(0, -3)}` : `${a}–${b}`;
}
export const date = (ms, zone) => formatter(zone, { day: 'numeric', month: 'short' }).format(ms);
export const weekday = (ms, zone) => formatter(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(ms);
export const dateTime = (ms, zone) =>
  formatter(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
export const sameDay = (a, b, zone) => date(a, zone) === date(b, zone);
/** `Mon 06:00`; with its date when that is more than six days away. */
export const shiftStart = (ms, zone, now) =>
  formatter(zone, { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(ms - now > 6 * 86_400_000 && { day: 'numeric', month: 'short' }) }).format(ms);
/** Only the time today, else with its date. */
export const when = (ms, zone, now) => (sameDay(ms, now, zone) ? time(ms, zone) : dateTime(ms, zone));

/** The instant of a site's wall clock reading, e.g. from an input of type datetime-local. */
export function instant(local, zone) {
  const [day, clockTime] = local.split('T');
  const [y, mo, d] = day.split('-').map(Number);
  const [h, mi] = clockTime.split(':').map(Number);
  const guess = Date.UTC(y, mo - 1, d, h, mi);
  let ms = guess;
  for (let round = 0; round < 3; round += 1) ms += guess - wall(ms, zone);
  return ms;
}

function wall(ms, zone) {
  const parts = Object.fromEntries(
    formatter(zone, {
      year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(ms).map((part) => [part.type, Number(part.value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

/** A site's wall clock reading for an input of type datetime-local. */
export function localInput(ms, zone) {
  return new Date(wall(ms, zone)).toISOString().slice(0, 16);
}

/** So much later on the site's clock: a day is a day, also where the clock is changed. */
export const later = (ms, by, zone) => ms + by - (wall(ms + by, zone) - wall(ms, zone) - by);
