// What this side sends, through every loss and refusal: docs/protocol.md, sections 4 and 5.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { Conversation } from '../im-client.js';
import { advance, FakeService, FakeSocket, restartClock, SESSION, settled, stopClock, until } from './fakes.js';

/** @type {FakeService} */
let service;

beforeEach(() => {
  stopClock();
  service = new FakeService();
});
afterEach(restartClock);

const ids = (/** @type {FakeSocket} */ socket) => socket.of('msg').map(({ id }) => id);
const numbers = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const stored = (/** @type {FakeSocket} */ socket, /** @type {number} */ id) => socket.say({ type: 'sent', id, seq: id });
const refused = (/** @type {FakeSocket} */ socket, /** @type {number} */ id, /** @type {number} */ code, more = {}) =>
  socket.say({ type: 'error', of: 'msg', code, error: 'No.', id, ...more });

/** @param {Promise<unknown>} promise */
async function isSettled(promise) {
  const pending = Symbol('pending');
  await settled();
  return (await Promise.race([promise.then(() => 'fulfilled', (error) => error.kind ?? error.name), Promise.resolve(pending)])) !== pending;
}

test('A message goes out sealed, counted, and is sent and delivered when the service says so', async () => {
  const { conversation, told, socket } = await service.connected();
  const { id, sent, delivered } = conversation.send('hello');
  assert.equal(id, 1);
  const frame = await until('the message', () => socket.of('msg')[0]);
  assert.deepEqual(Object.keys(frame), ['type', 'data', 'id']);
  assert.equal(await service.read(frame), 'hello');
  assert.equal(await isSettled(sent), false);
  stored(socket, 1);
  await sent;
  assert.equal(await isSettled(delivered), false);
  socket.say({ type: 'delivered', seq: 1 });
  await delivered;
  assert.deepEqual(told.of('sent', 'delivered'), [{ type: 'sent', id: 1 }, { type: 'delivered', id: 1 }]);
});

test('Nothing goes out before ready, and then only what the service does not have', async () => {
  const conversation = await service.client().rendezvous(10);
  void conversation.connect();
  const sendings = ['one', 'two', 'three'].map((text) => conversation.send(text));
  const first = await service.socket(1);
  first.accept();
  await settled();
  assert.deepEqual(first.frames, []);
  first.ready();
  await until('all three', () => ids(first).length === 3);
  stored(first, 1);

  // The service stored 2 as well; its answer was lost with the connection.
  first.drop(1006);
  await advance(250);
  const second = await service.socket(2);
  second.accept();
  second.ready({ last_id: 2 });
  await until('the third', () => ids(second).length === 1);
  assert.deepEqual(ids(second), [3]);
  // The same bytes again: no second text ever stands under one id.
  assert.equal(second.of('msg')[0].data, first.of('msg')[2].data);
  await sendings[1]?.sent;
  assert.equal(await isSettled(/** @type {any} */ (sendings[2]).sent), false);
});

test('At most 64 messages are on the wire without an answer, and each answer lets one more go', async () => {
  const { conversation, socket } = await service.connected();
  for (let i = 0; i < 70; i++) {
    conversation.send(`${i}`);
  }
  await until('the window', () => ids(socket).length === 64);
  await settled();
  assert.deepEqual(ids(socket), numbers(1, 64));
  stored(socket, 1);
  assert.deepEqual(ids(socket), numbers(1, 65));
});

test('A socket that holds back much gets nothing more until an answer', async () => {
  const { conversation, socket } = await service.connected();
  socket.bufferedAmount = 300_000;
  conversation.send('one');
  conversation.send('two');
  await until('the first', () => ids(socket).length === 1);
  await settled();
  assert.deepEqual(ids(socket), [1]);
  socket.bufferedAmount = 0;
  stored(socket, 1);
  assert.deepEqual(ids(socket), [1, 2]);
});

test('The outbox takes 1,000 messages, then refuses, and takes again when some are stored', async () => {
  const { conversation, socket } = await service.connected();
  numbers(1, 1_000).forEach((id) => assert.equal(conversation.send('x').id, id));
  assert.throws(() => conversation.send('x'), { kind: 'outbox_full' });
  await until('the window', () => ids(socket).length === 64);
  stored(socket, 1);
  assert.equal(conversation.send('x').id, 1_001);
  assert.throws(() => conversation.send('x'), { kind: 'outbox_full' });
});

test('What is stored and not delivered is bounded as well', async () => {
  const { conversation, socket } = await service.connected();
  for (let round = 0; round < 4; round++) {
    numbers(1, 1_000).forEach(() => conversation.send('x'));
    for (let id = round * 1_000 + 1; id <= (round + 1) * 1_000; id++) {
      await until(`message ${id}`, () => ids(socket).length >= id);
      stored(socket, id);
    }
  }
  assert.throws(() => conversation.send('x'), { kind: 'outbox_full' });
  socket.say({ type: 'delivered', seq: 1 });
  assert.equal(conversation.send('x').id, 4_001);
});

