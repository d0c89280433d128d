/** Why something failed; the same words in every client. */
export type ImErrorKind =
  | 'wrong_credentials' | 'name_taken' | 'invalid_input' | 'unauthenticated' | 'not_permitted'
  | 'key_mode_mismatch' | 'key_substituted' | 'peer_absent'
  | 'session_ended' | 'session_lost' | 'taken_over'
  | 'queue_full' | 'rate_limited' | 'server_unavailable'
  | 'text_too_long' | 'outbox_full' | 'protocol_violation' | 'unsupported';

/** Says what failed and, in its message, what to do next. */
export class ImError extends Error {
  readonly kind: ImErrorKind;
  /** The protocol's code, where the server gave one. */
  readonly code?: number;
  /** Seconds the server asks to wait. */
  readonly retryAfter?: number;
  /** What is wrong with each field (`invalid_input`). */
  readonly fields?: Record<string, string[]>;
}

export interface LoggedIn {
  token: string;
  id: number;
  /** Unix milliseconds. */
  expiresAt: number;
}

export interface ClientOptions {
  /** The service's address; default: `location.origin`. */
  server?: string;
  /** A JWT, or a function that gives a good one whenever the last one is about to end or was refused. */
  token: string | (() => string | Promise<string>);
  /** Default: `globalThis.fetch`. */
  fetch?: typeof fetch;
  /** Default: `globalThis.WebSocket`. */
  WebSocket?: typeof WebSocket;
}

export type KeyMode = 'public' | 'server';

export interface RendezvousOptions {
  /** `public` (default): the server never has a secret. `server`: the server makes the key and could read along. */
  keyMode?: KeyMode;
  /** Milliseconds to wait for the peer; default five minutes. */
  patience?: number;
  signal?: AbortSignal;
  /** Called whenever the server says that the peer has not come yet; `expiresAt` (Unix ms): until when this handshake waits. */
  onWaiting?: (waiting: { expiresAt: number }) => void;
}

/** An account at a server. */
export class ImClient {
  constructor(options: ClientOptions);
  static register(account: { server?: string; username: string; email: string; password: string; signal?: AbortSignal; fetch?: typeof fetch }): Promise<LoggedIn>;
  static logIn(account: { server?: string; username?: string; email?: string; password: string; signal?: AbortSignal; fetch?: typeof fetch }): Promise<LoggedIn>;
  /** The user whose token this is; null until the first token is there, where it comes from a function. */
  readonly userId: number | null;
  /** Meets the peer, who does the same at the same time, and agrees on keys. Then call `connect()` on what it gives. */
  rendezvous(peerId: number, options?: RendezvousOptions): Promise<Conversation>;
  /** Ends whatever there is with this peer, for both sides. */
  end(peerId: number, options?: { signal?: AbortSignal }): Promise<void>;
}

export type ConversationState = 'connecting' | 'connected' | 'reconnecting' | 'ended';

export interface Sending {
  /** Counts 1, 2, 3 … in this conversation. */
  readonly id: number;
  /** The service has stored it. */
  readonly sent: Promise<void>;
  /** The peer has acknowledged it (by the relay's word). */
  readonly delivered: Promise<void>;
}

export interface ConversationEvents {
  /** A message, decrypted and in order. It is acknowledged after all listeners returned and what they gave to `waitUntil` is fulfilled. */
  message: MessageReceivedEvent;
  /** The relay lost or withheld the peer's messages from … to. */
  withheld: CustomEvent<{ from: number; to: number }>;
  /** A frame that was not shown: its tag is wrong, or its message came before, or too late. */
  refused: CustomEvent<{ id: number | null; reason: 'tampered' | 'repeated' | 'reordered' }>;
  /** Your messages up to this one are stored. */
  sent: CustomEvent<{ id: number }>;
  /** Your messages up to this one are acknowledged by the peer. */
  delivered: CustomEvent<{ id: number }>;
  presence: CustomEvent<{ online: boolean }>;
  typing: CustomEvent<{ typing: boolean }>;
  /** `reason`: why it is not simply connected; also while connected, when sending waits (`queue_full`, `rate_limited`, `server_unavailable`). `retryAt`: Unix ms of the next try. */
  state: CustomEvent<{ state: ConversationState; reason: ImError | null; retryAt: number | null }>;
  /** The peer wants new keys: it lost its own, say. To go on talking, rendezvous again. */
  handshake: CustomEvent<null>;
}

export interface MessageReceivedEvent extends CustomEvent<{ id: number; text: string; sentAt: number }> {
  /** The message is acknowledged only when this is fulfilled; if it is rejected, the event comes again after a while. */
  waitUntil(promise: Promise<unknown>): void;
}

/** A session with one peer. Add listeners, then `connect()`. */
export class Conversation extends EventTarget {
  private constructor();
  readonly userId: number;
  readonly peerId: number;
  readonly keyMode: KeyMode;
  /** Twelve groups of five digits that both users compare; null with a server key, where it would prove nothing. */
  readonly safetyNumber: string | null;
  /** The server's key has under 16 bytes: warn the user. */
  readonly keyIsShort: boolean;
  readonly state: ConversationState;
  /** Why it is not simply connected, or why it ended (null: this side ended or closed it). */
  readonly reason: ImError | null;
  readonly retryAt: number | null;
  /** By the relay's word. */
  readonly peerOnline: boolean;
  /** The longest text of one message, in bytes of UTF-8. */
  static readonly maxTextBytes: number;
  /** Connects, and goes on connecting until the end. Fulfilled when connected for the first time. */
  connect(): Promise<void>;
  /** Throws an `ImError` at once for `text_too_long`, `outbox_full` and after the end. */
  send(text: string): Sending;
  /** Call it at every key stroke; what goes out is bounded. */
  setTyping(typing: boolean): void;
  /** Ends the session for both sides and wipes what was not delivered. */
  end(options?: { signal?: AbortSignal }): Promise<void>;
  /** Closes this side only and forgets the keys; what waits for this user waits on until the session expires. */
  close(): void;
  /** `addEventListener` with types; a `message` listener's promise counts as given to `waitUntil`. Returns what removes it. */
  on<K extends keyof ConversationEvents>(type: K, listener: (event: ConversationEvents[K]) => unknown): () => void;
}
