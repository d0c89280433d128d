using System.Collections.Concurrent;
using Im.Client;
using Im.IntegrationTests.Client;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Deploy;

/// <summary>The deployment on one machine, all of it real: what is published, nginx with TLS, Redis, two clients.</summary>
[Collection(nameof(DeploySuite))]
public sealed class RollingUpgradeTests(PublishedService published)
{
    private const string Password = "correct horse battery staple";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_that_are_replaced_one_after_the_other_lose_nothing_double_nothing_and_keep_the_order()
    {
        await using var native = await Native.StartAsync(published);
        using var handler = native.Trusting();
        await using var two = await MeetAsync(native, handler);
        var done = false;
        var ann = new Talk(two.Ann, () => Volatile.Read(ref done));
        var bob = new Talk(two.Bob, () => Volatile.Read(ref done));

        foreach (var node in new[] { native.One, native.Other })
        {
            await TalkGoesOnAsync(ann, bob);
            var (status, took) = await node.TerminateAsync();
            Assert.Equal(0, status);
            Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            await TalkGoesOnAsync(ann, bob);
            await node.RestartAsync();
        }

        await TalkGoesOnAsync(ann, bob);
        Volatile.Write(ref done, true);
        var (fromAnn, fromBob) = (await ann.SentAsync(), await bob.SentAsync());
        await ann.ReceivesAsync(fromBob);
        await bob.ReceivesAsync(fromAnn);

        Assert.Equal(Enumerable.Range(1, fromAnn).Select(n => $"{n}"), bob.Received);
        Assert.Equal(Enumerable.Range(1, fromBob).Select(n => $"{n}"), ann.Received);
        foreach (var node in new[] { native.One.BaseAddress.Authority, native.Other.BaseAddress.Authority })
        {
            await Eventually.HoldsAsync(
                "the proxy has written that it passed a websocket on",
                () => native.Nginx.Log.Any(line => line.Contains("GET /im/ws 101", StringComparison.Ordinal) && line.Contains(node, StringComparison.Ordinal)));
        }

        Assert.Empty(native.Nginx.Log.Concat(native.Nginx.Errors).Where(line => line.Contains("token", StringComparison.Ordinal) || line.Contains("eyJ", StringComparison.Ordinal) || line.Contains("session=", StringComparison.Ordinal)));
        Assert.Empty(native.One.Faults.Concat(native.Other.Faults));
    }

    private static async Task<Two> MeetAsync(Native native, HttpMessageHandler handler)
    {
        var options = new ImClientOptions { Server = native.Nginx.BaseAddress, Handler = handler };
        return await People.MeetAsync(
            await ImClient.RegisterAsync(options, "ann", "ann@example.org", Password, Cancelled),
            await ImClient.RegisterAsync(options, "bob", "bob@example.org", Password, Cancelled));
    }

    private static async Task TalkGoesOnAsync(Talk one, Talk other)
    {
        var (before, beforeOther) = (one.Received.Count, other.Received.Count);
        await one.ReceivesAsync(before + 21);
        await other.ReceivesAsync(beforeOther + 21);
    }

    /// <summary>One side: sends its count without end, and keeps what comes.</summary>
    private sealed class Talk
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

        private readonly Task<int> _sending;
        private readonly Task _receiving;

        public Talk(Conversation conversation, Func<bool> done)
        {
            _sending = SendAsync(conversation, done);
            _receiving = ReceiveAsync(conversation);
        }

        public ConcurrentQueue<string> Received { get; } = [];

        public Task<int> SentAsync() => _sending.WaitAsync(Patience, Cancelled);

        /// <summary>Returns when at least so much has come; fails as the conversation does, rather than by waiting for what it no longer brings.</summary>
        public Task ReceivesAsync(int count) => Eventually.HoldsAsync(
            $"{count} have come",
            async () =>
            {
                if (_receiving.IsFaulted)
                {
                    await _receiving;
                }

                return Received.Count >= count;
            },
            Patience);

        private static async Task<int> SendAsync(Conversation conversation, Func<bool> done)
        {
            var count = 0;
            while (!done())
            {
                await conversation.SendAsync($"{++count}", Cancelled);

                // Its pace: well below the limit of frames.
                await Task.Delay(10, Cancelled);
            }

            return count;
        }

        private async Task ReceiveAsync(Conversation conversation)
        {
            await foreach (var item in conversation.ReceiveAsync(Cancelled))
            {
                Received.Enqueue(item is ReceivedMessage message ? message.Text : item.GetType().Name);
            }
        }
    }
}
