// End-to-end encryption, im-e2e-v1: docs/protocol.md, section 6.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';

import { Conversation, Encryption } from '../im-client.js';
import { base64url, IM_KEY, ME, PEER, SESSION } from './fakes.js';

const pair = { session: SESSION, userId: ME, peerId: PEER };
const mirrored = { session: SESSION, userId: PEER, peerId: ME };
const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** The two sides of a session with the server's key. */
const bothSides = async () => [await Encryption.withServerKey(pair, IM_KEY), await Encryption.withServerKey(mirrored, IM_KEY)];

/** A key pair whose private key is this byte, 32 times. @param {number} byte @param {string} publicKey */
async function keyPairOf(byte, publicKey) {
  const point = Buffer.from(publicKey, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', d: base64url(Buffer.alloc(32, byte)), x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) };
  return { publicKey, privateKey: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']) };
}

/** A cell of the worked example. @param {string} name @param {RegExp} pattern */
function cell(name, pattern) {
  const found = new RegExp(`\\| ${name} \\| \`(${pattern.source})\``).exec(page.slice(page.indexOf('### Worked example')));
  return /** @type {string} */ (found?.[1]);
}

/** The public keys of section 3. */
const publicKeys = {
  me: /** @type {string} */ (/"public_key":"([\w-]+)",\n/.exec(page)?.[1]),
  peer: /** @type {string} */ (/"peer_public_key":"([\w-]+)"/.exec(page)?.[1]),
};

test('The worked example with a server key comes out, to the last character', async () => {
  const [me, peer] = await bothSides();
  const random = mock.method(crypto, 'getRandomValues', (/** @type {Uint8Array} */ bytes) => (bytes.set(Buffer.from('0102030405060708090a0b0c', 'hex')), bytes));
  const data = await me.seal(utf8('hello'), 1);
  random.mock.restore();
  assert.equal(data, /\n(AQIDBAUG[\w-]+)\n/.exec(page)?.[1]);
  assert.equal(await peer.open(data, 1), 'hello');
  assert.equal(me.safetyNumber, null);
});

test('The worked example with public keys comes out: the safety number, and the key', async () => {
  const [mine, peers] = [await keyPairOf(0x11, publicKeys.me), await keyPairOf(0x22, publicKeys.peer)];
  const me = await Encryption.withPublicKeys(pair, mine.privateKey, mine.publicKey, peers.publicKey);
  const peer = await Encryption.withPublicKeys(mirrored, peers.privateKey, peers.publicKey, mine.publicKey);
  const number = cell('safety number', /[0-9 ]{71}/);
  assert.equal(me.safetyNumber, number);
  assert.equal(peer.safetyNumber, number);

  const data = Buffer.from(await me.seal(utf8('hello'), 7), 'base64url');
  const keys = [...page.matchAll(/\| key 9 → 10 \| `([0-9a-f]{64})`/g)].map(([, key]) => /** @type {string} */ (key));
  const key = await crypto.subtle.importKey('raw', Buffer.from(/** @type {string} */ (keys[1]), 'hex'), 'AES-GCM', false, ['decrypt']);
  const additionalData = utf8(`${SESSION}|9|10|7`);
  const plain = Buffer.from(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: data.subarray(0, 12), additionalData }, key, data.subarray(12)));
  assert.equal(plain.length, 256);
  assert.equal(plain.subarray(0, 6).toString('latin1'), 'hello\x80');
});

test('Nothing opens but what the peer sealed, with its id, in its session', async () => {
  const [me, peer] = await bothSides();
  const data = await peer.seal(utf8('hello'), 3);
  assert.equal(await me.open(data, 3), 'hello');
  assert.equal(await me.open(data, 4), null);
  assert.equal(await peer.open(data, 3), null);
  const other = await Encryption.withServerKey({ ...pair, session: SESSION.replace('5', '6') }, IM_KEY);
  assert.equal(await other.open(data, 3), null);
  const bytes = Buffer.from(data, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = /** @type {number} */ (changed[at]) ^ 1;
    assert.equal(await me.open(base64url(changed), 3), null, `byte ${at}`);
  }
  for (const bad of ['', 'A', '====', `${data}=`, `${data}!`, data.slice(0, 30), base64url(new Uint8Array(28))]) {
    assert.equal(await me.open(bad, 3), null);
  }
});

