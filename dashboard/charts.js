// Small charts in SVG. They carry a name for those who cannot see them; the figures beside them say the rest.
import { s } from './dom.js';

const points = (values, width, height, low, high, pad = 3) => {
  const span = high - low || 1;
  const step = values.length > 1 ? (width - 2 * pad) / (values.length - 1) : 0;
  return values.map((value, index) => (value === undefined ? undefined : [
    pad + index * step, height - pad - ((value - low) / span) * (height - 2 * pad),
  ]));
};

/** Pieces of a line: a gap stays a gap. */
export function pieces(dots) {
  const all = [];
  let piece = [];
  for (const dot of dots) {
    if (dot) piece.push(dot);
    else if (piece.length) { all.push(piece); piece = []; }
  }
  if (piece.length) all.push(piece);
  return all;
}

export const path = (dots) => dots.map(([x, y], index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/**
 * A trend line; the last value has a dot. `low` and `high` fix the scale. `isOpen`: the last value's time is not over;
 * its dot is hollow and the way to it dashed.
 */
export function trend(values, { low, high, label, isOpen = false, width = 200, height = 44 } = {}) {
  const known = values.filter((value) => value !== undefined);
  const bottom = low ?? Math.min(...known);
  const top = high ?? Math.max(...known, bottom + 1e-9);
  const dots = points(values, width, height, bottom, top);
  const last = [...dots].reverse().find(Boolean);
  const isHollow = isOpen && dots.at(-1) !== undefined;
  const before = isHollow ? dots.at(-2) : undefined;
  if (isHollow) dots.pop();
  return s('svg', {
    class: 'trend', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label,
  },
  pieces(dots).map((piece) => piece.length > 1 && s('path', {
    class: 'area', d: `${path(piece)}L${piece.at(-1)[0].toFixed(1)} ${height}L${piece[0][0].toFixed(1)} ${height}Z`,
  })),
  pieces(dots).map((piece) => s('path', { class: 'line', d: piece.length > 1 ? path(piece) : `${path(piece)}h.1` })),
  before && s('path', { class: 'line open', d: path([before, last]) }),
  last && s('path', { class: 'dot', d: `M${last[0].toFixed(1)} ${last[1].toFixed(1)}h.01` }),
  isHollow && s('path', { class: 'hollow', d: `M${last[0].toFixed(1)} ${last[1].toFixed(1)}h.01` }));
}

/** Means over time with a limit line. All values 0…1. */
export function confidence(steps, { limit, label, width = 320, height = 96 }) {
  const values = steps.map((step) => step.mean);
  const known = values.filter((value) => value !== undefined);
  const bottom = Math.min(0.5, Math.floor(Math.min(...known, limit) * 10) / 10);
  const y = (value) => height - 3 - ((value - bottom) / (1 - bottom)) * (height - 6);
  const dots = points(values, width, height, bottom, 1);
  return s('svg', {
    class: 'confidence', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': label,
  },
  s('rect', { class: 'below', x: 0, y: y(limit).toFixed(1), width, height: Math.max(0, height - y(limit)).toFixed(1) }),
  s('path', { class: 'limit', d: `M0 ${y(limit).toFixed(1)}H${width}` }),
  pieces(dots).map((piece) => s('path', { class: 'line', d: piece.length > 1 ? path(piece) : `${path(piece)}h.1` })));
}

/** A distribution in equal steps of 0…1, with marks. */
export function histogram(counts, { marks = [], label, width = 320, height = 64 }) {
  const top = Math.max(...counts, 1);
  const step = width / counts.length;
  return s('svg', {
    class: 'histogram', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': label,
  },
  counts.map((count, index) => {
    const size = count === 0 ? 0 : Math.max(1.5, (count / top) * (height - 4));
    return s('rect', {
      class: 'bar', x: (index * step + 1).toFixed(1), y: (height - size).toFixed(1), width: (step - 2).toFixed(1),
      height: size.toFixed(1),
    });
  }),
  marks.map(({ at, kind }) => s('path', { class: kind, d: `M${(at * width).toFixed(1)} 0V${height}` })));
}

/** A share of a whole as a thin bar. */
export const share = (percent, label) => s('svg', {
  class: 'share', viewBox: '0 0 100 4', preserveAspectRatio: 'none', role: 'img', 'aria-label': label,
},
s('rect', { class: 'track', width: 100, height: 4 }),
s('rect', { class: 'fill', width: Math.max(0, Math.min(100, percent || 0)).toFixed(1), height: 4 }));

const shapes = {
  working: [['circle', { cx: 8, cy: 8, r: 5.5, class: 'solid' }]],
  idle: [['circle', { cx: 8, cy: 8, r: 5, class: 'ring' }], ['path', { d: 'M8 3a5 5 0 0 1 0 10z', class: 'solid' }]],
  absent: [['circle', { cx: 8, cy: 8, r: 5, class: 'ring' }]],
  unknown: [['path', { d: 'M4.5 8h7', class: 'ring' }]],
  alert: [['path', { d: 'M8 1.5 15 14H1z', class: 'solid' }]],
  diamond: [['path', { d: 'M8 1 15 8 8 15 1 8z', class: 'solid' }]],
  person: [['circle', { cx: 8, cy: 4.6, r: 3, class: 'solid' }], ['path', { d: 'M2.5 14.5a5.5 5.5 0 0 1 11 0z', class: 'solid' }]],
  ok: [['path', { d: 'M3 8.5 6.5 12 13 4.5', class: 'ring' }]],
  wait: [['circle', { cx: 8, cy: 8, r: 5.5, class: 'ring dashed' }]],
  sun: [['circle', { cx: 8, cy: 8, r: 3, class: 'ring' }],
    ['path', { d: 'M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M3 13l1.4-1.4M11.6 4.4 13 3', class: 'ring' }]],
  moon: [['path', { d: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z', class: 'ring' }]],
  auto: [['circle', { cx: 8, cy: 8, r: 5.5, class: 'ring' }], ['path', { d: 'M8 2.5a5.5 5.5 0 0 1 0 11z', class: 'solid' }]],
};

/** A state has a shape of its own, so that colour is never all that tells. */
export const icon = (name, label) => s('svg', {
  class: `icon i-${name}`, viewBox: '0 0 16 16', ...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' }),
}, (shapes[name] || []).map(([tag, attributes]) => s(tag, attributes)));
