using Im.Application.Accounts;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Im.WebApi.Security;

/// <summary>
/// The keys of the OpenID Connect authority, as this node last read them. They stay good while the authority is away. One
/// read at a time, of bounded time and size; a token that names an unknown key asks for one, but only so often. Thread-safe.
/// </summary>
internal sealed partial class AuthorityKeys : IDisposable
{
    /// <summary>How long one read may take: the discovery document and the key set.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>How long a token waits for the read that it asked for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Between two reads that tokens ask for: whoever makes up key ids gets no more out of this node than that.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of the longest document that is read.</summary>
    private const int MaxDocument = 256 * 1024;

    private readonly JwtOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<AuthorityKeys> _logger;
    private readonly HttpClient _http;
    private readonly AuthorityDocuments _documents;
    private readonly string _address;
    private readonly Lock _lock = new();
    private volatile AuthorityKeySet? _present;
    private Task<bool> _reading = Task.FromResult(false);
    private long _begun;
    private bool _isAway;

    public AuthorityKeys(JwtOptions options, TimeProvider clock, ILogger<AuthorityKeys> logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;

        // A redirection would lead away from the address that the operator trusts.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            MaxResponseContentBufferSize = MaxDocument,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _address = $"{options.Authority!.TrimEnd('/')}/.well-known/openid-configuration";
        _documents = new AuthorityDocuments(_http, requireHttps: new Uri(_address).Scheme == Uri.UriSchemeHttps);
    }

    /// <summary>What tokens are judged by; null: the authority has not answered yet.</summary>
    public AuthorityKeySet? Present => _present;

    /// <summary>A token names a key that is not among them: reads them anew, or waits for the read under way, unless one was a moment ago.</summary>
    /// <returns>What is known then; the same as before where nothing was read in time.</returns>
    public async Task<AuthorityKeySet?> ReadForTokenAsync()
    {
        Task reading;
        lock (_lock)
        {
            if (_reading.IsCompleted && _clock.GetElapsedTime(_begun) < Pause)
            {
                return _present;
            }

            reading = ReadOnce(CancellationToken.None);
        }

        await reading.WaitAsync(Patience, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _present;
    }

    /// <summary>Reads them anew, or waits for the read under way. False: the authority did not answer, or not with what can be used.</summary>
    public Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ReadOnce(cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The lock is held.</summary>
    private Task<bool> ReadOnce(CancellationToken cancellationToken)
    {
        if (_reading.IsCompleted)
        {
            _begun = _clock.GetTimestamp();
            _reading = Task.Run(() => ReadInTimeAsync(cancellationToken), CancellationToken.None);
        }

        return _reading;
    }

    private async Task<bool> ReadInTimeAsync(CancellationToken cancellationToken)
    {
        using var timeUp = new CancellationTokenSource(Deadline, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, cancellationToken);
        string? fault;
        try
        {
            var said = await OpenIdConnectConfigurationRetriever.GetAsync(_address, _documents, end.Token);
            (var keys, fault) = AuthorityKeySet.Of(_options, said, _clock);
            _present = keys ?? _present;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure)
        {
            // By its type only: the library's sentence may quote what was read.
            fault = timeUp.IsCancellationRequested ? $"did not answer within {Deadline.TotalSeconds:0} s" : $"gave no answer that can be used ({failure.GetType().Name})";
        }

        Tell(fault);
        return fault is null;
    }

    /// <summary>Once when it goes, once when it is back.</summary>
    private void Tell(string? fault)
    {
        if (fault is not null && !_isAway)
        {
            Log.Away(_logger, fault);
        }
        else if (fault is null && _isAway)
        {
            Log.Back(_logger);
        }

        _isAway = fault is not null;
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Warning, "The authority {Fault}; keys that are known stay good.")]
        public static partial void Away(ILogger logger, string fault);

        [LoggerMessage(1202, LogLevel.Information, "The authority answers again.")]
        public static partial void Back(ILogger logger);
    }
}
