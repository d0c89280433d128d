using System.Collections.Concurrent;
using Im.Application.Contacts;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;
using Im.WebApi.Limits;
using NSubstitute;

namespace Im.UnitTests.WebApi.Limits;

public sealed class OpeningLimitTests
{
    [Fact]
    public async Task However_many_calls_of_one_user_run_at_once_no_more_than_the_limit_may_open()
    {
        using var limit = new OpeningLimit(new LimitsOptions { OpeningsPerMinute = 3 });
        using var waits = new KeyWaits();
        var calls = new ConcurrentBag<ExchangeCall>();
        var answer = new TaskCompletionSource<Result<ExchangeOutcome>>();
        var handshakes = Substitute.For<IHandshakeRepository>();
        handshakes.ExchangeAsync(Arg.Do<ExchangeCall>(calls.Add), Arg.Any<CancellationToken>()).ReturnsForAnyArgs(answer.Task);
        var contacts = Substitute.For<IContactPolicy>();
        contacts.AllowsAsync(default!, default).ReturnsForAnyArgs(true);
        var handler = new RequestKeyHandler(handshakes, contacts, limit, waits, new KeyExchangeOptions());

        var running = Enumerable.Range(10, 20).Select(peer => handler.Handle(new RequestKey(Some.Ann, peer, null, null), TestContext.Current.CancellationToken)).ToList();
        answer.SetResult(Errors.StoreUnavailable);
        await Task.WhenAll(running);

        Assert.Equal((20, 3), (calls.Count, calls.Count(call => call.MayOpen)));
    }

    [Fact]
    public void Only_openings_use_up_the_limit_and_what_is_reserved_counts_until_it_is_settled()
    {
        using var limit = new OpeningLimit(new LimitsOptions { OpeningsPerMinute = 1 });

        Assert.Null(limit.Reserve(Some.Ann));
        Assert.NotNull(limit.Reserve(Some.Ann));
        Assert.Null(limit.Reserve(Some.Bob));
        limit.Settle(Some.Ann, opened: false);

        Assert.Null(limit.Reserve(Some.Ann));
        limit.Settle(Some.Ann, opened: true);

        Assert.Equal(TimeSpan.FromMinutes(1), limit.Reserve(Some.Ann));
    }

    [Fact]
    public void Only_users_with_a_call_under_way_are_remembered()
    {
        using var limit = new OpeningLimit(new LimitsOptions());
        for (var number = 1; number <= 100; number++)
        {
            limit.Reserve(UserId.Of(number).Value);
            limit.Settle(UserId.Of(number).Value, opened: number % 2 == 0);
        }

        Assert.Equal(0, limit.Users);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        using var limit = new OpeningLimit(new LimitsOptions { OpeningsPerMinute = 0 });

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Null(limit.Reserve(Some.Ann)));
        Assert.All(Enumerable.Range(0, 1000), _ => limit.Settle(Some.Ann, opened: true));
        Assert.Null(limit.Reserve(Some.Ann));
    }
}
