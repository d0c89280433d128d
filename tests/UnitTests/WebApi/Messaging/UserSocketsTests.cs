using Im.UnitTests.Domain;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class UserSocketsTests
{
    private readonly UserSockets _sockets = new();

    [Fact]
    public void A_user_has_so_many_places_and_takes_none_of_anybody_else()
    {
        Assert.True(_sockets.TryEnter(Some.Ann, 2));
        Assert.True(_sockets.TryEnter(Some.Ann, 2));
        Assert.False(_sockets.TryEnter(Some.Ann, 2));
        Assert.True(_sockets.TryEnter(Some.Bob, 2));

        _sockets.Leave(Some.Ann);
        Assert.True(_sockets.TryEnter(Some.Ann, 2));
        Assert.False(_sockets.TryEnter(Some.Ann, 2));
    }

    [Fact]
    public async Task However_many_come_and_go_at_once_there_are_never_more_than_that_and_nobody_is_remembered_who_left()
    {
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                if (!_sockets.TryEnter(Some.Ann, 3))
                {
                    continue;
                }

                InterlockedMax(ref most, Interlocked.Increment(ref inside));
                Interlocked.Decrement(ref inside);
                _sockets.Leave(Some.Ann);
            }
        })));

        Assert.InRange(most, 1, 3);
        Assert.Equal(0, _sockets.Users);
    }

    [Fact]
    public void Zero_is_no_limit() => Assert.All(Enumerable.Range(0, 5000), _ => Assert.True(_sockets.TryEnter(Some.Ann, 0)));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
