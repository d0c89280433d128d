using System.Collections.Concurrent;

namespace Im.IntegrationTests.Harness;

/// <summary>
/// A client as the protocol asks for one, in <c>im.v1</c>: counts its messages, keeps what has no <c>sent</c>, comes back after
/// every loss to any of its nodes, sends again from <c>last_id</c> + 1, acknowledges, drops what it has. It writes down all it does.
/// </summary>
/// <param name="user">Who it is.</param>
/// <param name="peer">Whom it talks to.</param>
/// <param name="session">The session, which it names on every connect.</param>
internal sealed class CountingClient(long user, long peer, string session) : IAsyncDisposable
{
    private static readonly (int From, int To) Delay = (20, 250);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, string> _kept = [];
    private readonly ConcurrentDictionary<int, CountingLink> _links = new();
    private readonly ConcurrentBag<Task> _lanes = [];
    private readonly CancellationTokenSource _stopped = new();
    private int _connections;
    private long _count;
    private long _answered;
    private long _seen;
    private long _delivered;
    private string? _end;

    public long User => user;

    public History History { get; } = new(OwnTime.Clock);

    /// <summary>Messages so far, sent or not.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The highest id that the store is said to have.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>The highest seq it has.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>The highest seq its peer is said to have acknowledged.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Why it stopped for good; null while it goes on.</summary>
    public string? End => Volatile.Read(ref _end);

    /// <summary>Whether it is connected and has caught up.</summary>
    public bool IsReady => _links.Values.Any(link => link.IsReady);

    /// <summary>The token goes into the address, as some browsers' clients send it.</summary>
    public bool TokenInQuery { get; init; }

    /// <summary>Connects, and again after every loss, to the first of these nodes that takes it. Called twice, the two race.</summary>
    public void Connect(params Uri[] nodes)
    {
        var races = !_lanes.IsEmpty;
        _lanes.Add(StayConnectedAsync(nodes, races));
    }

    /// <summary>Has one more message to send.</summary>
    public void Send(string data)
    {
        lock (_lock)
        {
            _kept.Add(++_count, data);
        }

        foreach (var link in _links.Values)
        {
            link.Wake();
        }
    }

    /// <summary>The text of a message that has no <c>sent</c> yet.</summary>
    internal bool TryGet(long id, out string data)
    {
        lock (_lock)
        {
            return _kept.TryGetValue(id, out data!);
        }
    }

    /// <summary>The store has everything up to here.</summary>
    internal void Answer(int connection, long upTo)
    {
        lock (_lock)
        {
            while (_answered < upTo)
            {
                History.Add(connection, Did.Answered, ++_answered);
                _kept.Remove(_answered);
            }
        }
    }

    /// <summary>A message came; one that it has already is dropped.</summary>
    internal void Take(int connection, long seq, long id, string data)
    {
        lock (_lock)
        {
            History.Add(connection, Did.Received, seq, id, data);
            if (seq > _seen)
            {
                _seen = seq;
                History.Add(connection, Did.Taken, seq, id, data);
            }
        }
    }

    internal void Learn(int connection, long delivered)
    {
        History.Add(connection, Did.Delivered, delivered);
        lock (_lock)
        {
            _delivered = Math.Max(_delivered, delivered);
        }
    }

    /// <summary>The session is over for this client, or the server did what it must not.</summary>
    internal void Stop(string why)
    {
        Interlocked.CompareExchange(ref _end, why, null);
        _stopped.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await Task.WhenAll(_lanes);
        _stopped.Dispose();
    }

    private async Task StayConnectedAsync(Uri[] nodes, bool races)
    {
        for (var attempt = 0; !_stopped.IsCancellationRequested; attempt++)
        {
            var number = Interlocked.Increment(ref _connections);
            using var link = new CountingLink(this, number, user);
            _links[number] = link;
            var seen = Seen;
            var code = await link.RunAsync(AddressOn(nodes[attempt % nodes.Length], seen), seen, Answered, _stopped.Token);
            _links.TryRemove(number, out _);
            if (link.WasReady)
            {
                attempt = -1;
            }

            if (code is 403 or 4403 or 4404 || (code is 4409 && !races && _lanes.Count == 1))
            {
                Stop($"closed or refused with {code}");
            }

            await Task.Delay(Random.Shared.Next(Delay.From, Delay.To), _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Uri AddressOn(Uri node, long seen)
    {
        var query = $"to_user_id={peer}&session={session}&seen={seen}" + (TokenInQuery ? $"&token={TestNode.Mint(user)}" : "");
        return new UriBuilder(node) { Scheme = "ws", Path = "/im/ws", Query = query }.Uri;
    }
}
