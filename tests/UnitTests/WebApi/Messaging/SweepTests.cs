using Im.Application.Accounts;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Messaging;
using NSubstitute;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class SweepTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TimerClock _clock = new();
    private readonly Connections _connections = new();
    private readonly ISessionRepository _sessions = Substitute.For<ISessionRepository>();
    private readonly IRevocations _revocations = Substitute.For<IRevocations>();
    private readonly List<IReadOnlyList<Attachment>> _calls = [];
    private readonly Sweep _sweep;

    public SweepTests()
    {
        _revocations.LastAsync(default).ReturnsForAnyArgs("");
        _revocations.FindAsync(default!, default).ReturnsForAnyArgs(Array.Empty<Revocation>());
        _sweep = new Sweep(_connections, _sessions, new RevocationWatch(_revocations, _connections, _clock), Substitute.For<ISessionEvents>(), _clock);
        Answer(_ => Errors.StoreUnavailable);
    }

    public void Dispose() => _sweep.Dispose();

    [Fact]
    public async Task Connections_that_are_due_together_go_in_one_call_and_every_one_is_touched_once_in_an_interval()
    {
        var sockets = Open(3);

        await SweepAsync();

        Assert.Equal(Enumerable.Repeat(3, Connections.Slots), _calls.Select(call => call.Count));
        Assert.Equal(sockets.Select(socket => socket.Connection.Attachment).ToHashSet(), _calls.SelectMany(call => call).ToHashSet());
    }

    [Fact]
    public async Task A_call_holds_the_store_no_longer_than_for_some_dozens()
    {
        Open(100);

        await SweepAsync(ticks: 1);

        Assert.True(SpinWait.SpinUntil(() => _calls.Count == 2, Limit));
        Assert.Equal([64, 36], _calls.Select(call => call.Count));
    }

    [Fact]
    public async Task Both_of_a_pair_go_in_one_call_however_many_have_come_between_them()
    {
        var pairs = Talk.PairsInEverySlot(50).ToArray();
        Open(pairs);
        Open(pairs);

        await SweepAsync(ticks: 1);

        Assert.True(SpinWait.SpinUntil(() => _calls.Count == 2, Limit));
        Assert.All(_calls, call => Assert.All(call.CountBy(attachment => attachment.Session.Pair), pair => Assert.Equal(2, pair.Value)));
    }

    [Fact]
    public async Task A_revocation_that_nobody_told_ends_the_user_s_connections_with_4401()
    {
        var sockets = Open(1);
        _revocations.LastAsync(default).ReturnsForAnyArgs("another");
        _revocations.FindAsync(default!, default).ReturnsForAnyArgs(new[] { new Revocation(Talk.Ann.User, _clock.GetUtcNow()) });

        await SweepAsync();

        Assert.True(SpinWait.SpinUntil(() => sockets.All(socket => socket.Connection.Closing is CloseCodes.TokenExpired), Limit));
    }

    [Fact]
    public async Task Users_are_asked_for_in_two_rounds_after_a_revocation_and_in_no_other()
    {
        Open(1);
        await _clock.StartAsync(_sweep, Limit);
        Tick(3 * Connections.Slots);
        Assert.InRange(Asked(), (2 * Connections.Slots) - 1, 2 * Connections.Slots);
        Assert.InRange(AskedForAny(), 30, 31);
        _revocations.ClearReceivedCalls();

        _revocations.LastAsync(default).ReturnsForAnyArgs("another");
        Tick(3 * Connections.Slots);

        Assert.InRange(Asked(), (2 * Connections.Slots) - 1, 2 * Connections.Slots);
    }

    [Fact]
    public async Task What_the_store_did_not_answer_is_asked_again()
    {
        var sockets = Open(1);
        _revocations.FindAsync(default!, default).ReturnsForAnyArgs(Errors.StoreUnavailable);
        await _clock.StartAsync(_sweep, Limit);
        Tick(3 * Connections.Slots);

        _revocations.FindAsync(default!, default).ReturnsForAnyArgs(new[] { new Revocation(Talk.Ann.User, _clock.GetUtcNow()) });
        Tick(Connections.Slots);

        Assert.True(SpinWait.SpinUntil(() => sockets.All(socket => socket.Connection.Closing is CloseCodes.TokenExpired), Limit));
    }

    [Fact]
    public async Task Each_connection_takes_its_own_answer()
    {
        var sockets = Open(2);
        var count = 0;
        Answer(_ => count++ % 2 == 0 ? Errors.TakenOver : Errors.StoreUnavailable);

        await SweepAsync();

        Assert.Equal(Connections.Slots, sockets.Count(socket => socket.Connection.Closing is CloseCodes.TakenOver));
        Assert.Equal(Connections.Slots, sockets.Count(socket => socket.Connection.Closing is null));
    }

    [Fact]
    public async Task A_connection_whose_touch_is_under_way_is_left_out_and_touched_once_more_after_it()
    {
        var socket = new FakeSocket(_clock);
        var answer = new TaskCompletionSource<Result<SessionProgress>>();
        socket.Sessions.TouchAsync(Talk.Ann, Arg.Any<CancellationToken>()).Returns(answer.Task, Task.FromResult<Result<SessionProgress>>(Errors.StoreUnavailable));
        var touching = socket.Connection.TouchAsync();

        Assert.False(socket.Connection.TryBeginTouch());
        answer.SetResult(Errors.StoreUnavailable);
        await touching.WaitAsync(Limit, TestContext.Current.CancellationToken);

        await socket.Sessions.Received(2).TouchAsync(Talk.Ann, Arg.Any<CancellationToken>());
        Assert.True(socket.Connection.TryBeginTouch());
    }

    private void Answer(Func<Attachment, Result<SessionProgress>> answer) =>
        _sessions.TouchAsync(Arg.Any<IReadOnlyList<Attachment>>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var attachments = call.Arg<IReadOnlyList<Attachment>>();
            IReadOnlyList<Result<SessionProgress>> answers = [.. attachments.Select(answer)];
            _calls.Add(attachments);
            return Task.FromResult(answers);
        });

    /// <summary>The sweep goes on as many ticks, each seen through before the next, and ends behind what the last tick began.</summary>
    private async Task SweepAsync(int ticks = Connections.Slots)
    {
        await _clock.StartAsync(_sweep, Limit);
        Tick(ticks);
        await _sweep.StopAsync(TestContext.Current.CancellationToken);
    }

    private void Tick(int ticks)
    {
        for (var due = _calls.Count + 1; ticks > 0; ticks--, due++)
        {
            _clock.Advance(Sweep.Interval / Connections.Slots);
            Assert.True(SpinWait.SpinUntil(() => _calls.Count >= due, Limit));
        }
    }

    private int Asked() => Calls(nameof(IRevocations.FindAsync));

    private int AskedForAny() => Calls(nameof(IRevocations.LastAsync));

    private int Calls(string method) => _revocations.ReceivedCalls().Count(call => call.GetMethodInfo().Name == method);

    private List<FakeSocket> Open(int perSlot) => Open(Talk.PairsInEverySlot(perSlot));

    private List<FakeSocket> Open(IEnumerable<PairKey> pairs)
    {
        var sockets = pairs.Select(pair => new FakeSocket(_clock, pair: pair)).ToList();
        sockets.ForEach(socket => _connections.Add(socket.Connection));
        return sockets;
    }
}
