using System.Collections.Concurrent;
using Im.Application.Contacts;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;
using Im.WebApi.Limits;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace Im.UnitTests.WebApi.Limits;

public sealed class OpeningLimitTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task However_many_calls_of_one_user_run_at_once_on_two_nodes_no_more_than_the_limit_may_open()
    {
        var store = new CountingStore(_clock);
        using var waits = new KeyWaits();
        var calls = new ConcurrentBag<ExchangeCall>();
        var handshakes = Substitute.For<IHandshakeRepository>();
        handshakes.ExchangeAsync(Arg.Do<ExchangeCall>(calls.Add), Arg.Any<CancellationToken>()).ReturnsForAnyArgs(call => AnswerAsync(call.Arg<ExchangeCall>()));
        var contacts = Substitute.For<IContactPolicy>();
        contacts.AllowsAsync(default!, default).ReturnsForAnyArgs(true);
        var nodes = Enumerable.Range(0, 2).Select(_ => new RequestKeyHandler(handshakes, contacts, Limit(3, store), waits, new KeyExchangeOptions())).ToList();

        await Task.WhenAll(Enumerable.Range(10, 20).Select(peer => nodes[peer % 2].Handle(new RequestKey(Some.Ann, peer, null, null), TestContext.Current.CancellationToken)));

        Assert.Equal(3, calls.Count(call => call.MayOpen));
    }

    [Fact]
    public async Task Each_user_has_a_limit_of_their_own()
    {
        var limit = Limit(1, new CountingStore(_clock));

        Assert.True(limit.IsLimited);
        Assert.Null(await limit.TakeAsync(Some.Ann, TestContext.Current.CancellationToken));
        Assert.Equal(TimeSpan.FromMinutes(1), await limit.TakeAsync(Some.Ann, TestContext.Current.CancellationToken));
        Assert.Null(await limit.TakeAsync(Some.Bob, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Zero_is_no_limit() => Assert.False(Limit(0, new CountingStore(_clock)).IsLimited);

    /// <summary>There is nothing, and whoever may open one hears nothing of it: the worst case.</summary>
    private static async Task<Result<ExchangeOutcome>> AnswerAsync(ExchangeCall call)
    {
        await Task.Yield();
        return call.MayOpen ? Errors.StoreUnavailable : Errors.RateLimited(TimeSpan.FromMinutes(1));
    }

    private OpeningLimit Limit(int perMinute, CountingStore store) => new(new LimitsOptions { OpeningsPerMinute = perMinute }, store, _clock);
}
