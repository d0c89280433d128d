using Im.Application.Limits;
using Im.WebApi.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Limits;

public sealed class NodeRateTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task However_many_ask_at_once_no_more_than_the_number_may()
    {
        var rate = new NodeRate(Rate.PerMinute("", 100), _clock);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 100).Count(_ => rate.Take("ann") is null))));

        Assert.Equal(100, taken.Sum());
    }

    [Fact]
    public void Who_is_at_rest_is_forgotten()
    {
        var rate = new NodeRate(Rate.PerMinute("", 1), _clock);
        for (var i = 0; i < 10_000; i++)
        {
            rate.Take($"{i}");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(rate.Callers, 1, 1100);
    }

    [Fact]
    public void A_crowd_is_remembered_in_part_and_the_ones_longest_from_rest_stay()
    {
        var rate = new NodeRate(Rate.PerMinute("", 2), _clock);
        rate.Take("mallory");
        rate.Take("mallory");
        for (var i = 0; i < 3 * NodeRate.MaxCallers; i++)
        {
            rate.Take($"{i}");
        }

        Assert.InRange(rate.Callers, NodeRate.MaxCallers / 2, NodeRate.MaxCallers);
        Assert.NotNull(rate.Take("mallory"));
    }

    [Fact]
    public void Where_nearly_all_of_a_crowd_count_there_is_room_again_before_the_next_look()
    {
        var rate = new NodeRate(Rate.PerMinute("", 1), _clock);
        for (var i = 1; i < NodeRate.MaxCallers; i++)
        {
            rate.Take($"{i}");
            if (i == 100)
            {
                _clock.Advance(TimeSpan.FromSeconds(30));
            }
        }

        _clock.Advance(TimeSpan.FromSeconds(31));
        rate.Take("the last one");

        Assert.Equal(NodeRate.MaxCallers / 2, rate.Callers);
    }
}
