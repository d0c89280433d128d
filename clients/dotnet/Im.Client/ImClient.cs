using System.Collections.Concurrent;
using Im.Client.Accounts;
using Im.Client.KeyExchange;
using Im.Client.Wire;

namespace Im.Client;

/// <summary>An account at a server: exchanges keys with other users and opens conversations with them. Safe for concurrent use.</summary>
/// <remarks>
/// Every method throws <see cref="ImException"/>, whose <see cref="ImException.Kind"/> says what went wrong, and
/// <see cref="OperationCanceledException"/> when it was cancelled.
/// </remarks>
public sealed class ImClient : IAsyncDisposable
{
    private static readonly TimeSpan LongestPatience = TimeSpan.FromDays(1);

    private readonly ImClientOptions _options;
    private readonly Calls _calls;
    private readonly ConcurrentDictionary<Conversation, bool> _conversations = new();
    private int _isDisposed;

    /// <summary>A client of a user who has a token already.</summary>
    /// <param name="options">Where the server is.</param>
    /// <param name="account">The user and their token; see <see cref="Account.FromToken"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ImClient(ImClientOptions options, Account account)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(account);
        options.Check();
        _options = options;
        UserId = account.UserId;
        _calls = new Calls(new RestCalls(options), new TokenKeeper(account, options));
    }

    /// <summary>The user and the newest token.</summary>
    public Account Account => _calls.Tokens.Held.Account;

    /// <summary>The user's number, 1 to 2^53-1.</summary>
    public long UserId { get; }

    /// <summary>Creates an account (<c>POST /user/register</c>) and returns a client of it.</summary>
    /// <param name="options">Where the server is.</param>
    /// <param name="username">1 to 64 characters.</param>
    /// <param name="email">Of the form <c>name@host</c>, at most 254 characters.</param>
    /// <param name="password">8 to 256 characters. Not kept.</param>
    /// <param name="cancellationToken">Ends the waiting; the account may exist all the same.</param>
    /// <exception cref="ImException">
    /// <see cref="ImErrorKind.NameTaken"/>, <see cref="ImErrorKind.InvalidInput"/> with <see cref="ImException.FieldErrors"/>,
    /// <see cref="ImErrorKind.NotPermitted"/> (registration is closed), <see cref="ImErrorKind.RateLimited"/>,
    /// <see cref="ImErrorKind.ServerUnavailable"/>.
    /// </exception>
    public static Task<ImClient> RegisterAsync(ImClientOptions options, string username, string email, string password, CancellationToken cancellationToken = default) =>
        SignInAsync(options, "user/register", new Credentials(username, email, password), cancellationToken);

    /// <summary>Logs in by username (<c>POST /user/login</c>) and returns a client of the account.</summary>
    /// <param name="options">Where the server is.</param>
    /// <param name="username">The name; its case does not matter.</param>
    /// <param name="password">Not kept: to go on past the token's life, set <see cref="ImClientOptions.RefreshToken"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ImException">
    /// <see cref="ImErrorKind.WrongCredentials"/>, <see cref="ImErrorKind.InvalidInput"/>, <see cref="ImErrorKind.RateLimited"/>,
    /// <see cref="ImErrorKind.ServerUnavailable"/>.
    /// </exception>
    public static Task<ImClient> LogInAsync(ImClientOptions options, string username, string password, CancellationToken cancellationToken = default) =>
        SignInAsync(options, "user/login", new Credentials(username, null, password), cancellationToken);

    /// <summary>Logs in by email address; otherwise as <see cref="LogInAsync"/>.</summary>
    /// <param name="options">Where the server is.</param>
    /// <param name="email">The address; its case does not matter.</param>
    /// <param name="password">Not kept.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ImException">As <see cref="LogInAsync"/>.</exception>
    public static Task<ImClient> LogInWithEmailAsync(ImClientOptions options, string email, string password, CancellationToken cancellationToken = default) =>
        SignInAsync(options, "user/login", new Credentials(null, email, password), cancellationToken);

    /// <summary>
    /// Waits until the peer asks for keys too, and returns the conversation, which is connecting by then. Both sides call
    /// this, in any order, at any server that shares the store (protocol, section 3).
    /// </summary>
    /// <param name="peerId">The other user, 1 to 2^53-1, not this one.</param>
    /// <param name="options">Key mode, patience, progress; null: public keys, five minutes.</param>
    /// <param name="cancellationToken">Ends the waiting. What was opened at the server expires by itself.</param>
    /// <exception cref="ImException">
    /// At once: <see cref="ImErrorKind.KeyModeMismatch"/>, <see cref="ImErrorKind.KeySubstituted"/>, <see cref="ImErrorKind.NotPermitted"/>,
    /// <see cref="ImErrorKind.Unauthenticated"/>, <see cref="ImErrorKind.InvalidInput"/>, <see cref="ImErrorKind.ProtocolViolation"/>.
    /// When the patience is over: <see cref="ImErrorKind.PeerAbsent"/>, or what kept it from asking:
    /// <see cref="ImErrorKind.ServerUnavailable"/>, <see cref="ImErrorKind.RateLimited"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The peer is no user, or this user.</exception>
    public async Task<Conversation> RendezvousAsync(long peerId, RendezvousOptions? options = null, CancellationToken cancellationToken = default)
    {
        Users.CheckPeer(UserId, peerId);
        options ??= new RendezvousOptions();
        if (options.Patience != Timeout.InfiniteTimeSpan && (options.Patience < TimeSpan.Zero || options.Patience > LongestPatience))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Patience, "The patience is none to a day, or infinite.");
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) == 1, this);
        var agreement = await new Rendezvous(_calls, UserId, peerId, options, _options.TimeProvider).RunAsync(cancellationToken).ConfigureAwait(false);
        var conversation = new Conversation(agreement, UserId, peerId, _options, _calls);
        _conversations[conversation] = true;
        conversation.Begin(() => _conversations.TryRemove(conversation, out _));
        if (Volatile.Read(ref _isDisposed) == 1)
        {
            // Disposed meanwhile: nobody else would close it.
            await conversation.DisposeAsync().ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(ImClient));
        }

        return conversation;
    }

    /// <summary>Ends whatever session and handshake there is with this peer, for both sides. Does nothing where there is none.</summary>
    /// <param name="peerId">The other user.</param>
    /// <param name="cancellationToken">Ends the waiting; the session may be ended all the same.</param>
    /// <exception cref="ImException">
    /// <see cref="ImErrorKind.Unauthenticated"/>, <see cref="ImErrorKind.RateLimited"/>, <see cref="ImErrorKind.ServerUnavailable"/>.
    /// </exception>
    public Task EndAsync(long peerId, CancellationToken cancellationToken = default)
    {
        Users.CheckPeer(UserId, peerId);
        return _calls.EndAsync(peerId, null, cancellationToken);
    }

    /// <summary>Closes all conversations of this client, as <see cref="Conversation.DisposeAsync"/> does, and its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await Task.WhenAll(_conversations.Keys.Select(conversation => conversation.DisposeAsync().AsTask())).ConfigureAwait(false);
        _calls.Dispose();
    }

    private static async Task<ImClient> SignInAsync(ImClientOptions options, string path, Credentials credentials, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        using var rest = new RestCalls(options);
        return new ImClient(options, await Calls.SignInAsync(rest, path, credentials, cancellationToken).ConfigureAwait(false));
    }
}