test('A message is no signal and a signal no message', async () => {
  const [me, peer] = await bothSides();
  assert.equal(await me.openSignal(await peer.seal(utf8('12345678 and more'), 1)), null);
  assert.equal(await me.open(await peer.sealSignal(utf8('hello'), 1), 1), null);
  assert.deepEqual(await me.openSignal(await peer.sealSignal(utf8('hello'), 258)), { count: 258, text: 'hello' });
});

test('Texts of every length come back, and only the number of 256s shows', async () => {
  const [me, peer] = await bothSides();
  for (const length of [0, 1, 254, 255, 256, 257, 511, 512, 48_894, Conversation.maxTextBytes]) {
    const text = '\0'.repeat(length);
    const data = await peer.seal(utf8(text), 1);
    assert.equal(await me.open(data, 1), text);
    assert.equal(Buffer.from(data, 'base64url').length, 28 + (Math.floor(length / 256) + 1) * 256);
  }
  assert.equal(Conversation.maxTextBytes, 48_895);
  assert.ok(JSON.stringify({ type: 'msg', data: await peer.seal(new Uint8Array(48_895), 1), id: Number.MAX_SAFE_INTEGER }).length <= 65_536);
  await assert.rejects(peer.seal(new Uint8Array(48_896), 1), { kind: 'text_too_long' });
  await assert.rejects(peer.sealSignal(new Uint8Array(48_888), 1), { kind: 'text_too_long' });
});

test('A right tag over what is no padded UTF-8 is refused', async () => {
  const me = await Encryption.withServerKey(pair, IM_KEY);
  const raw = Buffer.from(/** @type {string} */ (cell('key 10 → 9', /[0-9a-f]{64}/)), 'hex');
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
  const sealed = async (/** @type {Uint8Array<ArrayBuffer>} */ plain) => {
    const iv = new Uint8Array(12);
    const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(`${SESSION}|10|9|1`) }, key, plain);
    return base64url(Buffer.concat([iv, Buffer.from(bytes)]));
  };
  const block = (/** @type {number[]} */ ...start) => {
    const bytes = new Uint8Array(256);
    bytes.set(start);
    return bytes;
  };
  assert.equal(await me.open(await sealed(block(0x61, 0x80)), 1), 'a');
  for (const plain of [block(), block(0x61), block(0xff, 0x80), new Uint8Array([0x61, 0x80]), new Uint8Array()]) {
    assert.equal(await me.open(await sealed(plain), 1), null);
  }
});

test('A peer key that is no fresh point on the curve is refused', async () => {
  const { privateKey, publicKey } = await keyPairOf(0x11, publicKeys.me);
  const good = Buffer.from(publicKeys.peer, 'base64url');
  const compressed = Buffer.concat([Buffer.from([2]), good.subarray(1, 33)]);
  const offCurve = Buffer.from(good);
  offCurve[64] = /** @type {number} */ (offCurve[64]) ^ 1;
  const hybrid = Buffer.from(good);
  hybrid[0] = 6;
  const bad = [publicKey, base64url(compressed), base64url(offCurve), base64url(hybrid), base64url(good.subarray(0, 64)), base64url(Buffer.alloc(65)), '', '!'];
  for (const peerKey of bad) {
    await assert.rejects(Encryption.withPublicKeys(pair, privateKey, publicKey, peerKey), { kind: 'key_substituted' }, peerKey);
  }
});

test('A short server key calls for a warning, and one that is no hex is refused', async () => {
  assert.equal((await Encryption.withServerKey(pair, IM_KEY)).keyIsShort, false);
  assert.equal((await Encryption.withServerKey(pair, '00'.repeat(16))).keyIsShort, false);
  assert.equal((await Encryption.withServerKey(pair, '00'.repeat(15))).keyIsShort, true);
  for (const bad of ['', '0', 'zz', '00'.repeat(65)]) {
    await assert.rejects(Encryption.withServerKey(pair, bad), { kind: 'protocol_violation' });
  }
});

test('Forgotten keys open and seal nothing', async () => {
  const [me, peer] = await bothSides();
  const data = await peer.seal(utf8('hello'), 1);
  me.forget();
  await assert.rejects(me.open(data, 1), { name: 'AbortError' });
  await assert.rejects(me.seal(utf8('hello'), 1), { name: 'AbortError' });
});
