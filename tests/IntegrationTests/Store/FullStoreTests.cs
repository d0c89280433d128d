using Im.Application.KeyExchange;
using Im.Application.Limits;
using Im.Domain;
using Im.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Store;

/// <summary>The embedded store never drops what is alive: new work is refused first.</summary>
public sealed class FullStoreTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_the_embedded_store_could_drop_what_is_alive_new_work_is_refused_and_the_rest_goes_on()
    {
        await using var node = await TestNode.StartAsync(redis: null);
        var idle = StoreConversation.On(node);
        await idle.AgreeAsync();
        var (ann, bob) = (await idle.AttachAsync(idle.Ann), await idle.AttachAsync(idle.Bob));
        await idle.SendAsync(ann, "from before", id: 1);

        await FillMostAsync(node, idle);
        await FillAsync(node);

        Assert.Equal(Errors.StoreUnavailable, (await idle.SendAsync(ann, "one more", id: 2)).Error);
        var opening = new ExchangeCall(Handshake.Open(idle.Pair, idle.Ann, ImKey.Generate(32)), MayOpen: true);
        Assert.Equal(Errors.StoreUnavailable, (await idle.Handshakes.ExchangeAsync(opening, Cancelled)).Error);
        Assert.Equal(Errors.StoreUnavailable, (await node.Services.GetRequiredService<IRates>().TakeAsync(Rate.PerMinute("tests", 1), "ann", Cancelled)).Error);
        Assert.Equal(["from before"], await idle.ReadAsync(bob));
        Assert.True((await idle.Sessions.TouchAsync(ann, Cancelled)).IsOk);
        Assert.True((await idle.AcknowledgeAsync(bob, 1)).IsOk);
        Assert.True((await idle.Handshakes.EndAsync(idle.Pair, null, Cancelled)).IsOk);
    }

    [Fact]
    public async Task Messages_that_come_and_go_do_not_use_the_store_up()
    {
        await using var node = await TestNode.StartAsync(redis: null);
        var talk = StoreConversation.On(node);
        await talk.AgreeAsync();
        var (ann, bob) = (await talk.AttachAsync(talk.Ann), await talk.AttachAsync(talk.Bob));
        await SendAndAcknowledgeAsync(from: 1, to: 500);
        var before = await TailAsync(node);

        await SendAndAcknowledgeAsync(from: 501, to: 2500);

        Assert.InRange(await TailAsync(node) - before, 0, 2000 * 8);

        async Task SendAndAcknowledgeAsync(int from, int to)
        {
            for (var id = from; id <= to; id++)
            {
                await talk.SendAsync(ann, "x", id);
                await talk.AcknowledgeAsync(bob, id);
            }
        }
    }

    /// <summary>Something else takes most of the room, without the cost of messages; the node sees it at its next look.</summary>
    private static async Task FillMostAsync(TestNode node, StoreConversation any)
    {
        var value = new byte[64_000];
        for (var i = 0; await UsedAsync(node) < 0.65 * await InfoAsync(node, "MaxMemorySizeBytes"); i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(one => any.Database.StringSetAsync($"im:fills:{i}:{one}", value, TimeSpan.FromHours(1))));
        }
    }

    private static async Task<long> UsedAsync(TestNode node) =>
        await InfoAsync(node, "TailAddress") - await InfoAsync(node, "BeginAddress") + await InfoAsync(node, "CurrentHeapSizeBytes");

    /// <summary>Pairs send each other the largest messages, and nobody acknowledges any, until the node says that its store is full.</summary>
    private static Task FillAsync(TestNode node)
    {
        var body = new string('x', 64_000);
        return Eventually.HoldsAsync(
            "the store is full",
            async () =>
            {
                var talk = StoreConversation.On(node);
                var opening = new ExchangeCall(Handshake.Open(talk.Pair, talk.Ann, ImKey.Generate(32)), MayOpen: true);
                if ((await talk.Handshakes.ExchangeAsync(opening, Cancelled)).IsOk)
                {
                    await talk.ExchangeAsync(talk.Bob);
                    var ann = await talk.AttachAsync(talk.Ann);
                    await Task.WhenAll(Enumerable.Range(1, 65).Select(id => talk.SendAsync(ann, body, id)));
                }

                return node.Logs.Lines.Any(line => line.Id.Id == 1102);
            },
            TimeSpan.FromMinutes(4));
    }

    private static Task<long> TailAsync(TestNode node) => InfoAsync(node, "TailAddress");

    private static async Task<long> InfoAsync(TestNode node, string of)
    {
        var server = node.Services.GetRequiredService<Im.Infrastructure.Redis.RedisConnection>().Servers()[0];
        var line = (await server.InfoRawAsync("STORE"))!.Split('\n').Single(line => line.StartsWith($"Log.{of}:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
