using Im.IntegrationTests.Harness;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Messaging;

/// <summary>What served the request of an upgrade is let go when the socket is open, not when it ends: there are many, and they stay.</summary>
public sealed class RequestLifeTests
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private int _made;
    private int _held;

    [Fact]
    public async Task An_open_socket_holds_no_service_of_its_request()
    {
        await using var node = await TestNode.StartAsync(null, services => services.AddTransient<IAuthorizationHandler>(_ => new Handler(this)));
        await node.Rest.AgreeAsync(_pair.Ann, _pair.Bob);
        var before = Volatile.Read(ref _made);

        await using var ann = await SocketClient.ConnectReadyAsync(node, _pair.Ann, _pair.Bob);

        Assert.Equal(before + 1, Volatile.Read(ref _made));
        await Eventually.HoldsAsync("nothing is held", () => Volatile.Read(ref _held) == 0);
        await ann.SendMsgAsync("still open", 1);
        await ann.ExpectAsync("sent", frame => frame.Type == "sent");
    }

    /// <summary>Asked of every request of a user; its request owns and disposes it.</summary>
    private sealed class Handler : IAuthorizationHandler, IDisposable
    {
        private readonly RequestLifeTests _test;

        public Handler(RequestLifeTests test)
        {
            _test = test;
            Interlocked.Increment(ref test._made);
            Interlocked.Increment(ref test._held);
        }

        public Task HandleAsync(AuthorizationHandlerContext context) => Task.CompletedTask;

        public void Dispose() => Interlocked.Decrement(ref _test._held);
    }
}
