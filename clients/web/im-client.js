/**
 * The browser client of Im: meets a peer over REST, talks to it over a websocket, and encrypts end to end.
 * It follows docs/protocol.md, in its order: errors, identity, key exchange, websocket, encryption.
 *
 * One module, no dependencies. It needs WebCrypto, which a browser gives only to pages of https or localhost.
 * @module im-client
 */

// ---------------------------------------------------------------------------------------------------------------------
// What applications see of it in types
// ---------------------------------------------------------------------------------------------------------------------

/**
 * Why something failed; the same words in every client.
 * @typedef {'wrong_credentials' | 'name_taken' | 'invalid_input' | 'unauthenticated' | 'not_permitted'
 *   | 'key_mode_mismatch' | 'key_substituted' | 'peer_absent' | 'session_ended' | 'session_lost' | 'taken_over'
 *   | 'queue_full' | 'rate_limited' | 'server_unavailable' | 'text_too_long' | 'outbox_full' | 'protocol_violation'
 *   | 'unsupported'} ImErrorKind
 */

/**
 * @typedef {object} LoggedIn
 * @property {string} token
 * @property {number} id
 * @property {number} expiresAt Unix milliseconds.
 */

/**
 * @typedef {object} Reach How a server is reached.
 * @property {string} [server] The service's address; default: `location.origin`.
 * @property {typeof globalThis.fetch} [fetch] Default: `globalThis.fetch`.
 */

/**
 * @typedef {object} ClientExtras
 * @property {string | (() => string | Promise<string>)} token A JWT, or a function that gives a good one whenever the
 *   last one is about to end or was refused. With a fixed token a conversation ends when the token does.
 * @property {typeof globalThis.WebSocket} [WebSocket] Default: `globalThis.WebSocket`.
 * @typedef {Reach & ClientExtras} ClientOptions
 */

/**
 * `public`: the clients exchange public keys and the server never has a secret. `server`: the server makes the key and
 * could read along while it holds it.
 * @typedef {'public' | 'server'} KeyMode
 */

/**
 * @typedef {object} RendezvousOptions
 * @property {KeyMode} [keyMode] Default: `public`. It never changes by itself.
 * @property {number} [patience] Milliseconds to wait for the peer; default: five minutes.
 * @property {AbortSignal} [signal]
 * @property {(waiting: Waiting) => void} [onWaiting] Called whenever the server says that the peer has not come yet, and
 *   whenever it could not be asked and will be asked again.
 */

/**
 * @typedef {object} Waiting
 * @property {ImError | null} reason Null: the server knows, and the peer has not come yet. Else why the server could not be
 *   asked: `server_unavailable` or `rate_limited`; what it said before may be out of date.
 * @property {number | null} retryAt Unix milliseconds of the next try, where there is a reason.
 * @property {number | null} expiresAt Unix milliseconds: until when this handshake waits, as the server last said; null
 *   before it has said anything.
 */

/**
 * `connecting`: not connected yet; `reconnecting`: was connected, and will try again; `ended`: for good.
 * @typedef {'connecting' | 'connected' | 'reconnecting' | 'ended'} ConversationState
 */

/**
 * @typedef {object} Sending
 * @property {number} id Counts 1, 2, 3 … in this conversation.
 * @property {Promise<void>} sent Fulfilled when the service has stored it.
 * @property {Promise<void>} delivered Fulfilled when the peer has acknowledged it, by the relay's word.
 */

/**
 * @typedef {object} ReceivedMessage
 * @property {number} id The peer's count.
 * @property {string} text
 * @property {number} sentAt Unix milliseconds, by the relay's word.
 */

/**
 * @typedef {object} StateDetail
 * @property {ConversationState} state
 * @property {ImError | null} reason Why it is not simply connected; also while connected, when sending waits
 *   (`queue_full`, `rate_limited`, `server_unavailable`). Null at the end: this side ended or closed it.
 * @property {number | null} retryAt Unix milliseconds of the next try.
 */

/**
 * @typedef {object} ConversationEvents
 * @property {MessageReceivedEvent} message A message, decrypted and in order. It is acknowledged after all listeners
 *   have returned and what they gave to `waitUntil` is fulfilled.
 * @property {CustomEvent<{ from: number, to: number }>} withheld The relay lost or withheld the peer's messages from … to.
 * @property {CustomEvent<{ id: number | null, reason: 'tampered' | 'repeated' | 'reordered' }>} refused A frame that is
 *   not shown: it is not what the peer sent, or its message came before, or comes after a later one.
 * @property {CustomEvent<{ id: number }>} sent Your messages up to this one are stored.
 * @property {CustomEvent<{ id: number }>} delivered Your messages up to this one are acknowledged by the peer.
 * @property {CustomEvent<{ online: boolean }>} presence The peer connected or went.
 * @property {CustomEvent<{ typing: boolean }>} typing
 * @property {CustomEvent<StateDetail>} state
 * @property {CustomEvent<null>} handshake The peer wants new keys: it lost its own, say. To go on talking, rendezvous again.
 */

// ---------------------------------------------------------------------------------------------------------------------
// Errors (protocol, section 2)
// ---------------------------------------------------------------------------------------------------------------------

/** @type {Record<ImErrorKind, string>} What happened, and what to do next. */
const SENTENCES = {
  wrong_credentials: 'The name or the password is wrong. Check both and log in again.',
  name_taken: 'The username or email is in use. Choose another one, or log in.',
  invalid_input: 'A field is missing, malformed or out of range. See `fields`, mend it and try again.',
  unauthenticated: 'The token is missing, not valid, or has ended. Log in again.',
  not_permitted: 'The service does not allow this: its rules forbid this pair or this page, or registration is closed. Ask its operator.',
  key_mode_mismatch: 'The peer asked for the other key mode. Agree on one mode with the peer, then rendezvous again.',
  key_substituted:
    'A key in the answer is not the one that belongs there, even when asked again. Nothing was sent. Unless this user has another '
    + 'client open, the server swaps keys: do not use it.',
  peer_absent: 'The peer did not come in time. Tell the peer, then rendezvous again.',
  session_ended: 'The session is over: a side ended it, or a newer key exchange did, or it is not there any more. Rendezvous again to go on.',
  session_lost: 'The session expired or its server lost it; what was not delivered is gone. Rendezvous again to go on.',
  taken_over: 'A newer connection of the same user took over. Go on there, or rendezvous again here.',
  queue_full: 'The peer has too many messages waiting. They are sent when the peer has taken some; nothing needs to be done.',
  rate_limited: 'That was faster than the service allows. Wait, then try again.',
  server_unavailable: 'The service cannot be reached or does not answer. Check the network and try again.',
  text_too_long: 'The text is longer than a message can be. Split it.',
  outbox_full: 'Too many messages are waiting to be sent or delivered. Wait for the earlier ones, then send again.',
  protocol_violation: 'The other side does not speak the protocol as it should. Check the address, and that both are up to date.',
  unsupported: 'WebCrypto or WebSocket is missing here. Use a current browser, and a page of https or localhost.',
};

/** @type {Record<number, ImErrorKind>} */
const KINDS = {
  40000: 'invalid_input', 40001: 'invalid_input', 41300: 'invalid_input', 41500: 'invalid_input',
  40100: 'unauthenticated', 40101: 'wrong_credentials', 40300: 'not_permitted', 40301: 'session_ended', 40303: 'not_permitted',
  40900: 'key_mode_mismatch', 40901: 'name_taken', 42900: 'rate_limited', 42901: 'queue_full',
  50000: 'server_unavailable', 50300: 'server_unavailable',
};

/** Says what failed and, in its message, what to do next. It holds no text, key, token or session id. */
export class ImError extends Error {
  /**
   * @param {ImErrorKind} kind
   * @param {{ code?: number, retryAfter?: number, fields?: Record<string, string[]>, detail?: string, cause?: unknown }} [more]
   */
  constructor(kind, more = {}) {
    super(more.detail ? `${SENTENCES[kind]} (${more.detail})` : SENTENCES[kind], 'cause' in more ? { cause: more.cause } : undefined);
    this.name = 'ImError';
    /** @readonly */
    this.kind = kind;
    /** @readonly The protocol's code, where the server gave one. */
    this.code = more.code;
    /** @readonly Seconds that the server asks to wait. */
    this.retryAfter = more.retryAfter;
    /** @readonly What is wrong with each field (`invalid_input`). */
    this.fields = more.fields;
  }
}

/** @param {string} detail */
const violation = (detail) => new ImError('protocol_violation', { detail });

// ---------------------------------------------------------------------------------------------------------------------
// REST calls and tokens (protocol, sections 1 and 2)
// ---------------------------------------------------------------------------------------------------------------------

/** Milliseconds for a call, beyond the wait that it asks for. */
const CALL_TIMEOUT = 15_000;

/** Milliseconds for the application to give a token. */
const TOKEN_TIMEOUT = 30_000;

/** Seconds that a service can make this client wait. */
const MAX_RETRY_AFTER = 3_600;

/** Bytes of an answer; the longest of the protocol has some 6,000. */
const MAX_ANSWER = 65_536;

/** One server, over REST. */
class Rest {
  #base;
  #fetch;

