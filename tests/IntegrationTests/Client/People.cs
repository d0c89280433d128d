using System.Collections.Concurrent;
using Im.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>Users with clients, for tests of the .NET client.</summary>
internal static class People
{
    /// <summary>
    /// For what takes several tries to connect, which may be a quarter of a minute apart, or nodes that start again, on a busy
    /// machine. A wait that succeeds ends at once.
    /// </summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(4);

    /// <summary>A client of this user at this node.</summary>
    public static ImClient At(Uri node, long user, TimeSpan? expiresIn = null, Func<CancellationToken, Task<string>>? refresh = null, ImClientOptions? limits = null, TimeProvider? clock = null) => new(
        new ImClientOptions
        {
            Server = node,
            RefreshToken = refresh,
            OutboxLimit = limits?.OutboxLimit ?? 1000,
            ReceiveLimit = limits?.ReceiveLimit ?? 256,
            RequestTimeout = limits?.RequestTimeout ?? TimeSpan.FromSeconds(15),
            Handler = limits?.Handler,
            TimeProvider = clock ?? TimeProvider.System,
        },
        Account.FromToken(TestNode.Mint(user, expiresIn)));

    /// <summary>Both ask, each at their own node.</summary>
    public static async Task<Two> MeetAsync(ImClient ann, ImClient bob, KeyMode mode = KeyMode.PublicKeys)
    {
        var options = new RendezvousOptions { KeyMode = mode };
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Conversation>[] meetings = [ann.RendezvousAsync(bob.UserId, options, failed.Token), bob.RendezvousAsync(ann.UserId, options, failed.Token)];
        if (await Task.WhenAny(meetings) is { IsCompletedSuccessfully: false } first)
        {
            // Why it failed is what the test is to hear, and not that the other side then waited in vain.
            await failed.CancelAsync();
            await ((Task)Task.WhenAll(meetings)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }

        return new Two(ann, bob, await meetings[0], await meetings[1]);
    }

    public static Task<Two> MeetAsync(Uri one, Uri other, KeyMode mode = KeyMode.PublicKeys)
    {
        var (ann, bob) = Pairs.Fresh();
        return MeetAsync(At(one, ann), At(other, bob), mode);
    }

    /// <summary>Waits until the conversation is as it should be.</summary>
    public static Task IsAsync(this Conversation conversation, ConversationStatus status, TimeSpan? deadline = null) =>
        Eventually.HoldsAsync($"the conversation is {status}", () => conversation.State.Status == status, deadline);

    /// <summary>The next so many items.</summary>
    public static async Task<List<ReceivedItem>> TakeAsync(this Conversation conversation, int count, TimeSpan? deadline = null)
    {
        using var timeUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeUp.CancelAfter(deadline ?? Eventually.Deadline);
        var items = new List<ReceivedItem>();
        try
        {
            await foreach (var item in conversation.ReceiveAsync(timeUp.Token))
            {
                items.Add(item);
                if (items.Count == count)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"Of {count} items came {items.Count}; the conversation is {conversation.State}.");
        }

        return items;
    }

    /// <summary>The texts of the next so many messages; fails where something else comes.</summary>
    public static async Task<string[]> TextsAsync(this Conversation conversation, int count, TimeSpan? deadline = null) =>
        [.. (await conversation.TakeAsync(count, deadline)).Select(item => Assert.IsType<ReceivedMessage>(item).Text)];

    /// <summary>Does what the client leaves to its caller to repeat, again where a busy store answered too late.</summary>
    public static Task SurelyAsync(Func<Task> what) => Eventually.HoldsAsync("the store answers", async () =>
    {
        try
        {
            await what();
            return true;
        }
        catch (ImException e) when (e.Code == 50300)
        {
            return false;
        }
    });

    /// <summary>Everything that happens from now on.</summary>
    public static ConcurrentQueue<ConversationEvent> Watch(this Conversation conversation)
    {
        var events = new ConcurrentQueue<ConversationEvent>();
        conversation.Happened += (_, what) => events.Enqueue(what);
        return events;
    }

    /// <summary>
    /// Fails unless a rendezvous fails with an error of this kind when its patience is over. The patience is short, and longer
    /// where a busy machine let the server answer too late for it.
    /// </summary>
    /// <param name="kind">What it is to fail with.</param>
    /// <param name="meeting">The rendezvous, with this patience.</param>
    /// <param name="isInTime">What else must have happened in time; null: nothing.</param>
    public static async Task RunsOutAsync(ImErrorKind kind, Func<TimeSpan, Task> meeting, Func<bool>? isInTime = null)
    {
        for (var patience = TimeSpan.FromSeconds(2); ; patience *= 4)
        {
            var error = await Assert.ThrowsAsync<ImException>(() => meeting(patience));
            if ((error.Kind == kind && isInTime?.Invoke() is not false) || patience > TimeSpan.FromSeconds(30))
            {
                Assert.Equal((kind, true), (error.Kind, isInTime?.Invoke() is not false));
                return;
            }

            Assert.Contains(error.Kind, new[] { ImErrorKind.ServerUnavailable, ImErrorKind.PeerAbsent });
        }
    }

    /// <summary>Fails unless this fails with an error of this kind.</summary>
    public static async Task<ImException> FailsAsync(ImErrorKind kind, Func<Task> what)
    {
        var error = await Assert.ThrowsAsync<ImException>(what);
        Assert.Equal(kind, error.Kind);
        return error;
    }
}

/// <summary>Two clients in a conversation.</summary>
internal sealed record Two(ImClient AnnClient, ImClient BobClient, Conversation Ann, Conversation Bob) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await AnnClient.DisposeAsync();
        await BobClient.DisposeAsync();
    }
}
