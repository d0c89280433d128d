using Im.Client.Connecting;
using Im.Client.Encryption;
using Im.Client.Errors;
using Im.Client.KeyExchange;
using Im.Client.Messaging;
using Im.Client.Wire;

namespace Im.Client;

/// <summary>
/// One session with one peer: encrypted messages that arrive once and in order. It keeps its connection by itself, on
/// whatever node answers, until a side ends it. Safe for concurrent use.
/// </summary>
public sealed class Conversation : IAsyncDisposable
{
    /// <summary>Bytes of UTF-8 of the longest text that fits a frame (protocol, section 6).</summary>
    public const int MaxTextBytes = 48_895;

    private readonly Parts _parts;
    private readonly Calls _calls;
    private readonly CancellationTokenSource _closing = new();
    private Task _running = Task.CompletedTask;
    private int _isClosing;

    internal Conversation(Agreement agreement, long userId, long peerId, ImClientOptions options, Calls calls)
    {
        (UserId, PeerId, KeyMode) = (userId, peerId, agreement.KeyMode);
        (SafetyNumber, IsKeyShort) = (agreement.Cipher.SafetyNumber, agreement.IsKeyShort);
        _calls = calls;
        _parts = new Parts(agreement, userId, peerId, options, what => Happened?.Invoke(this, what));
    }

    /// <summary>
    /// Raised for everything that happens but received messages, in order, one at a time, not on the caller's thread. A handler
    /// that takes long delays the conversation, and what it throws is dropped.
    /// </summary>
    public event EventHandler<ConversationEvent>? Happened;

    /// <summary>This user.</summary>
    public long UserId { get; }

    /// <summary>The other user.</summary>
    public long PeerId { get; }

    /// <summary>Where the key came from. With <see cref="KeyMode.ServerKey"/>, tell the user that the server could read along.</summary>
    public KeyMode KeyMode { get; }

    /// <summary>
    /// Twelve groups of five digits, the same on both sides if nobody swapped the keys: the two users compare them by another
    /// way than this server. Belongs to this session. Null with <see cref="KeyMode.ServerKey"/>, where it would prove nothing.
    /// </summary>
    public string? SafetyNumber { get; }

    /// <summary>Whether the server's key has fewer than 16 bytes; warn the user then. Never so with <see cref="KeyMode.PublicKeys"/>.</summary>
    public bool IsKeyShort { get; }

    /// <summary>The present state; changes are <see cref="StateChanged"/>.</summary>
    public ConversationState State => _parts.Observed.State;

    /// <summary>Whether the peer was last said to be connected; changes are <see cref="PresenceChanged"/>. The relay's word alone.</summary>
    public bool IsPeerOnline => _parts.Observed.IsPeerOnline;

    /// <summary>Whether the peer types; changes are <see cref="TypingChanged"/>.</summary>
    public bool IsPeerTyping => _parts.Observed.IsPeerTyping;

    /// <summary>
    /// The messages of the peer, each once and in order, and reports of what is missing or was refused. One caller at a time; a
    /// later call goes on where the one before left off.
    /// </summary>
    /// <remarks>
    /// An item is acknowledged to the relay when the caller comes back: asks for the next one, or leaves the loop. So
    /// <c>delivered</c> at the peer means that the caller was done with it. Ends without an exception when this side ends the
    /// conversation.
    /// </remarks>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>; nothing is lost by it.</param>
    /// <exception cref="ImException">
    /// After the last item, why the conversation ended: <see cref="ImErrorKind.SessionEnded"/>, <see cref="ImErrorKind.SessionLost"/>,
    /// <see cref="ImErrorKind.TakenOver"/>, <see cref="ImErrorKind.Unauthenticated"/>, <see cref="ImErrorKind.ProtocolViolation"/>;
    /// after half an hour without a connection also <see cref="ImErrorKind.ServerUnavailable"/>, <see cref="ImErrorKind.RateLimited"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">Another call is being enumerated.</exception>
    public IAsyncEnumerable<ReceivedItem> ReceiveAsync(CancellationToken cancellationToken = default) => _parts.Received.ReadAsync(cancellationToken);

