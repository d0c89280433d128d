// The test vectors that every client runs: clients/test-vectors.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';

import { Encryption } from '../im-client.js';
import { base64url } from './fakes.js';

const vectors = JSON.parse(readFileSync(new URL('../../test-vectors.json', import.meta.url), 'utf8'));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @param {string} privateKey Hex. @param {string} publicKey */
function privateKeyOf(privateKey, publicKey) {
  const point = Buffer.from(publicKey, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', d: base64url(Buffer.from(privateKey, 'hex')), x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) };
  return crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
}

/** One user's side of a session. @param {any} session @param {number} userId */
async function sideOf(session, userId) {
  const isLower = userId === session.lower_id;
  const pair = { session: session.im_session, userId, peerId: isLower ? session.higher_id : session.lower_id };
  if (session.key_mode === 'server_key') {
    return Encryption.withServerKey(pair, session.im_key);
  }
  const [own, peers] = isLower ? ['lower', 'higher'] : ['higher', 'lower'];
  const publicKey = session[`${own}_public_key`];
  return Encryption.withPublicKeys(pair, await privateKeyOf(session[`${own}_private_key`], publicKey), publicKey, session[`${peers}_public_key`]);
}

const sessionOf = (/** @type {string} */ name) => vectors.sessions.find((/** @type {any} */ session) => session.name === name);

/** With this nonce instead of a random one. @param {string} nonce @param {() => Promise<string>} seal */
async function withNonce(nonce, seal) {
  const random = mock.method(crypto, 'getRandomValues', (/** @type {Uint8Array} */ bytes) => (bytes.set(Buffer.from(nonce, 'hex')), bytes));
  try {
    return await seal();
  } finally {
    random.mock.restore();
  }
}

for (const session of vectors.sessions) {
  test(`Everything is sealed and opened as the vectors say: ${session.name}`, async () => {
    for (const { from, to, messages, signals } of session.directions) {
      const [sender, recipient] = [await sideOf(session, from), await sideOf(session, to)];
      assert.equal(sender.safetyNumber, session.safety_number);
      assert.equal(sender.keyIsShort, session.input_key.length < 32);
      for (const { id, text, nonce, data } of messages) {
        assert.equal(await withNonce(nonce, () => sender.seal(utf8(text), id)), data);
        assert.equal(await recipient.open(data, id), text);
      }
      for (const { counter, text, nonce, data } of signals) {
        assert.equal(await withNonce(nonce, () => sender.sealSignal(utf8(text), counter)), data);
        assert.deepEqual(await recipient.openSignal(data), { count: counter, text });
      }
    }
  });
}

for (const { why, session, to, id, data } of vectors.refused_messages) {
  test(`A message is refused: ${why}`, async () => {
    assert.equal(await (await sideOf(sessionOf(session), to)).open(data, id), null);
  });
}

for (const { why, session, to, data } of vectors.refused_signals) {
  test(`A signal is refused: ${why}`, async () => {
    assert.equal(await (await sideOf(sessionOf(session), to)).openSignal(data), null);
  });
}

for (const { why, own_public_key: own, peer_public_key: peers } of vectors.refused_public_keys) {
  test(`A public key is refused: ${why}`, async () => {
    const session = vectors.sessions.find((/** @type {any} */ { lower_public_key: key }) => key === own);
    const privateKey = await privateKeyOf(session.lower_private_key, own);
    const pair = { session: session.im_session, userId: session.lower_id, peerId: session.higher_id };
    await assert.rejects(Encryption.withPublicKeys(pair, privateKey, own, peers), { kind: 'key_substituted' });
  });
}
