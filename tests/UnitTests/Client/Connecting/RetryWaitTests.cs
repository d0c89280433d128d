using Im.Client.Connecting;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Client.Connecting;

/// <summary>How long it is until the next try.</summary>
public sealed class RetryWaitTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _clock = new();
    private readonly RetryWait _wait;

    public RetryWaitTests() => _wait = new RetryWait(_clock);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_as_long_as_it_was_said()
    {
        var waiting = _wait.WaitAsync(Delay, isForced: false, Cancelled);
        _clock.Advance(Delay - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await waiting.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);
    }

    [Fact]
    public async Task Who_is_in_a_hurry_cuts_it_short_and_the_next_one_is_whole_again()
    {
        Assert.False(_wait.Now());
        var first = _wait.WaitAsync(Delay, isForced: false, Cancelled);
        Assert.False(first.IsCompleted);

        Assert.True(_wait.Now());
        await first.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);

        Assert.False(_wait.WaitAsync(Delay, isForced: false, Cancelled).IsCompleted);
    }

    [Fact]
    public async Task Where_the_server_asked_for_it_nobody_cuts_it_short()
    {
        var waiting = _wait.WaitAsync(Delay, isForced: true, Cancelled);

        Assert.False(_wait.Now());

        Assert.False(waiting.IsCompleted);
        _clock.Advance(Delay);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1), Cancelled);
    }
}
