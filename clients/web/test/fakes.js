// A service and a peer that do what a test says, also what an honest one never would. Time is node's mock of it.
import { mock } from 'node:test';

import { Encryption, ImClient } from '../im-client.js';

export const ME = 9;
export const PEER = 10;
export const SESSION = '5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42';
export const IM_KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

/** What encryption is under way: other threads do it. */
let underWay = 0;

/** Stops the clock: `advance` moves it. Chance is always 1, so that delays are as long as they can be. */
export function stopClock() {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_767_225_600_000 });
  mock.method(Math, 'random', () => 1);
  for (const name of /** @type {const} */ (['encrypt', 'decrypt', 'digest', 'deriveBits', 'deriveKey', 'importKey', 'exportKey', 'generateKey'])) {
    const done = /** @type {(...call: any[]) => Promise<any>} */ (crypto.subtle[name].bind(crypto.subtle));
    mock.method(crypto.subtle, name, (/** @type {any[]} */ ...call) => {
      underWay++;
      return done(...call).finally(() => underWay--);
    });
  }
}

export function restartClock() {
  mock.timers.reset();
  mock.restoreAll();
}

/** Everything that can happen without time passing has happened. */
export async function settled() {
  for (let quiet = 0; quiet < 10; quiet = underWay === 0 ? quiet + 1 : 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param {number} milliseconds */
export async function advance(milliseconds) {
  await settled();
  mock.timers.tick(milliseconds);
  await settled();
}

/**
 * Waits for a condition without letting the clock go on; fails when it does not come.
 * @template T
 * @param {string} what
 * @param {() => T} condition
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, condition) {
  // By a clock that does not stand still; generous, since the machine may be busy.
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    const value = condition();
    if (value) {
      return value;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`It did not come: ${what}.`);
}

/**
 * A token as the service issues it; nobody checks its signature here.
 * @param {{ id?: unknown, life?: number, mark?: string }} [claims] `life` in seconds.
 */
export function tokenOf({ id = ME, life = 3600, mark = 'x' } = {}) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ id, exp: Date.now() / 1000 + life, mark })}.c2lnbmF0dXJl`;
}

/** @param {Uint8Array} bytes */
export const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

/** @param {number} code @param {object} [more] */
export const refusal = (code, more = {}) => ({ status: Math.floor(code / 100), body: { code, message: 'failed', error: 'No.', ...more } });

/** @param {object} data */
export const success = (data) => ({ status: 200, body: { code: 0, message: 'success', data } });

/** A socket that a test holds the other end of. */
export class FakeSocket {
  /** @type {FakeSocket[]} */
  static all = [];

  readyState = 0;
  bufferedAmount = 0;
  protocol = '';
  /** @type {any[]} */
  frames = [];
  /** @type {number | null} */
  closedWith = null;
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @type {any} */ onerror = null;

  /** @param {string} url @param {string[]} protocols */
  constructor(url, protocols) {
    this.url = new URL(url);
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.frames.push(JSON.parse(text));
  }

  /** @param {number} code */
  close(code) {
    const wasConnecting = this.readyState === 0;
    this.readyState = 3;
    this.closedWith = code;
    if (wasConnecting) {
      // As Node 20 does, before it returns.
      this.onerror?.({});
    }
  }

  // --- The other end ---

  accept(protocol = 'im.v1') {
    this.protocol = protocol;
    this.readyState = 1;
    this.onopen?.({});
  }

  /** @param {object | string} frame */
  say(frame) {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  /** @param {number} code */
  drop(code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  refuse() {
    this.onerror?.({});
    this.readyState = 3;
    this.onclose?.({ code: 1006 });
  }

  /** @param {{ seq?: number, last_id?: number, delivered?: number, session?: string }} [more] */
  ready(more = {}) {
    this.say({ type: 'presence', user_id: PEER, online: true });
    this.say({ type: 'ready', session: SESSION, seq: 0, last_id: 0, delivered: 0, ...more });
  }

  /** @param {string} type */
  of(type) {
    return this.frames.filter((frame) => frame.type === type);
  }
}

/** The service over REST, and the peer's side of the encryption. */
export class FakeService {
  /** @type {{ method: string, path: string, body: any, init: any }[]} */
  calls = [];
  /** @type {Encryption | null} */
  peers = null;
  /**
   * What the service answers: the first that is there is used up, the last stays.
   * @type {((call: { method: string, path: string, body: any }) => any)[]}
   */
  answers = [];
  session = SESSION;

  constructor() {
    FakeSocket.all = [];
  }

  /** @type {any} */
  fetch = async (/** @type {string} */ url, /** @type {any} */ init) => {
    init.signal?.throwIfAborted();
    const { pathname, search } = new URL(url);
    const call = { method: init.method, path: pathname + search, body: init.body && JSON.parse(init.body), init };
    this.calls.push(call);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    const given = await (answer ?? ((/** @type {any} */ asked) => this.honest(asked)))(call);
    if (given instanceof Error) {
      throw given;
    }
    return new Response(typeof given.body === 'string' ? given.body : JSON.stringify(given.body), { status: given.status, headers: given.headers });
  };

  /** @param {{ method: string, path: string, body: any }} call */
  async honest({ method, path, body }) {
    if (method === 'DELETE') {
      return success({});
    }
    return path.startsWith('/im/sessions/') ? success({ im_session: this.session, expires_in: 300 }) : this.completed(body);
  }

  /** @param {any} body @param {object} [more] */
  async completed({ public_key: publicKey }, more = {}) {
    const pair = { session: this.session, userId: PEER, peerId: ME };
    const answer = { from_user_id: ME, to_user_id: PEER, im_session: this.session, is_read: 1, expires_in: 60 };
    if (publicKey === undefined) {
      this.peers = await Encryption.withServerKey(pair, IM_KEY);
      return success({ ...answer, im_key: IM_KEY, ...more });
    }
    const keys = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
    const own = base64url(new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)));
    this.peers = await Encryption.withPublicKeys(pair, keys.privateKey, own, publicKey);
    return success({ ...answer, public_key: publicKey, peer_public_key: own, ...more });
  }

  /** @param {any} body @param {object} [more] */
  opened({ public_key: publicKey }, more = {}) {
    return success({ from_user_id: ME, to_user_id: PEER, im_session: this.session, is_read: 0, expires_in: 300, public_key: publicKey, ...more });
  }

  /** @param {any} [options] */
  client(options = {}) {
    return new ImClient({ server: 'https://im.example', token: tokenOf(), fetch: this.fetch, WebSocket: /** @type {any} */ (FakeSocket), ...options });
  }

  /**
   * A conversation that is connected and has caught up.
   * @param {any} [options]
   */
  async connected(options = {}) {
    const conversation = await this.client(options).rendezvous(PEER, options);
    const told = eventsOf(conversation);
    const connected = conversation.connect();
    const socket = await this.socket(1);
    socket.accept();
    socket.ready();
    await connected;
    return { conversation, told, socket };
  }

  /** The nth socket that was opened. @param {number} n */
  socket(n) {
    return until(`socket ${n}`, () => FakeSocket.all[n - 1]);
  }

  /** The peer's message as the relay passes it on. @param {number} id @param {string} text @param {object} [more] */
  async message(id, text, more = {}) {
    const data = await /** @type {Encryption} */ (this.peers).seal(new TextEncoder().encode(text), id);
    return { type: 'msg', data, from_user_id: PEER, to_user_id: ME, session: SESSION, seq: id, id, sent_at: 1_767_225_600_123, ...more };
  }

  /** @param {number} count @param {unknown} content */
  async signal(count, content) {
    const data = await /** @type {Encryption} */ (this.peers).sealSignal(new TextEncoder().encode(JSON.stringify(content)), count);
    return { type: 'signal', data, from_user_id: PEER };
  }

  /** What a frame of this side says, as the peer reads it. @param {{ data: string, id: number }} frame */
  read({ data, id }) {
    return /** @type {Encryption} */ (this.peers).open(data, id);
  }
}

/**
 * Everything that a conversation tells, in order.
 * @param {import('../im-client.js').Conversation} conversation
 */
export function eventsOf(conversation) {
  /** @type {any[]} */
  const events = [];
  for (const type of /** @type {const} */ (['message', 'withheld', 'refused', 'sent', 'delivered', 'presence', 'typing', 'state', 'handshake'])) {
    conversation.addEventListener(type, (event) => events.push({ type, .../** @type {CustomEvent} */ (event).detail }));
  }
  return {
    events,
    /** @param {string[]} types */
    of: (...types) => events.filter(({ type }) => types.includes(type)),
    clear: () => events.splice(0),
  };
}
