// Talks to the bridge. The token lives in this tab only.
const key = 'andon.token';

export const token = () => sessionStorage.getItem(key) || '';
export const setToken = (value) =>
  value ? sessionStorage.setItem(key, value) : sessionStorage.removeItem(key);

export class Refusal extends Error {
  constructor(status, problem, login) {
    super(problem?.detail || `HTTP ${status}`);
    /** Where a person can log in. */
    this.login = login;
    this.status = status;
    this.code = problem?.code || '';
  }
}

const headers = (more) => (token() ? { Authorization: `Bearer ${token()}`, ...more } : { ...more });

export function query(values) {
  const text = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return text ? `?${text}` : '';
}

async function answer(response) {
  if (response.ok) return response.json();
  let problem;
  try { problem = await response.json(); } catch { /* not ours */ }
  const login = /<(\/[a-z]+)>; rel="login"/.exec(response.headers.get('Link') || '')?.[1];
  throw new Refusal(response.status, problem, login);
}

export async function get(path, values = {}) {
  return answer(await fetch(path + query(values), { headers: headers(), signal: AbortSignal.timeout(15000) }));
}

export async function post(path, values = {}) {
  return answer(await fetch(path + query(values), {
    method: 'POST', headers: headers(), signal: AbortSignal.timeout(15000),
  }));
}

/** A list as CSV, as a file of the browser's. */
export async function download(path, values, name) {
  const response = await fetch(path + query(values), { headers: headers({ Accept: 'text/csv' }) });
  if (!response.ok) await answer(response);
  keep(await response.blob(), name);
}

/** Hands a person a file. */
export function keep(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** All pages of a list, up to a limit of items. */
export async function list(path, values, limit = 5000) {
  const items = [];
  let cursor;
  do {
    const page = await get(path, { ...values, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < limit);
  return items;
}

/**
 * Follows the event stream for ever, over lost connections, from where it was.
 * `fetch` instead of `EventSource`: that one cannot send a token.
 */
export function follow(values, { onMessage, onOpen, onLost, path = '/api/v1/stream' }) {
  const control = new AbortController();
  let lastID;
  (async () => {
    let wait = 500;
    while (!control.signal.aborted) {
      try {
        const response = await fetch(`${path}${query(values)}`, {
          headers: headers(lastID ? { 'Last-Event-ID': lastID } : {}), signal: control.signal, cache: 'no-store',
        });
        if (!response.ok) await answer(response);
        wait = 500;
        onOpen();
        await read(response.body, (message) => {
          if (message.id) lastID = message.id;
          if (message.event !== 'dropped') onMessage(message.event, message.data);
        });
        throw new Error('the stream ended');
      } catch (error) {
        if (control.signal.aborted) return;
        onLost(error);
      }
      await new Promise((resolve) => setTimeout(resolve, wait + Math.random() * 250));
      wait = Math.min(5000, wait * 1.6);
    }
  })();
  return () => control.abort();
}

async function read(body, onMessage) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    // Heartbeats come every ten seconds: silence for longer is a dead connection.
    let silence;
    const { value, done } = await Promise.race([
      reader.read(),
      new Promise((resolve, reject) => { silence = setTimeout(() => reject(new Error('silence')), 25000); }),
    ]).catch((error) => {
      reader.cancel().catch(() => {});
      throw error;
    }).finally(() => clearTimeout(silence));
    if (done) return;
    text += value;
    let end = text.indexOf('\n\n');
    while (end >= 0) {
      const frame = { event: 'message', data: undefined, id: undefined };
      for (const line of text.slice(0, end).split('\n')) {
        if (line.startsWith('id: ')) frame.id = line.slice(4);
        else if (line.startsWith('event: ')) frame.event = line.slice(7);
        else if (line.startsWith('data: ')) frame.data = JSON.parse(line.slice(6));
      }
      text = text.slice(end + 2);
      if (frame.data !== undefined) onMessage(frame);
      end = text.indexOf('\n\n');
    }
  }
}
