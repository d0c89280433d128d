using Im.Cli.Output;
using Im.Client;

namespace Im.Cli.Pipes;

/// <summary>
/// Gives a conversation without anybody looking on up when nothing comes of it: the connection does not come back, the peer
/// acknowledges nothing, or the peer lost its keys.
/// </summary>
/// <param name="peer">The other user.</param>
/// <param name="patience">How long each of these may last.</param>
/// <param name="time">The clock.</param>
internal sealed class Watch(long peer, TimeSpan patience, TimeProvider time)
{
    /// <summary>What the peer wrote before it lost its keys is still taken, until nothing comes for so long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private DateTimeOffset? _awaySince = time.GetUtcNow();
    private DateTimeOffset? _newKeysSince;
    private DateTimeOffset _progress;
    private long _begun;
    private long _stored;
    private long _delivered;

    /// <summary>A message was given to the conversation.</summary>
    public void Began() => Note(() =>
    {
        if (_begun == _delivered)
        {
            _progress = time.GetUtcNow();
        }

        _begun++;
    });

    /// <summary>The relay has stored everything up to this id.</summary>
    public void Stored(long id) => Note(() => (_stored, _progress) = (id, time.GetUtcNow()));

    /// <summary>Something came from the peer.</summary>
    public void Received() => Note(() =>
    {
        if (_newKeysSince is not null)
        {
            _newKeysSince = time.GetUtcNow();
        }
    });

    /// <summary>Something happened to the conversation.</summary>
    public void Happened(ConversationEvent what) => Note(() =>
    {
        switch (what)
        {
            case StateChanged { State.Status: ConversationStatus.Connected }:
                // The peer gets its time anew: nothing could come from it meanwhile.
                (_awaySince, _progress) = (null, time.GetUtcNow());
                break;
            case StateChanged:
                _awaySince ??= time.GetUtcNow();
                break;
            case MessagesDelivered delivered:
                (_delivered, _progress) = (Math.Max(_delivered, delivered.UpToId), time.GetUtcNow());
                break;
            case HandshakeOpened:
                _newKeysSince ??= time.GetUtcNow();
                break;
        }
    });

    /// <summary>Never returns.</summary>
    /// <exception cref="ToolException">Nothing comes of it any more.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Tick, time);
        while (await tick.WaitForNextTickAsync(cancellationToken))
        {
            if (Verdict() is { } verdict)
            {
                throw verdict;
            }
        }
    }

    private void Note(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }

    private ToolException? Verdict()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now - _newKeysSince >= Quiet)
            {
                return new("new_keys_wanted", ExitCode.SessionOver,
                    $"User {peer} has lost the keys of this conversation and wants new ones: run the same command again. {Counted()}".TrimEnd());
            }

            if (now - _awaySince >= patience)
            {
                return new("server_unavailable", ExitCode.ServerUnavailable,
                    $"The server did not come back within {patience.TotalSeconds:0} s: try again later. {Counted()}".TrimEnd());
            }

            return _awaySince is null && _begun > _delivered && now - _progress >= patience
                ? new("peer_absent", ExitCode.PeerAbsent,
                    $"User {peer} acknowledged nothing for {patience.TotalSeconds:0} s: run `im receive` or `im chat` there and send again. {Counted()}".TrimEnd())
                : null;
        }
    }

    private string Counted() => _begun == 0 ? "" : $"Of {_begun} lines, {_stored} were stored and {_delivered} acknowledged.";
}