  /** @param {Reach} reach */
  constructor({ server, fetch: fetchFunction }) {
    const base = new URL(server ?? globalThis.location?.origin ?? 'none:');
    if (base.protocol !== 'http:' && base.protocol !== 'https:') {
      throw new TypeError('The server is an address of http or https, and must be named outside of a page.');
    }
    base.search = base.hash = '';
    base.pathname = base.pathname.replace(/\/*$/, '/');
    this.#base = base;
    // Called as a plain function: a browser's fetch refuses any other `this`.
    this.#fetch = fetchFunction ?? ((/** @type {Parameters<typeof fetch>} */ ...call) => globalThis.fetch(...call));
  }

  /**
   * @param {string} path
   * @param {Record<string, string | number>} query
   */
  socketAddress(path, query) {
    const address = new URL(path, this.#base);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    for (const [name, value] of Object.entries(query)) {
      address.searchParams.set(name, String(value));
    }
    return address.href;
  }

  /**
   * The `data` of the answer.
   * @param {string} method
   * @param {string} path Without a slash in front.
   * @param {{ token?: string, body?: object, signal?: AbortSignal | undefined, wait?: number }} [options] `wait`: milliseconds that
   *   the answer may be held back.
   * @returns {Promise<Record<string, unknown>>}
   */
  async call(method, path, { token, body, signal, wait = 0 } = {}) {
    const limit = limited(signal, wait + CALL_TIMEOUT);
    let status, text, retryAfter;
    try {
      const response = await this.#fetch(new URL(path, this.#base).href, {
        method,
        headers: {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A token goes to this server and nowhere else, and no secret into a cache.
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        signal: limit.signal,
      });
      status = response.status;
      retryAfter = Math.min(Number(response.headers.get('Retry-After') ?? undefined), MAX_RETRY_AFTER);
      text = await readBounded(response);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof ImError ? error : new ImError('server_unavailable', { cause: error });
    } finally {
      limit.clear();
    }
    return dataOf(status, text, Number.isFinite(retryAfter) ? retryAfter : undefined);
  }
}

