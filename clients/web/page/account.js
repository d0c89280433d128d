// Who is signed in in this tab. It is kept in memory only: a reload asks again.
import { ImClient } from '../im-client.js';

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

  /** Null: this is no token that could be used. */
  static withToken(token) {
    const id = userOf(token);
    return id === null ? null : new Account(id, token, null);
  }

  /** Whether the client waits for a token that only the user can give. */
  get isAsked() {
    return this.#next !== null;
  }

  /** Gives a trouble `{ key, values }`, or null: renewed. */
  async renew(secret) {
    try {
      const fresh = this.name === null
        ? { token: secret.trim(), id: userOf(secret.trim()) }
        : await ImClient.logIn({ username: this.name, password: secret });
      if (fresh.id === null) {
        return { key: 'fault.token' };
      }
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

/** The user whose token this is, by the client's own reading of it; null: none. */
function userOf(token) {
  try {
    return new ImClient({ token }).userId;
  } catch {
    return null;
  }
}
