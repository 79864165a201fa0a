// A view is a function from state to nodes; `show` makes the page look like them and leaves focus, scroll
// position and what is being typed alone. Text only ever enters as text nodes: nothing is parsed as markup.
const svgNamespace = 'http://www.w3.org/2000/svg';

export const h = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) =>
  make(document.createElementNS(svgNamespace, tag), attributes, children);

function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) listen(node, name.slice(2), value);
    else if (name === 'vars') node.vars = value;
    else if (name === 'value') node.wanted = String(value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  if (node.vars) for (const [key, value] of Object.entries(node.vars)) node.style.setProperty(key, value);
  append(node, children);
  if (node.wanted !== undefined) node.value = node.wanted;
  return node;
}

/** A part that is made only when its version differs from what is on the page: for the large ones. */
export function lazy(tag, attributes, version, build) {
  const node = h(tag, { ...attributes, 'data-version': version });
  node.build = build;
  return node;
}

function realize(node) {
  if (node.nodeType !== 1) return;
  if (node.build) {
    append(node, [node.build()]);
    node.build = undefined;
  }
  for (const child of node.querySelectorAll('[data-version]')) {
    if (child.build) {
      append(child, [child.build()]);
      child.build = undefined;
    }
  }
}

function append(node, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// Once for each node and type: a node that serves another view loses its handler and may get one again.
function listen(node, type, handler) {
  node.handlers ??= {};
  node.heard ??= new Set();
  if (!node.heard.has(type)) node.addEventListener(type, (event) => node.handlers[type]?.(event));
  node.heard.add(type);
  node.handlers[type] = handler;
}

/** Makes `root` hold exactly these nodes. */
export function show(root, ...children) {
  const wanted = document.createElement('div');
  append(wanted, children);
  align(root, wanted);
}

function align(old, wanted) {
  const keyed = new Map();
  for (const child of old.childNodes) {
    const key = keyOf(child);
    if (key) keyed.set(key, child);
  }
  let place = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = keyOf(next);
    let match = key ? keyed.get(key) : place;
    if (!key) while (match && keyOf(match)) match = match.nextSibling;
    if (match && isAlike(match, next)) {
      if (match !== place) old.insertBefore(match, place);
      else place = place.nextSibling;
      update(match, next);
    } else {
      realize(next);
      old.insertBefore(next, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

const keyOf = (node) => (node.nodeType === 1 ? node.getAttribute('data-key') : null);
const isAlike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

function update(old, next) {
  if (old.nodeType === 3) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (next.build) {
    if (old.getAttribute('data-version') === next.getAttribute('data-version')) return;
    realize(next);
  }
  for (const { name } of [...old.attributes]) {
    if (name !== 'style' && name !== 'open' && !next.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const key of Object.keys(old.vars || {})) if (!next.vars || !(key in next.vars)) old.style.removeProperty(key);
  for (const [key, value] of Object.entries(next.vars || {})) {
    if (!old.vars || old.vars[key] !== value) old.style.setProperty(key, value);
  }
  old.vars = next.vars;
  for (const type of Object.keys(old.handlers || {})) if (!next.handlers?.[type]) delete old.handlers[type];
  for (const [type, handler] of Object.entries(next.handlers || {})) listen(old, type, handler);
  align(old, next);
  if (old.type === 'checkbox') old.checked = next.hasAttribute('checked');
  // What a person has entered stays until the page itself wants something else there.
  if (next.wanted !== old.wanted && next.wanted !== undefined && document.activeElement !== old) old.value = next.wanted;
  old.wanted = next.wanted;
}
