// What this side takes, and what it refuses, from a relay that may be hostile: docs/protocol.md, sections 4 to 6.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { advance, FakeService, FakeSocket, PEER, restartClock, SESSION, settled, stopClock, until } from './fakes.js';

/** @type {FakeService} */
let service;

beforeEach(() => {
  stopClock();
  service = new FakeService();
});
afterEach(restartClock);

/** What the application was told of messages. @param {{ of: (...types: string[]) => any[] }} told */
const shown = ({ of }) => of('message', 'withheld', 'refused').map(({ type, id, text, from, to, reason }) =>
  type === 'message' ? `${id} ${text}` : type === 'withheld' ? `withheld ${from}-${to}` : `refused ${id} ${reason}`);

const acks = (/** @type {FakeSocket} */ socket) => socket.of('ack').map(({ seq }) => seq);

/** @param {FakeSocket} socket @param {{ of: (...types: string[]) => any[] }} told @param {number} count @param {any[]} frames */
async function say(socket, told, count, ...frames) {
  for (const frame of frames) {
    socket.say(await frame);
  }
  await until(`${count} told: ${shown(told)}`, () => shown(told).length >= count);
  await settled();
}

test('Messages come decrypted and in order, and are acknowledged together', async () => {
  const { told, socket } = await service.connected();
  await say(socket, told, 2, service.message(1, 'hello'), service.message(2, 'world'));
  assert.deepEqual(told.of('message'), [
    { type: 'message', id: 1, text: 'hello', sentAt: 1_767_225_600_123 },
    { type: 'message', id: 2, text: 'world', sentAt: 1_767_225_600_123 },
  ]);
  assert.deepEqual(acks(socket), []);
  await advance(20);
  assert.deepEqual(acks(socket), [2]);
});

test('Many messages are acknowledged without waiting, every 32', async () => {
  const { told, socket } = await service.connected();
  await say(socket, told, 70, ...Array.from({ length: 70 }, (_, i) => service.message(i + 1, 'x')));
  assert.deepEqual(acks(socket), [32, 64]);
  await advance(20);
  assert.deepEqual(acks(socket), [32, 64, 70]);
});

test('An acknowledgement that the store could not note is said again a second later', async () => {
  const { told, socket } = await service.connected();
  await say(socket, told, 1, service.message(1, 'one'));
  await advance(20);
  socket.say({ type: 'error', of: 'ack', code: 50300, error: 'No.' });
  await advance(999);
  assert.deepEqual(acks(socket), [1]);
  await advance(1);
  assert.deepEqual(acks(socket), [1, 1]);
});

test('A changed message is refused, and what follows says that it is missing', async () => {
  const { told, socket } = await service.connected();
  const changed = await service.message(2, 'two');
  changed.data = `${changed.data.slice(0, 50)}${changed.data[50] === 'A' ? 'B' : 'A'}${changed.data.slice(51)}`;
  await say(socket, told, 4, service.message(1, 'one'), changed, service.message(3, 'three'));
  assert.deepEqual(shown(told), ['1 one', 'refused 2 tampered', 'withheld 2-2', '3 three']);
  await advance(20);
  assert.deepEqual(acks(socket), [3]);
});

test('What claims another id, sender or session is refused', async () => {
  const { told, socket } = await service.connected();
  await say(
    socket, told, 6,
    service.message(1, 'x', { id: 2 }),
    service.message(1, 'x', { seq: 2, id: undefined }),
    service.message(1, 'x', { seq: 3, id: '1' }),
    service.message(1, 'x', { seq: 4, from_user_id: 11 }),
    service.message(1, 'x', { seq: 5, to_user_id: 11 }),
    service.message(1, 'x', { seq: 6, session: SESSION.replace('5', '6') }),
  );
  assert.deepEqual(shown(told), ['refused 2 tampered', ...Array(5).fill('refused null tampered')]);
  await advance(20);
  assert.deepEqual(acks(socket), [6]);
});

test('A message that the relay gives again under a new seq is refused as repeated', async () => {
  const { told, socket } = await service.connected();
  await say(socket, told, 3, service.message(1, 'one'), service.message(2, 'two'), service.message(1, 'one', { seq: 3 }));
  assert.deepEqual(shown(told), ['1 one', '2 two', 'refused 1 repeated']);
});

