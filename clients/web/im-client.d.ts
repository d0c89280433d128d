/**
 * The browser client of Im: meets a peer over REST, talks to it over a websocket, and encrypts end to end.
 * It follows docs/protocol.md, in its order: errors, identity, key exchange, websocket, encryption.
 *
 * One module, no dependencies. It needs WebCrypto, which a browser gives only to pages of https or localhost.
 * @module im-client
 */
export type ImErrorKind = 'wrong_credentials' | 'name_taken' | 'invalid_input' | 'unauthenticated' | 'not_permitted' | 'key_mode_mismatch' | 'key_substituted' | 'peer_absent' | 'session_ended' | 'session_lost' | 'taken_over' | 'queue_full' | 'rate_limited' | 'server_unavailable' | 'text_too_long' | 'outbox_full' | 'protocol_violation' | 'unsupported';
export type LoggedIn = {
    token: string;
    id: number;
    /**
     * Unix milliseconds.
     */
    expiresAt: number;
};
export type Reach = {
    /**
     * The service's address; default: `location.origin`.
     */
    server?: string;
    /**
     * Default: `globalThis.fetch`.
     */
    fetch?: typeof globalThis.fetch;
};
export type ClientExtras = {
    /**
     * A JWT, or a function that gives a good one whenever the
     * last one is about to end or was refused. With a fixed token a conversation ends when the token does.
     */
    token: string | (() => string | Promise<string>);
    /**
     * Default: `globalThis.WebSocket`.
     */
    WebSocket?: typeof globalThis.WebSocket;
};
export type ClientOptions = Reach & ClientExtras;
export type KeyMode = 'public' | 'server';
export type RendezvousOptions = {
    /**
     * Default: `public`. It never changes by itself.
     */
    keyMode?: KeyMode;
    /**
     * Milliseconds to wait for the peer; default: five minutes.
     */
    patience?: number;
    signal?: AbortSignal;
    /**
     * Called whenever the server says that the peer has not come yet, and
     * whenever it could not be asked and will be asked again.
     */
    onWaiting?: (waiting: Waiting) => void;
};
export type Waiting = {
    /**
     * Null: the server knows, and the peer has not come yet. Else why the server could not be
     * asked: `server_unavailable` or `rate_limited`; what it said before may be out of date.
     */
    reason: ImError | null;
    /**
     * Unix milliseconds of the next try, where there is a reason.
     */
    retryAt: number | null;
    /**
     * Unix milliseconds: until when this handshake waits, as the server last said; null
     * before it has said anything.
     */
    expiresAt: number | null;
};
export type ConversationState = 'connecting' | 'connected' | 'reconnecting' | 'ended';
export type Sending = {
    /**
     * Counts 1, 2, 3 … in this conversation.
     */
    id: number;
    /**
     * Fulfilled when the service has stored it.
     */
    sent: Promise<void>;
    /**
     * Fulfilled when the peer has acknowledged it, by the relay's word.
     */
    delivered: Promise<void>;
};
export type ReceivedMessage = {
    /**
     * The peer's count.
     */
    id: number;
    text: string;
    /**
     * Unix milliseconds, by the relay's word.
     */
    sentAt: number;
};
export type StateDetail = {
    state: ConversationState;
    /**
     * Why it is not simply connected; also while connected, when sending waits
     * (`queue_full`, `rate_limited`, `server_unavailable`). Null at the end: this side ended or closed it.
     */
    reason: ImError | null;
    /**
     * Unix milliseconds of the next try.
     */
    retryAt: number | null;
};
export type ConversationEvents = {
    /**
     * A message, decrypted and in order. It is acknowledged after all listeners
     * have returned and what they gave to `waitUntil` is fulfilled.
     */
    message: MessageReceivedEvent;
    /**
     * The relay lost or withheld the peer's messages from … to.
     */
    withheld: CustomEvent<{
        from: number;
        to: number;
    }>;
    /**
     * A frame that is
     * not shown: it is not what the peer sent, or its message came before, or comes after a later one.
     */
    refused: CustomEvent<{
        id: number | null;
        reason: 'tampered' | 'repeated' | 'reordered';
    }>;
    /**
     * Your messages up to this one are stored.
     */
    sent: CustomEvent<{
        id: number;
    }>;
    /**
     * Your messages up to this one are acknowledged by the peer.
     */
    delivered: CustomEvent<{
        id: number;
    }>;
    /**
     * The peer connected or went.
     */
    presence: CustomEvent<{
        online: boolean;
    }>;
    typing: CustomEvent<{
        typing: boolean;
    }>;
    state: CustomEvent<StateDetail>;
    /**
     * The peer wants new keys: it lost its own, say. To go on talking, rendezvous again.
     */
    handshake: CustomEvent<null>;
};
/** Says what failed and, in its message, what to do next. It holds no text, key, token or session id. */
export declare class ImError extends Error {
    /** @readonly */
    kind: ImErrorKind;
    /** @readonly The protocol's code, where the server gave one. */
    code: number | undefined;
    /** @readonly Seconds that the server asks to wait. */
    retryAfter: number | undefined;
    /** @readonly What is wrong with each field (`invalid_input`). */
    fields: Record<string, string[]> | undefined;
    /**
     * @param {ImErrorKind} kind
     * @param {{ code?: number, retryAfter?: number, fields?: Record<string, string[]>, detail?: string, cause?: unknown }} [more]
     */
    constructor(kind: ImErrorKind, more?: {
        code?: number;
        retryAfter?: number;
        fields?: Record<string, string[]>;
        detail?: string;
        cause?: unknown;
    });
}
/** An account at a server. */
export declare class ImClient {
    #private;
    /** @param {ClientOptions} options */
    constructor(options: ClientOptions);
    /**
     * Makes a local account, where the service keeps such.
     * @param {Reach & { username: string, email: string, password: string, signal?: AbortSignal }} account
     * @returns {Promise<LoggedIn>}
     */
    static register({ username, email, password, signal, ...reach }: Reach & {
        username: string;
        email: string;
        password: string;
        signal?: AbortSignal;
    }): Promise<LoggedIn>;
    /**
     * Logs in to a local account, by username or by email.
     * @param {Reach & { username?: string, email?: string, password: string, signal?: AbortSignal }} account
     * @returns {Promise<LoggedIn>}
     */
    static logIn({ username, email, password, signal, ...reach }: Reach & {
        username?: string;
        email?: string;
        password: string;
        signal?: AbortSignal;
    }): Promise<LoggedIn>;
    /** The user whose token this is; null until the first token is there, where it comes from a function. */
    get userId(): number | null;
    /**
     * Unix milliseconds: when the token that it has ends, by the token's own word. Null until the first token is there, and
     * where a token does not say it. The server takes a token for up to 30 seconds more.
     */
    get expiresAt(): number | null;
    /**
     * Meets the peer, who does the same within the same minutes, and agrees on keys. Add listeners to what it gives, then
     * `connect()` it. The service's faults are outlasted within `patience`; then it throws the last one, or `peer_absent`.
     * @param {number} peerId
     * @param {RendezvousOptions} [options]
     * @returns {Promise<Conversation>}
     */
    rendezvous(peerId: number, { keyMode, patience, signal, onWaiting }?: RendezvousOptions): Promise<Conversation>;
    /**
     * Ends whatever there is with this peer, for both sides: session, handshake, what was not delivered.
     * @param {number} peerId
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<void>}
     */
    end(peerId: number, { signal }?: {
        signal?: AbortSignal;
    }): Promise<void>;
}
/**
 * A message, decrypted and in order.
 * @extends {CustomEvent<ReceivedMessage>}
 */