/** @param {Response} response */
async function readBounded(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let length = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    length += value.byteLength;
    if (length > MAX_ANSWER) {
      await reader.cancel();
      throw violation('an answer is too long');
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * @param {number} status
 * @param {string} text
 * @param {number | undefined} retryAfter
 * @returns {Record<string, unknown>}
 */
function dataOf(status, text, retryAfter) {
  const answer = parseObject(text);
  const code = answer?.['code'];
  if (!answer || typeof code !== 'number') {
    // Not the service itself: a proxy whose service is away, or something else altogether.
    throw status >= 500 || status === 429
      ? new ImError(status === 429 ? 'rate_limited' : 'server_unavailable', { ...(retryAfter === undefined ? {} : { retryAfter }) })
      : violation(`status ${status} without the service's envelope`);
  }
  if (code === 0) {
    return isObject(answer['data']) ? answer['data'] : {};
  }
  const fields = isObject(answer['errors']) ? /** @type {Record<string, string[]>} */ (answer['errors']) : undefined;
  throw new ImError(KINDS[code] ?? 'protocol_violation', {
    code,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(fields === undefined ? {} : { fields }),
  });
}

/** The token of one user, as long as it is good; then the next one. */
class Tokens {
  #source;
  /** @type {{ text: string, userId: number, expiresAt: number | null } | null} */
  #current = null;
  /** @type {Promise<string> | null} */
  #coming = null;

  /** @param {ClientOptions['token']} source */
  constructor(source) {
    this.#source = source;
    if (typeof source === 'string') {
      this.#current = readToken(source);
    } else if (typeof source !== 'function') {
      throw new TypeError('The token is a string or a function that gives one.');
    }
  }

  get userId() {
    return this.#current?.userId ?? null;
  }

  /** Unix milliseconds; null: it cannot be read. */
  get expiresAt() {
    return this.#current?.expiresAt ?? null;
  }

  /** Whether there can be another one. */
  get canRenew() {
    return typeof this.#source === 'function';
  }

  /** @param {AbortSignal | undefined} signal */
  async present(signal) {
    // A few seconds: the token still has to travel.
    return this.#current && (!this.canRenew || (this.#current.expiresAt ?? 0) > Date.now() + 5_000) ? this.#current.text : this.#renew(signal);
  }

  /**
   * A token other than this one, which was refused or is about to end.
   * @param {string} last
   * @param {AbortSignal | undefined} signal
   */
  async after(last, signal) {
    if (!this.canRenew) {
      throw new ImError('unauthenticated');
    }
    return this.#current && this.#current.text !== last ? this.#current.text : this.#renew(signal);
  }

  /** @param {AbortSignal | undefined} signal */
  #renew(signal) {
    // All who need one at the same time share one call of the application's function.
    this.#coming ??= this.#ask().finally(() => (this.#coming = null));
    return within(this.#coming, TOKEN_TIMEOUT, signal, () => new ImError('server_unavailable', { detail: 'no token came in time' }));
  }

  async #ask() {
    const source = /** @type {() => string | Promise<string>} */ (this.#source);
    let text;
    try {
      text = await source();
    } catch (error) {
      // Not the same as a token that is refused: the network may be away, and the next call may succeed.
      throw error instanceof ImError ? error : new ImError('server_unavailable', { detail: 'the token function failed', cause: error });
    }
    const token = readToken(text);
    if (this.#current && this.#current.userId !== token.userId) {
      throw new ImError('unauthenticated', { detail: 'the token is that of another user' });
    }
    this.#current = token;
    return token.text;
  }
}

/**
 * What a JWT says; the server checks it.
 * @param {unknown} text
 */
function readToken(text) {
  // The form matters: the token becomes a part of a header and of a subprotocol.
  if (typeof text === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) {
    const bytes = fromBase64url(/** @type {string} */ (text.split('.')[1]));
    const claims = bytes && parseObject(new TextDecoder().decode(bytes));
    const id = typeof claims?.['id'] === 'string' && /^[1-9][0-9]{0,15}$/.test(claims['id']) ? Number(claims['id']) : claims?.['id'];
    if (claims && isCount(id)) {
      return { text, userId: id, expiresAt: Number.isFinite(claims['exp']) ? /** @type {number} */ (claims['exp']) * 1000 : null };
    }
  }
  throw new ImError('unauthenticated', { detail: 'not a JWT of this service' });
}

/** A user at a server: calls with its token. */
class Account {
  /** @param {ClientOptions} options */
  constructor(options) {
    this.rest = new Rest(options);
    this.tokens = new Tokens(options.token);
    this.WebSocket = options.WebSocket ?? globalThis.WebSocket;
    if (!globalThis.crypto?.subtle || !this.WebSocket) {
      throw new ImError('unsupported');
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ body?: object, signal?: AbortSignal | undefined, wait?: number }} options
   */
  async call(method, path, options) {
    const token = await this.tokens.present(options.signal);
    try {
      return await this.rest.call(method, path, { ...options, token });
    } catch (error) {
      if (!(error instanceof ImError) || error.kind !== 'unauthenticated' || !this.tokens.canRenew) {
        throw error;
      }
    }
    return this.rest.call(method, path, { ...options, token: await this.tokens.after(token, options.signal) });
  }

  /**
   * The two users, or an error that says why they are no pair.
   * @param {number} peerId
   * @param {AbortSignal | undefined} signal
   */
  async pairWith(peerId, signal) {
    await this.tokens.present(signal);
    const userId = /** @type {number} */ (this.tokens.userId);
    if (!isCount(peerId) || peerId === userId) {
      throw new ImError('invalid_input', { fields: { to_user_id: ['The peer is another user, 1 to 9007199254740991.'] } });
    }
    return userId;
  }

  /**
   * @param {number} peerId
   * @param {string | null} session Only this one; null: whatever there is.
   * @param {AbortSignal | undefined} signal
   */
  async end(peerId, session, signal) {
    await this.call('DELETE', `im/sessions/${peerId}${session === null ? '' : `?session=${session}`}`, { signal });
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Accounts and key exchange (protocol, sections 1 and 3)
// ---------------------------------------------------------------------------------------------------------------------

/** Seconds that one call may be held back. */
const MAX_WAIT = 30;

/** Milliseconds between two calls that were answered at once although they asked to wait. */
const MIN_ROUND = 1_000;

/** Own key pairs that an answer may still speak of: the present one, and the one before a handshake expired. */
const MAX_KEY_PAIRS = 2;

/** An account at a server. */
export class ImClient {
  #account;

  /** @param {ClientOptions} options */
  constructor(options) {
    this.#account = new Account(options);
  }

  /**
   * Makes a local account, where the service keeps such.
   * @param {Reach & { username: string, email: string, password: string, signal?: AbortSignal }} account
   * @returns {Promise<LoggedIn>}
   */
  static async register({ username, email, password, signal, ...reach }) {
    return loggedIn(await new Rest(reach).call('POST', 'user/register', { body: { username, email, password }, signal }));
  }

  /**
   * Logs in to a local account, by username or by email.
   * @param {Reach & { username?: string, email?: string, password: string, signal?: AbortSignal }} account
   * @returns {Promise<LoggedIn>}
   */
  static async logIn({ username = '', email = '', password, signal, ...reach }) {
    return loggedIn(await new Rest(reach).call('POST', 'user/login', { body: { username, email, password }, signal }));
  }

  /** The user whose token this is; null until the first token is there, where it comes from a function. */
  get userId() {
    return this.#account.tokens.userId;
  }

  /**
   * Unix milliseconds: when the token that it has ends, by the token's own word. Null until the first token is there, and
   * where a token does not say it. The server takes a token for up to 30 seconds more.
   */
  get expiresAt() {
    return this.#account.tokens.expiresAt;
  }

  /**
   * Meets the peer, who does the same within the same minutes, and agrees on keys. Add listeners to what it gives, then
   * `connect()` it. The service's faults are outlasted within `patience`; then it throws the last one, or `peer_absent`.
   * @param {number} peerId
   * @param {RendezvousOptions} [options]
   * @returns {Promise<Conversation>}
   */
  async rendezvous(peerId, { keyMode = 'public', patience = 300_000, signal, onWaiting } = {}) {
    const userId = await this.#account.pairWith(peerId, signal);
    const exchange = new KeyExchange(this.#account, userId, peerId, keyMode);
    const until = Date.now() + patience;
    /** @type {number | null} */
    let expiresAt = null;
    for (let faults = 0, isHeldBack = false; ; ) {
      const begun = Date.now();
      /** @type {ImError} */
      let reason;
      let pauseFor = 0;
      try {
        // The first call is not held back, nor is the one after a fault: the caller is to know at once whether it waits.
        const left = Math.max(0, until - begun);
        const answer = await exchange.ask(isHeldBack ? Math.min(MAX_WAIT, Math.floor(left / 1000)) : 0, signal);
        if (answer.encryption) {
          return converse(this.#account, { userId, peerId, keyMode, session: answer.session, encryption: answer.encryption });
        }
        expiresAt = answer.expiresAt;
        reason = new ImError('peer_absent');
        if (isHeldBack) {
          // Only such a call shows that those get through: the delays between faults do not begin anew before.
          faults = 0;
          pauseFor = Math.max(0, begun + MIN_ROUND - Date.now());
        }
        isHeldBack = true;
      } catch (error) {
        if (!(error instanceof ImError) || (error.kind !== 'server_unavailable' && error.kind !== 'rate_limited')) {
          throw error;
        }
        reason = error;
        pauseFor = Math.max(growing(faults++), (error.retryAfter ?? 0) * 1000);
        isHeldBack = false;
      }
      if (Date.now() + pauseFor >= until) {
        throw reason;
      }
      const isFault = reason.kind !== 'peer_absent';
      onWaiting?.({ reason: isFault ? reason : null, retryAt: isFault ? Date.now() + pauseFor : null, expiresAt });
      if (pauseFor > 0) {
        await pause(pauseFor, signal);
      }
    }
  }

  /**
   * Ends whatever there is with this peer, for both sides: session, handshake, what was not delivered.
   * @param {number} peerId
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<void>}
   */
  async end(peerId, { signal } = {}) {
    await this.#account.pairWith(peerId, signal);
    await this.#account.end(peerId, null, signal);
  }
}

/**
 * @param {Record<string, unknown>} data
 * @returns {LoggedIn}
 */
function loggedIn({ token, id, expires_at: expiresAt }) {
  if (typeof token !== 'string' || !isCount(id) || typeof expiresAt !== 'number') {
    throw violation('log-in');
  }
  return { token, id, expiresAt };
}

/** One side of a key exchange, over as many calls as it takes. */
class KeyExchange {
  #account;
  #userId;
  #peerId;
  #keyMode;
  /**
   * The newest last. A pair is made for one handshake; what is left of an older one is kept because that handshake may
   * have been completed in the moment it was given up.
   * @type {{ keys: CryptoKeyPair, publicKey: string, session: string | null, expiresAt: number }[]}
   */
  #pairs = [];
  #metAnotherClient = false;

  /**
   * @param {Account} account
   * @param {number} userId
   * @param {number} peerId
   * @param {KeyMode} keyMode
   */
  constructor(account, userId, peerId, keyMode) {
    if (keyMode !== 'public' && keyMode !== 'server') {
      throw new TypeError('The key mode is "public" or "server".');
    }
    this.#account = account;
    this.#userId = userId;
    this.#peerId = peerId;
    this.#keyMode = keyMode;
  }

  /**
   * Asks once.
   * @param {number} seconds To wait for the peer.
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<{ session: string, expiresAt: number, encryption: Encryption | null }>} `encryption` is null while the
   *   peer has not come; `expiresAt`, Unix milliseconds: until when this answer holds.
   */
  async ask(seconds, signal) {
    const pair = this.#keyMode === 'public' ? await this.#presentPair() : null;
    // Not beyond the handshake's own time: the next call then opens another one, and must bring another key.
    const wait = pair?.session ? Math.min(seconds, Math.max(0, Math.floor((pair.expiresAt - Date.now()) / 1000))) : seconds;
    const answer = readAnswer(
      await this.#account.call('POST', 'im/get_imKey', {
        body: { to_user_id: this.#peerId, wait_seconds: wait, ...(pair ? { public_key: pair.publicKey } : {}) },
        wait: wait * 1000,
        signal,
      }),
      this.#userId,
      this.#peerId,
    );
    const { session } = answer;
    const expiresAt = Date.now() + answer.expiresIn * 1000;
    if (answer.isRead) {
      return { session, expiresAt, encryption: await this.#agree(answer, signal) };
    }
    if (pair?.session && pair.session !== session) {
      // Another handshake than the one the pair was made for: the next call replaces the key by a fresh one.
      pair.expiresAt = 0;
    } else if (pair) {
      pair.session = session;
      pair.expiresAt = expiresAt;
    }
    return { session, expiresAt, encryption: null };
  }

  async #presentPair() {
    const last = this.#pairs.at(-1);
    if (last && (last.session === null || last.expiresAt > Date.now())) {
      return last;
    }
    const keys = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
    const publicKey = toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)));
    const pair = { keys, publicKey, session: /** @type {string | null} */ (null), expiresAt: 0 };
    this.#pairs.push(pair);
    this.#pairs.splice(0, this.#pairs.length - MAX_KEY_PAIRS);
    return pair;
  }

  /**
   * Null: the handshake was completed with a pair that was made for another one, or with another client's. Begin again.
   * @param {ReturnType<typeof readAnswer>} answer
   * @param {AbortSignal | undefined} signal
   */
  async #agree({ session, imKey, publicKey, peerPublicKey }, signal) {
    const pair = { session, userId: this.#userId, peerId: this.#peerId };
    const own = this.#pairs.find((candidate) => candidate.publicKey === publicKey);
    if (own?.session && own.session !== session) {
      own.expiresAt = 0;
      await this.#account.end(this.#peerId, session, signal);
      return null;
    }
    if (this.#keyMode === 'public' && !own && publicKey !== undefined && !this.#metAnotherClient) {
      // Whoever reloads a page, or has a second client open, meets the key of the other one. It cannot be told from a server
      // that swaps keys, so it is not used either; but only whoever meets it again has a reason to be alarmed.
      await this.#account.end(this.#peerId, session, signal);
      this.#metAnotherClient = true;
      this.#pairs = [];
      return null;
    }
    try {
      if (this.#keyMode === 'server') {
        if (imKey === undefined) {
          throw violation('an answer without im_key');
        }
        return await Encryption.withServerKey(pair, imKey);
      }
      if (!own || peerPublicKey === undefined) {
        throw new ImError('key_substituted');
      }
      return await Encryption.withPublicKeys(pair, own.keys.privateKey, own.publicKey, peerPublicKey);
    } catch (error) {
      // Nobody shall go on with such keys. Where the end cannot be asked for, refusing them is what matters.
      await this.#account.end(this.#peerId, session, signal).catch(() => {});
      throw error;
    }
  }
}

/**
 * @param {Record<string, unknown>} data
 * @param {number} userId
 * @param {number} peerId
 */
function readAnswer(data, userId, peerId) {
  const { im_session: session, is_read: isRead, expires_in: expiresIn, from_user_id: from, to_user_id: to } = data;
  const isPair = (from === userId && to === peerId) || (from === peerId && to === userId);
  if (!isPair || typeof session !== 'string' || !/^[0-9a-f]{32}$/.test(session) || (isRead !== 0 && isRead !== 1) || typeof expiresIn !== 'number') {
    throw violation('key exchange');
  }
  const textOf = (/** @type {string} */ name) => (typeof data[name] === 'string' ? data[name] : undefined);
  return { session, isRead: isRead === 1, expiresIn, imKey: textOf('im_key'), publicKey: textOf('public_key'), peerPublicKey: textOf('peer_public_key') };
}

// ---------------------------------------------------------------------------------------------------------------------
// The conversation (protocol, section 4)
// ---------------------------------------------------------------------------------------------------------------------

/** Bytes of a server's frame at most; a longer one is no frame of the protocol. Characters are never more than bytes. */
const MAX_FRAME = 66_048;

/** Messages on the wire without an answer. */
const MAX_UNANSWERED = 64;

/** Bytes that the socket may hold back before no further message is given to it. */
const MAX_BUFFERED = 262_144;

/** Messages without `sent`. */
const MAX_OUTBOX = 1_000;

/** Messages with `sent` and without `delivered`; only a promise is kept of each. */
const MAX_UNDELIVERED = 4_000;

/** Messages that came and wait for the application: what a service keeps at most. Beyond, the connection is given up for a while. */
const MAX_INBOX = 1_000;

/** Characters of them. */
const MAX_INBOX_LENGTH = 8_388_608;

/** Ranges of missing ids that are remembered, to tell a late message from a repeated one. */
const MAX_GAPS = 100;

/** Signals that are being encrypted or decrypted; more are dropped, as signals may be. */
const MAX_SIGNALS = 16;

/** Acknowledgements wait for each other: milliseconds, or messages. */
const ACK_DELAY = 20;
const ACK_MESSAGES = 32;

/** Milliseconds without any frame, while one is due, until a connection counts as lost. */
const SILENCE = 20_000;

/** The same, where a connection is asked whether it lives. */
const PROBE = 5_000;

/** Attempts to connect in a row: with their delays some half an hour, when the session is long over at the service. */
const MAX_ATTEMPTS = 240;

/** Milliseconds after which a connection shows that its token was good. */
const STEADY = 60_000;

/** Attempts in a row to get a token, or to renew one. */
const MAX_TOKEN_ATTEMPTS = 5;

/** Milliseconds: `typing` is said again at most so often, and forgotten so long after the last time. */
const TYPING_REPEAT = 3_000;
const TYPING_LIFE = 6_000;

/** What a timer can count. */
const MAX_TIMER = 2_147_483_647;

/** Why sending waits, by the code that refused a message. */
const WAITING_CODES = /** @type {Record<number, ImErrorKind>} */ ({
  40902: 'server_unavailable', 42900: 'rate_limited', 42901: 'queue_full', 50000: 'server_unavailable', 50300: 'server_unavailable',
});

/** Codes that say nothing against a frame other than a message: it can be said again, or be left out. */
const PASSING_CODES = [42900, 50000, 50300];

/** Milliseconds until an acknowledgement that was refused is said again. */
const ACK_AGAIN = 1_000;

/**
 * A message, decrypted and in order.
 * @extends {CustomEvent<ReceivedMessage>}
 */
export class MessageReceivedEvent extends CustomEvent {
  /** @type {Promise<unknown>[]} */
  #waits = [];

  /** @param {ReceivedMessage} detail */
  constructor(detail) {
    super('message', { detail });
  }

  /**
   * The message is acknowledged only when this is fulfilled. If it is rejected, the event comes again after a while.
   * To be called while the event is dispatched.
   * @param {Promise<unknown>} promise
   */
  waitUntil(promise) {
    this.#waits.push(promise);
    // It is looked at when all are there; until then it is not unhandled.
    promise.catch(() => {});
  }

  /** @internal */
  get taken() {
    return Promise.all(this.#waits);
  }
}

/** One connection. What belongs to it ends with it. */
class Link {
  isOpen = false;
  isReady = false;
  /** Unix milliseconds. */
  readyAt = 0;
  /** Messages without an answer. */
  inFlight = 0;
  /** Runs while a frame is due. */
  silence = new Timer();
  /** Until the token is to be renewed. */
  renewal = new Timer();
  /** Attempts to renew it in a row. */
  renewals = 0;
  /** A fresh token is on the wire. */
  isRenewing = false;
  /** It is being found out whether it lives. */
  isProbed = false;

  /**
   * @param {WebSocket} socket
   * @param {string} token
   * @param {number} seen The `seq` that it was opened with.
   * @param {(outcome: { link: Link, code: number }) => void} over
   */
  constructor(socket, token, seen, over) {
    this.socket = socket;
    this.token = token;
    /** The highest `seq` that came on it: what may be acknowledged. */
    this.wireSeq = seen;
    this.acknowledged = seen;
    this.over = over;
  }
}

/** A message of this side, until it is delivered. */
class Outgoing {
  /** @type {string | null} Sealed; null before that, and after `sent`. */
  data = null;
  sent = new Deferred();
  delivered = new Deferred();

  /** @param {number} id */
  constructor(id) {
    this.id = id;
  }
}

/** @type {(account: Account, agreed: SessionOf & { keyMode: KeyMode, encryption: Encryption }) => Conversation} */
let converse;

/** A session with one peer: add listeners, then `connect()`. */
export class Conversation extends EventTarget {
  static {
    converse = (account, agreed) => new Conversation(account, agreed);
  }

  /** The longest text of one message, in bytes of UTF-8. */
  static get maxTextBytes() {
    return MAX_TEXT;
  }

  #account;
  #agreed;
  #over = new AbortController();
  /** @type {ConversationState} */
  #state = 'connecting';
  /** @type {ImError | null} */
  #reason = null;
  /** @type {number | null} */
  #retryAt = null;
  #peerOnline = false;
  /** @type {Link | null} */
  #link = null;
  /** Runs until the next try to connect. */
  #retry = new Timer();
  /** @type {Deferred | null} While that runs. */
  #due = null;
  /** @type {Deferred | null} Settled at the first connection or the end. */
  #connected = null;

  // Sending. answered ≤ written ≤ count, and next is what goes to the wire next.
  #count = 0;
  #written = 0;
  #answered = 0;
  #next = 1;
  #deliveredUpTo = 0;
  #settledUpTo = 0;
  /** @type {Map<number, Outgoing>} */
  #outbox = new Map();
  #resume = new Timer();
  #refusals = 0;

  // Receiving. taken ≤ arrived; ids are the peer's.
  #arrivedSeq = 0;
  #takenSeq = 0;
  #lastId = 0;
  /** @type {[from: number, to: number][]} */
  #gaps = [];
  /** @type {{ seq: number, id: unknown, data: string, sentAt: number }[]} */
  #inbox = [];
  #inboxLength = 0;
  #isTaking = false;
  /** @type {Deferred | null} While the inbox is too full to connect. */
  #room = null;
  #acknowledgement = new Timer();

  // Signals.
  #signalCount = 0;
  #signalSeen = 0;
  #signalsUnderWay = 0;
  /** @type {Promise<void>} */
  #signals = Promise.resolve();
  #saidTypingAt = 0;
  #isPeerTyping = false;
  #typingEnd = new Timer();

  /**
   * @private
   * @param {Account} account
   * @param {SessionOf & { keyMode: KeyMode, encryption: Encryption }} agreed
   */
  constructor(account, agreed) {
    super();
    this.#account = account;
    this.#agreed = agreed;
  }

  get userId() {
    return this.#agreed.userId;
  }

  get peerId() {
    return this.#agreed.peerId;
  }

  /** With `server`, the server could have read: say so to the user. */
  get keyMode() {
    return this.#agreed.keyMode;
  }

  /** Twelve groups of five digits that both users compare; null with a server's key, where it would prove nothing. */
  get safetyNumber() {
    return this.#agreed.encryption.safetyNumber;
  }

  /** The server's key has under 16 bytes: warn the user. */
  get keyIsShort() {
    return this.#agreed.encryption.keyIsShort;
  }

  get state() {
    return this.#state;
  }

  /** Why it is not simply connected, or why it ended (null: this side ended or closed it). */
  get reason() {
    return this.#reason;
  }

  /** Unix milliseconds of the next try. */
  get retryAt() {
    return this.#retryAt;
  }

  /** By the relay's word. */
  get peerOnline() {
    return this.#peerOnline;
  }

  /**
   * `addEventListener` with types. What a `message` listener returns counts as given to `waitUntil`, and what it throws
   * as a rejection. Returns what removes the listener.
   * @template {keyof ConversationEvents} K
   * @param {K} type
   * @param {(event: ConversationEvents[K]) => unknown} listener
   * @returns {() => void}
   */
  on(type, listener) {
    const call = (/** @type {Event} */ event) => {
      const typed = /** @type {ConversationEvents[K]} */ (event);
      if (event instanceof MessageReceivedEvent) {
        event.waitUntil((async () => listener(typed))());
      } else {
        listener(typed);
      }
    };
    this.addEventListener(type, call);
    return () => this.removeEventListener(type, call);
  }

  /**
   * Connects, and goes on connecting until the end. Fulfilled when connected for the first time, rejected when it ended
   * before. Further calls give the same promise.
   * @param {{ signal?: AbortSignal }} [options] `signal` closes the conversation, now or later.
   * @returns {Promise<void>}
   */
  connect({ signal } = {}) {
    if (!this.#connected) {
      this.#connected = new Deferred();
      if (this.#isOver) {
        this.#connected.reject(this.#endError());
      } else {
        this.#listenForWaking();
        void this.#run();
      }
    }
    if (signal?.aborted) {
      this.close();
    } else {
      signal?.addEventListener('abort', () => this.close(), { signal: this.#over.signal });
    }
    return this.#connected.promise;
  }

  /**
   * Sends a text. It is kept until the service has it, through every reconnect.
   * Throws an `ImError` at once: `text_too_long`, `outbox_full`, or why the conversation ended.
   * @param {string} text At most `Conversation.maxTextBytes` bytes of UTF-8.
   * @returns {Sending}
   */
  send(text) {
    if (this.#isOver) {
      throw this.#endError();
    }
    const bytes = toUtf8(text);
    if (bytes.length > MAX_TEXT) {
      throw new ImError('text_too_long');
    }
    if (this.#count - this.#answered >= MAX_OUTBOX || this.#count - this.#settledUpTo >= MAX_UNDELIVERED) {
      throw new ImError('outbox_full');
    }
    const id = ++this.#count;
    const outgoing = new Outgoing(id);
    this.#outbox.set(id, outgoing);
    void this.#encrypt(outgoing, bytes);
    return { id, sent: outgoing.sent.promise, delivered: outgoing.delivered.promise };
  }

  /**
   * Tells the peer that this user is typing, or no longer. To be called at every key stroke; what goes out is bounded.
   * @param {boolean} isTyping
   */
  setTyping(isTyping) {
    const now = Date.now();
    if (isTyping ? now - this.#saidTypingAt < TYPING_REPEAT : this.#saidTypingAt === 0) {
      return;
    }
    if (this.#link?.isReady && this.#peerOnline) {
      this.#saidTypingAt = isTyping ? now : 0;
      this.#signal(JSON.stringify({ type: 'typing', typing: isTyping }));
    }
  }

  /**
   * Tries now what would be tried at `retryAt`: to connect, or to send. Does nothing where nothing waits, and where the
   * service asked for the wait (`rate_limited`). It is a try like any other: when it fails, the next one is as far away.
   */
  retryNow() {
    if (this.#retryAt === null || this.#reason?.kind === 'rate_limited') {
      return;
    }
    if (this.#due) {
      this.#setState(this.#state, this.#reason, Date.now());
      this.#due.resolve();
    } else if (this.#resume.isRunning) {
      this.#setState(this.#state, this.#reason, Date.now());
      this.#resend();
    }
  }

  /**
   * Ends the session for both sides: keys and what was not delivered are wiped. This side is closed in any case; if the
   * service could not be told, it throws, and may be called again.
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<void>}
   */
  async end({ signal } = {}) {
    this.#finish(null);
    await this.#account.end(this.peerId, this.#agreed.session, signal);
  }

  /**
   * Closes this side only and forgets the keys. What waits for this user stays with the service until the session
   * expires, and cannot be decrypted any more.
   */
  close() {
    this.#finish(null);
  }

  // --- Connecting ---

  get #isOver() {
    return this.#over.signal.aborted;
  }

  async #run() {
    let attempts = 0;
    let tokenFaults = 0;
    /** @type {string | null} The token that the service says has ended. */
    let ended = null;
    for (;;) {
      let reason, delay;
      try {
        const { link, code } = await this.#connectOnce(ended);
        if (this.#isOver) {
          return;
        }
        ended = null;
        if (link.isReady) {
          attempts = 0;
        }
        if (link.isReady && Date.now() - link.readyAt >= STEADY) {
          tokenFaults = 0;
        }
        const cause = link.isOpen ? code : await this.#askWhy();
        reason = this.#judge(cause);
        if (cause === 4401) {
          ended = link.token;
          // The first time another token is all that it takes.
          delay = tokenFaults++ === 0 ? 0 : growing(tokenFaults);
        } else if (cause === 1001) {
          delay = Math.random() * 1_000;
        }
      } catch (error) {
        if (this.#isOver) {
          return;
        }
        if (!(error instanceof ImError)) {
          // A browser that forbids the address, say: a page of https may not connect without TLS.
          return this.#finish(new ImError('protocol_violation', { detail: 'connecting failed', cause: error }));
        }
        reason = error;
        if (error.kind === 'unauthenticated') {
          tokenFaults++;
        } else if (error.kind !== 'server_unavailable' && error.kind !== 'rate_limited') {
          return this.#finish(error);
        }
      }
      if (this.#isOver) {
        return;
      }
      const isHopeless = reason.kind === 'unauthenticated' && (!this.#account.tokens.canRenew || tokenFaults > MAX_TOKEN_ATTEMPTS);
      if (isHopeless || attempts >= MAX_ATTEMPTS) {
        return this.#finish(reason);
      }
      delay = Math.max(delay ?? growing(attempts), (reason.retryAfter ?? 0) * 1_000);
      attempts++;
      this.#due = new Deferred();
      this.#retry.start(delay, this.#due.resolve);
      this.#setState(this.#state === 'connecting' ? 'connecting' : 'reconnecting', reason, Date.now() + delay);
      await this.#due.promise;
      this.#retry.stop();
      this.#due = null;
      if (this.#isOver) {
        return;
      }
    }
  }

  /**
   * The device was asleep, the page unseen, or the network away: a connection may be dead, and nobody has said so. A page
   * cannot ping. It offers the token that the connection has, which is answered in any case; without an answer the
   * connection is lost.
   */
  #wake() {
    const link = this.#link;
    if (!link) {
      this.retryNow();
    } else if (!link.isProbed) {
      link.isProbed = true;
      if (link.isReady && link.inFlight === 0) {
        this.#write(link, { type: 'auth', token: link.token });
      }
      link.silence.start(PROBE, () => this.#lose(link, 1006));
    }
  }

  /** Until the end, whatever says that the page may have been away for a while. */
  #listenForWaking() {
    const { signal } = this.#over;
    globalThis.addEventListener?.('online', () => this.#wake(), { signal });
    globalThis.document?.addEventListener('visibilitychange', () => document.hidden || this.#wake(), { signal });
  }

  /** The error that a close stands for. Thrown if it is the end; returned if it is not. @param {number} code */
  #judge(code) {
    switch (code) {
      case 4403:
        throw new ImError('session_ended');
      case 4404:
        throw new ImError('session_lost');
      case 4409:
        throw new ImError('taken_over');
      case 1002:
      case 1003:
      case 1007:
      case 1009:
      case 4429:
        throw violation(`the service closed with ${code}`);
      case 4401:
        return new ImError('unauthenticated');
      default:
        return new ImError('server_unavailable');
    }
  }

  /** A page cannot see why an upgrade was refused, so it asks. Returns as a close code that allows another try; throws what forbids it. */
  async #askWhy() {
    const { im_session: session } = await this.#account.call('GET', `im/sessions/${this.peerId}`, { signal: this.#over.signal });
    if (session !== this.#agreed.session) {
      throw new ImError('session_ended');
    }
    return 1006;
  }

  /**
   * @param {string | null} ended A token that is not to be used again.
   * @returns {Promise<{ link: Link, code: number }>} The connection, when it is over.
   */
  async #connectOnce(ended) {
    // What came and was not taken comes again; it would fill the memory anew.
    await this.#room?.promise;
    const { tokens, rest, WebSocket } = this.#account;
    const token = await (ended === null ? tokens.present(this.#over.signal) : tokens.after(ended, this.#over.signal));
    this.#over.signal.throwIfAborted();
    const seen = this.#takenSeq;
    const address = rest.socketAddress('im/ws', { to_user_id: this.peerId, session: this.#agreed.session, seen });
    const socket = new WebSocket(address, ['im.v1', `im.bearer.${token}`]);
    return new Promise((resolve) => {
      const link = new Link(socket, token, seen, resolve);
      this.#link = link;
      this.#expectFrame(link);
      socket.onopen = () => {
        if (this.#link === link) {
          this.#opened(link);
        }
      };
      socket.onmessage = ({ data }) => {
        if (this.#link === link) {
          this.#receive(link, data);
        }
      };
      socket.onclose = ({ code }) => this.#lose(link, code);
      // Of a refused upgrade a page learns no more than this, and Node 20 gives no close for it.
      socket.onerror = () => link.isOpen || this.#lose(link, 1006);
    });
  }

  /** @param {Link} link */
  #opened(link) {
    link.isOpen = true;
    if (link.socket.protocol !== 'im.v1') {
      return this.#finish(violation('the service does not speak im.v1'));
    }
    this.#renewLater(link);
  }

  /** Lets go of a connection, without waiting for its end: the end may take long. @param {Link} link @param {number} code */
  #lose(link, code) {
    link.silence.stop();
    link.renewal.stop();
    if (this.#link === link) {
      this.#link = null;
      this.#acknowledgement.stop();
      this.#resume.stop();
      this.#peerTyping(false);
    }
    // First: closing one that still connects makes it say so at once.
    link.socket.onopen = link.socket.onmessage = link.socket.onclose = link.socket.onerror = null;
    if (link.socket.readyState < 2) {
      link.socket.close(1000);
    }
    link.over({ link, code });
  }

  /** A connection on which nothing comes, while something is due, is lost. @param {Link} link */
  #expectFrame(link) {
    if (link.isReady && link.inFlight === 0) {
      link.silence.stop();
    } else {
      link.silence.start(SILENCE, () => this.#lose(link, 1006));
    }
  }

  /** @param {Link} link @param {Record<string, unknown>} frame */
  #write(link, frame) {
    if (link.socket.readyState === 1) {
      link.socket.send(JSON.stringify(frame));
    }
  }

  /**
   * @param {ConversationState} state
   * @param {ImError | null} [reason]
   * @param {number | null} [retryAt]
   */
  #setState(state, reason = null, retryAt = null) {
    if (this.#state === state && this.#reason === reason && this.#retryAt === retryAt) {
      return;
    }
    this.#state = state;
    this.#reason = reason;
    this.#retryAt = retryAt;
    this.#emit('state', { state, reason, retryAt });
  }

  /** @param {keyof ConversationEvents} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #endError() {
    return this.#reason ?? new DOMException('The conversation was closed by this side.', 'AbortError');
  }

  /** The end. @param {ImError | null} reason Null: this side wanted it. */
  #finish(reason) {
    if (this.#isOver) {
      return;
    }
    this.#over.abort(reason ?? new DOMException('The conversation was closed by this side.', 'AbortError'));
    if (this.#link) {
      this.#lose(this.#link, 1000);
    }
    this.#typingEnd.stop();
    this.#due?.resolve();
    this.#retry.stop();
    this.#reason = reason;
    this.#connected?.reject(this.#endError());
    for (const { sent, delivered } of this.#outbox.values()) {
      sent.reject(this.#endError());
      delivered.reject(this.#endError());
    }
    this.#outbox.clear();
    this.#inbox = [];
    this.#room?.resolve();
    this.#agreed.encryption.forget();
    this.#peerOnline = false;
    this.#state = 'ended';
    this.#retryAt = null;
    this.#emit('state', { state: 'ended', reason, retryAt: null });
  }

  // --- Frames from the server ---

  /** @param {Link} link @param {unknown} text */
  #receive(link, text) {
    const frame = typeof text === 'string' && text.length <= MAX_FRAME ? parseObject(text) : null;
    if (!frame) {
      return this.#finish(violation('a frame is malformed'));
    }
    switch (frame['type']) {
      case 'msg':
        this.#arrived(link, frame);
        break;
      case 'sent':
        this.#sent(link, frame);
        break;
      case 'delivered':
        this.#delivered(frame['seq']);
        break;
      case 'ready':
        this.#ready(link, frame);
        break;
      case 'presence':
        this.#presence(frame);
        break;
      case 'handshake':
        this.#emit('handshake', null);
        break;
      case 'signal':
        this.#signalled(frame['data']);
        break;
      case 'authenticated':
        if (link.isRenewing) {
          link.isRenewing = false;
          link.renewals = 0;
          this.#renewLater(link);
        }
        break;
      case 'error':
        this.#refused(link, frame);
        break;
    }
    if (this.#link === link) {
      link.isProbed = false;
      this.#expectFrame(link);
    }
  }

  /** Caught up. What the server says is compared with what it said before. @param {Link} link @param {Record<string, unknown>} frame */
  #ready(link, { session, seq, last_id: lastId, delivered }) {
    if (session !== this.#agreed.session || !isNumber(seq) || !isNumber(lastId) || !isNumber(delivered)) {
      return this.#finish(violation('ready'));
    }
    // It went back in time; or it has messages of this user which this client did not send.
    if (seq < this.#arrivedSeq || lastId < this.#answered || lastId > this.#written || delivered > lastId) {
      return this.#finish(new ImError('session_lost'));
    }
    link.isReady = true;
    link.readyAt = Date.now();
    this.#storedUpTo(lastId);
    this.#delivered(delivered);
    if (this.#isOver) {
      return;
    }
    this.#next = this.#answered + 1;
    this.#setState('connected');
    this.#connected?.resolve();
    this.#pump();
  }

  /** @param {Record<string, unknown>} frame */
  #presence({ user_id: userId, online }) {
    if (userId !== this.peerId || typeof online !== 'boolean') {
      return;
    }
    this.#peerOnline = online;
    if (!online) {
      this.#peerTyping(false);
    }
    this.#emit('presence', { online });
  }

  // --- Sending ---

  /** @param {Outgoing} outgoing @param {Uint8Array<ArrayBuffer>} text */
  async #encrypt(outgoing, text) {
    const data = await this.#agreed.encryption.seal(text, outgoing.id);
    if (!this.#isOver) {
      outgoing.data = data;
      this.#pump();
    }
  }

  /** Writes what may be written, in order. */
  #pump() {
    const link = this.#link;
    if (!link?.isReady || this.#resume.isRunning) {
      return;
    }
    while (link.inFlight < MAX_UNANSWERED) {
      const outgoing = this.#outbox.get(this.#next);
      // While something is under way, its answer continues here.
      if (outgoing?.data == null || (link.inFlight > 0 && link.socket.bufferedAmount > MAX_BUFFERED)) {
        break;
      }
      this.#write(link, { type: 'msg', data: outgoing.data, id: outgoing.id });
      this.#written = Math.max(this.#written, outgoing.id);
      this.#next++;
      link.inFlight++;
      if (link.inFlight === 1) {
        this.#expectFrame(link);
      }
    }
  }

  /** @param {Link} link @param {Record<string, unknown>} frame */
  #sent(link, { id, seq }) {
    if (!isCount(id) || id > this.#written || seq !== id) {
      return this.#finish(violation('sent'));
    }
    link.inFlight = Math.max(0, link.inFlight - 1);
    if (id > this.#answered) {
      this.#storedUpTo(id);
      this.#next = Math.max(this.#next, id + 1);
      this.#refusals = 0;
      if (this.#reason && !this.#resume.isRunning && this.#state === 'connected') {
        this.#setState('connected');
      }
    }
    this.#pump();
  }

  /** Ids are stored in order, so all before this one are. @param {number} id */
  #storedUpTo(id) {
    if (id <= this.#answered) {
      return;
    }
    while (this.#answered < id) {
      const outgoing = this.#outbox.get(++this.#answered);
      if (outgoing) {
        outgoing.data = null;
        outgoing.sent.resolve();
      }
    }
    this.#emit('sent', { id });
    this.#settleDelivered();
  }

  /** @param {unknown} seq That of own messages, which is their id. */
  #delivered(seq) {
    if (!isNumber(seq) || seq > this.#written) {
      return this.#finish(violation('delivered'));
    }
    this.#deliveredUpTo = Math.max(this.#deliveredUpTo, seq);
    this.#settleDelivered();
  }

  #settleDelivered() {
    const upTo = Math.min(this.#deliveredUpTo, this.#answered);
    if (upTo <= this.#settledUpTo) {
      return;
    }
    while (this.#settledUpTo < upTo) {
      const id = ++this.#settledUpTo;
      this.#outbox.get(id)?.delivered.resolve();
      this.#outbox.delete(id);
    }
    this.#emit('delivered', { id: upTo });
  }

  /** @param {Link} link @param {Record<string, unknown>} frame */
  #refused(link, { of, code, expected }) {
    if (of === 'auth') {
      // A token that was only offered to get an answer has done its part.
      return link.isRenewing ? this.#renewAgain(link) : undefined;
    }
    if (PASSING_CODES.includes(Number(code)) && of === 'ack') {
      link.acknowledged = 0;
      return this.#acknowledgement.start(ACK_AGAIN, () => this.#acknowledge());
    }
    // A signal may be lost anyway.
    if (PASSING_CODES.includes(Number(code)) && of === 'signal') {
      return;
    }
    const kind = of === 'msg' && typeof code === 'number' ? WAITING_CODES[code] : undefined;
    if (!kind || (code === 40902 && !(isCount(expected) && expected <= this.#written + 1))) {
      return this.#finish(violation(`code ${code}`));
    }
    if (code === 40902) {
      if (Number(expected) <= this.#answered) {
        return this.#finish(new ImError('session_lost'));
      }
      // It has everything before, also what it once refused.
      this.#storedUpTo(Number(expected) - 1);
    }
    link.inFlight = Math.max(0, link.inFlight - 1);
    if (this.#resume.isRunning) {
      return;
    }
    // What was under way behind it is refused too; all of it goes again, from the first without an answer.
    const delay = growing(this.#refusals++, 1_000, 0.5);
    this.#setState('connected', new ImError(kind, { code: Number(code) }), Date.now() + delay);
    this.#resume.start(delay, () => this.#resend());
  }

  /** Goes on after a pause, from the first message without an answer. */
  #resend() {
    this.#resume.stop();
    this.#next = this.#answered + 1;
    this.#pump();
  }

  // --- Receiving ---

  /** @param {Link} link @param {Record<string, unknown>} frame */
  #arrived(link, { seq, id, data, from_user_id: from, to_user_id: to, session, sent_at: sentAt }) {
    if (!isCount(seq) || typeof data !== 'string') {
      return this.#finish(violation('msg'));
    }
    if (seq > this.#arrivedSeq) {
      if (this.#inbox.length >= MAX_INBOX || this.#inboxLength + data.length > MAX_INBOX_LENGTH) {
        // A page cannot stop a socket from reading. What is not acknowledged comes again, after there is room.
        this.#room = new Deferred();
        return this.#lose(link, 1006);
      }
      const isTheirs = from === this.peerId && to === this.userId && session === this.#agreed.session;
      this.#arrivedSeq = seq;
      this.#inbox.push({ seq, id: isTheirs ? id : null, data, sentAt: isNumber(sentAt) ? sentAt : 0 });
      this.#inboxLength += data.length;
      void this.#take();
    }
    link.wireSeq = Math.max(link.wireSeq, seq);
    this.#acknowledgeSoon();
  }

  async #take() {
    if (this.#isTaking) {
      return;
    }
    this.#isTaking = true;
    for (let frame; (frame = this.#inbox[0]) && !this.#isOver; ) {
      await this.#show(frame);
      this.#inbox.shift();
      this.#inboxLength -= frame.data.length;
      this.#takenSeq = frame.seq;
      if (this.#room && this.#inbox.length <= MAX_INBOX / 2 && this.#inboxLength <= MAX_INBOX_LENGTH / 2) {
        this.#room.resolve();
        this.#room = null;
      }
      this.#acknowledgeSoon();
    }
    this.#isTaking = false;
  }

  /** Decides by the peer's own count, which the tag covers, what a frame is. @param {{ id: unknown, data: string, sentAt: number }} frame */
  async #show({ id, data, sentAt }) {
    const text = isCount(id) ? await this.#agreed.encryption.open(data, id) : null;
    if (this.#isOver) {
      return;
    }
    if (!isCount(id) || text === null) {
      this.#emit('refused', { id: isCount(id) ? id : null, reason: 'tampered' });
    } else if (id <= this.#lastId) {
      this.#emit('refused', { id, reason: this.#fillsGap(id) ? 'reordered' : 'repeated' });
    } else {
      if (id > this.#lastId + 1) {
        const gap = { from: this.#lastId + 1, to: id - 1 };
        this.#gaps.push([gap.from, gap.to]);
        this.#gaps.splice(0, this.#gaps.length - MAX_GAPS);
        this.#emit('withheld', gap);
      }
      this.#lastId = id;
      await this.#give({ id, text, sentAt });
    }
  }

  /** Whether this id was missing; from then on it is not. @param {number} id */
  #fillsGap(id) {
    const index = this.#gaps.findIndex(([from, to]) => from <= id && id <= to);
    const gap = this.#gaps[index];
    if (!gap) {
      return false;
    }
    const [from, to] = gap;
    const rest = /** @type {[number, number][]} */ ([[from, id - 1], [id + 1, to]]).filter(([first, last]) => first <= last);
    this.#gaps.splice(index, 1, ...rest);
    return true;
  }

  /** Until the application has taken it. @param {ReceivedMessage} message */
  async #give(message) {
    for (let attempts = 0; !this.#isOver; attempts++) {
      const event = new MessageReceivedEvent(message);
      this.dispatchEvent(event);
      try {
        await event.taken;
        return;
      } catch (error) {
        report(error);
        await pause(growing(attempts, 1_000, 0.5), this.#over.signal).catch(() => {});
      }
    }
  }

  #acknowledgeSoon() {
    const link = this.#link;
    const due = link ? this.#acknowledgeable(link) - link.acknowledged : 0;
    if (due >= ACK_MESSAGES) {
      this.#acknowledge();
    } else if (due > 0 && !this.#acknowledgement.isRunning) {
      this.#acknowledgement.start(ACK_DELAY, () => this.#acknowledge());
    }
  }

  #acknowledge() {
    this.#acknowledgement.stop();
    const link = this.#link;
    const seq = link ? this.#acknowledgeable(link) : 0;
    if (link && seq > link.acknowledged) {
      link.acknowledged = seq;
      this.#write(link, { type: 'ack', seq });
    }
  }

  /** Nothing beyond what came on this connection: the service refuses that. @param {Link} link */
  #acknowledgeable(link) {
    return Math.min(this.#takenSeq, link.wireSeq);
  }

  // --- Signals ---

  /** @param {string} text */
  #signal(text) {
    const count = ++this.#signalCount;
    this.#inTurn(async () => {
      const data = await this.#agreed.encryption.sealSignal(toUtf8(text), count);
      const link = this.#link;
      if (link?.isReady) {
        this.#write(link, { type: 'signal', data });
      }
    });
  }

  /** @param {unknown} data */
  #signalled(data) {
    this.#inTurn(async () => {
      const signal = typeof data === 'string' ? await this.#agreed.encryption.openSignal(data) : null;
      if (this.#isOver || !signal || signal.count <= this.#signalSeen) {
        return;
      }
      this.#signalSeen = signal.count;
      const content = parseObject(signal.text);
      if (content?.['type'] === 'typing' && typeof content['typing'] === 'boolean') {
        this.#peerTyping(content['typing']);
      }
    });
  }

  /** Encrypting takes its time, and order matters: a counter that goes back is dropped. @param {() => Promise<void>} step */
  #inTurn(step) {
    if (this.#signalsUnderWay >= MAX_SIGNALS) {
      return;
    }
    this.#signalsUnderWay++;
    this.#signals = this.#signals
      .then(() => (this.#isOver ? undefined : step()))
      .catch((error) => (this.#isOver ? undefined : report(error)))
      .finally(() => this.#signalsUnderWay--);
  }

  /** @param {boolean} isTyping */
  #peerTyping(isTyping) {
    if (isTyping) {
      this.#typingEnd.start(TYPING_LIFE, () => this.#peerTyping(false));
    } else {
      this.#typingEnd.stop();
    }
    if (isTyping !== this.#isPeerTyping) {
      this.#isPeerTyping = isTyping;
      this.#emit('typing', { typing: isTyping });
    }
  }

  // --- The token of a connection ---

  /** Before the token ends: after 80 % of its life, or a minute before, whichever is earlier. @param {Link} link */
  #renewLater(link) {
    const { canRenew, expiresAt } = this.#account.tokens;
    if (canRenew && expiresAt !== null) {
      const left = expiresAt - Date.now();
      link.renewal.start(Math.max(1_000, left < 120_000 ? left / 2 : Math.min(left * 0.8, left - 60_000)), () => void this.#renew(link));
    }
  }

  /** @param {Link} link */
  async #renew(link) {
    try {
      link.token = await this.#account.tokens.after(link.token, this.#over.signal);
    } catch (error) {
      // Without a new one the connection ends with 4401, and the next begins with the same question.
      return error instanceof ImError ? this.#renewAgain(link) : undefined;
    }
    if (this.#link === link) {
      link.isRenewing = true;
      this.#write(link, { type: 'auth', token: link.token });
    }
  }

  /** @param {Link} link */
  #renewAgain(link) {
    if (this.#link === link && link.renewals < MAX_TOKEN_ATTEMPTS) {
      link.renewal.start(growing(link.renewals++, 1_000, 0.5), () => void this.#renew(link));
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// End-to-end encryption, im-e2e-v1 (protocol, section 6)
// ---------------------------------------------------------------------------------------------------------------------

/** Plaintexts are multiples of this, so that their length tells little. */
const BLOCK = 256;

/** The longest text, in bytes of UTF-8: the next block would not fit a frame. */
const MAX_TEXT = 48_895;

const NONCE = 12;
const TAG = 16;

/** Bytes of the counter in front of a signal. */
const COUNTER = 8;

/** A server's key that is shorter calls for a warning. */
const SHORT_KEY = 16;

/**
 * @typedef {object} SessionOf
 * @property {string} session The `im_session`.
 * @property {number} userId This side.
 * @property {number} peerId
 */

/**
 * The keys of one session, one per direction, and what is done with them. By itself it knows no order: that is the
 * conversation's part. The keys cannot be read out of it.
 */
export class Encryption {
  #pair;
  /** @type {{ outgoing: CryptoKey, incoming: CryptoKey } | null} */
  #keys;

  /**
   * @private
   * @param {SessionOf} pair
   * @param {{ outgoing: CryptoKey, incoming: CryptoKey }} keys
   * @param {string | null} safetyNumber
   * @param {boolean} keyIsShort
   */
  constructor(pair, keys, safetyNumber, keyIsShort) {
    this.#pair = pair;
    this.#keys = keys;
    /** @readonly */
    this.safetyNumber = safetyNumber;
    /** @readonly */
    this.keyIsShort = keyIsShort;
  }

  /**
   * From the key that the server made.
   * @param {SessionOf} pair
   * @param {string} imKey Hex.
   * @returns {Promise<Encryption>}
   */
  static async withServerKey(pair, imKey) {
    if (!/^([0-9a-f]{2}){8,64}$/.test(imKey)) {
      throw violation('im_key');
    }
    const bytes = Uint8Array.from(imKey.match(/../g) ?? [], (digits) => parseInt(digits, 16));
    return Encryption.#derive(pair, bytes, '-', '-', bytes.length < SHORT_KEY);
  }

  /**
   * From both sides' public keys. Throws `key_substituted` if the peer's is none.
   * @param {SessionOf} pair
   * @param {CryptoKey} privateKey ECDH on P-256.
   * @param {string} publicKey The own one, unpadded base64url.
   * @param {string} peerPublicKey
   * @returns {Promise<Encryption>}
   */
  static async withPublicKeys(pair, privateKey, publicKey, peerPublicKey) {
    const peer = fromBase64url(peerPublicKey);
    const peerText = peer && toBase64url(peer);
    if (!peer || peer.length !== 65 || peer[0] !== 4 || peerText === publicKey) {
      throw new ImError('key_substituted');
    }
    /** @type {CryptoKey} */
    let peerKey;
    try {
      // Refuses a point that is not on the curve.
      peerKey = await crypto.subtle.importKey('raw', peer, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
    } catch (error) {
      throw new ImError('key_substituted', { cause: error });
    }
    const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: peerKey }, privateKey, 256));
    return Encryption.#derive(pair, secret, publicKey, /** @type {string} */ (peerText), false);
  }

  /**
   * @param {SessionOf} pair
   * @param {Uint8Array<ArrayBuffer>} input Wiped.
   * @param {string} own
   * @param {string} peers
   * @param {boolean} keyIsShort
   */
  static async #derive(pair, input, own, peers, keyIsShort) {
    const { session, userId, peerId } = pair;
    const [lower, higher] = userId < peerId ? [own, peers] : [peers, own];
    const about = `im-e2e-v1|${session}|${Math.min(userId, peerId)}|${Math.max(userId, peerId)}|${lower}|${higher}`;
    const salt = await crypto.subtle.digest('SHA-256', toUtf8(about));
    const material = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveKey']);
    input.fill(0);
    const keyFor = (/** @type {number} */ sender, /** @type {number} */ recipient, /** @type {KeyUsage} */ use) =>
      crypto.subtle.deriveKey(
        { name: 'HKDF', hash: 'SHA-256', salt, info: toUtf8(`im-e2e-v1|${sender}|${recipient}`) },
        material,
        { name: 'AES-GCM', length: 256 },
        false,
        [use],
      );
    const keys = { outgoing: await keyFor(userId, peerId, 'encrypt'), incoming: await keyFor(peerId, userId, 'decrypt') };
    return new Encryption(pair, keys, own === '-' ? null : await safetyNumberOf(about), keyIsShort);
  }

  /**
   * `data` of a `msg`.
   * @param {Uint8Array<ArrayBuffer>} text UTF-8, at most `Conversation.maxTextBytes`.
   * @param {number} id
   * @returns {Promise<string>}
   */
  seal(text, id) {
    return this.#seal(text, String(id));
  }

  /**
   * The text of a `msg`, or null if it is not what the peer sent with this id.
   * @param {string} data
   * @param {number} id
   * @returns {Promise<string | null>}
   */
  async open(data, id) {
    const bytes = await this.#open(data, String(id));
    return bytes && fromUtf8(bytes);
  }

  /**
   * `data` of a `signal`.
   * @param {Uint8Array<ArrayBuffer>} text UTF-8, 8 bytes shorter than that of a message at most.
   * @param {number} count Higher than every one before.
   * @returns {Promise<string>}
   */
  sealSignal(text, count) {
    const content = new Uint8Array(COUNTER + text.length);
    new DataView(content.buffer).setBigUint64(0, BigInt(count));
    content.set(text, COUNTER);
    return this.#seal(content, 'signal');
  }

  /**
   * What a `signal` holds, or null if it is not what the peer sent.
   * @param {string} data
   * @returns {Promise<{ count: number, text: string } | null>}
   */
  async openSignal(data) {
    const content = await this.#open(data, 'signal');
    const text = content && content.length >= COUNTER ? fromUtf8(content.subarray(COUNTER)) : null;
    return content && text !== null ? { count: Number(new DataView(content.buffer).getBigUint64(0)), text } : null;
  }

  /** Forgets the keys: from now on it seals and opens nothing. */
  forget() {
    this.#keys = null;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} content
   * @param {string} id
   */
  async #seal(content, id) {
    if (content.length > MAX_TEXT) {
      throw new ImError('text_too_long');
    }
    const { session, userId, peerId } = this.#pair;
    const padded = new Uint8Array((Math.floor(content.length / BLOCK) + 1) * BLOCK);
    padded.set(content);
    padded[content.length] = 0x80;
    const iv = crypto.getRandomValues(new Uint8Array(NONCE));
    const additionalData = toUtf8(`${session}|${userId}|${peerId}|${id}`);
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, this.#usable.outgoing, padded));
    const data = new Uint8Array(NONCE + sealed.length);
    data.set(iv);
    data.set(sealed, NONCE);
    return toBase64url(data);
  }

  /**
   * @param {string} data
   * @param {string} id
   * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
   */
  async #open(data, id) {
    const { session, userId, peerId } = this.#pair;
    const { incoming } = this.#usable;
    const bytes = fromBase64url(data);
    if (!bytes || bytes.length < NONCE + TAG) {
      return null;
    }
    const iv = bytes.subarray(0, NONCE);
    const additionalData = toUtf8(`${session}|${peerId}|${userId}|${id}`);
    try {
      return unpad(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, incoming, bytes.subarray(NONCE))));
    } catch {
      return null;
    }
  }

  get #usable() {
    if (!this.#keys) {
      throw new DOMException('The keys are forgotten.', 'AbortError');
    }
    return this.#keys;
  }
}

