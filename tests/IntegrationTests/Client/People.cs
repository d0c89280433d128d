using System.Collections.Concurrent;
using Im.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>Users with clients, for tests of the .NET client.</summary>
internal static class People
{
    /// <summary>A client of this user at this node.</summary>
    public static ImClient At(Uri node, long user, TimeSpan? expiresIn = null, Func<CancellationToken, Task<string>>? refresh = null, ImClientOptions? limits = null) => new(
        new ImClientOptions
        {
            Server = node,
            RefreshToken = refresh,
            OutboxLimit = limits?.OutboxLimit ?? 1000,
            ReceiveLimit = limits?.ReceiveLimit ?? 256,
            RequestTimeout = limits?.RequestTimeout ?? TimeSpan.FromSeconds(15),
            Handler = limits?.Handler,
        },
        Account.FromToken(TestNode.Mint(user, expiresIn)));

    /// <summary>Both ask, each at their own node.</summary>
    public static async Task<Two> MeetAsync(ImClient ann, ImClient bob, KeyMode mode = KeyMode.PublicKeys)
    {
        var options = new RendezvousOptions { KeyMode = mode, Patience = TimeSpan.FromMinutes(1) };
        var both = await Task.WhenAll(
            ann.RendezvousAsync(bob.UserId, options, TestContext.Current.CancellationToken),
            bob.RendezvousAsync(ann.UserId, options, TestContext.Current.CancellationToken));
        return new Two(ann, bob, both[0], both[1]);
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

    /// <summary>Everything that happens from now on.</summary>
    public static ConcurrentQueue<ConversationEvent> Watch(this Conversation conversation)
    {
        var events = new ConcurrentQueue<ConversationEvent>();
        conversation.Happened += (_, what) => events.Enqueue(what);
        return events;
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