export declare class MessageReceivedEvent extends CustomEvent<ReceivedMessage> {
    #private;
    /** @param {ReceivedMessage} detail */
    constructor(detail: ReceivedMessage);
    /**
     * The message is acknowledged only when this is fulfilled. If it is rejected, the event comes again after a while.
     * To be called while the event is dispatched.
     * @param {Promise<unknown>} promise
     */
    waitUntil(promise: Promise<unknown>): void;
}
/** A session with one peer: add listeners, then `connect()`. */
export declare class Conversation extends EventTarget {
    #private;
    /** The longest text of one message, in bytes of UTF-8. */
    static get maxTextBytes(): number;
    /**
     * @private
     * @param {Account} account
     * @param {SessionOf & { keyMode: KeyMode, encryption: Encryption }} agreed
     */
    private constructor();
    get userId(): number;
    get peerId(): number;
    /** With `server`, the server could have read: say so to the user. */
    get keyMode(): KeyMode;
    /** Twelve groups of five digits that both users compare; null with a server's key, where it would prove nothing. */
    get safetyNumber(): string | null;
    /** The server's key has under 16 bytes: warn the user. */
    get keyIsShort(): boolean;
    get state(): ConversationState;
    /** Why it is not simply connected, or why it ended (null: this side ended or closed it). */
    get reason(): ImError | null;
    /** Unix milliseconds of the next try. */
    get retryAt(): number | null;
    /** By the relay's word. */
    get peerOnline(): boolean;
    /**
     * `addEventListener` with types. What a `message` listener returns counts as given to `waitUntil`, and what it throws
     * as a rejection. Returns what removes the listener.
     * @template {keyof ConversationEvents} K
     * @param {K} type
     * @param {(event: ConversationEvents[K]) => unknown} listener
     * @returns {() => void}
     */
    on<K extends keyof ConversationEvents>(type: K, listener: (event: ConversationEvents[K]) => unknown): () => void;
    /**
     * Connects, and goes on connecting until the end. Fulfilled when connected for the first time, rejected when it ended
     * before. Further calls give the same promise.
     * @param {{ signal?: AbortSignal }} [options] `signal` closes the conversation, now or later.
     * @returns {Promise<void>}
     */
    connect({ signal }?: {
        signal?: AbortSignal;
    }): Promise<void>;
    /**
     * Sends a text. It is kept until the service has it, through every reconnect.
     * Throws an `ImError` at once: `text_too_long`, `outbox_full`, or why the conversation ended.
     * @param {string} text At most `Conversation.maxTextBytes` bytes of UTF-8.
     * @returns {Sending}
     */
    send(text: string): Sending;
    /**
     * Tells the peer that this user is typing, or no longer. To be called at every key stroke; what goes out is bounded.
     * @param {boolean} isTyping
     */
    setTyping(isTyping: boolean): void;
    /**
     * Tries now what would be tried at `retryAt`: to connect, or to send. Does nothing where nothing waits, and where the
     * service asked for the wait (`rate_limited`). It is a try like any other: when it fails, the next one is as far away.
     */
    retryNow(): void;
    /**
     * Ends the session for both sides: keys and what was not delivered are wiped. This side is closed in any case; if the
     * service could not be told, it throws, and may be called again.
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<void>}
     */
    end({ signal }?: {
        signal?: AbortSignal;
    }): Promise<void>;
    /**
     * Closes this side only and forgets the keys. What waits for this user stays with the service until the session
     * expires, and cannot be decrypted any more.
     */
    close(): void;
}
export type SessionOf = {
    /**
     * The `im_session`.
     */
    session: string;
    /**
     * This side.
     */
    userId: number;
    peerId: number;
};
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
export declare class Encryption {
    #private;
    /** @readonly */
    safetyNumber: string | null;
    /** @readonly */
    keyIsShort: boolean;
    /**
     * @private
     * @param {SessionOf} pair
     * @param {{ outgoing: CryptoKey, incoming: CryptoKey }} keys
     * @param {string | null} safetyNumber
     * @param {boolean} keyIsShort
     */
    private constructor();
    /**
     * From the key that the server made.
     * @param {SessionOf} pair
     * @param {string} imKey Hex.
     * @returns {Promise<Encryption>}
     */
    static withServerKey(pair: SessionOf, imKey: string): Promise<Encryption>;
    /**
     * From both sides' public keys. Throws `key_substituted` if the peer's is none.
     * @param {SessionOf} pair
     * @param {CryptoKey} privateKey ECDH on P-256.
     * @param {string} publicKey The own one, unpadded base64url.
     * @param {string} peerPublicKey
     * @returns {Promise<Encryption>}
     */
    static withPublicKeys(pair: SessionOf, privateKey: CryptoKey, publicKey: string, peerPublicKey: string): Promise<Encryption>;
    /**
     * `data` of a `msg`.
     * @param {Uint8Array<ArrayBuffer>} text UTF-8, at most `Conversation.maxTextBytes`.
     * @param {number} id
     * @returns {Promise<string>}
     */
    seal(text: Uint8Array<ArrayBuffer>, id: number): Promise<string>;
    /**
     * The text of a `msg`, or null if it is not what the peer sent with this id.
     * @param {string} data
     * @param {number} id
     * @returns {Promise<string | null>}
     */
    open(data: string, id: number): Promise<string | null>;
    /**
     * `data` of a `signal`.
     * @param {Uint8Array<ArrayBuffer>} text UTF-8, 8 bytes shorter than that of a message at most.
     * @param {number} count Higher than every one before.
     * @returns {Promise<string>}
     */
    sealSignal(text: Uint8Array<ArrayBuffer>, count: number): Promise<string>;
    /**
     * What a `signal` holds, or null if it is not what the peer sent.
     * @param {string} data
     * @returns {Promise<{ count: number, text: string } | null>}
     */
    openSignal(data: string): Promise<{
        count: number;
        text: string;
    } | null>;
    /** Forgets the keys: from now on it seals and opens nothing. */
    forget(): void;
}