test('Withheld messages are reported; those that come late are refused as reordered, once each', async () => {
  const { told, socket } = await service.connected();
  await say(
    socket, told, 8,
    service.message(1, 'one'),
    service.message(5, 'five', { seq: 2 }),
    service.message(3, 'three', { seq: 3 }),
    service.message(3, 'three', { seq: 4 }),
    service.message(4, 'four', { seq: 5 }),
    service.message(5, 'five', { seq: 6 }),
    service.message(6, 'six', { seq: 7 }),
  );
  assert.deepEqual(shown(told), ['1 one', 'withheld 2-4', '5 five', 'refused 3 reordered', 'refused 3 repeated', 'refused 4 reordered', 'refused 5 repeated', '6 six']);
});

test('Gaps are remembered up to a hundred', async () => {
  const { told, socket } = await service.connected();
  await say(socket, told, 202, ...Array.from({ length: 101 }, (_, i) => service.message((i + 1) * 2, 'x', { seq: i + 1 })));
  await say(socket, told, 204, service.message(1, 'x', { seq: 102 }), service.message(3, 'x', { seq: 103 }));
  assert.deepEqual(shown(told).slice(-2), ['refused 1 repeated', 'refused 3 reordered']);
});

test('What comes again after a reconnect is dropped, and acknowledged only once it came on that connection', async () => {
  const { told, socket } = await service.connected();
  await say(socket, told, 2, service.message(1, 'one'), service.message(2, 'two'));
  // Lost before the acknowledgement went out.
  socket.drop(1006);
  await advance(250);
  const second = await service.socket(2);
  assert.equal(second.url.searchParams.get('seen'), '2');
  second.accept();
  second.ready({ seq: 2 });
  await advance(20);
  assert.deepEqual(acks(second), []);
  await say(second, told, 3, service.message(2, 'two'), service.message(3, 'three'));
  await advance(20);
  assert.deepEqual(shown(told), ['1 one', '2 two', '3 three']);
  assert.deepEqual(acks(second), [3]);
});

test('A message is acknowledged only after the application has taken it', async () => {
  const { conversation, told, socket } = await service.connected();
  /** @type {() => void} */
  let take = () => {};
  conversation.on('message', () => new Promise((resolve) => (take = () => resolve(undefined))));
  await say(socket, told, 1, service.message(1, 'one'), service.message(2, 'two'));
  await advance(1_000);
  assert.deepEqual([shown(told), acks(socket)], [['1 one'], []]);

  // On a new connection both come again, since nothing was acknowledged; neither is shown twice.
  socket.drop(1006);
  await advance(250);
  const second = await service.socket(2);
  assert.equal(second.url.searchParams.get('seen'), '0');
  second.accept();
  take();
  await until('the second', () => shown(told).length === 2);
  // Taken, but not yet come on this connection: the service would refuse the acknowledgement.
  await advance(20);
  assert.deepEqual(acks(second), []);
  second.say(await service.message(1, 'one'));
  await advance(20);
  assert.deepEqual(acks(second), [1]);
  second.say(await service.message(2, 'two'));
  second.ready({ seq: 2 });
  take();
  await advance(20);
  assert.deepEqual([shown(told), acks(second)], [['1 one', '2 two'], [1, 2]]);
});

test('A message that the application could not take comes again, after growing delays', async () => {
  const { conversation, told, socket } = await service.connected();
  const reported = mock.fn();
  /** @type {any} */ (globalThis).reportError = reported;
  let faults = 2;
  conversation.on('message', () => {
    if (faults-- > 0) {
      throw new Error('the disk is full');
    }
  });
  await say(socket, told, 1, service.message(1, 'one'));
  await advance(1_000);
  assert.deepEqual([shown(told), acks(socket)], [['1 one', '1 one'], []]);
  await advance(1_999);
  assert.equal(shown(told).length, 2);
  await advance(1);
  await advance(20);
  assert.deepEqual([shown(told), acks(socket)], [['1 one', '1 one', '1 one'], [1]]);
  assert.equal(reported.mock.callCount(), 2);
  delete (/** @type {any} */ (globalThis).reportError);
});

