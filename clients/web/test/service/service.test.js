// Two users talk through a running service, whose address is in IM_SERVER; it keeps accounts of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Conversation, ImClient } from '../../im-client.js';

const server = process.env.IM_SERVER;
if (!server) {
  throw new Error('IM_SERVER says which service to test.');
}

/** A user of this test's own. */
async function someone() {
  const username = `web-${crypto.randomUUID()}`;
  const { token, id } = await ImClient.register({ server, username, email: `${username}@example.org`, password: 'correct horse battery' });
  return { client: new ImClient({ server, token }), id };
}

/** @param {'public' | 'server'} keyMode */
async function agreed(keyMode) {
  const [ann, bob] = [await someone(), await someone()];
  const sides = await Promise.all([ann.client.rendezvous(bob.id, { keyMode }), bob.client.rendezvous(ann.id, { keyMode })]);
  return { ann: sides[0], bob: sides[1] };
}

/**
 * The next event of a kind.
 * @param {Conversation} conversation
 * @param {any} type
 * @param {(detail: any) => boolean} [fits]
 * @returns {Promise<any>}
 */
function next(conversation, type, fits = () => true) {
  return new Promise((resolve) => {
    const off = conversation.on(type, (/** @type {any} */ { detail }) => {
      if (fits(detail)) {
        off();
        resolve(detail);
      }
    });
  });
}

for (const keyMode of /** @type {const} */ (['public', 'server'])) {
  test(`Two users talk with a ${keyMode} key: in order, sent, delivered, typing, ended`, { timeout: 180_000 }, async () => {
    const { ann, bob } = await agreed(keyMode);
    assert.equal(ann.safetyNumber, bob.safetyNumber);
    assert.equal(ann.safetyNumber === null, keyMode === 'server');

    /** @type {string[]} */
    const texts = [];
    bob.on('message', ({ detail }) => texts.push(detail.text));
    const online = next(ann, 'presence', ({ online: isOnline }) => isOnline);
    await Promise.all([ann.connect(), bob.connect()]);
    await online;

    const sendings = Array.from({ length: 200 }, (_, i) => ann.send(`message ${i + 1}: 你好`));
    await Promise.all(sendings.map(({ delivered }) => delivered));
    assert.deepEqual(texts, Array.from({ length: 200 }, (_, i) => `message ${i + 1}: 你好`));

    const longest = 'x'.repeat(Conversation.maxTextBytes);
    const came = next(ann, 'message');
    await bob.send(longest).sent;
    assert.equal((await came).text, longest);
    assert.throws(() => bob.send(`${longest}x`), { kind: 'text_too_long' });

    const typing = next(bob, 'typing');
    ann.setTyping(true);
    assert.deepEqual(await typing, { typing: true });

    const ended = next(bob, 'state', ({ state }) => state === 'ended');
    await ann.end();
    assert.equal((await ended).reason.kind, 'session_ended');
    assert.equal(ann.state, 'ended');
    assert.equal(ann.reason, null);
  });
}

test('What was sent while the peer was away comes when it connects, and a refused upgrade is found out', { timeout: 180_000 }, async () => {
  const { ann, bob } = await agreed('public');
  await ann.connect();
  await Promise.all(['one', 'two'].map((text) => ann.send(text).sent));
  /** @type {string[]} */
  const texts = [];
  bob.on('message', ({ detail }) => texts.push(detail.text));
  const two = next(bob, 'message', ({ id }) => id === 2);
  await bob.connect();
  await two;
  assert.deepEqual(texts, ['one', 'two']);

  const { ann: others, bob: late } = await agreed('public');
  await others.end();
  await assert.rejects(late.connect(), { kind: 'session_ended' });
  ann.close();
  bob.close();
});

test('A second client of the same user takes over, and a peer who wants new keys is heard', { timeout: 180_000 }, async () => {
  const [ann, bob] = [await someone(), await someone()];
  const [anns, bobs] = await Promise.all([ann.client.rendezvous(bob.id), bob.client.rendezvous(ann.id)]);
  await Promise.all([anns.connect(), bobs.connect()]);
  const wanted = next(anns, 'handshake');
  const patience = new AbortController();
  const again = bob.client.rendezvous(ann.id, { signal: patience.signal });
  await wanted;
  const over = next(bobs, 'state', ({ state }) => state === 'ended');
  const renewed = await ann.client.rendezvous(bob.id);
  assert.equal((await over).reason.kind, 'session_ended');
  assert.equal((await again).safetyNumber, renewed.safetyNumber);
  assert.notEqual(renewed.safetyNumber, anns.safetyNumber);
});

test('Errors say their kind', { timeout: 180_000 }, async () => {
  const { client, id } = await someone();
  await assert.rejects(ImClient.logIn({ server, username: 'nobody at all', password: 'wrong wrong wrong' }), { kind: 'wrong_credentials' });
  await assert.rejects(client.rendezvous(id), { kind: 'invalid_input' });
  await assert.rejects(client.rendezvous(id + 1_000, { patience: 3_000 }), { kind: 'peer_absent' });
  await assert.rejects(new ImClient({ server, token: 'e30.eyJpZCI6NX0.e30' }).rendezvous(7), { kind: 'unauthenticated' });
  const [ann, bob] = [await someone(), await someone()];
  const stopped = new AbortController();
  await new Promise((resolve) => {
    ann.client.rendezvous(bob.id, { signal: stopped.signal, onWaiting: resolve }).catch(resolve);
  });
  await assert.rejects(bob.client.rendezvous(ann.id, { keyMode: 'server' }), { kind: 'key_mode_mismatch' });
  const waiting = ann.client.rendezvous(bob.id, { signal: stopped.signal });
  stopped.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
});
