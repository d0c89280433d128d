using Im.Application.Messaging;
using Im.Domain;
using Im.IntegrationTests.Harness;
using Im.WebApi.Messaging;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Im.IntegrationTests.Faults;

/// <summary>What a team added fails where a socket is being served: nothing of what it says is told, and nothing stays taken.</summary>
public sealed class FaultsBehindUpgradeTests
{
    /// <summary>An exception's text may quote anything.</summary>
    private const string Secret = "what nobody may read";

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    [Fact]
    public async Task A_behaviour_that_fails_as_a_connection_is_closed_keeps_no_place_and_is_logged_once_without_its_text()
    {
        await using var node = await StartAsync(services => services.AddSingleton<IPipelineBehavior<CloseConnection, Result<Done>>, FailingGoodbye>());
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        for (var i = 0; i < 3; i++)
        {
            await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob);
            await ann.CloseAsync();
            Assert.Equal(1000, await ann.ClosedAsync());
            await NothingIsTakenAsync(node);
        }

        await IsLoggedAsync(node, () => 3, least: 3);
    }

    [Fact]
    public async Task A_service_that_fails_as_a_request_lets_go_of_it_costs_no_socket_and_is_logged_once_without_its_text()
    {
        var let = new LetGo();
        await using var node = await StartAsync(services => services.AddSingleton(let).AddTransient<IAuthorizationHandler, FailingToGo>());
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        await IsLoggedAsync(node, () => let.Times, least: 2);
        for (var i = 1; i <= 3; i++)
        {
            await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob);
            await ann.SendMsgAsync("still served", i);
            await ann.NextAsync("sent");
            await ann.CloseAsync();
            await NothingIsTakenAsync(node);
        }

        await IsLoggedAsync(node, () => let.Times, least: 5);
    }

    private static Task<TestNode> StartAsync(Action<IServiceCollection> add) =>
        TestNode.StartAsync(null, add, "--Limits:MaxConnections=1", "--Limits:ConnectionsPerUser=1");

    private static Task NothingIsTakenAsync(TestNode node) => Eventually.HoldsAsync(
        "no place is taken",
        () => node.Services.GetRequiredService<Connections>().AreNone() && node.Services.GetRequiredService<UserSockets>().Users == 0);

    private static async Task IsLoggedAsync(TestNode node, Func<int> times, int least)
    {
        await Eventually.HoldsAsync("it is logged as often as it happened", () => times() >= least && Faults(node).Count() == times());
        Assert.All(node.Logs.Lines, line => Assert.DoesNotContain(Secret, line.Text, StringComparison.Ordinal));
    }

    private static IEnumerable<LogLine> Faults(TestNode node) => node.Logs.Lines.Where(line => line.Level >= LogLevel.Error);

    private sealed class FailingGoodbye : IPipelineBehavior<CloseConnection, Result<Done>>
    {
        public Task<Result<Done>> Handle(CloseConnection request, CancellationToken cancellationToken, RequestHandlerDelegate<Result<Done>> next) =>
            throw new InvalidOperationException(Secret);
    }

    /// <summary>How often a call was let go of: how many there are, the machine decides, since a late answer is asked for again.</summary>
    private sealed class LetGo
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public void Count() => Interlocked.Increment(ref _times);
    }

    private sealed class FailingToGo(LetGo let) : IAuthorizationHandler, IDisposable
    {
        public Task HandleAsync(AuthorizationHandlerContext context) => Task.CompletedTask;

        public void Dispose()
        {
            let.Count();
            throw new InvalidOperationException(Secret);
        }
    }
}
