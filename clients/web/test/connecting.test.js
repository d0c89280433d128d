// How it connects, comes back, and ends: docs/protocol.md, section 4.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { Encryption } from '../im-client.js';
import { advance, eventsOf, FakeService, FakeSocket, PEER, refusal, restartClock, SESSION, settled, stopClock, success, tokenOf, until } from './fakes.js';

/** @type {FakeService} */
let service;

beforeEach(() => {
  stopClock();
  service = new FakeService();
});
afterEach(restartClock);

const kind = (/** @type {any} */ conversation) => [conversation.state, conversation.reason?.kind ?? null];

/** A token function, and what it gave. @param {number} [life] */
function tokenFunction(life = 3600) {
  const given = /** @type {string[]} */ ([]);
  return { given, token: mock.fn(() => (given.push(tokenOf({ life, mark: `${given.length}` })), /** @type {string} */ (given.at(-1)))) };
}

test('It offers im.v1 and its token as subprotocols, and names session and seen; no token stands in the address', async () => {
  const token = tokenOf();
  const { socket } = await service.connected({ token });
  assert.deepEqual(socket.protocols, ['im.v1', `im.bearer.${token}`]);
  assert.equal(socket.url.href, `wss://im.example/im/ws?to_user_id=${PEER}&session=${SESSION}&seen=0`);
});

test('It tells its states, and connect is fulfilled when it has caught up', async () => {
  const conversation = await service.client().rendezvous(PEER);
  const told = eventsOf(conversation);
  assert.equal(conversation.state, 'connecting');
  const connected = conversation.connect();
  assert.equal(conversation.connect(), connected);
  const first = await service.socket(1);
  first.refuse();
  await until('a reason', () => conversation.reason);
  assert.deepEqual(told.of('state').map(({ state, reason, retryAt }) => [state, reason.kind, retryAt - Date.now()]), [['connecting', 'server_unavailable', 250]]);
  await advance(250);
  const second = await service.socket(2);
  second.accept();
  second.ready();
  await connected;
  second.drop(1011);
  await until('a reason', () => conversation.reason);
  assert.deepEqual(told.of('state').map(({ state }) => state), ['connecting', 'connected', 'reconnecting']);
});

test('An upgrade of which only an error is told, as in Node 20, is a refused one', async () => {
  const conversation = await service.client().rendezvous(PEER);
  void conversation.connect();
  (await service.socket(1)).onerror({});
  await until('a reason', () => conversation.reason);
  assert.deepEqual([...kind(conversation), conversation.retryAt], ['connecting', 'server_unavailable', Date.now() + 250]);
});

test('A browser that forbids the address ends it, with the reason', async () => {
  const forbidden = new DOMException('Mixed content.', 'SecurityError');
  const WebSocket = class {
    constructor() {
      throw forbidden;
    }
  };
  const conversation = await service.client({ WebSocket }).rendezvous(PEER);
  await assert.rejects(conversation.connect(), { kind: 'protocol_violation', cause: forbidden });
});

test('A service that does not speak im.v1 is none', async () => {
  const conversation = await service.client().rendezvous(PEER);
  const connected = conversation.connect();
  (await service.socket(1)).accept('');
  await assert.rejects(connected, { kind: 'protocol_violation' });
});

for (const [code, state, reason, delay] of /** @type {const} */ ([
  [1000, 'reconnecting', 'server_unavailable', 250],
  [1001, 'reconnecting', 'server_unavailable', 1_000],
  [1002, 'ended', 'protocol_violation', null],
  [1003, 'ended', 'protocol_violation', null],
  [1006, 'reconnecting', 'server_unavailable', 250],
  [1007, 'ended', 'protocol_violation', null],
  [1009, 'ended', 'protocol_violation', null],
  [1011, 'reconnecting', 'server_unavailable', 250],
  [4401, 'ended', 'unauthenticated', null],
  [4403, 'ended', 'session_ended', null],
  [4404, 'ended', 'session_lost', null],
  [4408, 'reconnecting', 'server_unavailable', 250],
  [4409, 'ended', 'taken_over', null],
  [4429, 'ended', 'protocol_violation', null],
  [4999, 'reconnecting', 'server_unavailable', 250],
])) {
  test(`A close with ${code}: ${state}, ${reason}`, async () => {
    const { conversation, socket } = await service.connected();
    const { sent } = conversation.send('one');
    socket.drop(code);
    await until('a reason', () => conversation.reason);
    assert.deepEqual(kind(conversation), [state, reason]);
    assert.equal(conversation.retryAt, delay === null ? null : Date.now() + delay);
    if (state === 'ended') {
      await assert.rejects(sent, { kind: reason });
      assert.throws(() => conversation.send('two'), { kind: reason });
      await advance(60_000);
      assert.equal(FakeSocket.all.length, 1);
    }
  });
}

