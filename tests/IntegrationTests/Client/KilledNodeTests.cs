using Im.IntegrationTests.Faults;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Client;

/// <summary>Nodes die in the middle of a conversation between two .NET clients.</summary>
[Collection(nameof(FaultSuite))]
public sealed class KilledNodeTests(SharedRedis redis)
{
    [Fact]
    public async Task Nodes_that_are_killed_in_the_middle_of_messages_lose_nothing_double_nothing_and_keep_the_order()
    {
        await using var one = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var other = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        await using var two = await People.MeetAsync(one.BaseAddress, other.BaseAddress);
        var texts = Enumerable.Range(1, 400).Select(n => $"{n}").ToArray();
        var limit = People.Long;

        var receiving = Task.WhenAll(two.Ann.TextsAsync(texts.Length, limit), two.Bob.TextsAsync(texts.Length, limit));
        var victims = new[] { one, other };
        foreach (var (part, victim) in texts.Chunk(100).Zip([.. victims, .. victims]))
        {
            var sends = part.SelectMany(text => new[]
            {
                two.Ann.SendAsync(text, TestContext.Current.CancellationToken),
                two.Bob.SendAsync(text, TestContext.Current.CancellationToken),
            }).ToList();
            await sends[30].WaitAsync(limit, TestContext.Current.CancellationToken);
            await victim.KillAsync();
            await victim.RestartAsync();
            await Task.WhenAll(sends).WaitAsync(limit, TestContext.Current.CancellationToken);
        }

        Assert.All(await receiving, received => Assert.Equal(texts, received));
        Assert.Empty(one.Faults.Concat(other.Faults));
    }
}