/** @param {Uint8Array<ArrayBuffer>} padded */
function unpad(padded) {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) {
    end--;
  }
  return padded[end] === 0x80 && padded.length % BLOCK === 0 ? padded.slice(0, end) : null;
}

/** @param {string} about */
async function safetyNumberOf(about) {
  const digest = new DataView(await crypto.subtle.digest('SHA-512', toUtf8(`im-safety-v1|${about}`)));
  const groups = [];
  for (let at = 0; at < 60; at += 5) {
    const number = digest.getUint8(at) * 2 ** 32 + digest.getUint32(at + 1);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}

// ---------------------------------------------------------------------------------------------------------------------
// What all of it stands on
// ---------------------------------------------------------------------------------------------------------------------

/** A promise, and what settles it. Nobody has to look at it. */
class Deferred {
  /** @type {() => void} */
  resolve = () => {};
  /** @type {(reason: unknown) => void} */
  reject = () => {};
  /** @type {Promise<void>} */
  promise = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));

  constructor() {
    this.promise.catch(() => {});
  }
}

/** One timer, started anew or stopped. */
class Timer {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #handle;

  get isRunning() {
    return this.#handle !== undefined;
  }

  /** @param {number} milliseconds @param {() => void} action */
  start(milliseconds, action) {
    this.stop();
    this.#handle = setTimeout(() => {
      this.#handle = undefined;
      action();
    }, Math.min(milliseconds, MAX_TIMER));
  }

  stop() {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}