test('Delays double up to fifteen seconds, begin anew after ready, and end after half an hour', async () => {
  const { conversation, socket } = await service.connected();
  socket.drop(1006);
  for (const delay of [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const sockets = FakeSocket.all.length;
    await until('a delay', () => conversation.retryAt === Date.now() + delay);
    await advance(delay - 1);
    assert.equal(FakeSocket.all.length, sockets);
    await advance(1);
    (await service.socket(sockets + 1)).refuse();
  }
  await advance(15_000);
  const last = await service.socket(10);
  last.accept();
  last.ready();
  last.drop(1006);
  await until('a delay', () => conversation.retryAt === Date.now() + 250);

  for (let sockets = 10; sockets < 250; sockets++) {
    await advance(15_000);
    (await service.socket(sockets + 1)).refuse();
  }
  await until('the end', () => conversation.state === 'ended');
  assert.equal(conversation.reason?.kind, 'server_unavailable');
});

test('Who asks it to does not wait for the next try; where the service asked for the wait it waits', async () => {
  const { conversation, told, socket } = await service.connected();
  conversation.retryNow();
  socket.drop(1006);
  await until('a delay', () => conversation.retryAt);
  told.clear();
  conversation.retryNow();
  assert.deepEqual(told.of('state').map(({ state, reason, retryAt }) => [state, reason.kind, retryAt - Date.now()]), [['reconnecting', 'server_unavailable', 0]]);
  const second = await service.socket(2);
  conversation.retryNow();
  second.refuse();
  await until('a longer delay', () => conversation.retryAt === Date.now() + 500);
  service.answers = [() => ({ ...refusal(42900), headers: { 'Retry-After': '9' } })];
  conversation.retryNow();
  (await service.socket(3)).refuse();
  await until('a wait', () => conversation.retryAt === Date.now() + 9_000);
  conversation.retryNow();
  await advance(8_999);
  assert.equal(FakeSocket.all.length, 3);
  await advance(1);
  assert.equal(FakeSocket.all.length, 4);
});

/**
 * A page, as far as the client looks at it. What it gives takes it away again.
 * @param {{ hidden: boolean }} [state]
 */
function page(state = { hidden: false }) {
  const window = new EventTarget();
  const global = /** @type {any} */ (globalThis);
  global.addEventListener = window.addEventListener.bind(window);
  global.document = Object.assign(new EventTarget(), state);
  return {
    online: () => window.dispatchEvent(new Event('online')),
    /** @param {boolean} hidden */
    show(hidden) {
      global.document.hidden = hidden;
      global.document.dispatchEvent(new Event('visibilitychange'));
    },
    [Symbol.dispose]() {
      delete global.addEventListener;
      delete global.document;
    },
  };
}

for (const [name, wake] of /** @type {const} */ ([
  ['The network is there again', (/** @type {ReturnType<typeof page>} */ seen) => seen.online()],
  ['The page is seen again', (/** @type {ReturnType<typeof page>} */ seen) => (seen.show(true), seen.show(false))],
])) {
  test(`${name}: it does not wait for the next try any longer`, async (t) => {
    const seen = page();
    t.after(() => seen[Symbol.dispose]());
    const { conversation, socket } = await service.connected();
    socket.drop(1006);
    await until('a delay', () => conversation.retryAt);
    wake(seen);
    await service.socket(2);
  });

  test(`${name}: a connection that died unseen is found out within seconds, and replaced`, async (t) => {
    const seen = page();
    t.after(() => seen[Symbol.dispose]());
    const token = tokenOf();
    const { conversation, socket } = await service.connected({ token });
    await advance(600_000);
    wake(seen);
    wake(seen);
    assert.deepEqual(socket.of('auth'), [{ type: 'auth', token }]);
    await advance(4_999);
    assert.deepEqual([conversation.state, socket.closedWith], ['connected', null]);
    await advance(1);
    assert.deepEqual([...kind(conversation), socket.closedWith], ['reconnecting', 'server_unavailable', 1000]);
    await advance(250);
    const second = await service.socket(2);
    second.accept();
    second.ready();
    assert.equal(conversation.state, 'connected');
  });

  for (const [answer, frame] of /** @type {const} */ ([
    ['the token is good', { type: 'authenticated', expires_at: 1 }],
    ['the token has ended', { type: 'error', of: 'auth', code: 40100, error: 'No.' }],
    ['that was too fast', { type: 'error', of: 'auth', code: 42900, error: 'No.' }],
    ['something else', { type: 'presence', user_id: PEER, online: false }],
  ])) {
    test(`${name}: a connection that answers that ${answer} stays`, async (t) => {
      const seen = page();
      t.after(() => seen[Symbol.dispose]());
      const { given, token } = tokenFunction();
      const { conversation, socket } = await service.connected({ token });
      wake(seen);
      socket.say(frame);
      await advance(60_000);
      assert.deepEqual([conversation.state, socket.closedWith, given.length, socket.of('auth').length], ['connected', null, 1, 1]);
      wake(seen);
      assert.equal(socket.of('auth').length, 2);
    });
  }
}

test('Being asked whether it lives does not put off the renewal of the token', async (t) => {
  const seen = page();
  t.after(() => seen[Symbol.dispose]());
  const { given, token } = tokenFunction(600);
  const { socket } = await service.connected({ token });
  for (let i = 0; i < 4; i++) {
    await advance(100_000);
    seen.online();
    socket.say({ type: 'authenticated', expires_at: Date.now() });
  }
  await advance(80_000);
  assert.deepEqual(socket.of('auth').map((frame) => frame.token), [given[0], given[0], given[0], given[0], given[1]]);
});

test('A connection that opens while the page is seen again is not waited for longer than one that died', async (t) => {
  const seen = page();
  t.after(() => seen[Symbol.dispose]());
  const conversation = await service.client().rendezvous(PEER);
  void conversation.connect();
  const socket = await service.socket(1);
  seen.online();
  assert.deepEqual(socket.frames, []);
  await advance(5_000);
  assert.equal(socket.closedWith, 1000);
});

test('A page that goes, and a conversation that has ended, ask nothing', async (t) => {
  const seen = page();
  t.after(() => seen[Symbol.dispose]());
  const { conversation, socket } = await service.connected();
  seen.show(true);
  conversation.close();
  seen.show(false);
  seen.online();
  await advance(60_000);
  assert.deepEqual([socket.of('auth'), FakeSocket.all.length], [[], 1]);
});

/** A conversation whose first upgrade is refused, and what the service says when it is asked. @param {any} answer @param {any} [options] */
async function refused(answer, options) {
  const conversation = await service.client(options).rendezvous(PEER);
  void conversation.connect();
  service.answers = [() => answer];
  (await service.socket(1)).refuse();
  await until('a reason', () => conversation.reason);
  assert.deepEqual(new Set(service.calls.slice(1).map(({ method, path }) => `${method} ${path}`)), new Set([`GET /im/sessions/${PEER}`]));
  return conversation;
}

for (const [name, answer, state, reason, delay] of /** @type {const} */ ([
  ['the session is there', success({ im_session: SESSION, expires_in: 5 }), 'connecting', 'server_unavailable', 250],
  ['there is another session', success({ im_session: '0'.repeat(32), expires_in: 5 }), 'ended', 'session_ended', null],
  ['there is no session', refusal(40301), 'ended', 'session_ended', null],
  ['the page is not allowed', refusal(40303), 'ended', 'not_permitted', null],
  ['the store is away', refusal(50300), 'connecting', 'server_unavailable', 250],
  ['the network is away', new TypeError('fetch failed'), 'connecting', 'server_unavailable', 250],
  ['the token is bad', refusal(40100), 'ended', 'unauthenticated', null],
  ['it is told to wait for years', { ...refusal(42900), headers: { 'Retry-After': '99999999' } }, 'connecting', 'rate_limited', 3_600_000],
  ['it was too fast', { ...refusal(42900), headers: { 'Retry-After': '9' } }, 'connecting', 'rate_limited', 9_000],
])) {
  test(`A refused upgrade is asked about; ${name}: ${state}, ${reason}`, async () => {
    const conversation = await refused(answer);
    assert.deepEqual([...kind(conversation), conversation.retryAt], [state, reason, delay === null ? null : Date.now() + delay]);
  });
}

test('A service that refuses every token is not asked for ever', async () => {
  const conversation = await refused(refusal(40100), tokenFunction());
  for (let i = 0; i < 10 && conversation.state !== 'ended'; i++) {
    await advance(15_000);
    FakeSocket.all.at(-1)?.refuse();
    await settled();
  }
  assert.deepEqual(kind(conversation), ['ended', 'unauthenticated']);
  assert.equal(FakeSocket.all.length, 6);
});

test('A token that ended, by the service\'s clock, is followed by another one, at once', async () => {
  const { given, token } = tokenFunction();
  const { conversation, socket } = await service.connected({ token });
  await advance(60_000);
  socket.drop(4401);
  await settled();
  await advance(0);
  const second = await service.socket(2);
  assert.equal(given.length, 2);
  assert.deepEqual(second.protocols, ['im.v1', `im.bearer.${given[1]}`]);
  second.accept();
  second.ready();
  assert.equal(conversation.state, 'connected');
});

test('A token function that fails is asked again, for as long as the network may be away', async () => {
  let isAway = false;
  const { conversation, socket } = await service.connected({
    token: () => {
      if (isAway) {
        throw new TypeError('fetch failed');
      }
      return tokenOf({ life: 60 });
    },
  });
  isAway = true;
  await advance(120_000);
  socket.drop(4401);
  for (let i = 0; i < 20; i++) {
    await settled();
    assert.deepEqual(kind(conversation).slice(0, 1), ['reconnecting']);
    await advance(15_000);
  }
  assert.equal(FakeSocket.all.length, 1);
  isAway = false;
  await advance(15_000);
  (await service.socket(2)).accept();
  (await service.socket(2)).ready();
  assert.equal(conversation.state, 'connected');
});

test('Tokens that ended after an hour each may be as many as they like', async () => {
  const { conversation } = await service.connected(tokenFunction());
  for (let i = 1; i <= 10; i++) {
    await advance(60_000);
    FakeSocket.all.at(-1)?.drop(4401);
    await settled();
    await advance(0);
    (await service.socket(i + 1)).accept();
    (await service.socket(i + 1)).ready();
  }
  assert.equal(conversation.state, 'connected');
});

test('A service that keeps saying that tokens ended is not asked for ever', async () => {
  const { token } = tokenFunction();
  const { conversation } = await service.connected({ token });
  for (let i = 0; i < 20 && conversation.state !== 'ended'; i++) {
    const socket = /** @type {FakeSocket} */ (FakeSocket.all.at(-1));
    if (socket.readyState === 0) {
      socket.accept();
      socket.ready();
    }
    socket.drop(4401);
    await settled();
    await advance(15_000);
  }
  assert.deepEqual(kind(conversation), ['ended', 'unauthenticated']);
  assert.ok(FakeSocket.all.length <= 7);
});

test('A fresh token goes out before the old one ends, again and again', async () => {
  const { given, token } = tokenFunction(600);
  const { socket } = await service.connected({ token });
  await advance(479_999);
  assert.equal(socket.of('auth').length, 0);
  await advance(1);
  assert.deepEqual(socket.of('auth').map((frame) => frame.token), [given[1]]);
  socket.say({ type: 'authenticated', expires_at: Date.now() + 600_000 });
  await advance(480_000);
  assert.deepEqual(socket.of('auth').map((frame) => frame.token), [given[1], given[2]]);
  assert.equal(FakeSocket.all.length, 1);
});

test('A fresh token that is refused is followed by others, five times at most', async () => {
  const { given, token } = tokenFunction(600);
  const { conversation, socket } = await service.connected({ token });
  await advance(480_000);
  for (let i = 0; i < 10; i++) {
    socket.say({ type: 'error', of: 'auth', code: 40100, error: 'No.' });
    await advance(15_000);
  }
  assert.deepEqual(socket.of('auth').map((frame) => frame.token), given.slice(1));
  assert.equal(given.length, 7);
  assert.equal(conversation.state, 'connected');
});

test('A connection that does not open is given up', async () => {
  const conversation = await service.client().rendezvous(PEER);
  void conversation.connect();
  const socket = await service.socket(1);
  await advance(20_000);
  assert.equal(socket.closedWith, 1000);
  assert.equal(conversation.reason?.kind, 'server_unavailable');
});

test('A connection that does not become ready is given up; whatever comes shows that it lives', async () => {
  const conversation = await service.client().rendezvous(PEER);
  void conversation.connect();
  const socket = await service.socket(1);
  socket.accept();
  await advance(19_999);
  socket.say({ type: 'presence', user_id: PEER, online: true });
  await advance(19_999);
  assert.equal(socket.closedWith, null);
  await advance(1);
  assert.equal(socket.closedWith, 1000);
});

test('A connection that does not answer a message is given up; one that has nothing to say is not', async () => {
  const { conversation, socket } = await service.connected();
  await advance(600_000);
  assert.equal(socket.closedWith, null);
  conversation.send('one');
  await until('the message', () => socket.of('msg').length === 1);
  await advance(20_000);
  assert.equal(socket.closedWith, 1000);
  await advance(250);
  const second = await service.socket(2);
  second.accept();
  second.ready();
  await until('the message again', () => second.of('msg').length === 1);
  second.say({ type: 'sent', id: 1, seq: 1 });
  await advance(600_000);
  assert.equal(second.closedWith, null);
});

test('What an old connection says does not matter any more', async () => {
  const { conversation, socket } = await service.connected();
  const { onmessage, onclose } = socket;
  socket.drop(1006);
  await advance(250);
  const second = await service.socket(2);
  second.accept();
  second.ready();
  onmessage({ data: JSON.stringify({ type: 'presence', user_id: PEER, online: false }) });
  onclose({ code: 4409 });
  await settled();
  assert.deepEqual([conversation.state, conversation.peerOnline], ['connected', true]);
});

test('Ending it tells the service, and ends all that waits', async () => {
  const { conversation, told, socket } = await service.connected();
  const { sent, delivered } = conversation.send('one');
  told.clear();
  await conversation.end();
  assert.equal(service.calls.at(-1)?.path, `/im/sessions/${PEER}?session=${SESSION}`);
  assert.deepEqual(told.events, [{ type: 'state', state: 'ended', reason: null, retryAt: null }]);
  await assert.rejects(sent, { name: 'AbortError' });
  await assert.rejects(delivered, { name: 'AbortError' });
  assert.equal(socket.closedWith, 1000);
  assert.throws(() => conversation.send('two'), { name: 'AbortError' });
});

test('An end that could not be told is thrown, and can be told again', async () => {
  const { conversation, socket } = await service.connected();
  service.answers = [() => new TypeError('fetch failed'), () => success({})];
  await assert.rejects(conversation.end(), { kind: 'server_unavailable' });
  assert.equal(socket.closedWith, 1000);
  await conversation.end();
});

test('Closing it, also by a signal, leaves nothing behind: no timer, no connection, no keys', async () => {
  const stop = new AbortController();
  const forget = mock.method(Encryption.prototype, 'forget');
  const conversation = await service.client(tokenFunction()).rendezvous(PEER);
  const connected = conversation.connect({ signal: stop.signal });
  const socket = await service.socket(1);
  socket.accept();
  socket.ready();
  await connected;
  conversation.send('one');
  socket.say(await service.signal(1, { type: 'typing', typing: true }));
  const message = await service.message(1, 'hello');
  socket.say(message);
  await settled();
  socket.drop(1006);
  await settled();
  const started = mock.method(globalThis, 'setTimeout');
  const told = eventsOf(conversation);
  stop.abort();
  await advance(3_600_000);
  assert.deepEqual(told.events, [{ type: 'state', state: 'ended', reason: null, retryAt: null }]);
  assert.equal(started.mock.callCount(), 0);
  assert.equal(forget.mock.callCount(), 1);
  assert.equal(FakeSocket.all.length, 1);
  await assert.rejects((await service.client().rendezvous(PEER)).connect({ signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('A signal that was being decrypted when the connection went tells nothing after the end', async () => {
  const { conversation, told, socket } = await service.connected();
  socket.say(await service.signal(1, { type: 'typing', typing: true }));
  socket.drop(1006);
  await settled();
  conversation.close();
  told.clear();
  await advance(6_000);
  assert.deepEqual(told.events, []);
});

test('A listener may close the conversation that calls it', async () => {
  const { conversation, told, socket } = await service.connected();
  conversation.on('message', () => conversation.close());
  socket.say(await service.message(1, 'one'));
  socket.say(await service.message(2, 'two'));
  await settled();
  await advance(60_000);
  assert.deepEqual(told.of('message').map(({ id }) => id), [1]);
  assert.equal(conversation.state, 'ended');
});
