// A chart as a picture file. The page's security policy lets no image come from a text, so the shapes of the chart are
// drawn again on a canvas, with the colours that the browser gave them.

const number = (node, name) => Number(node.getAttribute(name)) || 0;

function shape(node) {
  const outline = new Path2D();
  switch (node.localName) {
    case 'path': return new Path2D(node.getAttribute('d') || '');
    case 'rect': outline.rect(number(node, 'x'), number(node, 'y'), number(node, 'width'), number(node, 'height')); break;
    case 'circle': outline.arc(number(node, 'cx'), number(node, 'cy'), number(node, 'r'), 0, 2 * Math.PI); break;
    default: return undefined;
  }
  return outline;
}

const isColour = (value) => value && value !== 'none' && !value.startsWith('url(');

function paint(context, node) {
  const style = getComputedStyle(node);
  if (node.localName === 'text') {
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.textAlign = { middle: 'center', end: 'right' }[node.getAttribute('text-anchor')] || 'left';
    context.fillStyle = style.fill;
    context.fillText(node.textContent, number(node, 'x'), number(node, 'y'));
    return;
  }
  const outline = shape(node);
  if (!outline) return;
  context.globalAlpha = Number(style.opacity);
  if (isColour(style.fill)) {
    context.fillStyle = style.fill;
    context.fill(outline);
  }
  if (isColour(style.stroke)) {
    context.strokeStyle = style.stroke;
    context.lineWidth = parseFloat(style.strokeWidth) || 1;
    context.lineJoin = 'round';
    context.setLineDash(style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat));
    context.stroke(outline);
  }
}

/** The SVG with two lines above it as a PNG, twice as fine as on the screen. */
export function png(svg, title, subtitle) {
  const head = 52;
  const [width, height] = [number(svg, 'width'), number(svg, 'height') + head];
  const canvas = Object.assign(document.createElement('canvas'), { width: 2 * width, height: 2 * height });
  const context = canvas.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  context.scale(2, 2);
  context.fillStyle = style.getPropertyValue('--panel').trim();
  context.fillRect(0, 0, width, height);
  context.fillStyle = style.getPropertyValue('--text').trim();
  const { fontFamily } = getComputedStyle(document.body);
  context.font = `600 16px ${fontFamily}`;
  context.fillText(title, 10, 21);
  context.fillStyle = style.getPropertyValue('--muted').trim();
  context.font = `12px ${fontFamily}`;
  context.fillText(subtitle, 10, 40);
  context.translate(0, head);
  for (const node of svg.querySelectorAll('path, rect, circle, text')) {
    if (node.closest('clipPath')) continue;
    context.save();
    const edge = node.closest('.plot') && svg.querySelector('clipPath rect');
    if (edge) context.clip(shape(edge));
    paint(context, node);
    context.restore();
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