test('What the application does not take is bounded: the connection waits until there is room', async () => {
  const { conversation, told, socket } = await service.connected();
  /** @type {(() => void)[]} */
  const takes = [];
  const off = conversation.on('message', () => new Promise((resolve) => takes.push(() => resolve(undefined))));
  const frames = await Promise.all(Array.from({ length: 1_001 }, (_, i) => service.message(i + 1, `${i}`)));
  frames.slice(0, 1_000).forEach((frame) => socket.say(frame));
  await settled();
  assert.equal(socket.closedWith, null);
  socket.say(/** @type {any} */ (frames[1_000]));
  assert.equal(socket.closedWith, 1000);
  await advance(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(conversation.state, 'reconnecting');

  off();
  takes.forEach((take) => take());
  const second = await service.socket(2);
  assert.ok(Number(second.url.searchParams.get('seen')) >= 500);
  await until('the thousand', () => shown(told).length === 1_000);
  second.accept();
  frames.slice(500).forEach((frame) => second.say(frame));
  await until('the last', () => shown(told).length === 1_001);
  assert.equal(shown(told).at(-1), '1001 1000');
});

test('A message without seq or data is a violation of the protocol', async () => {
  for (const more of [{ seq: undefined }, { seq: 0 }, { data: 5 }]) {
    const { conversation, socket } = await service.connected();
    socket.say(await service.message(1, 'x', more));
    assert.equal(conversation.reason?.kind, 'protocol_violation');
    FakeSocket.all = [];
  }
});

test('Presence, and a peer who wants new keys, are told', async () => {
  const { conversation, told, socket } = await service.connected();
  assert.equal(conversation.peerOnline, true);
  told.clear();
  socket.say({ type: 'presence', user_id: PEER, online: false });
  socket.say({ type: 'handshake', user_id: PEER });
  assert.equal(conversation.peerOnline, false);
  assert.deepEqual(told.events, [{ type: 'presence', online: false }, { type: 'handshake' }]);
});

test('Typing is told when it changes, and forgotten after six seconds', async () => {
  const { told, socket } = await service.connected();
  const typing = () => told.of('typing').map(({ typing: isTyping }) => isTyping);
  socket.say(await service.signal(1, { type: 'typing', typing: true }));
  await settled();
  assert.deepEqual(typing(), [true]);
  await advance(3_000);
  socket.say(await service.signal(2, { type: 'typing', typing: true }));
  await advance(5_999);
  assert.deepEqual(typing(), [true]);
  await advance(1);
  assert.deepEqual(typing(), [true, false]);
  socket.say(await service.signal(3, { type: 'typing', typing: true }));
  socket.say(await service.signal(4, { type: 'typing', typing: false }));
  await settled();
  assert.deepEqual(typing(), [true, false, true, false]);
  socket.say(await service.signal(5, { type: 'typing', typing: true }));
  await settled();
  socket.say({ type: 'presence', user_id: PEER, online: false });
  assert.deepEqual(typing(), [true, false, true, false, true, false]);
});

test('Signals that come again, late, changed or unknown are dropped, and a flood of them is bounded', async () => {
  const { conversation, told, socket } = await service.connected();
  const [first, second] = [await service.signal(1, { type: 'typing', typing: true }), await service.signal(2, { type: 'typing', typing: false })];
  socket.say(second);
  await settled();
  socket.say(first);
  socket.say({ ...first, data: 'AAAA' });
  socket.say({ ...first, data: 5 });
  socket.say(await service.signal(3, { type: 'call' }));
  socket.say(await service.signal(4, ['typing']));
  socket.say(await service.signal(5, { type: 'typing', typing: 1 }));
  await settled();
  assert.deepEqual(told.of('typing'), []);

  const opened = mock.method(crypto.subtle, 'decrypt');
  const flood = await Promise.all(Array.from({ length: 100 }, (_, i) => service.signal(6 + i, { type: 'call' })));
  flood.forEach((signal) => socket.say(signal));
  await settled();
  assert.equal(opened.mock.callCount(), 16);
  assert.equal(conversation.state, 'connected');
});