test('A text that is too long is refused before it is counted', async () => {
  const { conversation } = await service.connected();
  assert.throws(() => conversation.send('ä'.repeat(24_448)), { kind: 'text_too_long' });
  assert.equal(conversation.send('x'.repeat(Conversation.maxTextBytes)).id, 1);
});

for (const [code, kind] of /** @type {const} */ ([[42901, 'queue_full'], [42900, 'rate_limited'], [50000, 'server_unavailable'], [50300, 'server_unavailable']])) {
  test(`On ${code} it stops, waits longer each time, sends all of it again in order, and says why (${kind})`, async () => {
    const { conversation, told, socket } = await service.connected();
    told.clear();
    ['one', 'two', 'three'].forEach((text) => conversation.send(text));
    await until('all three', () => ids(socket).length === 3);
    stored(socket, 1);
    for (const delay of [1_000, 2_000, 4_000]) {
      socket.frames = [];
      refused(socket, 2, code);
      refused(socket, 3, code === 42901 ? 40902 : code, { expected: 2 });
      assert.equal(conversation.state, 'connected');
      assert.equal(conversation.reason?.kind, kind);
      assert.equal(conversation.retryAt, Date.now() + delay);
      await advance(delay - 1);
      assert.deepEqual(ids(socket), []);
      await advance(1);
      assert.deepEqual(ids(socket), [2, 3]);
    }
    stored(socket, 2);
    assert.equal(conversation.reason, null);
    stored(socket, 3);
    assert.deepEqual(told.of('state').map(({ reason }) => reason?.kind ?? null), [kind, kind, kind, null]);

    // What was taken begins the delays anew.
    conversation.send('four');
    await until('the fourth', () => ids(socket).length === 3);
    refused(socket, 4, code);
    assert.equal(conversation.retryAt, Date.now() + 1_000);
  });
}

test('Who asks it to sends at once what waits, unless the service said that it was too fast', async () => {
  const { conversation, told, socket } = await service.connected();
  conversation.send('one');
  await until('the message', () => ids(socket).length === 1);
  refused(socket, 1, 50300);
  told.clear();
  conversation.retryNow();
  assert.deepEqual(ids(socket), [1, 1]);
  assert.deepEqual(told.of('state').map(({ state, reason, retryAt }) => [state, reason.kind, retryAt - Date.now()]), [['connected', 'server_unavailable', 0]]);
  await advance(1_000);
  assert.deepEqual(ids(socket), [1, 1]);
  refused(socket, 1, 42900);
  conversation.retryNow();
  assert.deepEqual(ids(socket), [1, 1]);
  await advance(2_000);
  assert.deepEqual(ids(socket), [1, 1, 1]);
});

test('On 40902 it sends again from the expected id on', async () => {
  const { conversation, socket } = await service.connected();
  ['one', 'two', 'three'].forEach((text) => conversation.send(text));
  await until('all three', () => ids(socket).length === 3);
  stored(socket, 1);
  socket.frames = [];
  refused(socket, 3, 40902, { expected: 2 });
  await advance(1_000);
  assert.deepEqual(ids(socket), [2, 3]);
});

test('What is before the expected id is stored, also what was refused before', async () => {
  const { conversation, socket } = await service.connected();
  const sendings = ['one', 'two', 'three'].map((text) => conversation.send(text));
  await until('all three', () => ids(socket).length === 3);
  refused(socket, 1, 50300);
  refused(socket, 3, 40902, { expected: 2 });
  await sendings[0]?.sent;
  socket.frames = [];
  await advance(1_000);
  assert.deepEqual(ids(socket), [2, 3]);
});

test('What is sent while it waits goes out behind what was refused', async () => {
  const { conversation, socket } = await service.connected();
  conversation.send('one');
  await until('the first', () => ids(socket).length === 1);
  refused(socket, 1, 42901);
  conversation.send('two');
  await settled();
  assert.deepEqual(ids(socket), [1]);
  await advance(1_000);
  assert.deepEqual(ids(socket), [1, 1, 2]);
});

test('Answers to what was on the way before a refusal count, when they come after it', async () => {
  const { conversation, socket } = await service.connected();
  numbers(1, 100).forEach(() => conversation.send('x'));
  await until('the window', () => ids(socket).length === 64);
  refused(socket, 1, 50300);
  await advance(1_000);
  // One has been answered, so one is sent again; then it shows that the store took all, the refused one as well.
  assert.deepEqual(ids(socket).slice(64), [1]);
  stored(socket, 40);
  assert.deepEqual(ids(socket).slice(65), [41]);
});

test('Delivered before sent settles nothing until it is sent', async () => {
  const { conversation, socket } = await service.connected();
  const { sent, delivered } = conversation.send('one');
  await until('the first', () => ids(socket).length === 1);
  socket.say({ type: 'delivered', seq: 1 });
  assert.equal(await isSettled(delivered), false);
  stored(socket, 1);
  await Promise.all([sent, delivered]);
});

