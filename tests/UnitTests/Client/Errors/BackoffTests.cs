using CsCheck;
using Im.Client.Errors;

namespace Im.UnitTests.Client.Errors;

/// <summary>Delays that grow, are random, and have an end.</summary>
public sealed class BackoffTests
{
    [Fact]
    public void The_bound_doubles_up_to_its_end_and_is_short_again_after_a_success()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15), () => 0.5);
        double[] expected = [125, 250, 500, 1000, 2000, 4000, 7500, 7500];

        Assert.Equal(expected, expected.Select(_ => backoff.Next().TotalMilliseconds));
        backoff.Reset();
        Assert.Equal(125, backoff.Next().TotalMilliseconds);
    }

    [Fact]
    public void A_delay_is_never_longer_than_its_bound_nor_shorter_than_what_the_server_asked_for() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 60]).Sample((times, asked) =>
    {
        var backoff = Backoff.OfReconnecting();
        return Enumerable.Range(0, times).Select(_ => backoff.Next(TimeSpan.FromSeconds(asked)).TotalSeconds).All(delay => delay >= asked && delay <= asked + 15);
    });
}