/**
 * A delay that doubles up to 15 seconds, times chance, so that many clients do not come back at once.
 * @param {number} attempts Before this one.
 * @param {number} [first] Milliseconds.
 * @param {number} [least] The part that is not left to chance.
 */
function growing(attempts, first = 250, least = 0) {
  return Math.min(15_000, first * 2 ** attempts) * (least + Math.random() * (1 - least));
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const done = () => {
      timer.stop();
      signal?.removeEventListener('abort', aborted);
      resolve();
    };
    const aborted = () => {
      done();
      reject(signal?.reason);
    };
    const timer = new Timer();
    if (signal?.aborted) {
      return reject(signal.reason);
    }
    signal?.addEventListener('abort', aborted);
    timer.start(milliseconds, done);
  });
}

/**
 * A signal that also ends when the time is up.
 * @param {AbortSignal | undefined} signal
 * @param {number} milliseconds
 */
function limited(signal, milliseconds) {
  const controller = new AbortController();
  const timer = new Timer();
  const aborted = () => controller.abort(signal?.reason);
  if (signal?.aborted) {
    aborted();
  }
  signal?.addEventListener('abort', aborted);
  timer.start(milliseconds, () => controller.abort(new DOMException('The time is up.', 'TimeoutError')));
  return {
    signal: controller.signal,
    clear() {
      timer.stop();
      signal?.removeEventListener('abort', aborted);
    },
  };
}