test('A message that 50300 refused was stored all the same: the next one\'s answer says so', async () => {
  const { conversation, socket } = await service.connected();
  const sendings = ['one', 'two'].map((text) => conversation.send(text));
  await until('both', () => ids(socket).length === 2);
  refused(socket, 1, 50300);
  stored(socket, 2);
  await sendings[0]?.sent;
  socket.frames = [];
  await advance(1_000);
  assert.deepEqual(ids(socket), []);
  conversation.send('three');
  await until('the third', () => ids(socket).length === 1);
});

/** A conversation whose messages 1 and 2 are stored, and one of the peer's has come. */
async function begun() {
  const { conversation, socket } = await service.connected();
  conversation.send('one');
  conversation.send('two');
  await until('both', () => ids(socket).length === 2);
  stored(socket, 1);
  stored(socket, 2);
  socket.say(await service.message(1, 'hello'));
  await settled();
  return { conversation, socket };
}

for (const [name, ready, state] of /** @type {const} */ ([
  ['ready.seq is below what came', { seq: 0 }, 'ended'],
  ['last_id is below what was stored', { last_id: 1 }, 'ended'],
  ['last_id is above what was sent', { last_id: 3 }, 'ended'],
  ['delivered is above last_id', { delivered: 3 }, 'ended'],
  ['nothing is wrong', {}, 'connected'],
])) {
  test(`A store that went back in time is a lost session; ${name}: ${state}`, async () => {
    const { conversation, socket } = await begun();
    socket.drop(1006);
    await advance(250);
    const second = await service.socket(2);
    second.accept();
    second.ready({ seq: 1, last_id: 2, ...ready });
    assert.deepEqual([conversation.state, conversation.reason?.kind], state === 'ended' ? ['ended', 'session_lost'] : ['connected', undefined]);
  });
}

test('A store that expects what it said it has went back in time', async () => {
  const { conversation, socket } = await begun();
  conversation.send('three');
  await until('the third', () => ids(socket).length === 3);
  refused(socket, 3, 40902, { expected: 2 });
  assert.equal(conversation.reason?.kind, 'session_lost');
});

for (const [name, frame] of /** @type {const} */ ([
  ['sent for what was not sent', { type: 'sent', id: 2, seq: 2 }],
  ['sent without an id', { type: 'sent', seq: 1 }],
  ['sent with another seq', { type: 'sent', id: 1, seq: 2 }],
  ['delivered for what was not sent', { type: 'delivered', seq: 2 }],
  ['a refusal that no client mends', { type: 'error', of: 'msg', code: 40302, id: 1 }],
  ['a refused signal that is in form', { type: 'error', of: 'signal', code: 40002 }],
  ['a refused acknowledgement of what came', { type: 'error', of: 'ack', code: 40002 }],
  ['an id_gap without the id that is due', { type: 'error', of: 'msg', code: 40902, id: 1 }],
  ['an id_gap with an id that was never sent', { type: 'error', of: 'msg', code: 40902, id: 1, expected: 3 }],
  ['ready of another session', { type: 'ready', session: 'x', seq: 0, last_id: 0, delivered: 0 }],
  ['ready without numbers', { type: 'ready', session: SESSION }],
  ['no JSON', 'hello'],
  ['a frame that is too long', `{"type":"x","data":"${'x'.repeat(66_048)}"}`],
])) {
  test(`A violation of the protocol ends the conversation: ${name}`, async () => {
    const { conversation, socket } = await service.connected();
    const { sent } = conversation.send('one');
    await until('the message', () => ids(socket).length === 1);
    socket.say(frame);
    await assert.rejects(sent, { kind: 'protocol_violation' });
    assert.equal(conversation.state, 'ended');
    assert.equal(socket.closedWith, 1000);
  });
}

test('Unknown frames and fields, and a refused signal, change nothing', async () => {
  const { conversation, told, socket } = await service.connected();
  told.clear();
  socket.say({ type: 'news', data: 1 });
  socket.say({ type: 'error', of: 'signal', code: 42900 });
  socket.say({ type: 'error', of: 'auth', code: 42900 });
  socket.say({ type: 'presence', user_id: 11, online: false });
  await settled();
  assert.deepEqual(told.events, []);
  assert.equal(conversation.state, 'connected');
});

test('Typing is said at once, repeated after three seconds at most, and unsaid once', async () => {
  const { conversation, socket } = await service.connected();
  /** @param {boolean[]} expected */
  const said = async (expected) => {
    await settled();
    const signals = await Promise.all(socket.of('signal').map(({ data }) => service.peers?.openSignal(data)));
    assert.deepEqual(signals.map((signal) => JSON.parse(signal?.text ?? 'null')), expected.map((typing) => ({ type: 'typing', typing })));
    assert.deepEqual(signals.map((signal) => signal?.count), numbers(1, expected.length));
  };
  conversation.setTyping(false);
  await said([]);
  for (let i = 0; i < 29; i++) {
    conversation.setTyping(true);
    await advance(100);
  }
  await said([true]);
  await advance(100);
  conversation.setTyping(true);
  await said([true, true]);
  conversation.setTyping(false);
  conversation.setTyping(false);
  await said([true, true, false]);
  socket.say({ type: 'presence', user_id: 10, online: false });
  conversation.setTyping(true);
  await said([true, true, false]);
});
