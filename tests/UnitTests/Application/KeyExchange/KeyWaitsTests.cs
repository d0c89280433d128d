using System.Collections.Concurrent;
using System.Reflection;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;

namespace Im.UnitTests.Application.KeyExchange;

public sealed class KeyWaitsTests : IDisposable
{
    private readonly KeyWaits _waits = new();

    public void Dispose() => _waits.Dispose();

    [Fact]
    public void A_user_has_eight_places_and_gets_one_back_by_leaving()
    {
        for (var i = 0; i < 8; i++)
        {
            Assert.True(_waits.TryEnter(Some.Ann));
        }

        Assert.False(_waits.TryEnter(Some.Ann));
        _waits.Leave(Some.Ann);
        Assert.True(_waits.TryEnter(Some.Ann));
        Assert.False(_waits.TryEnter(Some.Ann));
    }

    [Fact]
    public void Each_user_has_places_of_their_own()
    {
        while (_waits.TryEnter(Some.Ann))
        {
        }

        Assert.True(_waits.TryEnter(Some.Bob));
    }

    [Fact]
    public void However_many_calls_race_no_user_ever_holds_more_than_eight_places_and_none_is_remembered_afterwards()
    {
        UserId[] users = [Some.Ann, Some.Bob, Some.Eve];
        var held = new int[users.Length];
        var beyond = 0;
        Race(threads: 8, rounds: 20_000, (thread, round) =>
        {
            var who = (thread + round) % users.Length;
            if (!_waits.TryEnter(users[who]))
            {
                return;
            }

            if (Interlocked.Increment(ref held[who]) > KeyWaits.PerUser)
            {
                Interlocked.Increment(ref beyond);
            }

            Interlocked.Decrement(ref held[who]);
            _waits.Leave(users[who]);
        });

        Assert.Equal(0, beyond);
        Assert.Empty(Remembered());
    }

    [Fact]
    public void When_many_calls_ask_at_once_and_none_leaves_exactly_eight_places_are_given()
    {
        var given = 0;
        Race(threads: 8, rounds: 100, (_, _) =>
        {
            if (_waits.TryEnter(Some.Ann))
            {
                Interlocked.Increment(ref given);
            }
        });

        Assert.Equal(KeyWaits.PerUser, given);
    }

    [Fact]
    public void Draining_is_told_to_those_who_wait_and_to_those_to_come()
    {
        var before = _waits.Draining;
        Assert.False(before.IsCancellationRequested);

        _waits.Drain();

        Assert.True(before.IsCancellationRequested && _waits.Draining.IsCancellationRequested);
    }

    private static void Race(int threads, int rounds, Action<int, int> step)
    {
        using var start = new Barrier(threads);
        var racers = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            for (var round = 0; round < rounds; round++)
            {
                step(thread, round);
            }
        })).ToList();
        racers.ForEach(racer => racer.Start());
        racers.ForEach(racer => racer.Join());
    }

    // The table is private, and that it empties is what keeps a node from remembering everyone who ever waited.
    private ConcurrentDictionary<UserId, int> Remembered() => (ConcurrentDictionary<UserId, int>)typeof(KeyWaits)
        .GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
        .Single(field => field.FieldType == typeof(ConcurrentDictionary<UserId, int>)).GetValue(_waits)!;
}