/**
 * What the promise gives, unless the time is up or the caller gives up before.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} milliseconds
 * @param {AbortSignal | undefined} signal
 * @param {() => Error} late
 * @returns {Promise<T>}
 */
async function within(promise, milliseconds, signal, late) {
  const limit = limited(signal, milliseconds);
  try {
    return await Promise.race([
      promise,
      new Promise((_, reject) => {
        const over = () => reject(signal?.aborted ? signal.reason : late());
        limit.signal.addEventListener('abort', over);
        if (limit.signal.aborted) {
          over();
        }
      }),
    ]);
  } finally {
    limit.clear();
  }
}

/** An application's own error in a listener: shown as the platform shows such. @param {unknown} error */
function report(error) {
  if (typeof globalThis.reportError === 'function') {
    globalThis.reportError(error);
  } else {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** @param {unknown} value @returns {value is number} A whole number from 1 to 2^53-1. */
function isCount(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 1;
}

/** @param {unknown} value @returns {value is number} A whole number from 0 to 2^53-1. */
function isNumber(value) {
  return value === 0 || isCount(value);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a JSON text is, or null. @param {string} text */
function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function toUtf8(text) {
  return new TextEncoder().encode(text);
}

/** Null: not UTF-8. @param {Uint8Array<ArrayBuffer>} bytes */
function fromUtf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Unpadded. @param {Uint8Array<ArrayBuffer>} bytes */
function toBase64url(bytes) {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Null: not unpadded base64url, in the one form that the bytes have. @param {string} text @returns {Uint8Array<ArrayBuffer> | null} */
function fromBase64url(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  // What is left over of the last character must be zero.
  const rest = bytes.length % 3;
  return rest > 0 && !text.endsWith(toBase64url(bytes.subarray(-rest))) ? null : bytes;
}
