using Im.Cli.Output;
using Im.Cli.Pipes;
using Im.Client;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Cli.Pipes;

public sealed class WatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Almost = Patience - TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Watch _watch;
    private readonly Task _verdict;

    public WatchTests()
    {
        _watch = new Watch(10, Patience, _time);
        _verdict = _watch.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_server_that_does_not_come_back_is_given_up()
    {
        Connect();
        _watch.Happened(new StateChanged(new(ConversationStatus.Reconnecting)));
        Pass(Almost);
        _watch.Happened(new StateChanged(new(ConversationStatus.Reconnecting)));
        Assert.False(_verdict.IsCompleted);

        Pass(TimeSpan.FromSeconds(2));

        await GivenUpAsync("server_unavailable", ExitCode.ServerUnavailable);
    }

    [Fact]
    public async Task A_peer_that_acknowledges_nothing_is_given_up_with_the_count()
    {
        Connect();
        _watch.Began();
        _watch.Began();
        _watch.Stored(1);
        Pass(Almost);
        _watch.Happened(new MessagesDelivered(1));
        Pass(Almost);
        Assert.False(_verdict.IsCompleted);

        Pass(TimeSpan.FromSeconds(2));

        var verdict = await GivenUpAsync("peer_absent", ExitCode.PeerAbsent);
        Assert.EndsWith("Of 2 lines, 1 were stored and 1 acknowledged.", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_given_up_while_nothing_is_under_way()
    {
        Connect();
        _watch.Began();
        _watch.Stored(1);
        _watch.Happened(new MessagesDelivered(1));

        Pass(10 * Patience);

        Assert.False(_verdict.IsCompleted);
    }

    [Fact]
    public void The_patience_begins_with_what_is_under_way_and_not_before()
    {
        Connect();
        Pass(10 * Patience);
        _watch.Began();

        Pass(Almost);

        Assert.False(_verdict.IsCompleted);
    }

    [Fact]
    public async Task A_peer_that_wants_new_keys_is_left_when_nothing_comes_any_more()
    {
        Connect();
        _watch.Happened(new HandshakeOpened());
        for (var i = 0; i < 10; i++)
        {
            Pass(TimeSpan.FromMilliseconds(500));
            _watch.Received();
        }

        Assert.False(_verdict.IsCompleted);

        Pass(TimeSpan.FromSeconds(2));

        await GivenUpAsync("new_keys_wanted", ExitCode.SessionOver);
    }

    private void Connect() => _watch.Happened(new StateChanged(new(ConversationStatus.Connected)));

    /// <summary>Lets time pass in the steps in which it is looked at.</summary>
    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(250))
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }
    }

    private async Task<ToolException> GivenUpAsync(string kind, ExitCode code)
    {
        var verdict = await Assert.ThrowsAsync<ToolException>(() => _verdict.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal((kind, code), (verdict.Kind, verdict.ExitCode));
        return verdict;
    }
}
