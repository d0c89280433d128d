// Accounts, tokens and the key exchange: docs/protocol.md, sections 1 to 3.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { ImClient, ImError } from '../im-client.js';
import { advance, FakeService, FakeSocket, IM_KEY, ME, PEER, refusal, restartClock, SESSION, settled, stopClock, success, tokenOf, until } from './fakes.js';

/** @type {FakeService} */
let service;

beforeEach(() => {
  stopClock();
  service = new FakeService();
});
afterEach(restartClock);

const OTHER_SESSION = '0'.repeat(32);

/** A call that gets no answer. @param {string} _ @param {any} init */
const hanging = (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** The last call's body. */
const lastBody = () => service.calls.at(-1)?.body;
const callsOf = (/** @type {string} */ method) => service.calls.filter((call) => call.method === method);

/** Lets time pass until the promise is settled. @template T @param {Promise<T>} promise @param {number} [step] */
async function passing(promise, step = 1_000) {
  let isSettled = false;
  promise.then(() => (isSettled = true), () => (isSettled = true));
  for (let i = 0; i < 2_000 && !isSettled; i++) {
    await advance(step);
  }
  return promise;
}

test('Public keys are the default: the key in the answer is used, both safety numbers agree', async () => {
  const conversation = await service.client().rendezvous(PEER);
  assert.equal(conversation.keyMode, 'public');
  assert.match(conversation.safetyNumber ?? '', /^(\d{5} ){11}\d{5}$/);
  assert.equal(conversation.safetyNumber, service.peers?.safetyNumber);
  const [call] = service.calls;
  assert.equal(Buffer.from(call?.body.public_key, 'base64url').length, 65);
  assert.equal(call?.init.headers.Authorization, `Bearer ${tokenOf()}`);
  // A token goes to this server and nowhere else.
  assert.deepEqual([call?.init.redirect, call?.init.credentials, call?.init.cache], ['error', 'omit', 'no-store']);
});

test('With a server key there is no safety number, and a short key is told', async () => {
  const conversation = await service.client().rendezvous(PEER, { keyMode: 'server' });
  assert.equal(service.calls[0]?.body.public_key, undefined);
  assert.deepEqual([conversation.keyMode, conversation.safetyNumber, conversation.keyIsShort], ['server', null, false]);
  service.answers = [({ body }) => service.completed(body, { im_key: IM_KEY.slice(0, 30) })];
  assert.equal((await service.client().rendezvous(PEER, { keyMode: 'server' })).keyIsShort, true);
});

test('No key can be read out of the page', async () => {
  const [generate, derive, imported] = [mock.method(crypto.subtle, 'generateKey'), mock.method(crypto.subtle, 'deriveKey'), mock.method(crypto.subtle, 'importKey')];
  await service.client().rendezvous(PEER);
  await service.client().rendezvous(PEER, { keyMode: 'server' });
  assert.equal(derive.mock.callCount(), 8);
  for (const key of await Promise.all([generate, derive, imported].flatMap(({ mock: { calls } }) => calls.map(({ result }) => /** @type {any} */ (result))))) {
    const secret = key.privateKey ?? key;
    assert.equal(secret.type !== 'public' && secret.extractable, false);
  }
});

const FOREIGN_KEY = 'BNZak5d8qj0bCBhS_1ennkZfFmBXcwS66tUF3TpIWJzzUBheiVNy32Ih6joTdVfkc_3bZ1XwW9UHw8Uz_OnJEoU';
const ENDED = `/im/sessions/${PEER}?session=${SESSION}`;

test('What an earlier client of the user left is ended, and keys are exchanged anew', async () => {
  service.answers = [({ body }) => service.completed(body, { public_key: FOREIGN_KEY, im_session: OTHER_SESSION }), () => refusal(50300),
    ({ body }) => service.completed(body, { public_key: FOREIGN_KEY, im_session: OTHER_SESSION }), () => success({}), ({ body }) => service.completed(body)];
  const conversation = await passing(service.client().rendezvous(PEER));
  assert.equal(conversation.safetyNumber, service.peers?.safetyNumber);
  assert.deepEqual(service.calls.map(({ method, path }) => (method === 'DELETE' ? path.slice(-32) : method)), ['POST', OTHER_SESSION, 'POST', OTHER_SESSION, 'POST']);
  const [first, again, last] = callsOf('POST').map(({ body }) => body.public_key);
  assert.deepEqual([again === first, last === first], [true, false]);
});

test('A completed answer with another key in the place of the own one is not used, nor the next one, and the sessions end', async () => {
  service.answers = [({ method, body }) => (method === 'DELETE' ? success({}) : service.completed(body, { public_key: FOREIGN_KEY }))];
  await assert.rejects(passing(service.client().rendezvous(PEER)), { kind: 'key_substituted' });
  assert.deepEqual(callsOf('DELETE').map(({ path }) => path), [ENDED, ENDED]);
  assert.equal(callsOf('POST').length, 2);
});

for (const [name, more] of /** @type {const} */ ([
  ['a key of the server although public keys were asked for', { public_key: undefined, peer_public_key: undefined, im_key: IM_KEY }],
  ['no key of the peer', { peer_public_key: undefined }],
  ['a key of the peer that is none', { peer_public_key: 'BBBB' }],
])) {
  test(`A completed answer with ${name} is not used, and its session ends`, async () => {
    service.answers = [({ method, body }) => (method === 'DELETE' ? success({}) : service.completed(body, more))];
    await assert.rejects(service.client().rendezvous(PEER), { kind: 'key_substituted' });
    assert.deepEqual(callsOf('DELETE').map(({ path }) => path), [ENDED]);
    assert.equal(callsOf('POST').length, 1);
  });
}

test('An answer that reflects the own key as the peer\'s is not used', async () => {
  service.answers = [({ method, body }) => (method === 'DELETE' ? success({}) : service.completed(body, { peer_public_key: body.public_key }))];
  await assert.rejects(service.client().rendezvous(PEER), { kind: 'key_substituted' });
});

test('It waits for the peer, with the same key, and says so at once', async () => {
  /** @type {number[]} */
  const waited = [];
  service.answers = [({ body }) => service.opened(body), ({ body }) => service.opened(body, { expires_in: 270 }), ({ body }) => service.completed(body)];
  await passing(service.client().rendezvous(PEER, { onWaiting: ({ expiresAt }) => waited.push(expiresAt - Date.now()) }));
  assert.deepEqual(waited, [300_000, 270_000]);
  assert.deepEqual(service.calls.map(({ body }) => body.wait_seconds), [0, 30, 30]);
  assert.equal(new Set(service.calls.map(({ body }) => body.public_key)).size, 1);
});

test('A lost response is repaired by asking again with the same key', async () => {
  service.answers = [() => new TypeError('fetch failed'), () => refusal(50300), () => ({ status: 502, body: '<html>' }), ({ body }) => service.completed(body)];
  const conversation = await passing(service.client().rendezvous(PEER));
  assert.equal(conversation.safetyNumber, service.peers?.safetyNumber);
  assert.equal(service.calls.length, 4);
  assert.equal(new Set(service.calls.map(({ body }) => body.public_key)).size, 1);
});

test('While it waits it says when the service does not answer and when it asks again, and at once when it answers again', async () => {
  /** @type {any[]} */
  const waited = [];
  service.answers = [
    ({ body }) => service.opened(body),
    () => new TypeError('fetch failed'),
    () => refusal(50300),
    ({ body }) => service.opened(body, { expires_in: 200 }),
    ({ body }) => service.completed(body),
  ];
  await passing(service.client().rendezvous(PEER, {
    onWaiting: ({ reason, retryAt, expiresAt }) => waited.push([reason && reason.kind, retryAt && retryAt - Date.now(), expiresAt && expiresAt - Date.now()]),
  }), 250);
  assert.deepEqual(waited, [[null, null, 300_000], ['server_unavailable', 250, 300_000], ['server_unavailable', 500, 299_750], [null, null, 200_000]]);
  // What is asked after a fault is not held back: half a minute later the caller would still say that nobody answers.
  assert.deepEqual(service.calls.map(({ body }) => body.wait_seconds), [0, 30, 0, 0, 30]);
});

test('It says so, too, where the service has never answered, and where it asks to wait', async () => {
  /** @type {any[]} */
  const waited = [];
  service.answers = [() => new TypeError('fetch failed'), () => ({ ...refusal(42900), headers: { 'Retry-After': '7' } }), ({ body }) => service.completed(body)];
  await passing(service.client().rendezvous(PEER, { onWaiting: ({ reason, retryAt, expiresAt }) => waited.push([reason?.kind, Number(retryAt) - Date.now(), expiresAt]) }), 250);
  assert.deepEqual(waited, [['server_unavailable', 250, null], ['rate_limited', 7_000, null]]);
});

test('A service that answers only what is not held back is not asked all the time', async () => {
  service.answers = [({ body }) => (body.wait_seconds > 0 ? { status: 504, body: '' } : service.opened(body))];
  await assert.rejects(passing(service.client().rendezvous(PEER, { patience: 60_000 }), 250), { kind: 'server_unavailable' });
  assert.ok(service.calls.length <= 20, `${service.calls.length}`);
});

test('Another handshake gets another key, before it is completed', async () => {
  service.answers = [
    ({ body }) => service.opened(body, { im_session: OTHER_SESSION }),
    ({ body }) => service.opened(body),
    ({ body }) => service.opened(body),
    ({ body }) => service.completed(body),
  ];
  await passing(service.client().rendezvous(PEER));
  const [first, second, third, fourth] = service.calls.map(({ body }) => body.public_key);
  assert.equal(second, first);
  assert.notEqual(third, second);
  assert.equal(fourth, third);
});

test('A handshake that expired by the clock is followed by one with another key, and no wait goes beyond it', async () => {
  service.answers = [({ body }) => service.opened(body, { expires_in: 2 }), ({ body }) => service.opened(body, { expires_in: 2 }), ({ body }) => service.completed(body)];
  const waiting = service.client().rendezvous(PEER);
  await until('a wait', () => service.calls.length === 2);
  assert.equal(lastBody().wait_seconds, 2);
  await passing(waiting, 3_000);
  assert.notEqual(service.calls[2]?.body.public_key, service.calls[1]?.body.public_key);
});

test('A handshake that was completed with the key before, while that was given up, is used with that key', async () => {
  service.answers = [
    ({ body }) => service.opened(body, { expires_in: 0 }),
    () => service.completed(service.calls[0]?.body),
  ];
  const conversation = await passing(service.client().rendezvous(PEER));
  assert.notEqual(service.calls[1]?.body.public_key, service.calls[0]?.body.public_key);
  assert.equal(conversation.safetyNumber, service.peers?.safetyNumber);
});

test('A key that was made for one handshake derives nothing for another: that session ends, and it begins again', async () => {
  service.answers = [
    ({ body }) => service.opened(body, { im_session: OTHER_SESSION }),
    ({ body }) => service.completed(body),
    () => success({}),
    ({ body }) => service.completed(body),
  ];
  await passing(service.client().rendezvous(PEER));
  const [first, second, third] = callsOf('POST').map(({ body }) => body.public_key);
  assert.equal(second, first);
  assert.notEqual(third, first);
  assert.deepEqual(callsOf('DELETE').map(({ path }) => path), [`/im/sessions/${PEER}?session=${SESSION}`]);
});

for (const [name, key] of /** @type {const} */ ([['too short', '00'.repeat(7)], ['too long', '00'.repeat(65)], ['not hex', 'xy'.repeat(32)], ['missing', undefined]])) {
  test(`A server's key that is ${name} is not used, and its session ends`, async () => {
    service.answers = [({ method, body }) => (method === 'DELETE' ? success({}) : service.completed(body, { im_key: key }))];
    await assert.rejects(service.client().rendezvous(PEER, { keyMode: 'server' }), { kind: 'protocol_violation' });
    assert.equal(callsOf('DELETE').length, 1);
  });
}

test('Patience runs out: the peer is absent, and nobody asks on', async () => {
  service.answers = [({ body }) => service.opened(body)];
  const waiting = service.client().rendezvous(PEER, { patience: 5_000 });
  waiting.catch(() => {});
  await until('a wait', () => service.calls.length === 2);
  await advance(1_000);
  await until('another wait', () => service.calls.length === 3);
  assert.deepEqual(service.calls.map(({ body }) => body.wait_seconds), [0, 5, 4]);
  await assert.rejects(passing(waiting), { kind: 'peer_absent' });
  const calls = service.calls.length;
  assert.ok(calls <= 7);
  await advance(60_000);
  assert.equal(service.calls.length, calls);
});

test('A service that stays away is outlasted with growing delays, within the patience', async () => {
  service.answers = [() => refusal(50300)];
  const started = Date.now();
  await assert.rejects(passing(service.client().rendezvous(PEER, { patience: 60_000 }), 250), { kind: 'server_unavailable', code: 50300 });
  assert.ok(Date.now() - started <= 60_000);
  assert.ok(service.calls.length <= 10, `${service.calls.length}`);
});

test('Who is too fast waits as long as the service says', async () => {
  service.answers = [() => ({ ...refusal(42900), headers: { 'Retry-After': '7' } }), ({ body }) => service.completed(body)];
  const started = Date.now();
  await passing(service.client().rendezvous(PEER), 500);
  assert.ok(Date.now() - started >= 7_000);
});

for (const [code, kind] of /** @type {const} */ ([[40300, 'not_permitted'], [40900, 'key_mode_mismatch'], [40000, 'invalid_input'], [40303, 'not_permitted'], [40400, 'protocol_violation']])) {
  test(`A refusal ${code} is ${kind}, at once`, async () => {
    service.answers = [() => refusal(code, { errors: { to_user_id: ['No.'] } })];
    await assert.rejects(service.client().rendezvous(PEER), (error) => error instanceof ImError && error.kind === kind && error.code === code && error.fields?.['to_user_id']?.[0] === 'No.');
    assert.equal(service.calls.length, 1);
  });
}

for (const [name, more] of /** @type {const} */ ([
  ['another pair', { from_user_id: 8 }],
  ['a session that is none', { im_session: '../../etc' }],
  ['no is_read', { is_read: undefined }],
])) {
  test(`An answer with ${name} is a violation of the protocol`, async () => {
    service.answers = [({ body }) => service.completed(body, more)];
    await assert.rejects(service.client().rendezvous(PEER), { kind: 'protocol_violation' });
  });
}

test('An endless answer is not read to its end', async () => {
  let given = 0;
  const endless = new ReadableStream({
    pull(controller) {
      given += 16_384;
      controller.enqueue(new Uint8Array(16_384));
    },
  });
  const fetch = /** @type {any} */ (async () => new Response(endless, { status: 200 }));
  await assert.rejects(service.client({ fetch }).rendezvous(PEER), { kind: 'protocol_violation' });
  assert.ok(given < 200_000);
});

test('A call that gets no answer ends by itself', async () => {
  const fetch = /** @type {any} */ (hanging);
  const login = { server: 'https://im.example', username: 'ann', password: 'secret secret', fetch };
  await assert.rejects(passing(ImClient.logIn(login)), { kind: 'server_unavailable' });
  const controller = new AbortController();
  const call = ImClient.logIn({ ...login, signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(call, /enough/);
});

test('The caller can give up, before and while waiting', async () => {
  const before = AbortSignal.abort(new Error('no more'));
  await assert.rejects(service.client().rendezvous(PEER, { signal: before }), /no more/);
  service.answers = [({ body }) => service.opened(body)];
  const controller = new AbortController();
  const waiting = service.client().rendezvous(PEER, { signal: controller.signal });
  await until('a wait', () => service.calls.length === 2);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);

  const second = new AbortController();
  const fetch = /** @type {any} */ (hanging);
  const held = service.client({ fetch }).rendezvous(PEER, { signal: second.signal });
  await settled();
  second.abort(new Error('enough now'));
  await assert.rejects(held, /enough now/);
});

test('A refused token is replaced once, by what the function gives', async () => {
  const tokens = [tokenOf({ mark: 'first' }), tokenOf({ mark: 'second' })];
  const token = mock.fn(() => /** @type {string} */ (tokens[Math.min(token.mock.callCount(), 1)]));
  const client = service.client({ token });
  assert.equal(client.userId, null);
  service.answers = [() => refusal(40100), ({ body }) => service.completed(body)];
  await client.rendezvous(PEER);
  assert.equal(client.userId, ME);
  assert.deepEqual(service.calls.map(({ init }) => init.headers.Authorization), tokens.map((text) => `Bearer ${text}`));

  service.answers = [() => refusal(40100)];
  await assert.rejects(client.rendezvous(PEER), { kind: 'unauthenticated' });
  assert.equal(service.calls.length, 4);
});

test('A client says when its token ends, as far as the token says it', async () => {
  const ends = Date.now() + 3_600_000;
  assert.equal(service.client().expiresAt, ends);
  const client = service.client({ token: () => tokenOf() });
  assert.equal(client.expiresAt, null);
  await client.rendezvous(PEER);
  assert.equal(client.expiresAt, ends);
  for (const exp of [undefined, null, 'soon', '1e999']) {
    const claims = JSON.stringify({ id: ME, exp }).replace('"1e999"', '1e999');
    assert.equal(service.client({ token: `e30.${Buffer.from(claims).toString('base64url')}.c2ln` }).expiresAt, null);
  }
});

test('A token that is about to end is replaced before it is used, once for all who need it', async () => {
  const token = mock.fn(async () => tokenOf({ mark: `${token.mock.callCount()}` }));
  const client = service.client({ token });
  await Promise.all([client.rendezvous(PEER), client.rendezvous(PEER), client.rendezvous(PEER)]);
  assert.equal(token.mock.callCount(), 1);
  await advance(3_594_000);
  await client.rendezvous(PEER);
  assert.equal(token.mock.callCount(), 1);
  await advance(1_000);
  await client.rendezvous(PEER);
  assert.equal(token.mock.callCount(), 2);
});

test('A fixed token that is refused is the end; so is what is no token, another user\'s, or none in time', async () => {
  service.answers = [() => refusal(40100)];
  await assert.rejects(service.client().rendezvous(PEER), { kind: 'unauthenticated' });
  for (const bad of ['', 'a.b', 'a.b.c', tokenOf({ id: 0 }), tokenOf({ id: '09' }), tokenOf({ id: 2 ** 53 }), `${tokenOf()}\r\nX: y`]) {
    assert.throws(() => service.client({ token: bad }), { kind: 'unauthenticated' }, bad);
    await assert.rejects(service.client({ token: () => bad }).rendezvous(PEER), { kind: 'unauthenticated' });
  }
  assert.equal(service.client({ token: tokenOf({ id: '9' }) }).userId, 9);
  service.answers = [];
  let id = ME;
  const changing = service.client({ token: () => tokenOf({ id: id++, life: 1 }) });
  await assert.rejects(changing.rendezvous(PEER), { kind: 'unauthenticated' });
  await assert.rejects(passing(service.client({ token: () => new Promise(() => {}) }).rendezvous(PEER)), { kind: 'server_unavailable' });
});

test('Nobody meets themselves, or nobody', async () => {
  for (const peer of [ME, 0, -1, 1.5, 2 ** 53, /** @type {any} */ ('10')]) {
    await assert.rejects(service.client().rendezvous(peer), { kind: 'invalid_input' });
  }
  await assert.rejects(service.client().rendezvous(PEER, { keyMode: /** @type {any} */ ('none') }), TypeError);
  assert.equal(service.calls.length, 0);
});

test('Accounts are made and logged in to, by name or email', async () => {
  service.answers = [() => success({ token: 'a.b.c', id: 9, expires_at: 5 })];
  const reach = { server: 'https://im.example/base', fetch: service.fetch };
  assert.deepEqual(await ImClient.register({ ...reach, username: 'ann', email: 'a@b', password: 'secret' }), { token: 'a.b.c', id: 9, expiresAt: 5 });
  assert.deepEqual([service.calls[0]?.path, service.calls[0]?.body], ['/base/user/register', { username: 'ann', email: 'a@b', password: 'secret' }]);
  await ImClient.logIn({ ...reach, email: 'a@b', password: 'secret' });
  assert.deepEqual([service.calls[1]?.path, service.calls[1]?.body], ['/base/user/login', { username: '', email: 'a@b', password: 'secret' }]);
  service.answers = [() => refusal(40901), () => refusal(40101), () => success({})];
  await assert.rejects(ImClient.register({ ...reach, username: 'ann', email: 'a@b', password: 'secret' }), { kind: 'name_taken' });
  await assert.rejects(ImClient.logIn({ ...reach, username: 'ann', password: 'secret' }), { kind: 'wrong_credentials' });
  await assert.rejects(ImClient.logIn({ ...reach, username: 'ann', password: 'secret' }), { kind: 'protocol_violation' });
});

test('Whatever there is with a peer can be ended', async () => {
  await service.client().end(PEER);
  assert.deepEqual(service.calls.map(({ method, path }) => [method, path]), [['DELETE', `/im/sessions/${PEER}`]]);
});

test('No error tells a secret', async () => {
  const token = tokenOf();
  const client = service.client({ token });
  const lying = (/** @type {any} */ { method, body }) => (method === 'DELETE' ? success({}) : service.completed(body, { im_key: IM_KEY, public_key: undefined }));
  for (const answer of [lying, () => new TypeError('fetch failed'), () => refusal(40100), () => ({ status: 200, body: `{"token":"${token}"` })]) {
    service.answers = [answer];
    const error = await client.rendezvous(PEER, { patience: 0 }).catch((/** @type {any} */ reason) => reason);
    assert.ok(error instanceof ImError);
    for (const secret of [token, IM_KEY, SESSION]) {
      assert.ok(!`${error.stack} ${JSON.stringify(error)} ${error.cause}`.includes(secret));
    }
  }
  assert.equal(FakeSocket.all.length, 0);
});
