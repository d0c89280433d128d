// Who is signed in in this tab. It is kept in memory only: a reload asks again.
import { ImClient } from '../im-client.js';
import { moment } from './words.js';

/** A signed-in user. Emits `needed` when a fresh token is wanted, `renewed` when it is there. */
export class Account extends EventTarget {
  #token;
  #given = false;
  #next = null;

  /** `name` is null where the user came with a token. */
  constructor(id, token, name) {
    super();
    this.id = id;
    this.name = name;
    this.#token = token;
    this.client = new ImClient({ token: () => this.#give() });
  }

  /** Registers or logs in. Throws an ImError. */
  static async enter(way, { username, email, password }) {
    const signedIn = way === 'register'
      ? await ImClient.register({ username, email, password })
      : await ImClient.logIn({ username, password });
    return new Account(signedIn.id, signedIn.token, username);
  }

  /** Gives `{ account }`, or `{ fault }` with the key of a sentence and its values. */
  static withToken(token) {
    const fault = faultOf(token);
    return fault ? { fault } : { account: new Account(readToken(token).id, token, null) };
  }

  /** Whether the client waits for a token that only the user can give. */
  get isAsked() {
    return this.#next !== null;
  }

  /** Gives a trouble `{ key, values }`, or null: renewed. */
  async renew(secret) {
    try {
      const fault = this.name === null ? faultOf(secret.trim()) : null;
      if (fault) {
        return fault;
      }
      const fresh = this.name === null
        ? { token: secret.trim(), id: readToken(secret.trim()).id }
        : await ImClient.logIn({ username: this.name, password: secret });
      if (fresh.id !== this.id) {
        return { key: 'again.other', values: { id: this.id } };
      }
      this.#take(fresh.token);
      return null;
    } catch (error) {
      return troubleOf(error);
    }
  }

  // The first call takes the token of the sign-in. Any later one means that it ends: only the user can give another, so
  // the promise waits for them.
  #give() {
    if (!this.#given) {
      this.#given = true;
      return this.#token;
    }
    if (this.#next === null) {
      this.#next = Promise.withResolvers();
      this.dispatchEvent(new Event('needed'));
    }
    return this.#next.promise;
  }

  #take(token) {
    this.#token = token;
    this.#given = this.#next !== null;
    this.#next?.resolve(token);
    this.#next = null;
    this.dispatchEvent(new Event('renewed'));
  }
}

/** What to say about a sign-in that failed. */
export function troubleOf(error) {
  const known = ['wrong_credentials', 'name_taken', 'invalid_input', 'not_permitted', 'rate_limited', 'server_unavailable', 'unauthenticated'];
  const kind = known.includes(error.kind) ? error.kind : 'other';
  return { key: `sign.${kind}`, values: { seconds: error.retryAfter ?? 60 } };
}

/** Whose token this is and when it ends, by the client's own reading of it; `id` is null: it is none. */
function readToken(token) {
  try {
    const { userId: id, expiresAt } = new ImClient({ token });
    return { id, expiresAt };
  } catch {
    return { id: null, expiresAt: null };
  }
}

/** What is wrong with a token that somebody brought: `{ key, values }`; null: nothing that can be seen here. */
function faultOf(token) {
  const { id, expiresAt } = readToken(token);
  if (id === null) {
    return { key: 'fault.token' };
  }
  return expiresAt !== null && expiresAt <= Date.now() ? { key: 'fault.tokenEnded', values: { time: () => moment(expiresAt) } } : null;
}
