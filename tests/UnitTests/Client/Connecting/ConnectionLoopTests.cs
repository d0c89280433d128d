using System.Buffers.Text;
using System.Text;
using Im.Client;
using Im.Client.Accounts;
using Im.Client.Connecting;
using Im.Client.Encryption;
using Im.Client.KeyExchange;
using Im.Client.Messaging;
using Im.Client.Wire;
using Im.UnitTests.Client.KeyExchange;

namespace Im.UnitTests.Client.Connecting;

/// <summary>How often a conversation tries to connect, and when it gives up.</summary>
public sealed class ConnectionLoopTests
{
    private const string Session = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";

    private readonly WaitedClock _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private int _renewals;
    private int _connects;

    [Fact]
    public async Task A_server_that_never_takes_it_is_given_up_after_a_while()
    {
        var error = await RunAsync(50300, Fresh);

        Assert.Equal((ImErrorKind.ServerUnavailable, 240, 0), (error?.Kind, _connects, _renewals));
    }

    [Fact]
    public async Task A_server_that_refuses_every_token_is_given_up_soon()
    {
        var error = await RunAsync(40100, Fresh);

        Assert.Equal((ImErrorKind.Unauthenticated, 5, 5), (error?.Kind, _connects, _renewals));
    }

    [Fact]
    public async Task What_gives_tokens_may_be_away_for_longer()
    {
        var error = await RunAsync(40100, () => _renewals < 20 ? throw new HttpRequestException("not now") : Fresh());

        Assert.Equal((ImErrorKind.Unauthenticated, 24), (error?.Kind, _renewals));
    }

    [Fact]
    public async Task Without_another_token_a_refused_one_is_the_end()
    {
        var error = await RunAsync(40100, null);

        Assert.Equal((ImErrorKind.Unauthenticated, 1), (error?.Kind, _connects));
    }

    private async Task<ImException?> RunAsync(int refusal, Func<string>? token)
    {
        using var server = new Refusing(() =>
        {
            _connects++;
            return FakeServer.Refuse(refusal);
        });
        var options = new ImClientOptions
        {
            Server = new Uri("http://im.test"),
            Handler = server,
            TimeProvider = _clock,
            RequestTimeout = WaitedClock.LimitOfCalls,
            RefreshToken = token is null ? null : _ =>
            {
                _renewals++;
                return Task.FromResult(token());
            },
        };
        using var calls = new Calls(new RestCalls(options), new TokenKeeper(new Account(9, "token", _clock.GetUtcNow().AddDays(1)), options));
        using var parts = new Parts(
            new Agreement(Session, SessionCipher.OfServerKey(new byte[32], Session, 9, 10), KeyMode.ServerKey, IsKeyShort: false), 9, 10, options, _ => { });
        var running = new ConnectionLoop(parts, calls).RunAsync(TestContext.Current.CancellationToken);

        await _clock.PassAsync(TimeSpan.FromMilliseconds(500), running);
        return await running;
    }

    private string Fresh() => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"id":9,"exp":{{_clock.GetUtcNow().AddDays(1).ToUnixTimeSeconds()}}}"""))}.c2ln";

    private sealed class Refusing(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }
}
