using Im.Application.Contacts;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.KeyExchange;

/// <summary>Answers that are held back for the other side.</summary>
public sealed class RequestKeyWaitTests : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(300);
    private readonly IHandshakeRepository _handshakes = Substitute.For<IHandshakeRepository>();
    private readonly IContactPolicy _contacts = Substitute.For<IContactPolicy>();
    private readonly KeyWaits _waits = new();
    private readonly TaskCompletionSource<Result<StoredHandshake?>> _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StoredHandshake _opened = new(Handshake.Open(Some.AnnAndBob, Some.Ann, ImKey.Generate(32)), Lifetime);

    public RequestKeyWaitTests()
    {
        _contacts.AllowsAsync(default!, default).ReturnsForAnyArgs(true);
        _handshakes.ExchangeAsync(default!, default).ReturnsForAnyArgs(new ExchangeOutcome(_opened, Opened: true));
        _handshakes.WaitForCompletionAsync(default!, default!, default, default, default).ReturnsForAnyArgs(_waited.Task);
    }

    private StoredHandshake Completed => new(_opened.Handshake.CalledBy(Some.Bob, null).Value, Lifetime);

    public void Dispose() => _waits.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public async Task A_call_that_does_not_ask_to_wait_is_answered_at_once(long? seconds)
    {
        Assert.Same(_opened, (await CallAsync(seconds)).Value);
        await _handshakes.DidNotReceiveWithAnyArgs().WaitForCompletionAsync(default!, default!, default, default, default);
    }

    [Fact]
    public async Task A_completed_handshake_is_answered_at_once_however_long_the_caller_would_wait()
    {
        var completed = Completed;
        _handshakes.ExchangeAsync(default!, default).ReturnsForAnyArgs(new ExchangeOutcome(completed, Opened: false));

        Assert.Same(completed, (await CallAsync(30)).Value);
        await _handshakes.DidNotReceiveWithAnyArgs().WaitForCompletionAsync(default!, default!, default, default, default);
    }

    [Fact]
    public async Task The_answer_is_held_back_until_the_other_side_called()
    {
        var call = CallAsync(30);
        Assert.False(call.IsCompleted);

        var completed = Completed;
        _waited.SetResult(completed);

        Assert.Same(completed, (await call).Value);
        await _handshakes.Received(1).WaitForCompletionAsync(
            _opened.Handshake, Some.Ann, TimeSpan.FromSeconds(30), _waits.Draining, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task If_the_handshake_was_ended_meanwhile_the_answer_is_that_of_the_calls_start()
    {
        var call = CallAsync(30);

        _waited.SetResult((StoredHandshake?)null);

        Assert.Same(_opened, (await call).Value);
        Assert.False(_opened.Handshake.IsCompleted);
    }

    [Fact]
    public async Task A_store_that_goes_away_during_the_wait_is_said()
    {
        var call = CallAsync(30);

        _waited.SetResult(Errors.StoreUnavailable);

        Assert.Equal(Errors.StoreUnavailable, (await call).Error);
    }

    [Fact]
    public async Task One_wait_more_than_a_user_may_have_is_answered_at_once_and_other_users_are_not_concerned()
    {
        var held = Enumerable.Range(0, KeyWaits.PerUser).Select(_ => CallAsync(30)).ToList();

        Assert.Same(_opened, (await CallAsync(30)).Value);
        Assert.All(held, call => Assert.False(call.IsCompleted));
        Assert.False(CallAsync(30, Some.Bob, to: 9).IsCompleted);

        _waited.SetResult(Completed);
        await Task.WhenAll(held);
    }

    [Fact]
    public async Task A_wait_that_ended_frees_its_place_however_it_ended()
    {
        foreach (var end in new Action<TaskCompletionSource<Result<StoredHandshake?>>>[]
        {
            wait => wait.SetResult(Completed),
            wait => wait.SetResult(Errors.StoreUnavailable),
            wait => wait.SetCanceled(TestContext.Current.CancellationToken),
            wait => wait.SetException(new InvalidOperationException("a bug")),
        })
        {
            var wait = new TaskCompletionSource<Result<StoredHandshake?>>(TaskCreationOptions.RunContinuationsAsynchronously);
            _handshakes.WaitForCompletionAsync(default!, default!, default, default, default).ReturnsForAnyArgs(wait.Task);
            var held = Enumerable.Range(0, KeyWaits.PerUser).Select(_ => CallAsync(30)).ToList();

            end(wait);
            await Task.WhenAll(held.Select(call => call.ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default)));
        }

        Assert.True(Enumerable.Range(0, KeyWaits.PerUser).All(_ => _waits.TryEnter(Some.Ann)));
    }

    [Fact]
    public async Task A_client_that_goes_away_gets_no_answer()
    {
        using var gone = new CancellationTokenSource();
        _handshakes.WaitForCompletionAsync(default!, default!, default, default, default)
            .ReturnsForAnyArgs(call => CancelledByAsync(call.ArgAt<CancellationToken>(4)));
        var held = CallAsync(30, cancellationToken: gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task The_wait_is_told_when_the_node_drains()
    {
        _handshakes.WaitForCompletionAsync(default!, default!, default, default, default)
            .ReturnsForAnyArgs(call => EndedByAsync(call.ArgAt<CancellationToken>(3)));
        var held = CallAsync(30);
        Assert.False(held.IsCompleted);

        _waits.Drain();

        Assert.Same(_opened, (await held).Value);
    }

    private static async Task<Result<StoredHandshake?>> CancelledByAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("It waits for ever.");
    }

    private async Task<Result<StoredHandshake?>> EndedByAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return _opened;
    }

    private Task<Result<StoredHandshake>> CallAsync(long? seconds, UserId? caller = null, long to = 10, CancellationToken? cancellationToken = null) =>
        new RequestKeyHandler(_handshakes, _contacts, Substitute.For<IOpeningLimit>(), _waits, new KeyExchangeOptions())
            .Handle(new RequestKey(caller ?? Some.Ann, to, seconds, null), cancellationToken ?? TestContext.Current.CancellationToken);
}
