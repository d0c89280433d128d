using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Messaging;
using MediatR;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class AcknowledgementsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly IMediator _mediator = Substitute.For<IMediator>();
    private readonly List<long> _sent = [];
    private readonly FakeSocket _socket;
    private readonly AcknowledgementRound _round;
    private Func<Task<Result<Done>>> _answer = () => Task.FromResult<Result<Done>>(default(Done));

    public AcknowledgementsTests()
    {
        _socket = new FakeSocket(_clock);
        _round = new AcknowledgementRound(_clock);
        _mediator.Send(Arg.Any<Acknowledge>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            lock (_sent)
            {
                _sent.Add(call.Arg<Acknowledge>().Seq);
            }

            return _answer();
        });
    }

    public void Dispose() => _socket.Dispose();

    [Fact]
    public async Task Those_of_several_connections_wait_for_the_end_of_the_round_and_only_the_latest_of_each_goes()
    {
        var one = Of(_round);
        var other = Of(_round);
        one.Add(1);
        one.Add(2);
        other.Add(5);
        Assert.Empty(_sent);

        _clock.Advance(AcknowledgementRound.Patience);
        await SentAsync(2);

        Assert.Equal([2, 5], _sent.Order());
    }

    [Fact]
    public void Without_a_round_they_go_at_once()
    {
        Of(null).Add(3);

        Assert.Equal([3], _sent);
    }

    [Fact]
    public async Task What_comes_while_a_call_is_under_way_goes_in_the_next_round()
    {
        var call = new TaskCompletionSource<Result<Done>>();
        _answer = () => call.Task;
        var acknowledgements = Of(_round);
        acknowledgements.Add(1);
        _clock.Advance(AcknowledgementRound.Patience);
        await SentAsync(1);
        acknowledgements.Add(4);
        _clock.Advance(AcknowledgementRound.Patience);
        Assert.Equal([1], _sent);

        call.SetResult(default(Done));

        // The end of the call may be noticed in another thread, and only then the next round begins.
        await SentAsync(2, () => _clock.Advance(AcknowledgementRound.Patience));

        Assert.Equal([1, 4], _sent);
    }

    [Fact]
    public async Task The_end_of_the_connection_waits_for_no_round_but_for_the_store()
    {
        var call = new TaskCompletionSource<Result<Done>>();
        _answer = () => call.Task;
        var acknowledgements = Of(_round);
        acknowledgements.Add(7);

        var ending = acknowledgements.EndAsync();

        Assert.Equal([7], _sent);
        Assert.False(ending.IsCompleted);
        call.SetResult(default(Done));
        await ending.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_comes_at_the_very_end_still_goes()
    {
        var acknowledgements = Of(_round);
        await acknowledgements.EndAsync();

        acknowledgements.Add(8);

        Assert.Equal([8], _sent);
    }

    [Fact]
    public async Task What_the_store_did_not_take_goes_again_when_the_sweep_has_looked()
    {
        _answer = () => Task.FromResult<Result<Done>>(Errors.StoreUnavailable);
        var acknowledgements = Of(null);
        acknowledgements.Add(2);
        acknowledgements.Learn(1);
        acknowledgements.Learn(2);
        await acknowledgements.EndAsync();

        Assert.Equal([2, 2], _sent);
    }

    private Acknowledgements Of(AcknowledgementRound? round) => new(Talk.Ann, 0, round, _mediator, _socket.Connection);

    /// <summary>A round ends in another thread.</summary>
    private async Task SentAsync(int count, Action? meanwhile = null)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (Count() < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            meanwhile?.Invoke();
            await Task.Yield();
        }
    }

    private int Count()
    {
        lock (_sent)
        {
            return _sent.Count;
        }
    }
}
