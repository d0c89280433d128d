namespace Im.IntegrationTests.Harness;

/// <summary>Pairs that talk to each other in both directions all the time, each user a <see cref="CountingClient"/>.</summary>
internal sealed class CountingPairs : IAsyncDisposable
{
    /// <summary>Messages of one sender that the peer has not acknowledged at most, while feeding; the store's own limit is 1,000.</summary>
    private const int MaxAhead = 300;

    /// <summary>Messages of one sender at once.</summary>
    private const int Burst = 4;

    /// <summary>Generous: a few hundred connections on a busy machine.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);

    /// <summary>Between the bursts.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly List<(CountingClient Ann, CountingClient Bob)> _pairs = [];

    private CountingPairs()
    {
    }

    public IEnumerable<CountingClient> Clients => _pairs.SelectMany(pair => new[] { pair.Ann, pair.Bob });

    /// <summary>Messages that the store is said to have.</summary>
    public long Answered => Clients.Sum(client => client.Answered);

    /// <summary>The pairs agree and connect.</summary>
    /// <param name="rest">Where they agree.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="ofAnn">The nodes of one side, the one it prefers first.</param>
    /// <param name="ofBob">The nodes of the other side.</param>
    /// <param name="tokenInQuery">Where they put their tokens.</param>
    public static async Task<CountingPairs> ConnectAsync(RestClient rest, int count, Uri[] ofAnn, Uri[] ofBob, bool tokenInQuery = false)
    {
        var pairs = new CountingPairs();
        await Parallel.ForAsync(0, count, TestContext.Current.CancellationToken, async (_, _) =>
        {
            var (ann, bob) = Pairs.Fresh();
            var agreed = await rest.AgreeAsync(ann, bob);
            var pair = (new CountingClient(ann, bob, agreed.Session) { TokenInQuery = tokenInQuery }, new CountingClient(bob, ann, agreed.Session) { TokenInQuery = tokenInQuery });
            lock (pairs._pairs)
            {
                pairs._pairs.Add(pair);
            }
        });
        foreach (var (ann, bob) in pairs._pairs)
        {
            ann.Connect(ofAnn);
            bob.Connect(ofBob);
        }

        await pairs.AllReadyAsync();
        return pairs;
    }

    /// <summary>All are connected and have caught up.</summary>
    public Task AllReadyAsync() => Eventually.HoldsAsync("all are ready", () => Clients.All(client => client.IsReady || client.End is not null), Deadline);

    /// <summary>Everybody has had some more delivered than at the moment of the call.</summary>
    public async Task TalkGoesOnAsync()
    {
        var before = Clients.Select(client => (Client: client, client.Delivered)).ToArray();
        await Eventually.HoldsAsync("talk goes on", () => before.All(then => then.Client.Delivered > then.Delivered) || Clients.Any(client => client.End is not null), Deadline);
        NobodyEnded();
    }

    /// <summary>Gives everybody messages to send, until it is enough and each has had so many.</summary>
    /// <param name="least">So many each.</param>
    /// <param name="isEnough">Until then they get more than that.</param>
    /// <param name="tick">Between the bursts; null: as short as makes sense.</param>
    public async Task FeedAsync(long least, Func<bool> isEnough, TimeSpan? tick = null)
    {
        using var ticks = new PeriodicTimer(tick ?? Tick);
        var clients = Clients.ToArray();
        while (await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            var enough = isEnough();
            foreach (var client in clients.Where(client => !enough || client.Count < least))
            {
                for (var i = 0; i < Burst && client.Count < client.Delivered + MaxAhead && (!enough || client.Count < least); i++)
                {
                    client.Send($"{client.User} says {client.Count + 1}");
                }
            }

            if ((enough && clients.All(client => client.Count >= least)) || clients.Any(client => client.End is not null))
            {
                return;
            }
        }
    }

    /// <summary>Everything sent has arrived and is acknowledged, and the histories break no promise.</summary>
    public async Task SettleAsync()
    {
        try
        {
            await Eventually.HoldsAsync("all is delivered", () => _pairs.All(pair => IsSettled(pair.Ann, pair.Bob) && IsSettled(pair.Bob, pair.Ann)), Deadline);
        }
        finally
        {
            // What a history says is wrong tells more than that something took too long.
            NobodyEnded();
            Assert.Empty(_pairs.SelectMany(pair => HistoryChecker.FaultsOf(pair.Ann.History, pair.Bob.History)));
        }
    }

    private void NobodyEnded() => Assert.Empty(Clients.Where(client => client.End is not null).Select(client => $"{client.User}: {client.End}"));

    public async ValueTask DisposeAsync() => await Task.WhenAll(Clients.Select(client => client.DisposeAsync().AsTask()));

    private static bool IsSettled(CountingClient sender, CountingClient recipient) =>
        sender.End is not null || (sender.Answered == sender.Count && recipient.Seen == sender.Count && sender.Delivered == sender.Count);
}