    /// <summary>
    /// Sends a message; completes when the relay has stored it. Messages go out in the order of the calls, also across lost
    /// connections.
    /// </summary>
    /// <param name="text">At most <see cref="MaxTextBytes"/> of UTF-8; may be empty.</param>
    /// <param name="cancellationToken">
    /// Ends the waiting. A message that has not been on the wire yet is not sent then; one that has been may arrive.
    /// </param>
    /// <exception cref="ImException">
    /// At once: <see cref="ImErrorKind.TextTooLong"/>, <see cref="ImErrorKind.OutboxFull"/> (with the reason why nothing goes out,
    /// if there is one, as inner exception). When the conversation ends before: as <see cref="ReceiveAsync"/>; the message may
    /// have been stored all the same.
    /// </exception>
    /// <exception cref="ArgumentException">The text is not valid Unicode: it has half of a surrogate pair.</exception>
    /// <exception cref="ObjectDisposedException">This side ended the conversation.</exception>
    public async Task<SentMessage> SendAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = SessionCipher.BytesOf(text);
        if (bytes.Length > MaxTextBytes)
        {
            throw new ImException(ImErrorKind.TextTooLong, "The text is longer than 48895 bytes of UTF-8; send it in parts.");
        }

        var entry = _parts.Outbox.Add(bytes);
        _parts.Wake.Set();
        try
        {
            return await entry.Stored.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _parts.Outbox.Withdraw(entry);
            throw;
        }
    }

    /// <summary>
    /// Tells the peer that this side types, or no longer does. Call it at every keystroke if you like: at most one signal goes
    /// out every three seconds. Never waits; dropped while there is no connection or the peer is not there.
    /// </summary>
    /// <param name="typing">Whether this side types.</param>
    public void SetTyping(bool typing)
    {
        if (_parts.Typing.Set(typing))
        {
            _parts.Wake.Set();
        }
    }

    /// <summary>
    /// Tries now what would be tried later: to connect (<see cref="ConversationState.NextTryAt"/>), or to send
    /// (<see cref="SendingPaused.NextTryAt"/>). Does nothing where nothing waits, and where the server asked for the wait
    /// (<see cref="ImErrorKind.RateLimited"/>). It is a try like any other: when it fails, the next one is as far away. Never waits.
    /// </summary>
    public void RetryNow()
    {
        _parts.Retry.Now();
        _parts.Outbox.RetryNow();
    }

    /// <summary>Ends the session for both sides (the peer gets <see cref="ImErrorKind.SessionEnded"/>) and closes the conversation. What was not delivered is wiped.</summary>
    /// <param name="cancellationToken">Ends the waiting; the conversation is closed all the same.</param>
    /// <exception cref="ImException">
    /// The server could not be told: <see cref="ImErrorKind.ServerUnavailable"/>, <see cref="ImErrorKind.Unauthenticated"/>,
    /// <see cref="ImErrorKind.RateLimited"/>. The conversation is closed on this side; the session expires by itself.
    /// </exception>
    public async Task EndAsync(CancellationToken cancellationToken = default)
    {
        // In this order: else the closing of the session would look like the peer's doing.
        await DisposeAsync().ConfigureAwait(false);
        await _calls.EndAsync(PeerId, _parts.Session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes the conversation on this side and wipes its keys: it cannot be taken up again. The session lives on at the server
    /// until it expires, and what was stored is still delivered to the peer. What was not stored yet is dropped.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var isFirst = Interlocked.Exchange(ref _isClosing, 1) == 0;
        if (isFirst)
        {
            await _closing.CancelAsync().ConfigureAwait(false);
        }

        await _running.ConfigureAwait(false);
        if (isFirst)
        {
            _closing.Dispose();
        }
    }

    /// <summary>Connects, and stays connected until it is over.</summary>
    /// <param name="over">Called at the end.</param>
    internal void Begin(Action over) => _running = Task.Run(() => RunAsync(over));

    private async Task RunAsync(Action over)
    {
        ImException? error;
        try
        {
            error = await new ConnectionLoop(_parts, _calls).RunAsync(_closing.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, nobody may wait for ever for what does not run any more.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = Failures.Violation("The conversation ended by a fault of the client", e);
        }

        over();
        _parts.End(error);
        _parts.Dispose();
    }
}
